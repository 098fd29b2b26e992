"""Tables of confused classes."""

import pytest

from tools.report import confusion

COUNTS = {"a": {"a": 3, "b": 1}, "c": {"b": 2}}


def test_counts_of_runs_are_added():
  assert confusion.add([COUNTS, {"a": {"b": 4}, "d": {"d": 1}}]) == {
    "a": {"a": 3, "b": 5}, "c": {"b": 2}, "d": {"d": 1},
  }  # fmt: skip
  assert COUNTS["a"]["b"] == 1


def test_a_table_has_all_classes_on_both_sides():
  table = confusion.table(COUNTS)
  assert table.classes == ["a", "b", "c"]
  assert table.counts == [[3, 1, 0], [0, 0, 0], [0, 2, 0]]
  assert table.shares == [[0.75, 0.25, 0], [0, 0, 0], [0, 1, 0]]
  assert (table.num_correct, table.size) == (3, 6)


def test_the_most_frequent_pairs_come_first():
  assert confusion.confused_pairs(COUNTS) == [("c", "b", 2), ("a", "b", 1)]


@pytest.mark.parametrize("value", [None, {}, [], {"a": 1}, {"a": {"b": "1"}}, {"a": {"b": -1}}])
def test_other_values_are_no_counts(value):
  assert not confusion.is_counts(value)
  assert confusion.is_counts(COUNTS)
