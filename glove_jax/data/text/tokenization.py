"""How the words of pretrained vectors were made, so that new texts are split into the same words.

A pretraining workdir says it in `config.json`. Vectors that were values in Python, and were written
to a file for a run, have a record of it beside them.
"""

import os
import pathlib
from typing import TYPE_CHECKING, NamedTuple

from glove_jax.data.text import word_tokenizers
from glove_jax.errors import InputError
from glove_jax.files import read_json, write_json

_RESULTS = ("vectors.txt", "model.bin")  # of a workdir, which may be named in its place

if TYPE_CHECKING:  # imported late below: few runs have phrases
  from glove_jax.data.text.phrases import Phrases


class Tokenization(NamedTuple):
  """How a text became words."""

  tokenizer: str  # a key of `word_tokenizers.TOKENIZERS`
  lowercase: bool
  phrases_file: str = ""  # has the pairs of words that were joined; empty: none were
  phrases: "Phrases | None" = None  # the pairs themselves, where `load` has read them


def of_source(source: str | os.PathLike) -> Tokenization | None:
  """Returns the tokenization of a pretraining workdir, or of vectors that `save` was called for.

  Args:
    source: a workdir, the vectors or the model in it, or a file of vectors.

  Returns:
    The tokenization; None if there is no record of it.
  """
  if not os.fspath(source):
    return None
  path = pathlib.Path(source)
  if path.name in _RESULTS and not path.is_dir():
    path = path.parent
  record = path / "config.json" if path.is_dir() else _record_file(path)
  if not record.is_file():
    return None
  try:
    values = read_json(record)
  except InputError:  # it is another program's, or the reader of the vectors will say so
    return None
  return _parse(values, record.parent) if isinstance(values, dict) else None


def load(source: str | os.PathLike) -> Tokenization | None:
  """Returns the tokenization of `of_source` with its phrases, independent of the files."""
  tokenization = of_source(source)
  if tokenization is None or not tokenization.phrases_file:
    return tokenization
  from glove_jax.data.text import phrases

  pairs = phrases.load(tokenization.phrases_file)
  return tokenization._replace(phrases_file="", phrases=pairs)


def save(tokenization: Tokenization, vectors_file: pathlib.Path) -> None:
  """Writes a record of a tokenization, and its phrases, beside a file of vectors."""
  tokenizer, lowercase, *_ = tokenization
  values = {"corpus": "", "tokenizer": tokenizer, "lowercase": lowercase, "phrases": ""}
  if tokenization.phrases:
    from glove_jax.data.text import phrases

    phrases_file = vectors_file.with_suffix(".phrases.txt")
    phrases.save(tokenization.phrases, phrases_file)
    values["phrases"] = phrases_file.name
  write_json(_record_file(vectors_file), values)


def _record_file(vectors_file: pathlib.Path) -> pathlib.Path:
  return vectors_file.with_suffix(".tokenization.json")


def _parse(values: dict, folder: pathlib.Path) -> Tokenization | None:
  """Returns the tokenization that a record or the settings of a pretraining run hold."""
  tokenizer = values.get("tokenizer")
  method = word_tokenizers.TOKENIZERS.get(tokenizer) if isinstance(tokenizer, str) else None
  if method is None or "corpus" not in values:
    return None
  lowercase = values.get("lowercase")
  if lowercase is None:
    lowercase = method.lowercase
  phrases = values.get("phrases")
  name = phrases if isinstance(phrases, str) and phrases else "phrases.txt"
  has_phrases = (phrases or phrases is None) and (folder / name).is_file()
  return Tokenization(tokenizer, bool(lowercase), str(folder / name) if has_phrases else "")
