"""Whole files of fastText models: bit for bit back, old versions, hostile files."""

import pathlib
import struct
import tempfile
import tracemalloc

import numpy as np
import pytest
from fasttext_files import HEAD, SIZES, error, expect_same, old, quantized
from hypothesis import example, given, settings
from hypothesis import strategies as st

from glove_jax.errors import InputError
from glove_jax.interop import fasttext, fasttext_format


@pytest.fixture
def dense(tiny, tmp_path) -> bytes:
  fasttext.save(tiny(), tmp_path / "dense")
  return (tmp_path / "dense").read_bytes()


WORD = (st.binary(max_size=5) | st.text(max_size=5).map(str.encode)).filter(
  lambda data: b"\0" not in data
)


WORDS = st.lists(
  WORD.map(lambda data: data.decode("utf-8", "surrogateescape")), max_size=5, unique=True
)


@settings(max_examples=60, deadline=None)
@given(
  words=WORDS,
  cut=st.integers(0, 5),
  seed=st.integers(0, 2**32 - 1),
  loss=st.sampled_from(fasttext_format.LOSSES),
  kind=st.sampled_from(fasttext_format.MODELS),
  dim=st.integers(1, 3),
  buckets=st.integers(0, 3),
)
@example(words=[], cut=0, seed=0, loss="hs", kind="supervised", dim=1, buckets=0)
@example(
  words=["\udcff", "", "日", " \n"], cut=2, seed=1, loss="ns", kind="supervised", dim=2, buckets=1
)
def test_what_is_saved_loads_bit_for_bit(words, cut, seed, loss, kind, dim, buckets):
  words, labels = words[cut:], words[:cut]
  rng = np.random.default_rng(seed)
  args = fasttext.Args(dim, *rng.integers(0, 2**31 - 1, 4), 2, loss, kind, buckets, 0, 100, 7, 0.25)
  outputs = labels if kind == "supervised" else words
  counts = rng.integers(0, 10**15, len(words) + len(labels))
  model = fasttext.Model(
    args,
    words,
    counts[: len(words)],
    labels,
    counts[len(words) :],
    int(rng.integers(0, 2**62)),
    None,
    rng.normal(size=(len(words) + buckets, dim)),
    rng.normal(size=(len(outputs), dim)),
  )
  with tempfile.TemporaryDirectory() as folder:
    fasttext.save(model, pathlib.Path(folder) / "m.bin")
    expect_same(fasttext.load(pathlib.Path(folder) / "m.bin"), model)


def test_the_bytes_of_a_file(tiny, tmp_path):
  model = tiny(words=("é",), labels=("__label__a",), dim=1, bucket=0, maxn=0, t=0.5)
  fasttext.save(model, tmp_path / "m.bin")
  expected = struct.pack("<2i12id", 793712314, 12, 1, 5, 5, 5, 5, 2, 3, 3, 0, 2, 0, 100, 0.5)
  expected += struct.pack("<3i2q", 2, 1, 1, 150, -1)
  expected += b"\xc3\xa9\0" + struct.pack("<qb", 10, 0) + b"__label__a\0" + struct.pack("<qb", 9, 1)
  expected += (
    b"\0" + struct.pack("<2qf", 1, 1, 0) + b"\0" + struct.pack("<2qf", 1, 1, 4 * np.sin(1))
  )
  assert (tmp_path / "m.bin").read_bytes() == expected


def test_version_11_classifiers_have_no_pieces(tiny, tmp_path, dense):
  for data, maxn in [(dense, 3), (dense[:4] + b"\x0b" + dense[5:], 0)]:
    (tmp_path / "m").write_bytes(data)
    assert fasttext.load(tmp_path / "m").args.maxn == maxn
  fasttext.save(tiny("cbow"), tmp_path / "m")
  (tmp_path / "m").write_bytes(
    (tmp_path / "m").read_bytes().replace(b"\x0c\0\0\0", b"\x0b\0\0\0", 1)
  )
  assert fasttext.load(tmp_path / "m").args.maxn == 3


def test_files_from_before_the_magic_number(tiny, tmp_path, dense):
  for kind, maxn in (("cbow", 3), ("supervised", 0)):
    model = tiny(kind)
    fasttext.save(model, tmp_path / "m")
    data = old((tmp_path / "m").read_bytes(), model)
    (tmp_path / "m").write_bytes(data)
    loaded = fasttext.load(tmp_path / "m")
    assert loaded.args == model.args._replace(maxn=maxn)
    parts = {name: getattr(model, name) for name in fasttext_format.Contents._fields}
    expect_same(loaded, fasttext.Model(**{**parts, "args": loaded.args}))
    assert f"byte {len(data)}: found 1 bytes more" in error(tmp_path / "m", data + b"a")
    for size in range(1, len(data), 7):
      assert error(tmp_path / "m", data[:size]).startswith("FILE: byte ")


def test_only_what_makes_sense_as_a_model_is_recognised(tiny, dense):
  data = old(dense, tiny())
  assert fasttext_format.is_fasttext_model(dense) and fasttext_format.is_fasttext_model(data)
  for position, form, value in [
    (0, "<i", 0),
    (24, "<i", 5),
    (28, "<i", 4),
    (48, "<d", np.nan),
    (56, "<i", 8),
    (68, "<q", -1),
  ]:
    changed = bytearray(data)
    struct.pack_into(form, changed, position, value)
    assert not fasttext_format.is_fasttext_model(bytes(changed)), position
  assert not fasttext_format.is_fasttext_model(data[:70])
  for text in (
    b"the 0.1 0.2\n" * 9,
    b"3 4\n" + bytes(100),
    "the 0.1\n".encode("utf-32") * 9,
    bytes(200),
  ):
    assert not fasttext_format.is_fasttext_model(text)


def test_what_cannot_be_written_is_refused_and_leaves_no_file(tiny, tmp_path):
  for model, message in [
    (tiny(words=("a\0b",)), "cannot hold the word 'a.x00b': it has a null"),
    (tiny(words=("\ud800",)), "cannot be written as UTF-8"),
    (tiny(prune=np.int32([[1, 0]])), "pruned, which only a quantized file can say"),
  ]:
    with pytest.raises(InputError, match=message):
      fasttext.save(model, tmp_path / "m.bin")
  assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(
  "position, form, value, message",
  [
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
    (
      HEAD,
      "<i",
      10,
      "byte 64: found 10 entries, 5 words, 4 labels, 150 tokens, -1 pruned n-grams, expected",
    ),
    (
      HEAD,
      "<3i",
      (2**31 - 1, 2**31 - 5, 4),
      "byte 92: found 821 bytes more, expected 21,474,836,470 of 2,147,483,647",
    ),
    (HEAD, "<3i", (3, 4, -1), "3 entries, 4 words, -1 labels"),
    (HEAD + 4, "<2i", (4, 5), "of kind 0 with count 10, expected kind 1"),
    (HEAD + 12, "<q", -1, "-1 tokens"),
    (HEAD + 20, "<q", -2, "-2 pruned n-grams"),
    (HEAD + 20, "<q", 0, "pruned n-grams and a dense matrix, expected a quantized one"),
    (HEAD + 20, "<q", 2**60, f"expected {2**63:,} of kept n-grams: is the file truncated?"),
    (SIZES + 5, "<q", -5, "byte 92: found '</s>' of kind 0 with count -5"),
    (SIZES + 5, "<q", 10**15, "count 1,000,000,000,000,000, expected kind 0"),
    (SIZES + 13, "<b", 1, "byte 92: found '</s>' of kind 1"),
  ],
)
def test_a_bad_header_is_named_by_byte(tmp_path, dense, position, form, value, message):
  data = bytearray(dense)
  struct.pack_into(form, data, position, *(value if isinstance(value, tuple) else (value,)))
  assert message in error(tmp_path / "m", bytes(data))


def test_wherever_a_file_is_cut_it_is_refused(tiny, tmp_path, dense):
  compressed, _ = quantized(tiny(prune=np.int32([[3, 0], [4, 1]])), normed=True)
  for data in (dense, compressed):
    for size in range(1, len(data), 7):
      message = error(tmp_path / "m", data[:size])
      assert message.startswith("FILE: byte "), message


def test_whatever_bytes_change_it_loads_or_is_refused_without_much_memory(tiny, tmp_path, dense):
  compressed, _ = quantized(tiny(prune=np.int32([[3, 0], [4, 1]])), normed=True)
  # 4 bytes each; two in a row make 2^60 and the like
  numbers = [0, 1, 2, 255, 2**31 - 1, 2**31, 2**32 - 1]
  rng = np.random.default_rng(0)
  outcomes = {True: 0, False: 0}
  tracemalloc.start()
  for data in (dense, compressed):
    for _ in range(600):
      changed = bytearray(data)
      for position in rng.integers(0, min(len(data), SIZES + 200) - 8, rng.integers(1, 4)):
        struct.pack_into("<2I", changed, position, *rng.choice(numbers, 2).tolist())
      (tmp_path / "m").write_bytes(changed)
      try:
        model = fasttext.load(tmp_path / "m")
        fasttext.word_vectors(model)
        outcomes[True] += 1
      except InputError as refusal:
        assert "\n" not in str(refusal)
        outcomes[False] += 1
  _, peak = tracemalloc.get_traced_memory()
  tracemalloc.stop()
  assert peak < 4 << 20 and min(outcomes.values()) > 20, (peak, outcomes)
