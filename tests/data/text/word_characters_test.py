"""Characters inside words: joiners between letters, invisible ones, marks without end."""

import time
import unicodedata

import pytest

from glove_jax.data.text import word_characters


def test_distinct_characters_beyond_ascii():
  assert word_characters.distinct("plain text") == []
  assert word_characters.distinct("café é 中") == ["é", "中"]


@pytest.mark.parametrize(
  "text, kept",
  [
    ("don't stop!\n3 cafés", "don't stop \n3 cafés"), ("co\u00adoperate", "cooperate"),
    ("a\u200bb", "a b"), ("a–b", "a b"),
  ],
)
def test_letters_are_kept_and_invisible_characters_part_no_word(text, kept):
  assert word_characters.keep_letters(text, word_characters.distinct(text)) == kept


def test_joiners_stay_between_letters_alone():
  text = "\u200cمی\u200c\u200cخواهم\u200c a"
  inner = word_characters.inner_characters(word_characters.distinct(text))
  assert inner == "\u200c"
  assert word_characters.without_loose_joiners(text, inner) == "می\u200cخواهم a"


def test_a_run_of_marks_without_end_is_normalized_in_linear_time():
  assert word_characters.normalize("NFC", "e\u0301") == "é"
  text = "e" + "\u0301\u0323" * 100_000
  start = time.monotonic()
  normal = word_characters.normalize("NFC", text)
  assert time.monotonic() - start < 5
  assert normal == unicodedata.normalize("NFC", text[:31])
