"""Several programs at once: the cores of each, and the cache that they share."""

import os
import time

import pytest

from tools import jobs


def test_jobs_share_the_cores(monkeypatch):
  monkeypatch.setattr(os, "sched_getaffinity", lambda _: {0, 1, 2, 3}, raising=False)
  assert jobs.split_cores(2) == [{0, 2}, {1, 3}]
  assert all(len(share) == 1 for share in jobs.split_cores(6))
  monkeypatch.delattr(os, "sched_getaffinity")
  assert jobs.split_cores(2) == [set(), set()]


def test_results_come_in_order():
  def slow_at_first(item):
    time.sleep(0.1 if item == 0 else 0)
    return item * item
  assert list(jobs.run_all(slow_at_first, range(4), jobs=2)) == [0, 1, 4, 9]


@pytest.mark.skipif(not hasattr(os, "sched_getaffinity"), reason="cores cannot be chosen")
def test_each_call_stays_on_the_cores_of_its_job():
  before = os.sched_getaffinity(0)
  number = min(2, len(before))
  shares = list(jobs.run_all(lambda _: os.sched_getaffinity(0), range(4), jobs=number))
  assert all(share in jobs.split_cores(number) for share in shares)
  assert os.sched_getaffinity(0) == before


def test_a_cache_that_is_named_already_is_kept(monkeypatch, tmp_path):
  monkeypatch.setenv("JAX_COMPILATION_CACHE_DIR", "mine")
  jobs.share_compiled_code(tmp_path)
  assert os.environ["JAX_COMPILATION_CACHE_DIR"] == "mine"
  monkeypatch.delenv("JAX_COMPILATION_CACHE_DIR")
  monkeypatch.delenv("JAX_PERSISTENT_CACHE_MIN_COMPILE_TIME_SECS", raising=False)
  jobs.share_compiled_code(tmp_path)
  assert os.environ["JAX_COMPILATION_CACHE_DIR"] == str(tmp_path / "compiled")
  monkeypatch.setenv("JAX_COMPILATION_CACHE_DIR", "")  # so that both are undone afterwards
  monkeypatch.setenv("JAX_PERSISTENT_CACHE_MIN_COMPILE_TIME_SECS", "")
