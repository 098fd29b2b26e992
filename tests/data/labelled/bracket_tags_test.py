"""Brackets become spans; those that do not match are named."""

import pytest

from glove_jax.data.labelled import bracket_tags
from glove_jax.errors import InputError


def spans(values):
  return bracket_tags.spans("x", [(i + 1, "word", value) for i, value in enumerate(values)])


def test_spans_of_one_token_and_of_several():
  assert spans(["(A*", "*", "*)", "(B)", "*", "(C*)"]) == [(0, 3, "A"), (3, 4, "B"), (5, 6, "C")]


def test_of_nested_spans_the_outermost_counts():
  assert spans(["(A(B*)", "(C)", "*)", "(D(E)", "*)"]) == [(0, 3, "A"), (3, 5, "D")]


@pytest.mark.parametrize(
  ("values", "message"),
  [
    (["*", "*)"], "x:2: '.*' closes no bracket"),
    (["*", "(A*", "*"], "x:2: the bracket .'A' stays open"),
    (["*", "A"], "x:2: 'A' is no tag"),
    (["*", ""], "x:2: '' is no tag"),
  ],
)
def test_brackets_that_do_not_match(values, message):
  with pytest.raises(InputError, match=message):
    spans(values)


def test_what_brackets_look_like():
  assert bracket_tags.are_brackets(["*", "(A*", "*)"])
  assert bracket_tags.are_brackets(["(A)"])
  assert not bracket_tags.are_brackets(["*", "O"])
  assert not bracket_tags.are_brackets(["O", "B-A"])
