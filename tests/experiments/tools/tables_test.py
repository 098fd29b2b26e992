"""Numbers as tables print them."""

from tools import tables


def test_a_spread_is_the_mean_the_lowest_and_the_highest():
  assert tables.format_spread([0.5, 0.75, 0.25]) == "0.500 (0.250 to 0.750)"


def test_no_number_is_a_dash():
  assert tables.format_optional(None, ".2f") == "-"
  assert tables.format_optional(0.0, ".2f") == "0.00"
