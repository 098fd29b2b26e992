"""Exports are timed beside plain writes of as many bytes."""

from tools.benchmarks import exports


def test_words_are_different():
  words = [exports._word(number) for number in range(2000)]
  assert len(set(words)) == 2000 and words[0] == "e"


def test_a_row_for_each_format(tmp_path, capsys):
  rows = exports.measure(
    tmp_path, formats=["npz", "projector"], num_words=60, dims=[5], repeats=1)
  assert [row["work"] for row in rows] == ["npz, 60 x 5", "projector, 60 x 5"]
  assert all(row["peer"] > 0 and row["cpu"] > 0 and row["megabytes"] > 0 for row in rows)
  assert rows[0]["name"] == "disk" and "projector, 60 x 5" in capsys.readouterr().out
  assert [path.name for path in tmp_path.iterdir() if path.name.startswith("e")] == []
