"""The accelerator program: what it does when work fails, and the bounds that speeds are beside."""

import json

import jax
import numpy as np
import pytest

from glove_jax.models import gpt2, transformer
from tools.benchmarks import (
  accelerator,
  accelerator_checks,
  accelerator_data,
  accelerator_peaks,
  accelerator_scales,
  accelerator_speeds,
)
from tools.benchmarks.accelerator import Report, Work
from tools.benchmarks.table import make_row


def fail():
  raise RuntimeError("RESOURCE_EXHAUSTED: out of memory\nmore")


def succeed():
  return make_row("good", 3.0, None, unit="words/s")


def test_work_that_fails_is_a_row_and_the_rest_goes_on(tmp_path, capsys):
  report = Report(str(tmp_path / "rows.json"), 60)
  report.run(Work("bad", fail))
  written = json.loads((tmp_path / "rows.json").read_text())
  assert [row["work"] for row in written] == ["bad"]
  assert written[0]["error"] == "RuntimeError: RESOURCE_EXHAUSTED: out of memory"
  assert report.run(Work("good", succeed))["ours"] == 3
  printed = capsys.readouterr().out.splitlines()
  assert "out of memory" in printed[0]
  assert printed[1].startswith("good")


def test_no_work_is_begun_after_the_time(tmp_path):
  report = Report(None, 0)
  assert "skipped" in report.run(Work("late", fail))


def test_a_result_that_is_not_the_golden_one_fails(tmp_path, monkeypatch, capsys):
  numbers = np.array([1.0, 2.0])
  monkeypatch.setattr(accelerator_checks, "all_checks", lambda: {"it": lambda: numbers})
  monkeypatch.setattr(accelerator, "_measure_peaks", lambda report, scale: accelerator.Peaks())
  monkeypatch.setattr(accelerator, "_speeds", lambda *_: [Work("good", succeed)])
  for golden, passes in (([1.001, 2.001], True), ([1.01, 2.0], False), ([1.0], False)):
    monkeypatch.setattr(accelerator_checks, "read_golden", lambda golden=golden: {"it": golden})
    assert passes == accelerator.measure(tmp_path, scale="tiny", minutes=1, json=None)
  assert "differs from the golden result by 0.005" in capsys.readouterr().out


def test_golden_results_are_of_all_checks_and_no_two_are_alike():
  golden = accelerator_checks.read_golden()
  assert set(golden) == set(accelerator_checks.all_checks())
  results = [tuple(numbers) for numbers in golden.values()]
  assert len(set(results)) == len(results)


def test_numbers_that_are_not_finite_differ():
  assert accelerator_checks.difference(np.array([np.nan, 1.0]), [1.0, 1.0]) == np.inf


def test_published_speeds_are_of_the_longest_name_that_fits():
  assert accelerator_peaks.published_speed("NVIDIA H100 PCIe") == 756e12
  assert accelerator_peaks.published_speed("NVIDIA H100 80GB HBM3") == 989e12
  assert accelerator_peaks.published_speed("TPU v5 lite") == 197e12
  assert accelerator_peaks.published_speed("cpu") is None


def test_operations_of_gpt2_are_those_of_its_params():
  config = gpt2.CONFIG._replace(vocab_size=1000, dim=64, layers=2, heads=2, feedforward_dim=256)
  params = jax.eval_shape(lambda: transformer.init(jax.random.key(0), config))
  flops = accelerator_speeds.flops_per_token(config, params, 128, 1.0)
  matrices = 2 * (4 * 64 * 64 + 2 * 64 * 256) + 1000 * 64
  attention = 12 * 2 * 64 * 128
  assert flops == pytest.approx(6 * matrices + attention, rel=0.02)  # biases and norms besides


def test_batches_grow_with_memory_where_a_scale_leaves_them_open(monkeypatch):
  class Device:
    def memory_stats(self):
      return {"bytes_limit": 20e9}

  monkeypatch.setattr(jax, "local_devices", lambda: [Device()])
  full = accelerator_scales.SCALES["full"]
  assert accelerator_scales.rows_per_device(full) == 10
  assert accelerator_scales.rows_per_device(accelerator_scales.SCALES["tiny"]) == 4


def test_synthetic_counts_are_symmetric_and_words_follow_zipf():
  store = accelerator_data.counts(2000, 50)
  matrix = np.zeros((50, 50))
  rows = np.repeat(np.arange(50), np.diff(store.indptr))
  matrix[rows, store.cols] = store.counts
  np.testing.assert_array_equal(matrix, matrix.T)
  assert matrix.sum() == 2000
  occurrences = np.bincount(accelerator_data.zipf_ids(100_000, 100))
  assert occurrences[0] / occurrences[9] == pytest.approx(10, rel=0.1)
  words = accelerator_data.words(1000)
  assert len(set(words)) == 1000
