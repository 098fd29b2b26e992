"""The files of a corpus that Spark reads: found, and told apart by how they are divided."""

import hashlib
import os
import pathlib
import re
from collections.abc import Sequence
from typing import Any, NamedTuple

from glove_jax.data.spark.session import Spark
from glove_jax.data.text import corpus, decoding, fingerprints, streams
from glove_jax.errors import InputError, quote

_HEAD = 1 << 18  # bytes of a file that tell its kind
_LARGEST = (1 << 31) - (1 << 20)  # bytes of a file that is one row
# Hadoop unpacks files of these names itself, whatever they hold.
_PACKED = (".bz2", ".deflate", ".gz", ".lz4", ".snappy", ".zst")
_COLUMN = "text"  # of a Parquet file


class TextFile(NamedTuple):
  """A file of a corpus.

  Attributes:
    uri: its name for Spark.
    name: its name for people.
    size: bytes.
    stamp: tells that it has changed: a hash of its contents, or of size and time.
    kind: lines (divided between lines), whole (a row: packed files, dumps of MediaWiki, encodings
      whose newline is not a byte) or parquet.
    head: its first bytes.
  """

  uri: str
  name: str
  size: int
  stamp: bytes
  kind: str
  head: bytes


def find(spark: Spark, pattern: str, encoding: str) -> list[TextFile]:
  """Returns the files that a pattern names, in its order.

  Args:
    spark: reads names with a scheme, such as `hdfs://…` and `s3a://…`.
    pattern: as for `corpus.find_files`; parts may have a scheme.
    encoding: of the texts.

  Raises:
    InputError: a part of the pattern names no file, or a file cannot be divided and is too large.
  """
  parts = [pattern]
  if "://" in pattern:
    parts = [part.strip() for part in pattern.split(",")]
  files = []
  for part in parts:
    found = _find_remote(spark, part, encoding) if "://" in part else _find_local(part, encoding)
    files += found
  _check(files)
  return files


def _check(files: Sequence[TextFile]) -> None:
  """Raises InputError for a file that Spark would not read, or not as often as it is named."""
  seen = set()
  for file in files:
    if file.uri.rpartition("/")[2].startswith(("_", ".")):
      raise InputError(f"{file.name}: Spark passes over files whose names begin with _ or a dot.")
    if file.uri in seen:
      raise InputError(f"{file.name}: is named twice; Spark reads a file once.")
    if file.kind == "whole" and file.size > _LARGEST:
      raise InputError(
        f"{file.name}: {file.size:,} bytes in one piece, expected fewer than {_LARGEST:,} of a"
        " packed file; unpack or divide it."
      )
    seen.add(file.uri)


def _find_local(pattern: str, encoding: str) -> list[TextFile]:
  paths = corpus.find_files(pattern)
  files = []
  for path, digest in zip(paths, fingerprints.digests(paths), strict=True):
    with streams.open_bytes(path) as file:
      head = file.read(_HEAD)
    uri = f"file://{path.absolute()}"
    size = corpus.file_size(path)
    files.append(TextFile(uri, str(path), size, digest, _kind(head, path, encoding), head))
  return files


def _find_remote(spark: Spark, pattern: str, encoding: str) -> list[TextFile]:
  files = []
  for uri, size, changed in spark.find(pattern):
    head = spark.read_head(uri, _HEAD)
    stamp = hashlib.blake2b(repr((uri, size, changed)).encode()).digest()
    files.append(TextFile(uri, uri, size, stamp, _kind(head, uri, encoding), head))
  if not files:
    raise InputError(f"{pattern} matches no file.")
  return files


def _kind(head: bytes, path: str | os.PathLike, encoding: str) -> str:
  name = os.fspath(path)
  if name.endswith(".parquet"):
    return "parquet"
  if not streams.is_plain(head, path) or name.endswith(_PACKED):
    return "whole"
  try:
    has_byte_newline = "\n".encode(encoding) == b"\n"
    start = head.decode(encoding, "replace")
  except (LookupError, UnicodeError):
    return "whole"  # whose reader reports it
  if not has_byte_newline or decoding.has_cr_line_ends(start.replace("\r\n", "\n")):
    return "whole"
  return "lines"


def fingerprint(files: Sequence[TextFile]) -> str:
  """Returns a hash of the files: of local ones `fingerprints.of_files`."""
  return fingerprints.combine(file.stamp for file in files)


def frames(spark: Spark, files: Sequence[TextFile]) -> list[tuple[bool, Any]]:
  """Returns (is_whole, data frame) for each kind of files; see `workers.TextFormat`.

  Frames of whole files have the columns path and content, others one of binary texts.
  """
  from pyspark.sql import functions

  by_kind = {}
  for file in files:
    by_kind.setdefault(file.kind, []).append(_escaped(file.uri))
  reader = spark.session.read
  made = []
  if "lines" in by_kind:
    lines = reader.text(by_kind["lines"], lineSep="\n")
    made.append((False, lines.select(functions.col("value").cast("binary"))))
  if "whole" in by_kind:
    contents = reader.format("binaryFile").load(by_kind["whole"])
    made.append((True, contents.select("path", "content")))
  if "parquet" in by_kind:
    made.append((False, _texts(reader.parquet(*by_kind["parquet"]), by_kind["parquet"][0])))
  return made


def _texts(frame: Any, name: str) -> Any:
  """Returns the column of texts of a table: `text`, or the only one of strings."""
  from pyspark.sql import functions

  strings = [column for column, kind in frame.dtypes if kind == "string"]
  if _COLUMN in strings:
    strings = [_COLUMN]
  if len(strings) != 1:
    columns = ", ".join(frame.columns)
    raise InputError(
      f"{name}: the columns are {quote(columns)}, expected one of strings named {_COLUMN}."
    )
  return frame.select(functions.col(f"`{strings[0]}`").cast("binary"))


def _escaped(uri: str) -> str:
  """Returns a name in which no character is one of a glob."""
  return re.sub(r"([\\{}\[\]*?,])", r"\\\1", uri)


def local_uri(folder: pathlib.Path) -> str:
  """Returns the name of a local folder for Spark."""
  return f"file://{folder.absolute()}"
