"""Gives damaged and hostile inputs to all readers and looks for what must not happen.

  python tests/fuzz/fuzz.py --inputs=2000000 --seed=1 --folder=/tmp/fuzz
  python tests/fuzz/fuzz.py --inputs=10000 --readers=csv,vectors_text

A reader must return a right value, or raise an InputError of one line. Anything else is a failure:
another exception, a wrong value, more than 2 seconds, more than 10 times the memory of the file, a
message that is long or has control characters. The smallest input of each kind of failure is kept
in the folder. Input number n of a reader depends on the seed and n only: the same command goes on
where it was stopped.
"""

import argparse
import collections
import json
import multiprocessing
import os
import pathlib
import random
import resource
import sys
import tempfile
import time

sys.path[:0] = [str(pathlib.Path(__file__).resolve().parents[number]) for number in (1, 2)]
os.environ.setdefault("JAX_PLATFORMS", "cpu")
from fuzz import all_readers, trials  # noqa: E402

_BATCH = 2000  # inputs of one reader, in a process of their own
_MEMORY_EVERY = 100  # inputs, of which one has its memory measured
# Threads of pyarrow end the process if they allocate memory while tracemalloc is switched off.
_THREADED = ("labelled_parquet",)
_ADDRESS_SPACE = 1 << 30  # bytes more than a process begins with


def run_batch(
  reader: trials.Reader, numbers: range, seed: int, *, progress=None
) -> tuple[collections.Counter, dict[str, tuple[int, trials.Failure]]]:
  """Gives inputs to a reader.

  Args:
    reader: to call.
    numbers: of the inputs.
    seed: of the inputs.
    progress: a shared value that holds the number of the present input.

  Returns:
    How many inputs were read, were refused and failed; and the first input of each kind of failure.
  """
  counts: collections.Counter = collections.Counter()
  failures: dict[str, tuple[int, trials.Failure]] = {}
  before: trials.Files = {}
  trials.install_alarms()
  with tempfile.TemporaryDirectory(prefix="fuzz-") as name:
    folder = pathlib.Path(name)
    for number in numbers:
      if progress is not None:
        progress.value = number
      files = trials.make_input(reader, random.Random(f"{seed} {reader.name} {number}"))
      trials.write_files(folder, files, before)
      before = files
      measured = number % _MEMORY_EVERY == 0 and reader.name not in _THREADED
      outcome, failure = trials.attempt(reader, folder, files, measure_memory=measured)
      counts[outcome] += 1
      if failure:
        counts["failed"] += 1
        failures.setdefault(failure.kind, (number, failure))
  return counts, failures


def _work(reader, numbers: range, seed: int, progress, connection) -> None:
  """Runs a batch in a process and sends what it counted."""
  limit = _address_space() + _ADDRESS_SPACE
  resource.setrlimit(resource.RLIMIT_AS, (limit, limit))
  connection.send(run_batch(reader, numbers, seed, progress=progress))


def _address_space() -> int:
  pages = pathlib.Path("/proc/self/statm").read_text().split()[0]
  return int(pages) * resource.getpagesize()


def run_in_process(reader: trials.Reader, numbers: range, seed: int):
  """Runs a batch in a process; returns what `run_batch` does.

  An input that ends the process is a failure, and the batch goes on after it.
  """
  context = multiprocessing.get_context("fork")
  counts: collections.Counter = collections.Counter()
  failures: dict[str, tuple[int, trials.Failure]] = {}
  while numbers:
    progress = context.Value("q", numbers.start, lock=False)
    receiver, sender = context.Pipe(duplex=False)
    process = context.Process(target=_work, args=(reader, numbers, seed, progress, sender))
    process.start()
    sender.close()
    try:
      new_counts, new_failures = receiver.recv()
      process.join()
      return counts + new_counts, {**new_failures, **failures}
    except EOFError:
      process.join()
    number = progress.value
    failure = trials.Failure(f"process ended: {process.exitcode}", f"input {number}")
    failures.setdefault(failure.kind, (number, failure))
    counts.update(failed=1, refused=number + 1 - numbers.start)
    numbers = range(number + 1, numbers.stop)
  return counts, failures


def keep_failure(folder: pathlib.Path, reader: trials.Reader, number: int, failure, seed: int):
  """Keeps the files of a failure and what is wrong; smaller files where those fail alike."""
  name = "".join(c if c.isalnum() else "_" for c in f"{reader.name} {failure.kind}")[:120]
  path = folder / "failures" / name
  if path.exists():
    return
  files = trials.make_input(reader, random.Random(f"{seed} {reader.name} {number}"))
  path.mkdir(parents=True)
  attempts = 20 if failure.kind.startswith(("Hang", "MemoryError")) else 300
  if not failure.kind.startswith("process"):
    trials.install_alarms()
    with tempfile.TemporaryDirectory(prefix="fuzz-") as temporary:
      files = trials.minimise(
        reader, pathlib.Path(temporary), files, failure.kind, attempts=attempts
      )
  trials.write_files(path, files, {})
  (path / "FAILURE").write_text(
    f"reader {reader.name}, seed {seed}, input {number}\n{failure.kind}\n{failure.text}\n",
    encoding="utf-8", errors="backslashreplace",
  )  # fmt: skip


class State:
  """How far a seed has come, in a file: the next input and the counts of each reader."""

  def __init__(self, folder: pathlib.Path, seed: int):
    self.path = folder / f"state-{seed}.json"
    folder.mkdir(parents=True, exist_ok=True)
    self.counts: dict[str, dict[str, int]] = {}
    if self.path.exists():
      self.counts = json.loads(self.path.read_text())

  def done(self, reader: str) -> int:
    """Returns how many inputs a reader has had."""
    counts = self.counts.get(reader, {})
    return counts.get("read", 0) + counts.get("refused", 0)

  def total(self) -> int:
    """Returns how many inputs all readers have had."""
    return sum(map(self.done, self.counts))

  def add(self, reader: str, counts: collections.Counter) -> None:
    """Adds the counts of a batch."""
    before = collections.Counter(self.counts.get(reader, {}))
    self.counts[reader] = dict(before + counts)
    temporary = self.path.with_suffix(".tmp")
    temporary.write_text(json.dumps(self.counts, indent=1))
    os.replace(temporary, self.path)


def report(state: State, kinds: dict[str, set[str]], seconds: float) -> None:
  """Prints a line for each reader and the kinds of failures."""
  for name, counts in sorted(state.counts.items()):
    shown = ", ".join(f"{counts.get(key, 0):,} {key}" for key in ("read", "refused", "failed"))
    print(f"{name:24}{state.done(name):>10,}  {shown}")
    for kind in sorted(kinds.get(name, ())):
      print(f"{'':24}  {kind}")
  print(f"{state.total():,} inputs, this time {seconds:.0f} s", flush=True)


def main() -> int:
  parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
  parser.add_argument("--inputs", type=int, default=10_000, help="of all readers together")
  parser.add_argument("--seed", type=int, default=1)
  parser.add_argument("--readers", default="", help="names separated by commas; default: all")
  parser.add_argument("--folder", type=pathlib.Path, default=pathlib.Path("/tmp/fuzz"))
  parser.add_argument("--seconds", type=float, default=float("inf"), help="stop after so long")
  args = parser.parse_args()
  readers = all_readers.select(args.readers)
  state = State(args.folder, args.seed)
  kinds: dict[str, set[str]] = {}
  start = time.monotonic()
  share = -(-args.inputs // len(readers))
  batch = min(_BATCH, share)
  while time.monotonic() - start < args.seconds:
    waiting = [reader for reader in readers if state.done(reader.name) < share]
    if not waiting:
      break
    reader = min(waiting, key=lambda reader: state.done(reader.name))
    first = state.done(reader.name)
    numbers = range(first, min(first + batch, share))
    counts, failures = run_in_process(reader, numbers, args.seed)
    for kind, (number, failure) in failures.items():
      if kind not in kinds.setdefault(reader.name, set()):
        kinds[reader.name].add(kind)
        print(f"{reader.name} input {number}: {kind}", flush=True)
        keep_failure(args.folder, reader, number, failure, args.seed)
    state.add(reader.name, counts)
  report(state, kinds, time.monotonic() - start)
  return 1 if any(kinds.values()) else 0


if __name__ == "__main__":
  sys.exit(main())
