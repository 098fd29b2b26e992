"""Which words are refused, and which are left out."""

import exported_vectors
import pytest

from glove_jax.errors import InputError
from glove_jax.exports import word_checks

CASES = [
  ("NO_SPACES", ["", " ", "new york", "a\tb", "a\rb"]),
  ("NO_COLUMNS", ["", " ", "a\tb", "a\rb", "\u3000"]),
  ("NO_NULLS", ["", "a\0b", "c\0"]),
  ("NO_LAST_NULL", ["c\0"]),
  ("NOT_EMPTY", [""]),
  ("ANY_TEXT", []),
]


@pytest.mark.parametrize(("rule", "expected"), CASES)
def test_words_that_a_format_cannot_hold(rule, expected):
  rule = getattr(word_checks, rule)
  table = exported_vectors.table(exported_vectors.ODD_WORDS)
  kept = word_checks.check(table, rule, "f", skip=True)
  assert [word for word in table.words if word not in kept.words] == expected
  if expected:
    assert f"left out {len(expected)} of 12 words" in kept.notes[0]
    with pytest.raises(InputError, match=r"which f cannot hold; skip_words=True"):
      word_checks.check(table, rule, "f")


def test_no_copy_is_made_where_all_words_are_held():
  table = exported_vectors.table()
  assert word_checks.check(table, word_checks.NO_SPACES, "f").vectors is table.vectors


def test_lone_surrogates_and_tables_without_words_are_refused():
  table = exported_vectors.table(["a", "\udc80"])
  with pytest.raises(InputError, match="is not valid Unicode"):
    word_checks.check(table, word_checks.ANY_TEXT, "f")
  with pytest.raises(InputError, match="No word is left to export to f"):
    word_checks.check(exported_vectors.table([""]), word_checks.NOT_EMPTY, "f", skip=True)
