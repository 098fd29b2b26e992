"""Tokens of raw text, with punctuation split off, and where they stand."""

import itertools
import time

import pytest

from glove_jax.data.text import token_offsets


def tokens(text):
  offsets = token_offsets.split(text)
  assert all(start < end for start, end in offsets)
  assert all(before[1] <= after[0] for before, after in itertools.pairwise(offsets))
  parts = [text[start:end] for start, end in offsets]
  assert "".join(parts) == "".join(text.split())  # nothing is lost
  return parts


@pytest.mark.parametrize(
  ("text", "expected"),
  [
    ("Angela Merkel lives in Berlin.", "Angela Merkel lives in Berlin ."),
    ('"Why?" asked (Dr. Who), twice...', '" Why ? " asked ( Dr. Who ) , twice ...'),
    ("The U.S. and J. R. Smith's dog", "The U.S. and J. R. Smith 's dog"),
    ("I don't pay $1,000.50 or 3%!", "I don't pay $ 1,000.50 or 3% !"),
    ("@user likes #BestSong https://a.example/b?c=1, ok", None),
    ("mail bob@a.example; now", "mail bob@a.example ; now"),
    ("well-known AT&T and/or Jean-Luc", "well-known AT&T and/or Jean-Luc"),
    ("“Größe” d’Artagnan — 10:30", "“ Größe ” d’Artagnan — 10:30"),
    ("vitamin C. Plan B.", "vitamin C. Plan B ."),
    ("我在 Berlin住", "我 在 Berlin 住"),
    ("हिन्दी में।", "हिन्दी में ।"),
    ("می‌روم به", "می‌روم به"),
    ("", ""),
    (" \t ", ""),
  ],
)
def test_words_are_parted_from_punctuation(text, expected):
  if expected is None:
    expected = "@user likes #BestSong https://a.example/b?c=1 , ok"
  assert tokens(text) == expected.split(" ") if expected else tokens(text) == []


def test_texts_that_are_tokenized_stay_as_they_are():
  text = "Germany 's EU envoy , Mr. Zwingmann , said \" no \" ( again ) ."
  assert tokens(text) == text.split()


@pytest.mark.parametrize("piece", [".", "a.", "'", "a'", "1,", "a@", "www.)", "a-", "1"])
def test_long_pieces_take_linear_time(piece):
  start = time.process_time()
  assert tokens("http://" + piece * 5_000)
  assert tokens(piece * 20_000)
  assert time.process_time() - start < 3


def test_offsets_of_other_tokenizers():
  tokens, offsets = token_offsets.align("a  bb a", str.split)
  assert tokens == ["a", "bb", "a"] and offsets == [(0, 1), (3, 5), (6, 7)]
  assert token_offsets.align("", str.split) == ([], [])


def test_a_token_that_is_written_otherwise_has_the_offsets_of_its_piece():
  tokens, offsets = token_offsets.align("a B-c\tB a ", lambda text: text.lower().split())
  assert tokens == ["a", "b-c", "b", "a"]
  assert offsets == [(0, 1), (2, 5), (6, 7), (8, 9)]
