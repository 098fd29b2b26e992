"""How fields are quoted is told from the lines; rows keep the number of their first line."""

import pytest

from glove_jax.data.labelled import tables
from glove_jax.data.labelled.tables import Dialect
from glove_jax.errors import InputError


@pytest.mark.parametrize(
  ("lines", "delimiter", "quoting"),
  [
    (["a,b"], ",", "none"),
    (['a,"b, c"'], ",", "doubled"),
    (['a,"b ""c"""'], ",", "doubled"),
    (['a,"b \\"c\\", d"'], ",", "backslash"),
    (['a\t"so, so', "b\tc"], "\t", "none"),
    (['a\t"good" film', "b\tc"], "\t", "none"),
    (['a\t"b', 'c"', "d\te"], "\t", "doubled"),
    (['a\t"b\tc"', "d\te"], "\t", "doubled"),
  ],
)
def test_quoting(lines, delimiter, quoting):
  assert tables.detect_dialect(lines, delimiter) == Dialect(delimiter, quoting)


@pytest.mark.parametrize(
  ("lines", "number"),
  [
    (['a\t"b"', "c\td", 'e\t"f'], 3),
    (['"a\tb', 'c\t"d ""e"""'], 1),
    (['a\t"b"', "c\td"], None),
    (['a\t"so, so', "c\td"], None),
    (["a\tb"], None),
  ],
)
def test_a_quote_that_is_not_closed(lines, number):
  assert tables.open_quote(lines, "\t") == number


def test_rows_that_span_lines():
  lines = ["a,b", "", 'c,"d', "", 'e"', ",,", "f,g"]
  rows = list(tables.read_rows("x", lines, Dialect(",")))
  assert rows == [(1, ["a", "b"]), (3, ["c", "d\n\ne"]), (7, ["f", "g"])]


def test_an_open_quote_is_named_where_it_begins():
  with pytest.raises(InputError, match="x:2: unexpected end of data, expected fields separated by"):
    list(tables.read_rows("x", ["a,b", 'c,"d', "e,f"], Dialect(",")))
