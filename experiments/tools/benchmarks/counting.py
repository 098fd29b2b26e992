"""Counting at length: time, memory and disk by number of tokens, and the same bytes after kills."""

import collections
import contextlib
import hashlib
import os
import pathlib
import shutil
import subprocess
import sys
import threading
from collections.abc import Iterator, Sequence

import numpy as np

from glove_jax.data.text import corpus as corpus_lib
from glove_jax.data.text import token_store, vocab, word_tokenizers
from tools import program
from tools.benchmarks.table import Row, Table, make_row
from tools.measure import printed_number, run_timed

_WORKER = program.PROJECT / "experiments" / "tools" / "benchmarks" / "counting_worker.py"
_MAX_VOCAB = 50_000
_SHARD_TOKENS = 40_000_000  # as many as two gigabytes hold at a time
_KILLS = 10
_FILES = ("indptr", "cols", "counts")
_HEADING = "  M/CPU s  disk GB  result GB  kills  same bytes"


def measure(
  corpus: str,
  folder: pathlib.Path,
  *,
  billions: Sequence[float],
  shard_tokens: int = _SHARD_TOKENS,
) -> list[Row]:
  """Returns a row for each number of tokens.

  Each is counted in one go, and then by processes of which ten are killed on the way.

  Args:
    corpus: as for pretrain.py; it is repeated with other words.
    folder: for the counts. 2 billion tokens take 34 GB.
    billions: of tokens.
    shard_tokens: the tokens of a shard, which a process that was killed counts again.
  """
  ids_path, vocab_size = _write_ids(corpus, folder)
  table = Table(_HEADING)
  for size in billions:
    numbers = [vocab_size, round(size * 1e9), shard_tokens]
    table.add(_measure_size(folder / "counting", ids_path, numbers))
  return table.rows


def _write_ids(corpus: str, folder: pathlib.Path) -> tuple[pathlib.Path, int]:
  """Writes the word ids of a corpus; returns the file and the number of words."""
  text = token_store.read(
    corpus_lib.find_files(corpus), word_tokenizers.make("words"), folder
  )
  words = vocab.build(
    collections.Counter(token_store.word_counts(text)), min_count=5, max_vocab=_MAX_VOCAB
  )
  ids = np.concatenate(list(token_store.encode(text, words.index)))
  path = folder / "ids.npy"
  np.save(path, ids)
  return path, len(words)


def _measure_size(folder: pathlib.Path, ids_path: pathlib.Path, numbers: Sequence[int]) -> Row:
  command = [str(part) for part in (sys.executable, _WORKER, folder, ids_path, *numbers)]
  tokens = numbers[1]
  folder.mkdir()
  with _watch_disk(folder) as sizes:
    run = run_timed(command)
  result = folder / "counts"
  expected = _digest(result)
  size = sum(path.stat().st_size for path in result.iterdir())
  shutil.rmtree(folder)
  folder.mkdir()
  kills = _run_with_kills(command, run.wall)
  row = make_row(f"counting {tokens / 1e6:g} M tokens", tokens / 1e6 / run.wall, None, unit="M/s")
  row |= {
    "tokens": tokens,
    "wall": run.wall,
    "cpu": run.cpu,
    "tokens_per_cpu_second": tokens / run.cpu,
    "peak_gb": printed_number(run.output, "peak"),
    "nonzeros": int(printed_number(run.output, "nonzeros")),
    "disk_gb": max(sizes) / 1e9,
    "result_gb": size / 1e9,
    "kills": kills,
    "same_bytes": _digest(result) == expected,
  }
  shutil.rmtree(folder)
  return row


@contextlib.contextmanager
def _watch_disk(folder: pathlib.Path) -> Iterator[list[int]]:
  """Gives a list to which the bytes of a folder's files are added several times a second.

  Those at the end are the last.
  """
  sizes = [0]
  done = threading.Event()

  def watch() -> None:
    while not done.wait(0.2):
      sizes.append(_folder_size(folder))

  thread = threading.Thread(target=watch)
  thread.start()
  try:
    yield sizes
  finally:
    done.set()
    thread.join()
    sizes.append(_folder_size(folder))


def _folder_size(folder: pathlib.Path) -> int:
  size = 0
  for path, _, names in os.walk(folder):
    for name in names:
      with contextlib.suppress(FileNotFoundError):  # removed in the meantime
        size += os.stat(os.path.join(path, name)).st_size
  return size


def _run_with_kills(command: Sequence[str], seconds: float) -> int:
  """Runs a command that is killed ten times, later each time; returns how often it was.

  Args:
    command: continues what was done before it was killed.
    seconds: about how long it takes. The ten processes have five sixths of it in sum, so that it is
      not done before the last of them.
  """
  kills = 0
  for number in range(_KILLS):
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL)
    try:
      process.wait(seconds * (number + 0.5) / (6 * _KILLS))
    except subprocess.TimeoutExpired:
      process.kill()
      process.wait()
      kills += 1
  run_timed(command)
  return kills


def _digest(folder: pathlib.Path) -> str:
  """Returns a hash of all bytes of the counts in a folder."""
  digest = hashlib.blake2b()
  for name in _FILES:
    with open(folder / name, "rb") as file:
      while block := file.read(1 << 20):
        digest.update(block)
  return digest.hexdigest()
