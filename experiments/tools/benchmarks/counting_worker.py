"""Counts a long text in shards, in a process that may be killed and started again.

  python counting_worker.py FOLDER IDS VOCAB_SIZE TOKENS SHARD_TOKENS

Counts that many tokens of `repeated_text`, made of the ids in the file IDS, into FOLDER/counts, and
prints the number of counts and the peak of the memory in GB. What an earlier process has finished
is kept: a shard is counted once, and so are all.
"""

import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).parents[2]))

import numpy as np

from glove_jax.data.counts import cooccurrence, partial_counts
from glove_jax.data.counts.partial_counts import PartialCounts
from glove_jax.files import remove_leftovers
from tools.benchmarks import repeated_text

_WINDOW = cooccurrence.Window(10)
_MEMORY_GB = 2.0


def main(folder: pathlib.Path, ids_path: str, *numbers: str) -> None:
  vocab_size, tokens, shard_tokens = map(int, numbers)
  remove_leftovers(folder)
  store = cooccurrence.open_store(folder / "counts", verify=False)
  if store is None:
    corpus_ids = np.load(ids_path, mmap_mode="r")
    parts = []
    for start in range(0, tokens, shard_tokens):
      stop = min(start + shard_tokens, tokens)
      parts.append(_count_shard(folder / f"shard-{start}", corpus_ids, vocab_size, start, stop))
    store = partial_counts.finish(parts, folder / "counts", memory_gb=_MEMORY_GB)
  # Not ru_maxrss: Linux counts the memory of the process that started this one as well.
  lines = pathlib.Path("/proc/self/status").read_text().splitlines()
  status = dict(line.split(":", 1) for line in lines)
  print(f"nonzeros {store.nonzeros}")
  print(f"peak {int(status['VmHWM'].split()[0]) * 1024 / 1e9:.3f}")


def _count_shard(
  folder: pathlib.Path, corpus_ids: np.ndarray, vocab_size: int, start: int, stop: int
) -> PartialCounts:
  part = partial_counts.open_part(folder)
  if part is not None:
    return part
  return partial_counts.count(
    repeated_text.read(corpus_ids, vocab_size, start, stop),
    folder,
    vocab_size=vocab_size,
    window=_WINDOW,
    memory_gb=_MEMORY_GB,
  )


if __name__ == "__main__":
  main(pathlib.Path(sys.argv[1]), *sys.argv[2:])
