"""Exports of word vectors, beside writing as many bytes to the disk."""

import os
import pathlib
import shutil
import statistics
import sys
import time
from collections.abc import Sequence

import numpy as np

from glove_jax.word_vectors import WordVectors
from tools import program
from tools.benchmarks.table import Row, Table, details, make_row
from tools.measure import Measurement, run_timed, stage_seconds

_BLOCK = 1 << 20  # bytes
_LETTERS = "etaoinshrdlucmfwypvbgkqjxz"


def measure(
  folder: pathlib.Path,
  *,
  formats: Sequence[str],
  num_words: int,
  dims: Sequence[int],
  repeats: int,
) -> list[Row]:
  """Returns a row for each format and dimension: medians of the seconds from memory to disk.

  The peer is a plain write of the same number of bytes, in turn with each export.
  """
  table = Table()
  for dim in dims:
    vectors = _write_vectors(folder / "vectors.npy", num_words, dim)
    for name in formats:
      runs = []
      floors = []
      for _ in range(repeats):
        run, size = _export(vectors, name, folder / "export")
        runs.append(run)
        floors.append(_write_bytes(folder / "bytes", size))
      runs.sort(key=lambda run: run.stages["export"])
      median = runs[len(runs) // 2]
      work = f"{name}, {num_words:,} x {dim}"
      floor = statistics.median(floors)
      row = make_row(work, median.stages["export"], floor, unit="s", name="disk")
      table.add(row | details(median, None) | {"megabytes": size / 1e6})
  return table.rows


def _write_vectors(path: pathlib.Path, num_words: int, dim: int) -> pathlib.Path:
  """Writes vectors whose words are numbers in letters, and whose numbers are normal."""
  matrix = np.random.default_rng(0).normal(0, 0.4, (num_words, dim)).astype(np.float32)
  WordVectors([_word(number) for number in range(num_words)], matrix).save(path, "npy")
  return path


def _word(number: int) -> str:
  letters = ""
  while number >= 0:
    number, letter = divmod(number, len(_LETTERS))
    letters += _LETTERS[letter]
    number -= 1
  return letters


def _export(vectors: pathlib.Path, name: str, path: pathlib.Path) -> tuple[Measurement, int]:
  """Returns the run of export.py, and how many bytes it has written."""
  script = program.PROJECT / "experiments" / "export.py"
  flags = [f"--vectors={vectors}", f"--to={name}", f"--output={path}"]
  run = run_timed([sys.executable, script, *flags])
  files = [path] if path.is_file() else [file for file in path.rglob("*") if file.is_file()]
  size = sum(512 * file.stat().st_blocks for file in files)  # holes are not written
  shutil.rmtree(path) if path.is_dir() else path.unlink()
  return run._replace(stages=stage_seconds(run.output)), size


def _write_bytes(path: pathlib.Path, size: int) -> float:
  """Returns the seconds of writing so many bytes to the disk."""
  block = os.urandom(_BLOCK)
  start = time.monotonic()
  with open(path, "wb") as file:
    for _ in range(size // _BLOCK):
      file.write(block)
    file.flush()
    os.fsync(file.fileno())
  seconds = time.monotonic() - start
  path.unlink()
  return seconds
