"""Writes Python values (texts, labels, tags, vectors) to files, so that a run can be resumed.

File names hold a hash of the content: other data are another file, and so another run.
"""

import hashlib
import json
import os
import pathlib
from collections.abc import Iterable, Sequence
from typing import Any

from glove_jax.data.labelled import tagging
from glove_jax.errors import InputError
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
  """Returns a file of labelled texts: a path as it is, or a JSON Lines file of (texts, labels)."""
  if is_path(data):
    return os.fspath(data)
  texts, labels = _two_sequences(part, data, "texts", "labels")
  lines = []
  for number, (text, label) in enumerate(zip(texts, labels, strict=True)):
    if not isinstance(text, str):
      raise InputError(f"{part}: text {number} is {text!r}, expected a string.")
    record = {"label": label if isinstance(label, list) else str(label), "text": text}
    lines.append(json.dumps(record, ensure_ascii=False) + "\n")
  return _write(folder, part, ".jsonl", "".join(lines))


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
  digest = hashlib.blake2b(text.encode(), digest_size=8).hexdigest()
  path = folder / INPUTS / f"{name}-{digest}{suffix}"
  if not path.exists():
    with atomic_write(path) as file:
      file.write(text)
  return str(path)
