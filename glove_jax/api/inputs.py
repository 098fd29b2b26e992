"""Writes Python values (texts, labels, tags, vectors) to files, so that a run can be resumed.

File names hold a hash of the content: other data are another file, and so another run.
"""

import hashlib
import json
import os
import pathlib
from collections.abc import Iterable, Sequence
from typing import Any

from glove_jax.data.labelled import file_text, tagging
from glove_jax.data.text import tokenization
from glove_jax.errors import InputError, quote
from glove_jax.files import atomic_write
from glove_jax.run_folder import INPUTS
from glove_jax.word_vectors import WordVectors


def is_path(value: Any) -> bool:
  """Returns whether a value names files: a path, or a string."""
  return isinstance(value, (str, os.PathLike))


def corpus_files(source: Any, folder: pathlib.Path) -> str:
  """Returns a value of the key `corpus`; writes texts to a file, one a line.

  Args:
    source: a path, a glob or `sample`; a sequence of paths; or an iterable of texts.
    folder: the run's folder.
  """
  if is_path(source):
    return os.fspath(source)
  items = list(source)
  if not items or not all(is_path(item) for item in items):
    raise InputError(
      "the corpus is empty or holds other values than strings, expected a path, paths, or texts."
    )
  if all(isinstance(item, os.PathLike) or os.path.isfile(item) for item in items):
    return ",".join(map(os.fspath, items))
  lines = [" ".join(text.splitlines()) + "\n" for text in items]
  return _write(folder, "corpus", ".txt", "".join(lines))


def labelled_file(part: str, data: Any, folder: pathlib.Path) -> str:
  """Returns a file of labelled texts: a path as it is, or a JSON Lines file of (texts, labels).

  A text is a string, or a pair of strings, which may also be one string with a tab between. A label
  is a string or a number; a list of several is that of a text with several.
  """
  if is_path(data):
    return os.fspath(data)
  texts, labels = _two_sequences(part, data, "texts", "labels")
  pairs = any(not isinstance(text, str) or "\t" in text for text in texts)
  lines = []
  for number, (text, label) in enumerate(zip(texts, labels, strict=True)):
    record = {"label": _label(part, number, label), **_text_fields(part, number, text, pairs)}
    lines.append(json.dumps(record, ensure_ascii=False) + "\n")
  return _write(folder, part, ".jsonl", "".join(lines))


def column(value: Any) -> Any:
  """Returns the string that the keys `text_column` and `label_column` take for names or numbers."""
  if isinstance(value, (list, tuple)):
    return ",".join(map(str, value))
  return str(value) if isinstance(value, int) and not isinstance(value, bool) else value


def tagged_file(part: str, data: Any, folder: pathlib.Path) -> str:
  """Returns a file of tagged sentences: a path as it is, or a CoNLL file that it writes.

  Sentences are lists of tokens. Tags are lists of strings in IOB2, BIOES or another scheme that the
  reader knows; spans are lists of (first token, token after the last, type).
  """
  if is_path(data):
    return os.fspath(data)
  sentences, annotations = _two_sequences(part, data, "sentences", "tags")
  blocks = []
  for number, (tokens, annotation) in enumerate(zip(sentences, annotations, strict=True)):
    tags = _as_tags(annotation, len(tokens))
    if isinstance(tokens, str) or len(tags) != len(tokens):
      raise InputError(
        f"{part}: sentence {number} has {len(tokens)} tokens and {len(tags)} tags, expected lists "
        "of one length."
      )
    for token in tokens:
      if not isinstance(token, str) or token.split() != [token]:
        raise InputError(
          f"{part}: sentence {number} has the token {token!r}, expected a string without spaces."
        )
    lines = [f"{token}\t{tag}\n" for token, tag in zip(tokens, tags, strict=True)]
    blocks.append("".join(lines) + "\n")
  return _write(folder, part, ".conll", "".join(blocks))


def vectors_file(vectors: WordVectors, folder: pathlib.Path) -> str:
  """Returns a `.npy` file of word vectors, with their words beside it."""
  digest = hashlib.blake2b("\n".join(vectors.words).encode(), digest_size=8)
  digest.update(vectors.vectors.tobytes())
  path = folder / INPUTS / f"vectors-{digest.hexdigest()}.npy"
  if not path.exists():
    vectors.save(path, "npy")
  if vectors.tokenization:
    tokenization.save(vectors.tokenization, path)
  return str(path)


def _two_sequences(part: str, data: Any, first: str, second: str) -> tuple[Sequence, Sequence]:
  """Returns the two sequences of a pair. Raises InputError unless they have one length."""
  expected = f"expected a file, or a pair of {first} and {second} of one length"
  if not isinstance(data, (tuple, list)) or len(data) != 2:
    raise InputError(f"{part} is neither a path nor a pair, {expected}.")
  inputs, targets = (list(values) for values in data)
  if len(inputs) != len(targets):
    raise InputError(f"{part}: {len(inputs)} {first} and {len(targets)} {second}, {expected}.")
  return inputs, targets


def _label(part: str, number: int, label: Any) -> str | list[str]:
  """Returns a label, or several, as JSON has them."""
  if isinstance(label, (list, tuple, set)):
    return [str(item) for item in label]
  if label is None or label != label:  # NaN: a gap in a column of numbers
    raise InputError(f"{part}: label {number} is {label}, expected a string or a number.")
  return str(label)


def _text_fields(part: str, number: int, text: Any, pairs: bool) -> dict[str, str]:
  """Returns the fields of a text; where some are pairs, a single one has an empty second text."""
  texts = text.split("\t", 1) if isinstance(text, str) else text
  is_text = isinstance(texts, (list, tuple)) and all(isinstance(item, str) for item in texts)
  if not is_text or not 1 <= len(texts) <= 2:
    raise InputError(f"{part}: text {number} is {quote(text)}, expected a string, or two.")
  if not pairs:
    return {"text": texts[0]}
  return {"text1": texts[0], "text2": texts[1] if len(texts) > 1 else ""}


def _as_tags(annotation: Iterable, length: int) -> list[str]:
  """Returns the IOB2 tags of spans, or tags as they are."""
  items = list(annotation)
  if all(isinstance(item, str) for item in items) and len(items) == length:
    return items
  spans = [tagging.Span(*item) for item in items if not isinstance(item, str)]
  if len(spans) != len(items):
    return items
  return tagging.tags(spans, length, "iob2")


def _write(folder: pathlib.Path, name: str, suffix: str, text: str) -> str:
  """Writes a file of the inputs under a name that holds a hash of its content; returns its path."""
  file_text.check_characters(name, text)
  digest = hashlib.blake2b(text.encode(), digest_size=8).hexdigest()
  path = folder / INPUTS / f"{name}-{digest}{suffix}"
  if not path.exists():
    with atomic_write(path) as file:
      file.write(text)
  return str(path)
