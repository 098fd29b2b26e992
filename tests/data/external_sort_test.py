import time

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from glove_jax.data import external_sort

# The keys and sums of up to six runs.
RUNS = st.lists(
  st.dictionaries(st.integers(0, 60), st.integers(1, 2**40), max_size=30),
  max_size=6,
)


@given(RUNS, st.integers(1, 40), st.integers(1, 3))
def test_merge_equals_a_dictionary(tmp_path_factory, contents, max_entries, threads):
  folder = tmp_path_factory.mktemp("runs")
  expected = {}
  for number, content in enumerate(contents):
    keys = np.array(sorted(content), np.int64)
    sums = np.array([content[key] for key in sorted(content)], np.int64)
    external_sort.write_run(folder, number, [(keys, sums)])
    for key, value in content.items():
      expected[key] = expected.get(key, 0) + value
  merged = list(external_sort.merge(folder, max_entries=max_entries, threads=threads))
  keys = [key for part, _ in merged for key in part.tolist()]
  sums = [value for _, part in merged for value in part.tolist()]
  assert keys == sorted(expected)
  assert sums == [expected[key] for key in keys]


def test_merge_cuts_into_even_parts(tmp_path):
  rng = np.random.default_rng(0)
  for number in range(3):
    keys = np.unique(rng.integers(0, 2**40, 40_000))
    external_sort.write_run(tmp_path, number, [(keys, np.ones_like(keys))])
  parts = [len(keys) for keys, _ in external_sort.merge(tmp_path, max_entries=10_000, threads=2)]
  assert sum(parts) > 110_000
  assert max(parts) < 13_000


def test_ordered_map_works_ahead_of_its_caller():
  done = []
  results = external_sort.ordered_map(done.append, range(9), threads=1, ahead=2)
  next(results)
  time.sleep(0.01)
  assert len(done) <= 3
  list(results)
  assert done == list(range(9))


def test_ordered_map_keeps_order_and_raises_errors():
  squares = external_sort.ordered_map(lambda x: x * x, range(20), threads=3)
  assert list(squares) == [x * x for x in range(20)]
  def fail(x):
    if x == 3:
      raise OSError("no space")
    return x
  with pytest.raises(OSError, match="no space"):
    list(external_sort.ordered_map(fail, range(20), threads=2))
