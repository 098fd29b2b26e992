"""What Spark's workers count, however the text is divided, is what the local engine counts."""

import itertools
import types
from collections import Counter

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from spark_tools import write_texts

from glove_jax.data import external_sort
from glove_jax.data.counts import pair_counting, partial_counts
from glove_jax.data.counts.pair_counting import Window
from glove_jax.data.spark import workers
from glove_jax.data.text import corpus, decoding, word_tokenizers
from glove_jax.errors import InputError

pyarrow = pytest.importorskip("pyarrow", reason="needs the extra spark")

FORMAT = workers.TextFormat(
  source="text", is_whole=False, encoding="utf-8", errors="strict", tokenizer="words",
  lowercase=None,
)
INDEX = {word: i for i, word in enumerate(["a", "b", "c", "don't"])}
LINES = st.lists(st.text("abcé' \r", max_size=12), max_size=20)
WINDOWS = st.builds(Window, st.integers(1, 9), st.booleans(), st.sampled_from(["inverse", "flat"]))


def make_batches(lines, size):
  """Returns lines as record batches of `size` rows."""
  return [
    pyarrow.RecordBatch.from_arrays(
      [pyarrow.array([line.encode() for line in lines[start : start + size]], pyarrow.binary())],
      names=["value"],
    )
    for start in range(0, len(lines), size)
  ]


def sum_words(batches, text_format=FORMAT):
  counter = Counter()
  for batch in workers.count_words(batches, text_format=text_format):
    for word, count in zip(*(column.to_pylist() for column in batch.columns), strict=True):
      counter[word] += count
  return counter


def sum_pairs(partitions, window, block_size):
  """Returns the sums of (keys, sums) of all partitions, as Spark adds them up."""
  keys, sums = [np.zeros(0, np.int64)], [np.zeros(0, np.int64)]
  for batches in partitions:
    results = workers.count_pairs(
      batches,
      text_format=FORMAT,
      index=types.SimpleNamespace(value=INDEX),
      counter=pair_counting.pair_counter(window, len(INDEX)),
      block_size=block_size,
    )
    for batch in results:
      row, col, part = (column.to_numpy() for column in batch.columns)
      keys.append(row.astype(np.int64) * len(INDEX) + col)
      sums.append(part)
  return external_sort.sum_by_key(np.concatenate(keys), np.concatenate(sums))


@settings(max_examples=30, deadline=None)
@given(LINES, WINDOWS, st.integers(1, 6), st.integers(0, 20), st.integers(1, 9))
def test_pairs_of_any_partitions_are_those_of_the_file(
  tmp_path_factory, lines, window, size, cut, block_size
):
  text = "\n".join(lines)
  # Files where "\r" ends lines are not divided between "\n".
  assume(not decoding.has_cr_line_ends(text.replace("\r\n", "\n")))
  folder = tmp_path_factory.mktemp("text")
  (folder / "text.txt").write_bytes(text.encode())
  ids = corpus.encode([folder / "text.txt"], INDEX, word_tokenizers.make("words"))
  part = partial_counts.count(ids, folder / "part", vocab_size=len(INDEX), window=window)
  partitions = [make_batches(lines[:cut], size), make_batches(lines[cut:], size)]
  keys, sums = sum_pairs(partitions, window, block_size)
  np.testing.assert_array_equal(keys % len(INDEX), np.fromfile(part.folder / "cols", np.int32))
  np.testing.assert_array_equal(sums, np.fromfile(part.folder / "sums", np.uint32))


def test_words_are_those_of_the_file(tmp_path, monkeypatch):
  monkeypatch.setattr(workers, "_MOST_WORDS", 3)
  lines = ["Don't a b", "", "b  A\r", "x y z é \x00".replace("\x00", "")] * 5
  expected = Counter("\n".join(lines).lower().split())
  assert sum_words(make_batches(lines, 2)) == expected


def test_empty_rows_and_missing_texts_are_passed_over():
  column = pyarrow.array([b"a", None, b"b"], pyarrow.binary())
  empty = pyarrow.array([None], pyarrow.binary())
  batches = []
  for values in (column, empty):
    batches.append(pyarrow.RecordBatch.from_arrays([values], names=["value"]))
  assert sum_words(batches) == {"a": 1, "b": 1}
  assert sum_words([]) == {}


def test_whole_files_are_read_as_by_the_local_engine(tmp_path):
  paths = write_texts(tmp_path / "texts")
  batch = pyarrow.RecordBatch.from_arrays(
    [
      pyarrow.array(list(map(str, paths))),
      pyarrow.array([path.read_bytes() for path in paths], pyarrow.binary()),
    ],
    names=["path", "content"],
  )
  text_format = FORMAT._replace(is_whole=True)
  local = itertools.chain(*corpus.read_tokens(paths, word_tokenizers.make("words")))
  assert list(itertools.chain(*workers._tokens([batch], text_format))) == list(local)
  assert sum_words([batch], text_format)["w0"] > 0


@pytest.mark.parametrize(
  ("line", "message"),
  [
    (b"caf\xe9 noir", r"text: 'utf-8' codec can't decode byte 0xe9 .* line that begins b'caf\\xe9"),
    (b"a\0b", r"text: a zero byte in the line that begins b'a\\x00b'"),
  ],
)
def test_a_line_that_cannot_be_decoded_is_shown(line, message):
  column = pyarrow.array([b"good", line], pyarrow.binary())
  batches = [pyarrow.RecordBatch.from_arrays([column], names=["value"])]
  with pytest.raises(InputError, match=message):
    sum_words(batches)
  sum_words(batches, FORMAT._replace(errors="replace"))


def test_other_encodings_are_decoded():
  column = pyarrow.array(["café".encode("cp1252")], pyarrow.binary())
  batches = [pyarrow.RecordBatch.from_arrays([column], names=["value"])]
  assert sum_words(batches, FORMAT._replace(encoding="cp1252")) == {"café": 1}
