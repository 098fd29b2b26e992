"""A finished run labels the texts of files of any length, in blocks that take little memory.

The texts are read twice: to check, count and hash them before anything is written, and to label
them. What stands in a file or a pipe is that of one call, whatever its blocks are.
"""

import contextlib
import functools
import gc
import hashlib
import itertools
import pathlib
from collections.abc import Callable, Collection, Iterator, Sequence
from typing import Any, TextIO, cast

import jax
import numpy as np

from glove_jax import jax_environment
from glove_jax.errors import InputError
from glove_jax.file_progress import reading
from glove_jax.finetuning import new_texts, predictions, resumable_output, unknown_texts
from glove_jax.finetuning.data_settings import TaggedData
from glove_jax.finetuning.finished_runs import FinishedRun
from glove_jax.finetuning.new_texts import NewText, NewTexts
from glove_jax.finetuning.predictions import Classified, TaggedText
from glove_jax.progress import count_bar, part_of

TEXTS_PER_BLOCK = 1 << 14  # that are labelled and written at a time
CHARACTERS_PER_BLOCK = 1 << 24  # fewer texts than these are a block, if they are long

Labelled = list[Classified] | list[TaggedText]


@jax_environment.standard()
def predict_file(
  run: FinishedRun, path: str, *, how: str = "auto", probabilities: bool = False
) -> tuple[Labelled, str]:
  """Labels the texts of a file, and returns all of them.

  Args:
    run: of a classifier or a tagger.
    path: of the file; `-`: standard input.
    how: as for `new_texts.read`.
    probabilities: whether to give the probabilities of all classes.

  Returns:
    A prediction for each text, in their order, and one line about what was taken for a text.

  Raises:
    InputError: the file cannot be read, or a tagger is asked for probabilities.
  """
  with _open(run, path, how, probabilities=probabilities) as (texts, _):
    blocks = _labelled_blocks(run, texts.texts, 0, probabilities=probabilities)
    labelled = list(itertools.chain.from_iterable(blocks))
  return cast(Labelled, labelled), texts.description


@jax_environment.standard()
def predict_to_file(
  run: FinishedRun,
  path: str,
  target: str,
  format: str,
  *,
  how: str = "auto",
  probabilities: bool = False,
) -> tuple[int, str]:
  """Labels the texts of a file in blocks, which are written to a file as soon as they are labelled.

  If it is interrupted, the next call with the same texts and model goes on after the last block.

  Args:
    run, path, how, probabilities: as of `predict_file`.
    target: the file to write; it is whole or absent.
    format: of `predictions.choose_format`.

  Returns:
    The number of texts, and one line about what was taken for a text.

  Raises:
    InputError: as of `predict_file`.
  """
  read_first = functools.partial(_digest, run)
  opened = _open(run, path, how, probabilities=probabilities, read_first=read_first)
  with opened as (texts, digest):
    total = len(texts.texts)
    job = {"format": format, "probabilities": probabilities, "texts": total, "digest": digest}
    with resumable_output.open_output(pathlib.Path(target), job) as output:
      blocks = _encoded_blocks(
        run, texts.texts, output.done, format, probabilities=probabilities
      )
      for data, done in blocks:
        output.add(data, done, is_last=done == total)
  return total, texts.description


@jax_environment.standard()
def predict_to_stream(
  run: FinishedRun,
  path: str,
  target: str,
  format: str,
  *,
  how: str = "auto",
  probabilities: bool = False,
  stdout: TextIO | None = None,
) -> tuple[int, str]:
  """Labels the texts of a file in blocks, which go to a pipe as soon as they are labelled.

  Args:
    run, path, how, probabilities, format: as of `predict_to_file`.
    target: a pipe, a device, or `-` for standard output.
    stdout: what is standard output, if not `sys.stdout`.

  Returns:
    As of `predict_to_file`.

  Raises:
    InputError: as of `predict_file`.
  """
  opened = _open(run, path, how, probabilities=probabilities)
  with opened as (texts, _), predictions.open_output(target, stdout) as output:
    for data, _ in _encoded_blocks(run, texts.texts, 0, format, probabilities=probabilities):
      output.write(data)
      output.flush()
  return len(texts.texts), texts.description


@contextlib.contextmanager
def _open(
  run: FinishedRun,
  path: str,
  how: str,
  *,
  probabilities: bool,
  read_first: Callable[[Collection[NewText]], Any] = len,
) -> Iterator[tuple[NewTexts, Any]]:
  """Gives the texts of a file, and what a first pass over them returns, which finds all errors.

  After the block it notes how many texts were guessed.
  """
  if probabilities and run.model.predict_with_proba is None:
    raise InputError("probabilities=True is for classifiers, and this run is a tagger.")
  with new_texts.regular_file(path) as file, unknown_texts.noted():
    texts = new_texts.read(
      run.settings, file, folder=run.layout_folder, labels=run.model.labels, how=how
    )
    with reading(file):
      result = read_first(texts.texts)
    yield texts, result


def _encoded_blocks(
  run: FinishedRun,
  texts: Collection[NewText],
  done: int,
  format: str,
  *,
  probabilities: bool,
) -> Iterator[tuple[bytes, int]]:
  """Yields the parts of a file of predictions, each with the number of texts up to its end.

  Without texts there is one part: the file may have a header.
  """
  for block in _labelled_blocks(run, texts, done, probabilities=probabilities):
    data = predictions.encode(block, done + 1, format)
    done += len(block)
    yield data, done
  if not len(texts):
    yield predictions.encode([], 1, format), 0


def _labelled_blocks(
  run: FinishedRun, texts: Collection[NewText], start: int, *, probabilities: bool
) -> Iterator[Labelled]:
  """Yields the predictions of blocks of texts, without those of the first `start` texts."""
  done = start
  total = len(texts)
  with count_bar("labelling", total, unit="text") as advance:
    advance(start)
    for block in _blocks(itertools.islice(texts, start, None)):
      with part_of(advance, len(block)), _without_garbage_collection():
        labelled = _label(run, block, probabilities=probabilities)
      yield labelled
      done += len(block)
  if done != total:
    raise InputError("the file with texts to label has changed while it was read.")


@contextlib.contextmanager
def _without_garbage_collection() -> Iterator[None]:
  """Leaves cycles of references for later: a third of the time went by in looking for some.

  There are none among the many lists of words, which each collection goes through again.
  """
  was_enabled = gc.isenabled()
  gc.disable()
  try:
    yield
  finally:
    if was_enabled:
      gc.enable()


def _blocks(texts: Iterator[NewText]) -> Iterator[list[NewText]]:
  """Yields lists of TEXTS_PER_BLOCK texts, of fewer where they are long."""
  block = []
  size = 0
  for text in texts:
    block.append(text)
    size += len(text) if isinstance(text, str) else sum(map(len, text))
    if len(block) == TEXTS_PER_BLOCK or size >= CHARACTERS_PER_BLOCK:
      yield block
      block = []
      size = 0
  if block:
    yield block


def _label(run: FinishedRun, texts: Sequence[NewText], *, probabilities: bool) -> Labelled:
  if isinstance(run.settings, TaggedData):
    return predictions.tag(run.settings, run.model, run.params, texts)
  texts = cast(Sequence[str], texts)  # of tokens they are for taggers only
  return predictions.classify(run.model, run.params, texts, probabilities=probabilities)


def _digest(run: FinishedRun, texts: Collection[NewText]) -> str:
  """Returns a hash of what predictions depend on: texts, settings, labels and params."""
  digest = hashlib.blake2b(digest_size=16)
  digest.update(repr((run.settings, run.model.labels)).encode())
  for block in _blocks(iter(texts)):
    digest.update("".join(f"{text!r}\n" for text in block).encode())
  for leaf in jax.tree.leaves(run.params):
    digest.update(np.ascontiguousarray(leaf).data)
  return digest.hexdigest()
