"""`corpus.json` in the folder of a run: the text it has read, checksums of what it made."""

import pathlib
from collections.abc import Sequence

from glove_jax.data.text import corpus
from glove_jax.errors import InputError
from glove_jax.files import file_checksum, read_record, write_record
from glove_jax.run_record import describe_checksum, is_checksum

RECORD = "corpus.json"


def was_read(
  folder: pathlib.Path, paths: list[pathlib.Path], fingerprint: str, *, made: Sequence[str] = ()
) -> bool:
  """Returns whether a run has read this text before, and has the files that it made of it.

  Args:
    folder: of the run.
    paths: files of the text.
    fingerprint: hash of their contents.
    made: names of the files that are made of the text. Where one is missing the text is read again.

  Raises:
    InputError: it was another text, or a file has been changed.
  """
  record = folder / RECORD
  if not record.exists():
    return False
  values = read_record(record, remedy="delete it to have the text read again")
  if values.get("fingerprint") != fingerprint:
    raise InputError(
      f"{corpus.describe(paths)}: the text has changed since the run in {folder} began;"
      " use another --workdir."
    )
  checksums = _made(record, values)
  for name in made:
    if not (folder / name).exists():
      return False
    actual = file_checksum(folder / name)
    if checksums.get(name, actual) != actual:
      raise InputError(
        f"{folder / name}: {describe_checksum(actual)}, expected"
        f" {describe_checksum(checksums[name])}; delete it to have it made again of the text."
      )
  mark_as_read(folder, paths, fingerprint, made=made)
  return True


def read(folder: pathlib.Path) -> tuple[list[pathlib.Path], str] | None:
  """Returns the files and the fingerprint of the text that a run has read; None if it has not."""
  record = folder / RECORD
  if not record.exists():
    return None
  values = read_record(record, remedy="delete it to have the text read again")
  return list(map(pathlib.Path, values["files"])), values["fingerprint"]


def mark_as_read(
  folder: pathlib.Path,
  paths: list[pathlib.Path],
  fingerprint: str,
  *,
  made: Sequence[str] = (),
) -> None:
  """Records in the folder of a run which text it has read, and checksums of what it made of it.

  Raises:
    InputError: an earlier start made other files of this text.
  """
  checksums = {name: file_checksum(folder / name) for name in made}
  record = folder / RECORD
  before = None
  if record.exists():
    before = read_record(record, remedy="delete it")
    earlier = _made(record, before)
    for name, checksum in checksums.items():
      if earlier.get(name, checksum) != checksum:
        raise InputError(
          f"{folder / name}: is not what the text gave when the run began; use another --workdir."
        )
  values = {"files": list(map(str, paths)), "fingerprint": fingerprint, "made": checksums}
  if before != values:  # an older version wrote no checksums
    write_record(record, values)


def _made(record: pathlib.Path, values: dict) -> dict[str, list[int]]:
  """Returns the checksums in a record; {} of an older version, which wrote none."""
  checksums = values.get("made", {})
  if not isinstance(checksums, dict) or not all(map(is_checksum, checksums.values())):
    raise InputError(f"{record}: damaged (no checksums of files); delete it.")
  return checksums
