"""Columns are found by setting, by usual names, and by values that repeat as labels do."""

import pytest

from glove_jax.data.labelled import columns
from glove_jax.data.labelled.columns import Columns
from glove_jax.errors import InputError


@pytest.mark.parametrize(
  ("names", "expected"),
  [
    (["label", "text"], Columns(0, (1,))),
    (["id", "Review", "Sentiment"], Columns(2, (1,))),
    (["label", "anything"], Columns(0, (1,))),
    (["anything", "text"], Columns(0, (1,))),
    (["", "anything", "label"], Columns(2, (1,))),
    (["label_text", "text", "label", "category"], Columns(2, (1,))),
    (["premise", "hypothesis", "label"], Columns(2, (0, 1))),
    (["文本", "标签"], Columns(1, (0,))),
  ],
)
def test_usual_names(names, expected):
  assert columns.by_name(names, "x:1") == expected


@pytest.mark.parametrize("names", [["text", "title"], ["a", "b", "c"], ["label", "a", "b"], ["a"]])
def test_names_that_leave_a_choice(names):
  with pytest.raises(InputError, match=f"x:1: found the columns 0: '{names[0]}'"):
    columns.by_name(names, "x:1")


def test_a_name_comes_before_a_number():
  assert columns.find(["1", "0"], "0", "x") == 1
  assert columns.find(["a", "b"], "-1", "x") == 1
  with pytest.raises(InputError, match="found several columns 'a' among 0: 'a', 1: 'a'"):
    columns.find(["a", "a"], "a", "x")


@pytest.mark.parametrize(
  ("values", "expected"),
  [
    (["pos", "neg"] * 5, True),
    (["pos", "neg"] * 5 + ["rare"], True),
    (["pos", "neg", "rare"], False),
    (["1", "2"], True),
    ([str(number) for number in range(10)], False),  # numbers of rows
    ([f"a text {number}" for number in range(10)], False),
    (["The", "The", "In", "A", "It", "The", "When", "She", "He", "Once"], False),
    (["x" * 200, "y" * 200] * 5, False),
    ([], False),
    (["", ""], False),
  ],
)
def test_values_that_look_like_labels(values, expected):
  assert columns.look_like_labels(values) == expected
