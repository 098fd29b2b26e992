"""The files of a run's labelled texts: their parts, their layout, and the record of both."""

import hashlib
import pathlib
from collections.abc import Collection, Sequence
from typing import Any

from glove_jax.data.labelled import (
  classification,
  layouts,
  samples,
  tagged_files,
  text_folders,
  unlabelled_files,
)
from glove_jax.data.labelled.classification import Labelled
from glove_jax.data.labelled.layouts import Layout, Options
from glove_jax.data.labelled.tagged_files import TagLayout
from glove_jax.data.labelled.tagging import Tagged
from glove_jax.data.text import fingerprints
from glove_jax.errors import InputError
from glove_jax.file_progress import reading
from glove_jax.files import read_record, write_record
from glove_jax.finetuning.data_settings import Data, TaggedData

PARTS = ("train", "dev", "test")
LAYOUT = "layout.json"


def read_file(
  settings: Data,
  path: str,
  *,
  folder: pathlib.Path | None = None,
  part: str = "test",
  classes: Sequence[str] = (),
) -> Labelled | Tagged:
  """Returns the texts of one file, read as the training texts are.

  Args:
    settings: of the run.
    path: a file, or a folder of labelled texts.
    folder: of a finished run, which remembers the layout of its training texts.
    part: which of train, dev and test to take, where a folder or `sample` has several.
    classes: labels of the run.

  Raises:
    InputError: the file cannot be read.
  """
  layout = load_layout(settings, folder) if folder else None
  return read_with_layout(settings, path, part=part, layout=layout, classes=classes)[0]


def read_texts(
  settings: Data, path: str, *, folder: pathlib.Path | None = None, classes: Sequence[str] = ()
) -> tuple[Collection[tuple[int, str]], str]:
  """Returns (line number, text) of each text of a file to label, and what was taken for a text.

  A pass over the texts may raise an InputError too.

  Args:
    settings: of a classifier's run.
    path: a file as those of training, with labels or without, or one of a text a line.
    folder: of the run, which remembers the layout of its training texts.
    classes: labels of the run.

  Raises:
    InputError: the file cannot be read, or has other columns.
  """
  layout = load_layout(settings, folder) if folder else None
  with reading(path):
    return unlabelled_files.read(
      path, layout, classes=classes, encoding=settings.encoding, errors=settings.errors
    )


def read_with_layout(
  settings: Data, path: str, *, part: str, layout: Any = None, classes: Sequence[str] = ()
) -> tuple[Labelled | Tagged, Any]:
  """Returns the texts of a file, and its layout."""
  path = part_path(settings, path, part)
  with reading(path):
    return _read_part(settings, path, layout, classes)


def _read_part(
  settings: Data, path: str, layout: Any, classes: Sequence[str]
) -> tuple[Labelled | Tagged, Any]:
  decoding = {"encoding": settings.encoding, "errors": settings.errors}
  if isinstance(settings, TaggedData):
    options = tagged_files.Options(
      token_column=settings.token_column,
      tag_column=settings.tag_column,
      tokenizer=settings.tokenizer,
      names=settings.label_names or None,
    )
    return tagged_files.read_with_layout(path, options, layout=layout, **decoding)
  options = Options(
    format=settings.format,
    label_column=settings.label_column,
    text_column=settings.text_column,
    header=settings.header,
    delimiter=settings.delimiter,
  )
  names = settings.label_names or None
  return classification.read_with_layout(
    path, options, names=names, layout=layout, classes=classes, **decoding
  )


def part_path(settings: Data, path: str, part: str) -> str:
  """Returns the file or folder of a part: of `sample`, or of a folder that holds several."""
  if path == "sample":
    return samples.path("tagged" if isinstance(settings, TaggedData) else "labelled", part)
  if pathlib.Path(path).is_dir():
    return str(text_folders.part_folder(path, part))
  return path


def record_files(
  settings: Data, folder: pathlib.Path, layout: Layout | TagLayout | None = None
) -> None:
  """Writes the files of a run and hashes of their contents to `texts.json` in its folder.

  The layout of the training texts goes to `layout.json`.

  Raises:
    InputError: the texts have changed since the run began.
  """
  parts = {}
  names = []
  for part in PARTS:
    parts[part] = _fingerprint(settings, part)
    names += map(str, _files(settings, part))
  path = folder / "texts.json"
  if path.exists():
    before = read_record(path, remedy=f"delete it if the texts are those of the run in {folder}")
    _compare(settings, folder, before, parts)
  write_record(path, {"files": names, "parts": parts})
  if layout is not None:
    write_record(folder / LAYOUT, layout._asdict())


def load_layout(settings: Data, folder: pathlib.Path) -> Layout | TagLayout | None:
  """Returns the layout of a run's training texts; None if the run has not kept it.

  Raises:
    InputError: `layout.json` is damaged.
  """
  path = folder / LAYOUT
  if not path.is_file():
    return None
  from_json = layouts.from_json
  if isinstance(settings, TaggedData):
    from_json = tagged_files.from_json
  remedy = f"expected the layout of the training texts; start the run in {folder} again"
  layout = from_json(read_record(path, remedy=remedy))
  if layout is None:
    raise InputError(f"{path}: damaged, expected the layout of the training texts.")
  return layout


def _compare(
  settings: Data, folder: pathlib.Path, before: dict, parts: dict[str, str]
) -> None:
  """Raises InputError unless the texts of each part are those of the run, wherever they lie."""
  message = f"the texts have changed since the run in {folder} began; use another --workdir."
  if "parts" not in before:  # of an older version, which had one hash for all files
    files = [path for part in PARTS for path in _files(settings, part)]
    same = {"files": list(map(str, files)), "fingerprint": fingerprints.of_files(files)}
    if before != same:
      raise InputError(f"{settings.train}: {message}")
    return
  earlier = before["parts"] if isinstance(before["parts"], dict) else {}
  for part, fingerprint in parts.items():
    if earlier.get(part) != fingerprint:
      raise InputError(f"{part}={getattr(settings, part)}: {message}")


def _files(settings: Data, part: str) -> list[pathlib.Path]:
  """Returns the file of a part, or the files below its folder, sorted."""
  if not getattr(settings, part):
    return []
  path = pathlib.Path(part_path(settings, getattr(settings, part), part))
  return text_folders.files(path) if path.is_dir() else [path]


def _fingerprint(settings: Data, part: str) -> str:
  """Returns a hash of the contents of a part, and of names below a folder, which are labels."""
  files = _files(settings, part)
  if not files:
    return ""
  contents = fingerprints.of_files(files)
  path = pathlib.Path(part_path(settings, getattr(settings, part), part))
  if not path.is_dir():
    return contents
  names = [file.relative_to(path).as_posix() for file in files]
  return hashlib.blake2b(repr((names, contents)).encode(), digest_size=16).hexdigest()
