"""Long runs of one thing in the files of all readers: quadratic patterns, deep nesting, long lines.

  python tests/fuzz/stretch.py --bytes=200000 --readers=wikitext

No reader may take more than 2 seconds of the processor for 200,000 bytes.
"""

import argparse
import pathlib
import sys
import tempfile

sys.path[:0] = [str(pathlib.Path(__file__).resolve().parents[number]) for number in (1, 2)]
from fuzz import all_readers, mutators, trials  # noqa: E402

_RUNS = [
  b" ", b"\t", b"\n", b"\r", b"\r\n", b"a", b"A", b"1", b"0", b"-", b".", b",", b";", b"|", b":",
  b"'", b'"', b"\\", b"/", b"_", b"#", b"@", b"(", b"[", b"{", b"<", b"&", b"a ", b" a", b"a\t",
  b"a\n", b"1 ", b"1\n", b"'a", b'"a', b'a"', b'",', b'"\n', b"a'", b"a.", b"1.", b"1,", b"a-",
  b"a@", b"<a", b"<a>", b"&amp;", b"[[", b"{{", b"{|", b"[[a|", b"{{a|", b"http://", b"__label__",
  b"__label__a ", b"B-X\n", b"a B-X\n", b"a\tO\n", b"\n\n", b"#\t", b'{"a":', b'[{"a":1},',
  "\u0301".encode(), "\u200d".encode(), "a\u0301".encode(), "\u00ad".encode(), "中".encode(),
  "’".encode(), "\U0001f468\u200d".encode(), "Σ".encode(), "İ".encode(), "\u2028".encode(),
]  # fmt: skip


def stretched(files: trials.Files, name: str, run: bytes, size: int) -> dict[str, bytes]:
  """Returns files of which one has a run of bytes after its first half."""
  data = files[name]
  half = len(data) // 2
  return {**files, name: data[:half] + run * (size // len(run)) + data[half:]}


def failures_of(reader: trials.Reader, size: int) -> dict[str, bytes]:
  """Returns the kinds of failures of a reader, and the run of bytes that each happened with."""
  kinds: dict[str, bytes] = {}
  before: trials.Files = {}
  trials.install_alarms()
  with tempfile.TemporaryDirectory(prefix="fuzz-") as name:
    folder = pathlib.Path(name)
    for number, run in enumerate([*_RUNS, *mutators.TEXTS, *reader.tokens]):
      seed = reader.seeds[number % len(reader.seeds)]
      for file in seed:
        if not run or file in reader.fixed:
          continue
        files = stretched(seed, file, run, size)
        trials.write_files(folder, files, before)
        before = files
        _, failure = trials.attempt(reader, folder, files)
        if failure:
          kinds.setdefault(failure.kind, run)
  return kinds


def main() -> int:
  parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
  parser.add_argument("--bytes", type=int, default=200_000, help="of a run")
  parser.add_argument("--readers", default="", help="names separated by commas; default: all")
  args = parser.parse_args()
  status = 0
  for reader in all_readers.select(args.readers):
    for kind, run in failures_of(reader, args.bytes).items():
      print(f"{reader.name}: {kind} of {run!r}", flush=True)
      status = 1
  return status


if __name__ == "__main__":
  sys.exit(main())
