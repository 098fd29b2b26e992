"""Loads a file of word vectors and prints the seconds and the memory that took.

  python loading_worker.py ours|cache|gensim FILE HAS_HEADER

Memory is the peak of the process above what it has before loading, in sizes of the matrix.
"""

import io
import pathlib
import sys
import time
from collections.abc import Callable

_MATRIX = b"%%MatrixMarket matrix array real general\n1 1\n1\n"


def main():
  reader, path, has_header = sys.argv[1:]
  load = _loader(reader, path, has_header=has_header == "True")
  _reset_peak()
  before = _resident("VmRSS")
  start = time.monotonic()
  cpu_start = time.process_time()
  vectors = load()
  print("loading", time.monotonic() - start)
  print("cpu", time.process_time() - cpu_start)
  print("memory", (_resident("VmHWM") - before) / vectors.vectors.nbytes)


def _loader(reader: str, path: str, *, has_header: bool) -> Callable:
  """Returns a function that loads the file; all that it imports is imported here."""
  if reader == "gensim":
    from gensim.models import KeyedVectors

    return lambda: KeyedVectors.load_word2vec_format(path, no_header=not has_header)
  import scipy.io

  from glove_jax.api import load_vectors

  scipy.io.mmread(io.BytesIO(_MATRIX))  # which imports more

  return lambda: load_vectors(path, cache=reader == "cache")


def _reset_peak() -> None:
  pathlib.Path("/proc/self/clear_refs").write_text("5")


def _resident(key: str) -> int:
  """Returns the bytes of resident memory, VmRSS, or their peak, VmHWM; Linux only."""
  for line in pathlib.Path("/proc/self/status").read_text().splitlines():
    if line.startswith(key):
      return int(line.split()[1]) * 1024
  raise ValueError(f"no {key} in /proc/self/status")


if __name__ == "__main__":
  main()
