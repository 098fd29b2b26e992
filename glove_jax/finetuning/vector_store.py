"""Vectors in a folder: arrays under a checksum, beside them the model that composes more."""

import json
import pathlib
import shutil
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from glove_jax.data import array_store
from glove_jax.errors import InputError
from glove_jax.files import atomic_folder
from glove_jax.word_vectors import WordVectors

MODEL = "model"  # a subfolder: the model that composes vectors


class Kept(NamedTuple):
  """Vectors that a run keeps."""

  vectors: WordVectors
  composed: dict[str, np.ndarray]  # words that are not in the table as they are written
  is_whole: bool  # whether the table and the model are all that the source has
  source: str


def write(kept: Kept, model_files: Sequence[pathlib.Path], folder: pathlib.Path) -> None:
  """Writes vectors, and copies of the files of the model that composes more, to a folder."""
  arrays = {
    "words": _encode_words(kept.vectors.words),
    "vectors": kept.vectors.vectors.ravel(),
    "composed_words": _encode_words(list(kept.composed)),
    "composed": np.array(list(kept.composed.values()), np.float32).ravel(),
  }
  with atomic_folder(folder, what="the vectors") as temporary:
    for name, array in arrays.items():
      array.tofile(temporary / name)
    types = {name: array.dtype for name, array in arrays.items()}
    names = _copy_model(model_files, temporary / MODEL)
    types |= {f"{MODEL}/{name}": np.uint8 for name in names}
    about = {"source": kept.source, "dim": kept.vectors.dim, "is_whole": kept.is_whole}
    array_store.write_metadata(temporary, types, extra=about)


def read(folder: pathlib.Path) -> Kept | None:
  """Returns the vectors in a folder; None if there are none.

  Raises:
    InputError: the files are damaged.
  """
  stored = array_store.load(folder)
  if stored is None:
    return None
  arrays = stored.arrays
  try:
    dim = int(stored.extra["dim"])
    vectors = WordVectors(_decode_words(arrays["words"]), arrays["vectors"].reshape(-1, dim))
    composed_words = _decode_words(arrays["composed_words"])
    composed = arrays["composed"].reshape(-1, dim)
    return Kept(
      vectors=vectors,
      composed=dict(zip(composed_words, composed, strict=True)),
      is_whole=bool(stored.extra["is_whole"]),
      source=str(stored.extra["source"]),
    )
  except (KeyError, TypeError, ValueError, OverflowError, RecursionError) as error:
    kind = type(error).__name__
    raise InputError(
      f"{folder}: damaged ({kind}), expected vectors that a run has kept."
    ) from None


def _copy_model(files: Sequence[pathlib.Path], folder: pathlib.Path) -> list[str]:
  """Copies the files of a model, and returns their names there."""
  names = []
  for file in files:
    folder.mkdir(exist_ok=True)
    names.append("model.bin" if len(files) == 1 else file.name)  # fastText's is a single file
    shutil.copyfile(file, folder / names[-1])
  return names


def _encode_words(words: list[str]) -> np.ndarray:  # -> bytes; words may have spaces and newlines
  return np.frombuffer(json.dumps(words).encode(), np.uint8)


def _decode_words(data: np.ndarray) -> list[str]:
  return json.loads(data.tobytes())
