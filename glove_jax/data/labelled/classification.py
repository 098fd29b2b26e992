"""Labelled texts for classification: files, and splits into parts to train and to test on."""

import itertools
import os
from collections.abc import Collection, Iterable, Sequence
from typing import NamedTuple

import numpy as np

from glove_jax.data.labelled import file_text, labelled_files, splits
from glove_jax.data.labelled.columns import INTEGER
from glove_jax.data.labelled.layouts import Layout, Options
from glove_jax.data.labelled.text_formats import numbered_lines
from glove_jax.errors import InputError, quote


class Labelled(NamedTuple):
  """N texts and their labels."""

  texts: list[str]               # without the white space around them; may be empty
  labels: list[tuple[str, ...]]  # of each text, one or more
  # All labels: sorted, as numbers if all are numbers, or in the order of a file of names.
  classes: tuple[str, ...]


def read(
  path: str | os.PathLike, format: str = "auto", *, names: str | os.PathLike | None = None,
  encoding: str = "utf-8", errors: str = "strict",
) -> Labelled:
  """Reads a file of labelled texts, or a folder with a subfolder of text files for each label.

  Empty lines are skipped.

  Args:
    path: a folder, or a file: plain, .gz, .bz2, .xz or .zst.
    format: one of `layouts.FORMATS`, or `auto` to detect it.
    names: a file of class names, one a line. The labels 0, 1, ... stand for them, except where
      these are names themselves.
    encoding, errors: as for `open`.

  Raises:
    InputError: a file cannot be read, a line is not of its format, or `auto` detects none or
      several.
  """
  options = Options(format)
  return read_with_layout(path, options, names=names, encoding=encoding, errors=errors)[0]


def read_with_layout(
  path: str | os.PathLike, options: Options, *, names: str | os.PathLike | None = None,
  encoding: str = "utf-8", errors: str = "strict", layout: Layout | None = None,
  classes: Collection[str] = (),
) -> tuple[Labelled, Layout]:
  """Reads labelled texts as `read` does; returns also how they are laid out.

  Args:
    path, names, encoding, errors: as for `read`.
    options: what the user says about the file.
    layout, classes: of the training texts, which other parts are read like.

  Raises:
    InputError: as `read`.
  """
  rows, layout = labelled_files.read(
    path, options, encoding=encoding, errors=errors, layout=layout, classes=classes
  )
  texts = [text for _, text, _ in rows]
  labels = [text_labels for _, _, text_labels in rows]
  if names is None:
    sorted_labels = _sort_labels(set(itertools.chain.from_iterable(set(labels))))
    return Labelled(texts, labels, sorted_labels), layout
  class_names = _read_names(names, encoding, errors)
  named = []
  for line, _, text_labels in rows:
    named.append(_class_names(f"{path}:{line}", text_labels, class_names))
  return Labelled(texts, named, class_names), layout


def _sort_labels(labels: set[str]) -> tuple[str, ...]:
  ordered = sorted(labels)
  if all(map(INTEGER.fullmatch, labels)):
    ordered.sort(key=int)
  return tuple(ordered)


def _read_names(path: str | os.PathLike, encoding: str, errors: str) -> tuple[str, ...]:
  lines_of = {}
  lines = file_text.read_lines(path, encoding=encoding, errors=errors)
  for number, line in numbered_lines(lines):
    name = line.strip()
    if name in lines_of:
      raise InputError(f"{path}:{number}: {quote(name)} is already on line {lines_of[name]}.")
    lines_of[name] = number
  return tuple(lines_of)


def _class_names(
  location: str, labels: Sequence[str], classes: Sequence[str]
) -> tuple[str, ...]:
  """Returns labels with class numbers replaced by class names."""
  names = []
  for label in labels:
    if label in classes:
      names.append(label)
    elif INTEGER.fullmatch(label) and 0 <= int(label) < len(classes):
      names.append(classes[int(label)])
    else:
      raise InputError(
        f"{location}: label {quote(label)}, expected one of the {len(classes)} names, or 0 to "
        f"{len(classes) - 1}.")
  return tuple(names)


def take(data: Labelled, indices: Iterable[int]) -> Labelled:
  """Returns the texts at some indices; the classes stay those of all."""
  indices = list(indices)
  return data._replace(
    texts=[data.texts[i] for i in indices],
    labels=[data.labels[i] for i in indices],
  )


def split(data: Labelled, fraction: float, *, seed: int) -> tuple[Labelled, Labelled]:
  """Returns (the other texts, a random `fraction`), the same of each class to within one text.

  Raises:
    InputError: the fraction is not between 0 and 1.
  """
  chosen = splits.stratified_mask(data.labels, fraction, seed=seed)
  others = take(data, np.flatnonzero(~chosen))
  return others, take(data, np.flatnonzero(chosen))


def folds(data: Labelled, k: int, *, seed: int) -> list[tuple[Labelled, Labelled]]:
  """Returns k pairs (the other texts, a fold) for cross-validation, stratified by class.

  Raises:
    InputError: k is less than 2 or more than the number of texts.
  """
  indices = splits.fold_indices(data.labels, k, seed=seed)
  return [(take(data, others), take(data, fold)) for others, fold in indices]


def count_duplicates(texts: Iterable[str], others: Iterable[str]) -> int:
  """Returns how many texts are among the others too, apart from white space and letter case."""
  other_texts = set(map(_normalize, others))
  duplicates = 0
  for text in texts:
    duplicates += _normalize(text) in other_texts
  return duplicates


def _normalize(text: str) -> str:
  return " ".join(text.casefold().split())
