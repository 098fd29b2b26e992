"""Labelled texts in folders: a subfolder for each label, a file for each text."""

import os
import pathlib
from collections.abc import Callable, Iterator

from glove_jax.data.labelled import file_text
from glove_jax.data.labelled.layouts import Row
from glove_jax.errors import InputError

# Folders of parts, as of aclImdb/train/pos; and folders of texts without a label.
PARTS = {
  "train": ("train", "training"),
  "dev": ("dev", "valid", "validation", "val"),
  "test": ("test", "testing"),
}
_UNLABELLED = ("unsup", "unlabeled", "unlabelled", "unsupervised")
_LISTED = 8  # names in a message


def part_folder(path: str | os.PathLike, part: str) -> pathlib.Path:
  """Returns the subfolder of a part (train, dev or test), if the folder has one; else itself.

  Raises:
    InputError: it has subfolders for other parts alone.
  """
  folder = pathlib.Path(path)
  names = {entry.name.lower(): entry for entry in _visible(folder, pathlib.Path.is_dir)}
  for name in PARTS[part]:
    if name in names and set(names) <= _part_names():
      return names[name]
  if names and set(names) <= _part_names():
    found = ", ".join(sorted(names))
    raise InputError(f"{folder}: found the folders {found}, expected one for {part}.")
  return folder


def is_skipped(name: str) -> bool:
  """Returns whether a folder of this name holds texts without a label."""
  return name.lower() in _UNLABELLED


def read(path: str | os.PathLike, *, encoding: str, errors: str) -> list[Row]:
  """Returns the texts of a folder, in the order of their names; the folders are the labels.

  Files of folders below that of a label count too. Hidden files, and the folder `unsup` of
  aclImdb, are left out.

  Raises:
    InputError: there are no folders with texts, or a file cannot be read.
  """
  folder = pathlib.Path(path)
  rows = []
  for label in _visible(folder, pathlib.Path.is_dir):
    if is_skipped(label.name):
      continue
    for file in _files(label):
      text = file_text.read(file, encoding=encoding, errors=errors).strip()
      rows.append((1, text.replace("\t", " "), (label.name,)))
  if not rows:
    files = [file.name for file in _visible(folder, pathlib.Path.is_file)]
    listed = f", but the files {', '.join(files[:_LISTED])}" if files else ""
    raise InputError(f"{folder}: no folders with texts{listed}; expected one for each label.")
  return rows


def files(path: str | os.PathLike) -> list[pathlib.Path]:
  """Returns the files of a folder that hold a text, in the order of `read`."""
  folders = _visible(pathlib.Path(path), pathlib.Path.is_dir)
  labels = [label for label in folders if not is_skipped(label.name)]
  return [file for label in labels for file in _files(label)]


def _part_names() -> set[str]:
  return {name for names in PARTS.values() for name in names}


def _files(label: pathlib.Path) -> list[pathlib.Path]:
  """Returns the files of a label: its own, then those of folders in it."""
  found = list(_visible(label, pathlib.Path.is_file))
  for folder in _visible(label, lambda entry: entry.is_dir() and not entry.is_symlink()):
    found += _files(folder)
  return found


def _visible(
  folder: pathlib.Path, is_kind: Callable[[pathlib.Path], bool]
) -> Iterator[pathlib.Path]:
  try:
    entries = sorted(folder.iterdir())
  except OSError as error:
    raise InputError(f"{folder}: {error.strerror}.") from None
  for path in entries:
    if is_kind(path) and not path.name.startswith("."):
      yield path
