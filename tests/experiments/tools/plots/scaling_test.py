"""Time and memory by tokens, and time by dimension."""

from tools.plots import scaling


def lines(axis):
  return [(list(line.get_xdata()), list(line.get_ydata())) for line in axis.lines]


def test_scaling_is_by_tokens_at_one_dimension_and_by_dimension_at_one_size(tmp_path, saved):
  rows = []
  for tokens, dim in ((1e6, 50), (2e6, 50), (1e6, 200), (1e6, 100)):
    values = {"ours": tokens + dim, "peak_gb": tokens - dim, "half_sweep": dim / 10}
    rows.append({"tokens": tokens, "dim": dim, **values})
  scaling.draw_scaling(rows, tmp_path / "a.png")
  time, memory, half_sweep = saved[0].axes
  assert lines(time) == [([1, 2], [1000050, 2000050])]
  assert lines(memory) == [([1, 2], [999950, 1999950])]
  assert lines(half_sweep) == [([50, 100, 200], [5, 10, 20])]
  assert [text.get_text() for text in half_sweep.texts] == ["5", "10", "20"]
