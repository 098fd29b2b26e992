"""Time and memory of the default recipe by number of tokens and by dimension."""

import pathlib
import shutil
from collections.abc import Sequence

from glove_jax.data.text import corpus as corpus_lib
from tools import training_runs
from tools.benchmarks.table import Row, Table, details, make_row

_HEADING = "    counts  half sweep s"


def measure(
  corpus: str, folder: pathlib.Path, *, millions: Sequence[float], dims: Sequence[int]
) -> list[Row]:
  """Returns a row for each size of the corpus, and one for each further dimension.

  Args:
    corpus: as for pretrain.py.
    folder: for the runs.
    millions: of tokens. The second largest number is the one at which dimensions are compared.
    dims: numbers of a vector; sizes are compared at the first.
  """
  sizes = sorted(millions)
  size_of_dims = sizes[max(0, len(sizes) - 2)]
  points = [(size, dims[0]) for size in sizes]
  points += [(size_of_dims, dim) for dim in dims[1:]]
  table = Table(_HEADING)
  for size, dim in points:
    table.add(_measure_point(corpus, folder, int(size * 1e6), dim))
  return table.rows


def _measure_point(corpus: str, folder: pathlib.Path, num_tokens: int, dim: int) -> Row:
  text = folder / "text.txt"
  number = write_prefix(corpus, text, num_tokens)
  workdir = folder / "run"
  settings = [f"dim={dim}", "memory_gb=1", "log_every=1"]
  run = training_runs.pretrain("glove_als", str(text), workdir, settings)
  row = make_row(f"{number / 1e6:.1f} M tokens, {dim}d", run.wall, None, unit="s")
  row |= {
    "tokens": number,
    "dim": dim,
    "nonzeros": run.nonzeros,
    "half_sweep": training_runs.epoch_seconds(workdir) / 2,
  }
  shutil.rmtree(workdir)
  return row | details(run, None)


def write_prefix(pattern: str, path: pathlib.Path, num_tokens: int) -> int:
  """Writes the first lines of a corpus until they have this many words; returns how many."""
  number = 0
  with open(path, "w", encoding="utf-8") as file:
    for source in corpus_lib.find_files(pattern):
      for line in corpus_lib.read_lines(source):
        number += len(line.split())
        file.write(line + "\n")
        if number >= num_tokens:
          return number
  return number
