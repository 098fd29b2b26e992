"""Exports word vectors to the formats of other libraries.

  import glove_jax as gj
  gj.export("runs/glove", "glove.parquet", to="parquet")
  gj.export(vectors, "static", to="sentence-transformers")
"""

import os
import pathlib
from typing import NamedTuple

from glove_jax.errors import InputError, quote
from glove_jax.exports import formats, model_card, word_checks
from glove_jax.exports.formats import FORMATS, Format
from glove_jax.exports.vector_table import VectorTable, read
from glove_jax.files import atomic_folder, atomic_write
from glove_jax.word_vectors import WordVectors, zero_vectors

__all__ = ["FORMATS", "Export", "VectorTable", "check_target", "export", "read", "write"]


class Export(NamedTuple):
  """What was exported.

  Attributes:
    path: the file or folder.
    num_words: V.
    dim: D.
    notes: remarks for the user, such as how many words were left out.
  """

  path: pathlib.Path
  num_words: int
  dim: int
  notes: tuple[str, ...]


def export(
  source: WordVectors | str | os.PathLike,
  path: str | os.PathLike,
  *,
  to: str,
  card: bool = False,
  skip_words: bool = False,
  limit: int | None = None,
) -> Export:
  """Writes word vectors in a format of another library; the result is whole or absent.

  Args:
    source: word vectors, a pretraining workdir, a file of any format that `load_vectors` reads, or
      a name such as `pretrained`.
    path: the file to write; the folder, for spacy, sentence-transformers, model2vec and projector.
    to: a key of `FORMATS`, or a library such as `gensim` or `duckdb` (`formats.SYNONYMS`).
    card: whether a file gets a model card beside it, NAME.README.md. Folders always have one.
    skip_words: whether words that the format cannot hold are left out, and not refused.
    limit: only the first words; None: all.

  Returns:
    What was exported, with notes.

  Raises:
    InputError: there is no such format, it cannot hold a word, a package is missing, or the folder
      holds other files than an earlier export.
  """
  check_target(path, to)
  return write(read(source, limit=limit), path, to=to, card=card, skip_words=skip_words)


def write(
  table: VectorTable,
  path: str | os.PathLike,
  *,
  to: str,
  card: bool = False,
  skip_words: bool = False,
) -> Export:
  """Writes a table of word vectors; see `export`."""
  path = pathlib.Path(path)
  check_target(path, to)
  to = formats.resolve(to)
  format = formats.find(to)
  table = word_checks.check(table, format.words, to, skip=skip_words)
  zeros = zero_vectors.describe(table.words, table.vectors)
  if zeros:
    table = table._replace(notes=(*table.notes, zeros))
  text = model_card.make(
    table,
    to,
    texts=format.describe_texts(table),
    usage=format.usage.format(path=str(path)),
  )
  if format.is_folder:
    _write_folder(table, path, format, text)
  else:
    format.write(table, path)
    if card:
      _write_text(path.with_name(f"{path.name}.{model_card.NAME}"), text)
  return Export(path, len(table.words), table.dim, table.notes)


def check_target(path: str | os.PathLike, to: str) -> None:
  """Raises InputError for an unknown format, or a path that is no new name or earlier export."""
  path = pathlib.Path(path)
  if not formats.find(to).is_folder:
    if path.is_dir():
      raise InputError(f"{path}: found a folder, expected the name of a file.")
    return
  if path.exists() and not path.is_dir():
    raise InputError(f"{path}: found a file, expected a new folder for the export.")
  names = sorted(each.name for each in path.glob("*"))
  if names and not model_card.is_export(path):
    raise InputError(
      f"{path}: found {quote(names[0])}, expected a new folder, or an earlier export."
    )


def _write_folder(table: VectorTable, path: pathlib.Path, format: Format, text: str) -> None:
  target = path.resolve()  # of a link, the folder that it leads to is replaced
  with atomic_folder(target, what="the export") as building:
    format.write(table, building)
    _write_text(building / model_card.NAME, text)
    for file in building.rglob("*"):
      if file.is_file():
        _sync(file)


def _write_text(path: pathlib.Path, text: str) -> None:
  with atomic_write(path) as file:
    file.write(text)


def _sync(path: pathlib.Path) -> None:
  """Waits until a file is on the disk."""
  with open(path, "rb") as file:
    os.fsync(file.fileno())
