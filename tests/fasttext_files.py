"""Bytes of fastText models for tests: quantized, old, and up to the matrices."""

import pathlib
import struct
import tempfile

import numpy as np
import pytest

from glove_jax.errors import InputError
from glove_jax.interop import fasttext, fasttext_format

HEAD = 8 + 56  # magic, version, arguments
SIZES = HEAD + 28  # then the dictionary's


def error(path, data: bytes | None = None) -> str:
  if data is not None:
    path.write_bytes(data)
  with pytest.raises(InputError) as caught:
    fasttext.load(path)
  assert "\n" not in str(caught.value)
  return str(caught.value).replace(f"{path}", "FILE")


def expect_same(loaded: fasttext.Model, model: fasttext.Model):
  for name in fasttext_format.Contents._fields:
    one, two = getattr(loaded, name), getattr(model, name)
    assert (
      type(one) is type(two) and np.array_equal(one, two)
      if isinstance(two, np.ndarray)
      else one == two
    ), name


def quantized(
  model: fasttext.Model, *, normed: bool, width: int = 3
) -> tuple[bytes, fasttext.Model]:
  """Returns a quantized file with random codes and the model that it decodes to."""
  rng = np.random.default_rng(0)

  def matrix(rows: int, dim: int) -> tuple[bytes, np.ndarray]:
    widths = [min(width, dim - start) for start in range(0, dim, width)]
    codes = rng.integers(0, 256, (rows, len(widths)), np.uint8)
    parts = [rng.normal(size=(256, each)).astype("<f4") for each in widths]
    data = bytes([normed]) + struct.pack("<2qi", rows, dim, codes.size) + codes.tobytes()
    data += struct.pack("<4i", dim, len(parts), width, widths[-1]) + b"".join(
      part.tobytes() for part in parts
    )
    numbers = np.concatenate(
      [part[code] for part, code in zip(parts, codes.T, strict=True)], axis=1
    )
    if normed:
      norms, sizes = rng.integers(0, 256, rows, np.uint8), rng.normal(size=256).astype("<f4")
      data += norms.tobytes() + struct.pack("<4i", 1, 1, 1, 1) + sizes.tobytes()
      numbers = numbers * sizes[norms][:, None]
    return data, numbers

  (first, inputs), (second, outputs) = matrix(*model.input.shape), matrix(*model.output.shape)
  parts = {name: getattr(model, name) for name in fasttext_format.Contents._fields}
  data = bytearray(dictionary(model))
  if model.prune is not None:
    data[SIZES - 8 : SIZES] = struct.pack("<q", len(model.prune))
    data += np.ascontiguousarray(model.prune[::-1], "<i4").tobytes()  # in any order
  return bytes(data) + b"\1" + first + b"\1" + second, fasttext.Model(
    **{**parts, "input": inputs, "output": outputs}
  )


def quantized_size(matrix: np.ndarray) -> int:
  """Returns the bytes of a `quantized` matrix with parts of 3 columns, without norms."""
  rows, dim = matrix.shape
  return 2 + 20 + rows * -(-dim // 3) + 16 + 4 * 256 * dim


def dictionary(model: fasttext.Model) -> bytes:
  """The file up to its matrices."""
  parts = {name: getattr(model, name) for name in fasttext_format.Contents._fields}
  with tempfile.TemporaryDirectory() as folder:
    fasttext_format.write(
      fasttext_format.Contents(**{**parts, "prune": None}), pathlib.Path(folder) / "m"
    )
    data = (pathlib.Path(folder) / "m").read_bytes()
  return data[: len(data) - 2 * 17 - 4 * (model.input.size + model.output.size)]


def old(data: bytes, model: fasttext.Model) -> bytes:
  """A dense file as it would have been before there was a magic number."""
  output = len(data) - 17 - 4 * model.output.size
  input_ = len(dictionary(model))
  return data[8 : SIZES - 8] + data[SIZES:input_] + data[input_ + 1 : output] + data[output + 1 :]
