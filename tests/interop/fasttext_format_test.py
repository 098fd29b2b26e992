import pathlib
import struct
import tempfile
import tracemalloc

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

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


def expect_same(found: fasttext.Model, model: fasttext.Model):
  for name in fasttext_format.Contents._fields:
    one, two = getattr(found, name), getattr(model, name)
    assert type(one) is type(two) and np.array_equal(one, two) if isinstance(two, np.ndarray) else one == two, name


def quantized(model: fasttext.Model, *, normed: bool, width: int = 3) -> tuple[bytes, fasttext.Model]:
  """A file with random codes in the place of the model's numbers, and the model that it stands for."""
  rng = np.random.default_rng(0)

  def matrix(rows: int, dim: int) -> tuple[bytes, np.ndarray]:
    widths = [min(width, dim - start) for start in range(0, dim, width)]
    codes = rng.integers(0, 256, (rows, len(widths)), np.uint8)
    parts = [rng.normal(size=(256, each)).astype("<f4") for each in widths]
    data = bytes([normed]) + struct.pack("<2qi", rows, dim, codes.size) + codes.tobytes()
    data += struct.pack("<4i", dim, len(parts), width, widths[-1]) + b"".join(part.tobytes() for part in parts)
    numbers = np.concatenate([part[code] for part, code in zip(parts, codes.T, strict=True)], axis=1)
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
  return bytes(data) + b"\1" + first + b"\1" + second, fasttext.Model(**{**parts, "input": inputs, "output": outputs})


def quantized_size(matrix: np.ndarray) -> int:
  """The bytes of a matrix in `quantized` with parts of 3 numbers, without norms, with its mark."""
  rows, dim = matrix.shape
  return 2 + 20 + rows * -(-dim // 3) + 16 + 4 * 256 * dim


def dictionary(model: fasttext.Model) -> bytes:
  """The file up to its matrices."""
  parts = {name: getattr(model, name) for name in fasttext_format.Contents._fields}
  with tempfile.TemporaryDirectory() as folder:
    fasttext_format.write(fasttext_format.Contents(**{**parts, "prune": None}), pathlib.Path(folder) / "m")
    data = (pathlib.Path(folder) / "m").read_bytes()
  return data[: len(data) - 2 * 17 - 4 * (model.input.size + model.output.size)]


@pytest.fixture
def dense(tiny, tmp_path) -> bytes:
  fasttext.save(tiny(), tmp_path / "dense")
  return (tmp_path / "dense").read_bytes()


# What is read and written

WORD = (st.binary(max_size=5) | st.text(max_size=5).map(str.encode)).filter(lambda data: b"\0" not in data)
WORDS = st.lists(WORD.map(lambda data: data.decode("utf-8", "surrogateescape")), max_size=5, unique=True)


@settings(max_examples=60, deadline=None)
@given(words=WORDS, cut=st.integers(0, 5), seed=st.integers(0, 2**32 - 1), loss=st.sampled_from(fasttext_format.LOSSES),
       kind=st.sampled_from(fasttext_format.MODELS), dim=st.integers(1, 3), buckets=st.integers(0, 3))
@example(words=[], cut=0, seed=0, loss="hs", kind="supervised", dim=1, buckets=0)
@example(words=["\udcff", "", "日", " \n"], cut=2, seed=1, loss="ns", kind="supervised", dim=2, buckets=1)
def test_what_is_saved_loads_bit_for_bit(words, cut, seed, loss, kind, dim, buckets):
  words, labels = words[cut:], words[:cut]
  rng = np.random.default_rng(seed)
  args = fasttext.Args(dim, *rng.integers(0, 2**31 - 1, 4), 2, loss, kind, buckets, 0, 100, 7, 0.25)
  outputs = labels if kind == "supervised" else words
  counts = rng.integers(0, 10**15, len(words) + len(labels))
  model = fasttext.Model(args, words, counts[: len(words)], labels, counts[len(words) :], int(rng.integers(0, 2**62)),
                         None, rng.normal(size=(len(words) + buckets, dim)), rng.normal(size=(len(outputs), dim)))
  with tempfile.TemporaryDirectory() as folder:
    fasttext.save(model, pathlib.Path(folder) / "m.bin")
    expect_same(fasttext.load(pathlib.Path(folder) / "m.bin"), model)


def test_the_bytes_of_a_file(tiny, tmp_path):
  model = tiny(words=("é",), labels=("__label__a",), dim=1, bucket=0, maxn=0, t=0.5)
  fasttext.save(model, tmp_path / "m.bin")
  expected = struct.pack("<2i12id", 793712314, 12, 1, 5, 5, 5, 5, 2, 3, 3, 0, 2, 0, 100, 0.5)
  expected += struct.pack("<3i2q", 2, 1, 1, 150, -1)
  expected += b"\xc3\xa9\0" + struct.pack("<qb", 10, 0) + b"__label__a\0" + struct.pack("<qb", 9, 1)
  expected += b"\0" + struct.pack("<2qf", 1, 1, 0) + b"\0" + struct.pack("<2qf", 1, 1, 4 * np.sin(1))
  assert (tmp_path / "m.bin").read_bytes() == expected


@pytest.mark.parametrize("normed", [False, True])
@pytest.mark.parametrize("width", [1, 3, 4, 5])
def test_quantized_matrices_become_the_numbers_they_stand_for(tiny, tmp_path, normed, width):
  prune = np.int32([[2, 1], [7, 2], [11, 0]])
  for model in (tiny(), tiny(prune=prune), tiny(prune=prune[:0])):
    data, expected = quantized(model, normed=normed, width=width)
    (tmp_path / "m.ftz").write_bytes(data)
    expect_same(fasttext.load(tmp_path / "m.ftz"), expected)


def test_version_11_classifiers_have_no_pieces(tiny, tmp_path, dense):
  for data, maxn in [(dense, 3), (dense[:4] + b"\x0b" + dense[5:], 0)]:
    (tmp_path / "m").write_bytes(data)
    assert fasttext.load(tmp_path / "m").args.maxn == maxn
  fasttext.save(tiny("cbow"), tmp_path / "m")
  (tmp_path / "m").write_bytes((tmp_path / "m").read_bytes().replace(b"\x0c\0\0\0", b"\x0b\0\0\0", 1))
  assert fasttext.load(tmp_path / "m").args.maxn == 3


def old(data: bytes, model: fasttext.Model) -> bytes:
  """A dense file as it would have been before there was a magic number."""
  output = len(data) - 17 - 4 * model.output.size
  input_ = len(dictionary(model))
  return data[8 : SIZES - 8] + data[SIZES:input_] + data[input_ + 1 : output] + data[output + 1 :]


def test_files_from_before_the_magic_number(tiny, tmp_path, dense):
  for kind, maxn in (("cbow", 3), ("supervised", 0)):
    model = tiny(kind)
    fasttext.save(model, tmp_path / "m")
    data = old((tmp_path / "m").read_bytes(), model)
    (tmp_path / "m").write_bytes(data)
    found = fasttext.load(tmp_path / "m")
    assert found.args == model.args._replace(maxn=maxn)
    parts = {name: getattr(model, name) for name in fasttext_format.Contents._fields}
    expect_same(found, fasttext.Model(**{**parts, "args": found.args}))
    assert f"byte {len(data)}: found 1 bytes more" in error(tmp_path / "m", data + b"a")
    for size in range(1, len(data), 7):
      assert error(tmp_path / "m", data[:size]).startswith("FILE: byte ")


def test_only_what_makes_sense_as_a_model_is_recognised(tiny, dense):
  data = old(dense, tiny())
  assert fasttext_format.is_fasttext_model(dense) and fasttext_format.is_fasttext_model(data)
  for place, form, value in [(0, "<i", 0), (24, "<i", 5), (28, "<i", 4), (48, "<d", np.nan), (56, "<i", 8),
                             (68, "<q", -1)]:
    changed = bytearray(data)
    struct.pack_into(form, changed, place, value)
    assert not fasttext_format.is_fasttext_model(bytes(changed)), place
  assert not fasttext_format.is_fasttext_model(data[:70])
  for text in (b"the 0.1 0.2\n" * 9, b"3 4\n" + bytes(100), "the 0.1\n".encode("utf-32") * 9, bytes(200)):
    assert not fasttext_format.is_fasttext_model(text)


def test_what_cannot_be_written_is_refused_and_leaves_no_file(tiny, tmp_path):
  for model, message in [(tiny(words=("a\0b",)), "cannot hold the word 'a.x00b': it has a null"),
                         (tiny(words=("\ud800",)), "cannot be written as UTF-8"),
                         (tiny(prune=np.int32([[1, 0]])), "pruned, which only a quantized file can say")]:
    with pytest.raises(InputError, match=message):
      fasttext.save(model, tmp_path / "m.bin")
  assert not list(tmp_path.iterdir())


def test_the_mark_of_a_quantized_output_is_ignored_in_a_dense_model(tiny, tmp_path, dense):
  output = len(dense) - 17 - 4 * tiny().output.size
  (tmp_path / "m").write_bytes(dense[:output] + b"\1" + dense[output + 1 :])
  expect_same(fasttext.load(tmp_path / "m"), tiny())


def test_a_dense_output_beside_a_quantized_input(tiny, tmp_path, dense):
  data, expected = quantized(tiny(), normed=False)
  output = len(dense) - 17 - 4 * tiny().output.size
  mixed = data[: len(data) - quantized_size(expected.output)] + dense[output:]
  (tmp_path / "m").write_bytes(mixed)
  found = fasttext.load(tmp_path / "m")
  np.testing.assert_array_equal(found.input, expected.input)
  np.testing.assert_array_equal(found.output, tiny().output)


# Hostile files

@pytest.mark.parametrize("place, form, value, message", [
  (0, "<i", 1, "byte 0: found 01000000, expected ba164f2f of a fastText model, uncompressed"),
  (4, "<i", 10, "byte 4: found version 10, expected 11 or 12"),
  (4, "<i", 13, "byte 4: found version 13"),
  (8, "<i", 0, "byte 8: the argument dim is 0, expected 1 to 100,000"),
  (8, "<i", -1, "byte 8: the argument dim is -1"),
  (8, "<i", 2**31 - 1, "byte 8: the argument dim is 2,147,483,647"),
  (28, "<i", 256, "byte 28: the argument word_ngrams is 256, expected 0 to 255"),
  (32, "<i", 5, "byte 32: the argument loss is 5, expected 1 to 4"),
  (36, "<i", 0, "byte 36: the argument model is 0, expected 1 to 3"),
  (40, "<i", -1, "byte 40: the argument bucket is -1"),
  (40, "<i", 2**31 - 1, "the input has shape (35, 4), expected (2147483652, 4)"),
  (48, "<i", 10**9, "byte 48: the argument maxn is 1,000,000,000"),
  (56, "<d", np.nan, "byte 56: the argument t is nan"),
  (HEAD, "<i", 10, "byte 64: found 10 entries, 5 words, 4 labels, 150 tokens, -1 pruned n-grams, expected words and"),
  (HEAD, "<3i", (2**31 - 1, 2**31 - 5, 4), "byte 92: found 821 bytes more, expected 21,474,836,470 of 2,147,483,647"),
  (HEAD, "<3i", (3, 4, -1), "3 entries, 4 words, -1 labels"),
  (HEAD + 4, "<2i", (4, 5), "of kind 0 with count 10, expected kind 1"),
  (HEAD + 12, "<q", -1, "-1 tokens"),
  (HEAD + 20, "<q", -2, "-2 pruned n-grams"),
  (HEAD + 20, "<q", 0, "pruned n-grams and a dense matrix, expected a quantized one"),
  (HEAD + 20, "<q", 2**60, f"expected {2**63:,} of kept n-grams (cut off?)"),
  (SIZES + 5, "<q", -5, "byte 92: found '</s>' of kind 0 with count -5"),
  (SIZES + 5, "<q", 10**15, "count 1,000,000,000,000,000, expected kind 0"),
  (SIZES + 13, "<b", 1, "byte 92: found '</s>' of kind 1"),
])
def test_a_bad_header_is_named_by_byte(tmp_path, dense, place, form, value, message):
  data = bytearray(dense)
  struct.pack_into(form, data, place, *(value if isinstance(value, tuple) else (value,)))
  assert message in error(tmp_path / "m", bytes(data))


def test_a_bad_matrix_is_named_by_byte(tiny, tmp_path, dense):
  at = len(dictionary(tiny()))
  assert f"byte {at}: the mark of a quantized input is 7, expected 0 or 1" in error(
    tmp_path / "m", dense[:at] + b"\7" + dense[at + 1 :])
  for shape in [(2**60, 4), (-1, 4), (35, 2**60), (35, 0), (2**62, 2**62)]:
    data = dense[: at + 1] + struct.pack("<2q", *shape) + dense[at + 17 :]
    assert f"byte {at + 1}: the input has shape {shape}, expected (35, 4)" in error(tmp_path / "m", data)
  assert f"byte {at + 1}: row 1 of the input has a nan or inf" in error(
    tmp_path / "m", dense[: at + 17 + 28] + struct.pack("<f", np.inf) + dense[at + 17 + 32 :])
  assert f"byte {len(dense)}: found 3 bytes more, expected the end" in error(tmp_path / "m", dense + b"abc")
  # Claims that fit one another but not the file.
  data = dense[:40] + struct.pack("<i", 2**31 - 1) + dense[44 : at + 1] + struct.pack("<q", 2**31 + 4) + dense[at + 9 :]
  assert f"expected {(2**31 + 4) * 16:,} of the input (cut off?)" in error(tmp_path / "m", data)


def test_a_bad_quantized_matrix_is_named_by_byte(tiny, tmp_path):
  at = len(dictionary(tiny()))
  data, _ = quantized(tiny(), normed=False)

  def changed(place: int, *values: int) -> str:
    form = f"<{len(values)}i"
    after = at + place + struct.calcsize(form)
    return error(tmp_path / "m", data[: at + place] + struct.pack(form, *values) + data[after:]).replace(",", "")

  codes = 2 + 16  # after the two marks and the shape
  assert f"byte {at + codes}: found -1 codes" in changed(codes, -1)
  assert "cut off?" in changed(codes, 2**31 - 1)
  quantizer = codes + 4 + 2 * 35
  assert "(4 2 3 2) expected dimension 4 in parts" in changed(quantizer, 4, 2, 3, 2)
  for sizes in [(5, 2, 3, 2), (4, 2, 3, 0), (4, 3, 3, 1), (4, 4, 0, 1), (4, -4, -1, 4), (2**31 - 1, 1, 2**31 - 1, 1)]:
    assert f"byte {at + quantizer}: a quantizer's" in changed(quantizer, *sizes)
  assert "found 70 codes expected 35 x 1" in changed(quantizer, 4, 1, 4, 4)
  wide = tiny(dim=65)
  data, _ = quantized(wide, normed=False, width=65)  # a byte for 65 numbers: small files would fill the memory
  assert "expected dimension 65 in parts of 1 to 64" in error(tmp_path / "m", data)


def test_bad_words_and_pruned_pieces(tiny, tmp_path, dense, monkeypatch):
  assert "byte 106: found '</s>' a second time" in error(tmp_path / "m", dense.replace(b"sun\0", b"</s>\0", 1))
  assert "found no null byte after a word within 65,536 bytes" in error(
    tmp_path / "m", dense[:SIZES] + b"x" * (1 << 17))
  for pairs in ([[2, 0], [2, 1]], [[-1, 0], [2, 1]], [[1, 0], [30, 1]], [[1, 0], [2, 2]], [[1, -1], [2, 1]]):
    data, _ = quantized(tiny(prune=np.int32(pairs)), normed=True)
    assert "expected different ones below 30 with rows below 2" in error(tmp_path / "m", data)
  assert error(tmp_path / "m", b"") == "FILE: the file is empty, expected a fastText model."
  with pytest.raises(FileNotFoundError):
    fasttext.load(tmp_path / "none")


def test_wherever_a_file_is_cut_it_is_refused(tiny, tmp_path, dense):
  compressed, _ = quantized(tiny(prune=np.int32([[3, 0], [4, 1]])), normed=True)
  for data in (dense, compressed):
    for size in range(1, len(data), 7):
      message = error(tmp_path / "m", data[:size])
      assert message.startswith("FILE: byte "), message


def test_whatever_bytes_change_it_loads_or_is_refused_without_much_memory(tiny, tmp_path, dense):
  compressed, _ = quantized(tiny(prune=np.int32([[3, 0], [4, 1]])), normed=True)
  numbers = [0, 1, 2, 255, 2**31 - 1, 2**31, 2**32 - 1]  # 4 bytes each; two in a row make 2^60 and the like
  rng = np.random.default_rng(0)
  outcomes = {True: 0, False: 0}
  tracemalloc.start()
  for data in (dense, compressed):
    for _ in range(600):
      changed = bytearray(data)
      for place in rng.integers(0, min(len(data), SIZES + 200) - 8, rng.integers(1, 4)):
        struct.pack_into("<2I", changed, place, *rng.choice(numbers, 2).tolist())
      (tmp_path / "m").write_bytes(changed)
      try:
        model = fasttext.load(tmp_path / "m")
        fasttext.word_vectors(model)
        outcomes[True] += 1
      except InputError as found:
        assert "\n" not in str(found)
        outcomes[False] += 1
  _, peak = tracemalloc.get_traced_memory()
  tracemalloc.stop()
  assert peak < 4 << 20 and min(outcomes.values()) > 20, (peak, outcomes)
