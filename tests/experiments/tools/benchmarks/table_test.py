"""The table of a benchmark: its rows and how they are printed."""

from tools.benchmarks import table
from tools.measure import Measurement

OURS = Measurement(2.0, 3.0, 0.5, scores={"a": 0.25, "b": 0.5}, stages={"training": 1.0})
PEER = Measurement(4.0, 8.0, 0.25, scores={"a": 0.125}, extrapolated=True)


def test_a_row_has_both_numbers_and_their_ratio():
  row = table.make_row("work", 2.0, 8.0, unit="s", name="peer")
  assert row == {
    "work": "work", "ours": 2.0, "peer": 8.0, "ratio": 0.25, "unit": "s", "name": "peer"}
  alone = table.make_row("work", 2.0, None, unit="s")
  assert alone["peer"] is alone["ratio"] is None and alone["name"] == ""


def test_details_are_those_of_ours_and_of_the_peer():
  row = table.details(OURS, PEER)
  assert (row["cpu"], row["peer_cpu"]) == (3.0, 8.0)
  assert (row["peak_gb"], row["peer_peak_gb"]) == (0.5, 0.25)
  assert row["scores"] == {"a": 0.25, "b": 0.5} and row["peer_scores"] == {"a": 0.125}
  assert row["extrapolated"] is True
  assert "peer_cpu" not in table.details(OURS, None)


def test_rows_are_printed_below_one_heading(capfd):
  rows = table.Table("  more")
  first = table.make_row("counting", 2.0, 8.0, unit="s", name="stanford")
  rows.add(first | table.details(OURS, PEER))
  rows.add(table.make_row("reading", 3.0, None, unit="s"))
  rows.add(table.make_row("gpt", 9.0, 3.0, unit="tokens/s") | {"difference": 0.00123})
  size = {"nonzeros": 2_500_000, "half_sweep": 1.5}
  rows.add(table.make_row("1.0 M tokens", 9.0, None, unit="s") | size)
  heading, *lines = capfd.readouterr().out.splitlines()
  assert heading.endswith("  more") and len(lines) == len(rows.rows) == 4
  assert lines[0].split() == [
    "counting", "stanford", "2.00", "8.00", "s", "0.250", "3", "0.50", "0.250", "/", "0.500",
    "0.125"]
  assert lines[1].split() == ["reading", "3.00", "-", "s", "-", "-", "-"]
  assert lines[2].endswith("0.00123")
  assert lines[3].split()[-3:] == ["2.5", "M", "1.50"]
