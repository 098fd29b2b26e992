import importlib.util
import itertools

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from glove_jax.data import ngrams


def decode(data: bytes) -> str:
  return data.decode("utf-8", "surrogateescape")


WORD = st.text(max_size=8) | st.binary(max_size=8).map(decode)


@pytest.mark.parametrize("data, value", [
  (b"", 0x811C9DC5),
  (b"a", 0xE40C292C),  # these two are published values of the hash
  (b"foobar", 0xBF9CF968),
  # Not standard FNV-1a: here, as in gensim, bytes from 0x80 are negative.
  ("é".encode(), 1023043777),
  ("日本語".encode(), 308035559),
])
def test_the_hash_of_some_bytes(data, value):
  assert ngrams.fnv1a(data) == value


@given(st.lists(WORD))
def test_words_are_hashed_together_as_one_by_one(words):
  expected = [ngrams.fnv1a(ngrams.encode(word)) for word in words]
  assert ngrams.hash_words(words).tolist() == expected


def test_the_ngrams_of_a_word():
  # The example of Bojanowski et al. 2017, sec. 3.2.
  assert ngrams.ngrams("where", 3, 3) == ["<wh", "whe", "her", "ere", "re>"]
  assert ngrams.ngrams("né", 1, 3) == ["<n", "<né", "n", "né", "né>", "é", "é>"]
  assert ngrams.ngrams("", 1, 5) == ["<>"]
  assert ngrams.ngrams("a", 4, 6) == ngrams.ngrams("a", 3, 0) == ngrams.ngrams("</s>", 1, 6) == []
  assert ngrams.ngrams("a", -1, 9) == ["<a", "<a>", "a", "a>"]


def test_bytes_that_are_no_utf8_join_the_character_before_them():
  word = decode(b"\x80a\xe9")  # a continuation byte, a letter, the start of three bytes
  encoded = [ngrams.encode(ngram) for ngram in ngrams.ngrams(word, 1, 2)]
  assert encoded == [b"<\x80a", b"a", b"a\xe9", b"\xe9", b"\xe9>"]


def test_ids_are_hashes_modulo_the_buckets():
  expected = [ngrams.fnv1a("<né".encode()) % 1000, ngrams.fnv1a("né>".encode()) % 1000]
  assert ngrams.ids("né", 3, 3, 1000).tolist() == expected
  assert ngrams.ids("né", 3, 3, 1000).dtype == np.int32
  assert len(ngrams.ids("né", 1, 3, 0)) == len(ngrams.table(["né"], 1, 3, 0)[1]) == 0


@settings(max_examples=200, deadline=None)
@given(
  words=st.lists(WORD, max_size=6),
  min_n=st.integers(-1, 5),
  max_n=st.integers(0, 7),
  buckets=st.integers(0, 2**31 - 1),
  block=st.integers(1, 3),
)
@example(
  words=["", "</s>", "é日😀a", "\udcff\udc80\udc80", "<", "\0\n"],
  min_n=1,
  max_n=4,
  buckets=2**31 - 1,
  block=9,
)
def test_the_table_equals_the_plain_function(words, min_n, max_n, buckets, block):
  with pytest.MonkeyPatch.context() as patch:
    patch.setattr(ngrams, "_BLOCK", block)
    indptr, ids = ngrams.table(words, min_n, max_n, buckets)
  expected = [ngrams.ids(word, min_n, max_n, buckets).tolist() for word in words]
  assert [ids[start:stop].tolist() for start, stop in itertools.pairwise(indptr)] == expected
  assert indptr.dtype == np.int64 and ids.dtype == np.int32 and indptr[-1] == len(ids)


@settings(max_examples=100, deadline=None)
@given(
  hashes=st.lists(st.integers(0, 2**32 - 1), max_size=7),
  n=st.integers(-1, 9),
  buckets=st.integers(1, 2**31 - 1),
)
@example(hashes=[2**31, 2**32 - 1, 1], n=3, buckets=7)
def test_runs_of_words_hash_as_signed_numbers_of_64_bits(hashes, n, buckets):
  signed = [value - 2**32 if value >= 2**31 else value for value in hashes]
  expected = []
  for start, value in enumerate(signed):
    for other in signed[start + 1 : start + max(n, 1)]:
      value = (value * 116049371 + other) % 2**64
      expected.append(value % buckets)
  ids = ngrams.word_ngram_ids(hashes, n, buckets)
  assert ids.tolist() == expected
  assert ids.dtype == np.int32
  assert not len(ngrams.word_ngram_ids(hashes, n, 0))


@pytest.mark.skipif(not importlib.util.find_spec("gensim"), reason="needs gensim")
def test_gensim_cuts_and_hashes_alike():
  from gensim.models.fasttext_inner import compute_ngrams_bytes, ft_hash_bytes
  for word in ["where", "né", "日本語", "Преступление", "😀", "a"]:
    for min_n, max_n in [(2, 4), (3, 6)]:  # not 1: gensim keeps the unigrams < and >
      encoded = compute_ngrams_bytes(word, min_n, max_n)
      expected = [ft_hash_bytes(ngram) % 1000 for ngram in encoded]
      assert ngrams.ids(word, min_n, max_n, 1000).tolist() == expected


@pytest.mark.parametrize(("num_ngrams", "buckets"), [
  (0, 1), (1, 4), (3, 16), (100, 512), (170, 512), (171, 1024), (300_000, 2**20),
  (700_000, 2_000_000), (10**9, 2_000_000)])
def test_buckets_follow_the_number_of_ngrams(num_ngrams, buckets):
  assert ngrams.suitable_buckets(num_ngrams) == buckets


def test_distinct_ngrams_are_counted_once(monkeypatch):
  words = ["where", "here", "日本", "where", "</s>"]
  distinct = {ngram for word in words for ngram in ngrams.ngrams(word, 3, 6)}
  monkeypatch.setattr(ngrams, "_BLOCK", 2)
  assert ngrams.count_distinct(words, 3, 6) == len(distinct)
  monkeypatch.setattr(ngrams, "MAX_BUCKETS", 4)
  assert ngrams.count_distinct(words, 3, 6) == 4


def test_distinct_hashes_are_those_of_a_set():
  hashes = np.array([7, 0, 2**31 - 2, 7, 0, 3], np.int32)
  assert ngrams.distinct_hashes(hashes).tolist() == [0, 3, 7, 2**31 - 2]
  assert ngrams.distinct_hashes(hashes[:0]).tolist() == []
