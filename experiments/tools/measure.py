"""Runs a program as a user would, and measures its time and memory."""

import contextlib
import os
import pathlib
import re
import subprocess
import tempfile
import time
from collections.abc import Mapping, Sequence
from typing import NamedTuple

from glove_jax.errors import InputError


class Measurement(NamedTuple):
  """What a program took, or several of them in turn, and what came out."""

  wall: float  # seconds
  cpu: float  # seconds, of all threads
  peak_gb: float  # largest resident memory, in 10^9 bytes; at least that of the process that waits
  output: str = ""  # stdout and stderr
  stages: Mapping[str, float] = {}  # seconds
  scores: Mapping[str, float] = {}
  nonzeros: int = 0  # co-occurrence counts
  tokens: int = 0  # of the corpus, those of words outside the vocabulary left out
  iteration: float = 0.0  # seconds of a pass over the counts, of a peer
  memory_bound_gb: float = 0.0  # packed counts + 2 tables + 1 GB
  extrapolated: bool = False  # whether the time of a few iterations was multiplied


def run_timed(
  command: Sequence,
  *,
  stdin: pathlib.Path | None = None,
  stdout: pathlib.Path | None = None,
) -> Measurement:
  """Runs a command to its end.

  Args:
    command: the program and its arguments.
    stdin: a file that it reads.
    stdout: a file for what it prints; without one, that is in the result.

  Raises:
    InputError: the command fails; the message has the end of what it printed.
  """
  with contextlib.ExitStack() as files:
    log = files.enter_context(tempfile.TemporaryFile())
    source = files.enter_context(open(stdin, "rb")) if stdin else subprocess.DEVNULL
    target = files.enter_context(open(stdout, "wb")) if stdout else log
    start = time.monotonic()
    process = subprocess.Popen(
      [str(part) for part in command], stdin=source, stdout=target, stderr=log
    )
    _, status, usage = os.wait4(process.pid, 0)
    wall = time.monotonic() - start
    process.returncode = os.waitstatus_to_exitcode(status)
    log.seek(0)
    output = log.read().decode("utf-8", "replace").replace("\r", "\n")
  if process.returncode:
    message = f"{_name(command)} ended with status {process.returncode}: {output.strip()[-300:]}"
    raise InputError(message)
  return Measurement(
    wall=wall,
    cpu=usage.ru_utime + usage.ru_stime,
    peak_gb=usage.ru_maxrss * 1024 / 1e9,
    output=output,
  )


def _name(command: Sequence) -> str:
  """Returns the name of the program, or of the script that an interpreter runs."""
  for part in map(str, command):
    if part.endswith(".py"):
      return pathlib.Path(part).name
  return str(command[0])


def stage_seconds(output: str) -> dict[str, float]:
  """Returns the seconds of each stage that a program of ours has logged."""
  lines = re.findall(r"^(\w+) .*\((\d+\.\d+) s\)$", output, re.MULTILINE)
  return {stage: float(seconds) for stage, seconds in lines}


def printed_number(output: str, name: str) -> float:
  """Returns the number in the line `name number` of what a peer has printed."""
  line = re.search(rf"^{name} ([\d.]+)$", output, re.MULTILINE)
  if line is None:
    raise InputError(f"no line '{name} NUMBER' in what the peer printed: {output.strip()[-300:]}")
  return float(line[1])
