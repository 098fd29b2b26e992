import sys
import types

import numpy as np
import pytest

from glove_jax.word_vectors import cosines, device_candidates, nearest_rows


def test_the_nearest_and_some_more_in_blocks(monkeypatch):
  rng = np.random.default_rng(0)
  vectors = rng.normal(size=(300, 5)).astype(np.float32)
  units = cosines.normalize_rows(rng.normal(size=(11, 5)).astype(np.float32))
  norms = cosines.row_norms(vectors)
  monkeypatch.setattr(device_candidates, "MAX_SCORES", 300 * 4)
  found = device_candidates.find(units, vectors, norms, 3)
  assert found.rows.shape == found.scores.shape == (11, 3 + device_candidates.EXTRA_ROWS)
  scores = units @ (vectors / norms[:, None]).T
  np.testing.assert_array_equal(found.rows, np.argsort(-scores)[:, : found.rows.shape[1]])
  assert device_candidates.find(units, vectors[:4], norms[:4], 3).rows.shape == (11, 4)


@pytest.mark.parametrize(("backend", "expected"), [("cpu", False), ("gpu", True), ("tpu", True)])
def test_an_accelerator_is_used_for_many_queries_by_processes_that_use_jax(
  backend, expected, monkeypatch
):
  fake = types.SimpleNamespace(default_backend=lambda: backend)
  monkeypatch.setitem(sys.modules, "jax", fake)
  assert device_candidates.has_accelerator() is expected
  assert nearest_rows._use_device("auto", 1000) is expected
  assert not nearest_rows._use_device("auto", 1)
  monkeypatch.delitem(sys.modules, "jax")
  assert not device_candidates.has_accelerator()
