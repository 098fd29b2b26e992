import pathlib

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from glove_jax.data.counts import pair_runs
from glove_jax.data.counts.pair_counting import Pairs

SIZE = 9
# The sums of up to six runs by row and column; the largest need more than 32 bits.
CELLS = st.tuples(st.integers(0, SIZE - 1), st.integers(0, SIZE - 1))
SUMS = st.one_of(st.integers(1, 5), st.integers(2**32 - 2, 2**32 + 2), st.integers(1, 2**50))
RUNS = st.lists(st.dictionaries(CELLS, SUMS, max_size=40), max_size=6)
ENTRIES = st.sampled_from([1, 7, 1000])


def write_run(folder, sums):
  """Writes a run of the sums by row and column, in a part for each row."""
  parts = []
  for row in range(SIZE):
    cols = sorted(col for cell_row, col in sums if cell_row == row)
    values = np.array([sums[row, col] for col in cols], np.int64)
    parts.append(Pairs(np.full(len(cols), row, np.int32), np.array(cols, np.int32), values))
  pair_runs.write_run(folder, SIZE, parts)
  return folder


def add(runs, entries, **options):
  """Returns the sum of runs that are merged so many entries at a time, as an array."""
  limits = pair_runs.resources(1.0, threads=2)
  total = np.zeros((SIZE, SIZE), np.int64)
  parts = pair_runs.merge(
    runs, SIZE, limits, then=lambda row, sums: (row, sums), usual_entries=entries, **options
  )
  for row, sums in parts:
    assert sums.has_canonical_format
    total[row : row + sums.shape[0]] += sums.toarray()
  return total


def as_array(*contents):
  array = np.zeros((SIZE, SIZE), np.int64)
  for content in contents:
    for cell, value in content.items():
      array[cell] += value
  return array


@settings(max_examples=60, deadline=None)
@given(RUNS, ENTRIES)
def test_runs_add_up(tmp_path_factory, contents, entries):
  folder = tmp_path_factory.mktemp("runs")
  runs = [write_run(folder / f"{i}", content) for i, content in enumerate(contents)]
  np.testing.assert_array_equal(add(runs, entries), as_array(*contents))


@settings(max_examples=60, deadline=None)
@given(RUNS, st.integers(1, 5), ENTRIES)
def test_a_mirrored_triangle_is_the_sum_with_its_transpose(
  tmp_path_factory, contents, transposes, entries
):
  folder = tmp_path_factory.mktemp("runs")
  upper = [{c: v for c, v in content.items() if c[0] <= c[1]} for content in contents]
  runs = [write_run(folder / f"{i}", content) for i, content in enumerate(upper)]
  with pytest.MonkeyPatch.context() as patch:
    patch.setattr(pair_runs, "_USUAL_ENTRIES", 1)
    patch.setattr(pair_runs, "_TRANSPOSES", transposes)
    halves = pair_runs.mirror(runs, folder / "halves", SIZE, pair_runs.resources(1.0, 2))
  total = as_array(*upper)
  np.testing.assert_array_equal(add(halves, entries, in_order=True), total + total.T)


def test_an_entry_takes_8_bytes(tmp_path):
  cells = np.flatnonzero(np.random.default_rng(0).random(500 * 500) < 0.5)
  rows, cols = np.divmod(cells.astype(np.int32), 500)
  pair_runs.write_run(tmp_path / "run", 500, [Pairs(rows, cols, np.arange(len(cells)))])
  size = sum(path.stat().st_size for path in pathlib.Path(tmp_path / "run").iterdir())
  assert size == 8 * len(cells) + 8 * 501


def test_memory_bounds_what_is_merged_at_a_time(tmp_path, monkeypatch):
  monkeypatch.setattr(pair_runs, "_MIN_ENTRIES", 10)
  run = write_run(tmp_path / "run", {(i, j): 1 for i in range(SIZE) for j in range(SIZE)})
  limits = pair_runs.resources(0.0, threads=1)
  parts = list(pair_runs.merge([run], SIZE, limits, then=lambda _, sums: sums.nnz))
  assert parts == [9] * 9


@pytest.mark.parametrize("window", [1, 15, 1000, 10**6])
def test_positions_in_a_block_fit_in_32_bits(window):
  words = pair_runs.resources(1e6, threads=1).block_size(window)  # a million GB
  # Each word a document: gaps as wide as the window, and one of these more at each end.
  assert words * window + 2 * (window + 1) < 2**31
  assert words > 1
