"""Predictions of texts, and the files that they are written to."""

import contextlib
import os
import pathlib
import sys
from collections.abc import Iterator, Sequence
from typing import IO, BinaryIO, TextIO

from glove_jax.data.labelled import tagging
from glove_jax.data.labelled.tagging import Span
from glove_jax.data.text import token_offsets
from glove_jax.errors import InputError, printable_lines, quote
from glove_jax.files import atomic_write
from glove_jax.finetuning import preprocessing
from glove_jax.finetuning.data_settings import Data, TaggedData
from glove_jax.finetuning.model import Model
from glove_jax.finetuning.new_texts import NewText
from glove_jax.finetuning.prediction_formats import FORMATS, Classified, TaggedText, TextSpan
from glove_jax.train import Params

STDOUT = ("-", "/dev/stdout")


def classify(
  model: Model, params: Params, texts: Sequence[str], *, probabilities: bool = False
) -> list[Classified]:
  """Returns the predicted class of each text, with the probabilities of all classes if asked to."""
  inputs = [text.strip() for text in texts]
  if not probabilities:
    labels = model.predict(params, inputs)
    return [Classified(text, label, None) for text, label in zip(texts, labels, strict=True)]
  labels, rows = model.predict_with_proba(params, inputs)
  classified = []
  for text, label, row in zip(texts, labels, rows.tolist(), strict=True):
    classified.append(Classified(text, label, dict(zip(model.labels, row, strict=True))))
  return classified


def tag(
  settings: TaggedData, model: Model, params: Params, texts: Sequence[NewText]
) -> list[TaggedText]:
  """Returns the predicted tags and entities of each text.

  Args:
    settings: of the run: how texts are tokenized, and the scheme of tags.
    model: a tagger.
    params: of the model.
    texts: raw texts, or lists of tokens, which spaces join to texts.
  """
  tokenized = [_tokenize(settings, text) for text in texts]
  spans = model.predict(params, [tokens for _, tokens, _ in tokenized])
  tagged = []
  for (text, tokens, offsets), entities in zip(tokenized, spans, strict=True):
    tags = tagging.tags(entities, len(tokens), settings.scheme)
    tagged.append(TaggedText(text, tokens, tags, _text_spans(text, offsets, entities)))
  return tagged


def _tokenize(
  settings: TaggedData, text: NewText
) -> tuple[str, list[str], list[token_offsets.Offsets]]:
  """Returns a text, its tokens and their offsets."""
  if isinstance(text, str):
    tokens, offsets = preprocessing.tokens_with_offsets(settings, text)
    return text, tokens, offsets
  offsets = []
  end = -1
  for token in text:
    start = end + 1  # after a space
    end = start + len(token)
    offsets.append((start, end))
  return " ".join(text), list(text), offsets


def _text_spans(
  text: str, offsets: Sequence[token_offsets.Offsets], spans: Sequence[Span]
) -> list[TextSpan]:
  """Returns spans of tokens as spans of characters."""
  entities = []
  for span in spans:
    start = offsets[span.start][0]
    end = offsets[span.end - 1][1]
    entities.append(TextSpan(start, end, span.type, text[start:end]))
  return entities


def choose_format(settings: Data, path: str, format: str = "") -> str:
  """Returns the format that predictions are written in, a key of FORMATS.

  Args:
    settings: of the run.
    path: of the file; its suffix names a format, none is `txt`.
    format: a key of FORMATS that is asked for; empty: by the suffix.

  Raises:
    InputError: there is no such format, or not for these predictions.
  """
  is_tagger = isinstance(settings, TaggedData)
  formats = [name for name in FORMATS if is_tagger or name != "conll"]
  suffix = "" if path in STDOUT else pathlib.Path(path).suffix.removeprefix(".").lower()
  chosen = format or suffix or "txt"
  if chosen in formats:
    return chosen
  kind = "entities" if is_tagger else "labels"
  expected = ", ".join(f".{name}" for name in formats)
  raise InputError(
    f"{path}: the format of predictions is {quote(chosen)}, expected for {kind} one of {expected}, "
    "or predictions_format=."
  )


def write(
  predictions: Sequence[Classified] | Sequence[TaggedText], path: str, format: str
) -> None:
  """Writes predictions to a file, a pipe or, for `-`, standard output.

  Args:
    predictions: in the order of the texts.
    path: of the file; it is whole or absent.
    format: of `choose_format`.
  """
  with open_output(path) as file:
    file.write(encode(predictions, 1, format))


def encode(
  predictions: Sequence[Classified] | Sequence[TaggedText], first: int, format: str
) -> bytes:
  """Returns predictions, the first of which has this number from 1, as a part of a file."""
  return FORMATS[format](predictions, first).encode("utf-8", "surrogatepass")


def is_file(path: str) -> bool:
  """Returns whether predictions go to a regular file, not to standard output, a pipe or device."""
  return path not in STDOUT and (os.path.isfile(path) or not os.path.exists(path))


class _Terminal:
  """A terminal, on which control characters are escaped: those of a text would be obeyed."""

  def __init__(self, file: BinaryIO):
    self._file = file

  def write(self, data: bytes) -> None:
    text = printable_lines(data.decode("utf-8", "surrogatepass"))
    self._file.write(text.encode("utf-8", "surrogatepass"))

  def flush(self) -> None:
    self._file.flush()


@contextlib.contextmanager
def open_output(path: str, stdout: TextIO | None = None) -> Iterator[IO[bytes] | _Terminal]:
  """Opens standard output (`-`), a pipe or device, or a file that is whole or absent.

  Args:
    path: of the output.
    stdout: what is standard output, if not `sys.stdout`.
  """
  if path in STDOUT:
    stdout = stdout or sys.stdout
    if stdout is None:
      raise InputError("standard output is closed, expected a place for predictions.")
    stdout.flush()
    yield _Terminal(stdout.buffer) if stdout.isatty() else stdout.buffer
    stdout.buffer.flush()
  elif os.path.exists(path) and not os.path.isfile(path):
    with open(path, "wb") as file:
      yield file
  else:
    with atomic_write(path, "wb") as file:
      yield file
