"""Records of Parquet and Arrow files, which pyarrow reads (the extra `parquet`)."""

import json
from typing import Any

from glove_jax import installation
from glove_jax.errors import InputError, quote

_DAMAGE = (MemoryError, SystemError, OverflowError, TypeError)


def read(path) -> list[tuple[int, dict[str, Any]]]:
  """Returns (number of the row from 1, record) of a file; numbers of classes become their names.

  Raises:
    InputError: pyarrow is not installed, or the file is damaged.
  """
  try:
    import pyarrow
  except ImportError:
    raise InputError(
      f"{path}: a Parquet or Arrow file needs pyarrow: {installation.extra('parquet')}"
    ) from None
  try:
    table = _read_table(path)
    table.validate(full=True)  # pyarrow follows offsets of a damaged file out of its memory
    names = _class_names(table)
    records = table.to_pylist()
  # pyarrow raises its own exceptions and, for sizes that make no sense, some of Python's.
  except (pyarrow.ArrowException, OSError, ValueError, KeyError, *_DAMAGE) as error:
    reason = " ".join(str(error).split())
    raise InputError(f"{path}: a damaged Parquet file ({quote(reason, 120)}).") from None
  for record in records:
    for key, classes in names.items():
      record[key] = _name(record.get(key), classes)
  return list(enumerate(records, 1))


def _read_table(path):
  from pyarrow import ipc, parquet

  with open(path, "rb") as file:
    head = file.read(6)
    file.seek(0)
    if head.startswith(b"PAR1"):
      return parquet.read_table(file)
    if head == b"ARROW1":
      return ipc.open_file(file).read_all()
    return ipc.open_stream(file).read_all()


def _class_names(table) -> dict[str, list[str]]:
  """Returns the class names that the library datasets keeps beside a column of numbers."""
  metadata = table.schema.metadata or {}
  try:
    features = json.loads(metadata.get(b"huggingface", b"{}"))["info"]["features"]
  except (ValueError, KeyError, TypeError):
    return {}
  names = {}
  for key, feature in features.items() if isinstance(features, dict) else ():
    while isinstance(feature, dict) and "names" not in feature:
      feature = feature.get("feature")
    classes = feature.get("names") if isinstance(feature, dict) else None
    if isinstance(classes, list) and all(isinstance(name, str) for name in classes):
      names[key] = classes
  return names


def _name(value: Any, classes: list[str]) -> Any:
  if isinstance(value, list):
    return [_name(item, classes) for item in value]
  if isinstance(value, int) and 0 <= value < len(classes):
    return classes[value]
  return value
