"""Rows of tables: labels, pairs of texts, tabs within texts, and rows of other widths."""

import pytest

from glove_jax.data.labelled import table_texts
from glove_jax.data.labelled.layouts import Layout
from glove_jax.errors import InputError

PAIRS = Layout("csv", ",", "double", True, label="c", texts=("a", "b"), width=3, indices=(2, 0, 1))
LINES = ["a,b,c", "one,two,x", '"t\ta, b",,x', "three,four,y"]


def test_texts_of_a_pair_are_joined_by_a_tab_and_labels_are_shared():
  rows = list(table_texts.parse("file", LINES, PAIRS))
  assert rows == [
    (2, "one\ttwo", ("x",)), (3, "t a, b", ("x",)), (4, "three\tfour", ("y",))
  ]
  assert rows[0][2] is rows[1][2]


@pytest.mark.parametrize(
  "line, message",
  [
    ("one,two", "file:2: found 2 fields, expected 3 as in the first line."),
    ("one,two,x,more", "file:2: found 4 fields, expected 3 as in the first line."),
    ("one,two, ", "file:2: found no label, expected one in column c."),
  ],
)
def test_rows_that_do_not_fit_are_named(line, message):
  with pytest.raises(InputError) as caught:
    list(table_texts.parse("file", [LINES[0], line], PAIRS))
  assert str(caught.value) == message


def test_empty_fields_at_the_end_do_not_count():
  rows = list(table_texts.parse("file", [LINES[0], "one,two,x,,"], PAIRS))
  assert rows == [(2, "one\ttwo", ("x",))]


def test_texts_alone_may_have_fewer_columns():
  layout = PAIRS._replace(indices=(0,))
  texts = table_texts.read_texts("file", ["a", "one", "two"], layout)
  assert list(texts) == [(2, "one"), (3, "two")]
