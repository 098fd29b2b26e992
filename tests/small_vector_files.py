"""A small file of word vectors for tests, and the error that a file raises."""

import pathlib

import numpy as np
import pytest

from glove_jax import vector_files
from glove_jax.errors import InputError

SMALL = b"the 0.5 -1 2e-3\ncat 1 2 3\n"


def write(tmp_path: pathlib.Path, data: bytes, name: str = "v.txt") -> pathlib.Path:
  path = tmp_path / name
  path.write_bytes(data)
  return path


def expect_small(vectors):
  """Asserts that vectors are those of SMALL."""
  assert vectors.words == ["the", "cat"]
  np.testing.assert_array_equal(vectors.vectors, np.float32([[0.5, -1, 2e-3], [1, 2, 3]]))


def error(path, **kwargs) -> str:
  """Returns the one-line message of the InputError for a file, which it names FILE."""
  with pytest.raises(InputError) as caught:
    vector_files.load(path, **kwargs)
  assert "\n" not in str(caught.value)
  return str(caught.value).replace(f"{path}", "FILE")
