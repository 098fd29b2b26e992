"""Columns of a line, whatever separates them."""

import pytest

from glove_jax.data.labelled.column_splitters import SPLITTERS


@pytest.mark.parametrize("line, columns", [
  ("a b O", ["a", "b", "O"]),
  (" a  b\tO \r", ["a", "b", "O"]),
  ("a\u3000b O", ["a\u3000b", "O"]),
  ("\u3000 O", ["\u3000", "O"]),
  ("\x1c O", ["\x1c", "O"]),
  ("", [""]),
])  # fmt: skip
def test_spaces(line, columns):
  assert SPLITTERS["space"](line) == columns
