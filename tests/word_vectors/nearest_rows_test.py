import numpy as np
import pytest

from glove_jax.word_vectors import cosines, device_candidates, nearest_rows


def brute_force(queries, vectors, count, exclude):
  norms = np.linalg.norm(vectors, axis=1)
  results = []
  for query, excluded in zip(queries.astype(float), exclude, strict=True):
    scores = vectors.astype(float) @ query / norms / np.linalg.norm(query)
    scores[list(excluded)] = -np.inf
    order = np.argsort(-np.float32(scores), kind="stable")
    results.append([row for row in order[:count] if np.isfinite(scores[row])])
  return results


def find(queries, vectors, count, **options):
  found = nearest_rows.find(queries, vectors, cosines.row_norms(vectors), count, **options)
  return [each.rows.tolist() for each in found]


@pytest.mark.parametrize("backend", ["numpy", "jax"])
@pytest.mark.parametrize(("num_rows", "count"), [(5000, 10), (5000, 1), (333, 40), (20, 30)])
def test_rows_are_those_of_brute_force(num_rows, count, backend):
  rng = np.random.default_rng(num_rows)
  vectors = rng.normal(size=(num_rows, 9)).astype(np.float32)
  queries = rng.normal(size=(70, 9)).astype(np.float32)
  exclude = [rng.integers(0, num_rows, query % 4).tolist() for query in range(70)]
  expected = brute_force(queries, vectors, count, exclude)
  assert find(queries, vectors, count, exclude=exclude, backend=backend) == expected


def test_the_sizes_of_blocks_change_nothing(monkeypatch):
  rng = np.random.default_rng(0)
  vectors = rng.normal(size=(3000, 5)).astype(np.float32)
  queries = rng.normal(size=(40, 5)).astype(np.float32)
  expected = find(queries, vectors, 7)
  monkeypatch.setattr(nearest_rows, "MAX_SCORES", 40 * 64)
  monkeypatch.setattr(nearest_rows, "MAX_MAXIMA", 16 * 3000 // nearest_rows.GROUP_SIZE)
  assert find(queries, vectors, 7) == expected == brute_force(queries, vectors, 7, [[]] * 40)


@pytest.mark.parametrize("backend", ["numpy", "jax"])
def test_of_equal_cosines_the_lower_rows_come_first(backend):
  is_near = np.random.default_rng(0).random(4000) < 0.5
  vectors = np.where(is_near[:, None], np.float32([3, 0]), np.float32([0, 0.5]))
  found, = find(np.float32([[1, 0]]), vectors, 30, backend=backend)
  assert found == np.flatnonzero(is_near)[:30].tolist()


def test_numpy_takes_over_where_a_device_may_have_left_out_equals(monkeypatch):
  vectors = np.tile(np.float32([[0, 1], [3, 0]]), (50, 1))

  def find_last(units, vectors, norms, count):
    rows = np.arange(99, 99 - 2 * count, -2)[None]
    return device_candidates.Found(rows, np.ones(rows.shape, np.float32))

  monkeypatch.setattr(device_candidates, "find", find_last)
  found, = find(np.float32([[1, 0]]), vectors, 3, backend="jax")
  assert found == [1, 3, 5]


def test_large_numbers_and_those_too_large_hide_no_row():
  vectors = np.float32([[1, 0], [2e38, 2e38], [1, 1], [0, 1], [3e38, 3e38]] * 30)
  with np.errstate(over="ignore", invalid="ignore"):
    found, = find(np.float32([[1, 1.1]]), vectors, 61)
  assert sorted(found[:60]) == [row for row in range(150) if row % 5 in (1, 2)]


def test_without_rows_or_count_there_is_nothing():
  vectors = np.eye(3, dtype=np.float32)
  assert find(vectors, vectors, 0) == [[], [], []]
  assert find(vectors, vectors[:0], 5) == [[], [], []]
  assert find(vectors[:0], vectors, 5) == []
  assert find(vectors[:1], vectors, 5, exclude=[[0, 1, 2]]) == [[]]


def test_largest_prefers_the_lower_of_equals():
  scores = np.float32([1, 5, 3, 5, 3, 3])
  assert nearest_rows.largest(scores, 4).tolist() == [1, 3, 2, 4]
  assert nearest_rows.largest(scores, 0).tolist() == []
  assert nearest_rows.largest(scores, 9).tolist() == [1, 3, 2, 4, 5, 0]
