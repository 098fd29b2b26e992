"""Quantized and dense matrices, and ones that lie about their shape."""

import struct

import numpy as np
import pytest
from fasttext_files import dictionary, error, expect_same, quantized, quantized_size

from glove_jax.interop import fasttext


@pytest.fixture
def dense(tiny, tmp_path) -> bytes:
  fasttext.save(tiny(), tmp_path / "dense")
  return (tmp_path / "dense").read_bytes()


@pytest.mark.parametrize("normed", [False, True])
@pytest.mark.parametrize("width", [1, 3, 4, 5])
def test_quantized_matrices_become_the_numbers_they_stand_for(tiny, tmp_path, normed, width):
  prune = np.int32([[2, 1], [7, 2], [11, 0]])
  for model in (tiny(), tiny(prune=prune), tiny(prune=prune[:0])):
    data, expected = quantized(model, normed=normed, width=width)
    (tmp_path / "m.ftz").write_bytes(data)
    expect_same(fasttext.load(tmp_path / "m.ftz"), expected)


def test_the_mark_of_a_quantized_output_is_ignored_in_a_dense_model(tiny, tmp_path, dense):
  output = len(dense) - 17 - 4 * tiny().output.size
  (tmp_path / "m").write_bytes(dense[:output] + b"\1" + dense[output + 1 :])
  expect_same(fasttext.load(tmp_path / "m"), tiny())


def test_a_dense_output_beside_a_quantized_input(tiny, tmp_path, dense):
  data, expected = quantized(tiny(), normed=False)
  output = len(dense) - 17 - 4 * tiny().output.size
  mixed = data[: len(data) - quantized_size(expected.output)] + dense[output:]
  (tmp_path / "m").write_bytes(mixed)
  loaded = fasttext.load(tmp_path / "m")
  np.testing.assert_array_equal(loaded.input, expected.input)
  np.testing.assert_array_equal(loaded.output, tiny().output)


def test_a_bad_matrix_is_named_by_byte(tiny, tmp_path, dense):
  at = len(dictionary(tiny()))
  assert f"byte {at}: the mark of a quantized input is 7, expected 0 or 1" in error(
    tmp_path / "m", dense[:at] + b"\7" + dense[at + 1 :]
  )
  for shape in [(2**60, 4), (-1, 4), (35, 2**60), (35, 0), (2**62, 2**62)]:
    data = dense[: at + 1] + struct.pack("<2q", *shape) + dense[at + 17 :]
    assert f"byte {at + 1}: the input has shape {shape}, expected (35, 4)" in error(
      tmp_path / "m", data
    )
  assert f"byte {at + 1}: row 1 of the input has a nan or inf" in error(
    tmp_path / "m", dense[: at + 17 + 28] + struct.pack("<f", np.inf) + dense[at + 17 + 32 :]
  )
  assert f"byte {len(dense)}: found 3 bytes more, expected the end" in error(
    tmp_path / "m", dense + b"abc"
  )
  # Claims that fit one another but not the file.
  data = (
    dense[:40]
    + struct.pack("<i", 2**31 - 1)
    + dense[44 : at + 1]
    + struct.pack("<q", 2**31 + 4)
    + dense[at + 9 :]
  )
  assert f"expected {(2**31 + 4) * 16:,} of the input: is the file truncated?" in error(
    tmp_path / "m", data
  )


def test_a_bad_quantized_matrix_is_named_by_byte(tiny, tmp_path):
  at = len(dictionary(tiny()))
  data, _ = quantized(tiny(), normed=False)

  def changed(position: int, *values: int) -> str:
    form = f"<{len(values)}i"
    after = at + position + struct.calcsize(form)
    return error(
      tmp_path / "m", data[: at + position] + struct.pack(form, *values) + data[after:]
    ).replace(",", "")

  codes = 2 + 16  # after the two marks and the shape
  assert f"byte {at + codes}: found -1 codes" in changed(codes, -1)
  assert "is the file truncated?" in changed(codes, 2**31 - 1)
  quantizer = codes + 4 + 2 * 35
  assert "(4 2 3 2) expected dimension 4 in parts" in changed(quantizer, 4, 2, 3, 2)
  for sizes in [
    (5, 2, 3, 2),
    (4, 2, 3, 0),
    (4, 3, 3, 1),
    (4, 4, 0, 1),
    (4, -4, -1, 4),
    (2**31 - 1, 1, 2**31 - 1, 1),
  ]:
    assert f"byte {at + quantizer}: a quantizer's" in changed(quantizer, *sizes)
  assert "found 70 codes expected 35 x 1" in changed(quantizer, 4, 1, 4, 4)
  wide = tiny(dim=65)
  # a byte for 65 numbers: small files would fill the memory
  data, _ = quantized(wide, normed=False, width=65)
  assert "expected dimension 65 in parts of 1 to 64" in error(tmp_path / "m", data)
