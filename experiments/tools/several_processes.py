"""Programs that run as several processes: flags, and a supervisor of each process.

JAX ends a process by an abort, with a page of C++, when another process of the run is lost. The
supervisor starts the program as a child, keeps what libraries in C++ print about the connection to
itself, passes signals on, and turns an abort into one line and an exit status.
"""

import contextlib
import faulthandler
import os
import re
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from types import FrameType
from typing import NamedTuple

from absl import flags

from glove_jax import processes, progress
from glove_jax.errors import InputError

_WORKER = "GLOVE_JAX_WORKER"  # the descriptors that a child has from its supervisor
_FLAGS = ("coordinator", "num_processes", "process_id")
_SIGNALS = (signal.SIGINT, signal.SIGTERM)
# What gloo and JAX's coordination service print; further lines belong to the one before.
_NOISE = re.compile(r"\[Gloo\] |.*\b(coordination_service|client\.h:|distributed_runtime)")
_FIRST_LINE = re.compile(r"[IWEF]\d{4} |\[Gloo\] |Fatal Python error|\s*$")
_LOST = re.compile(r"F\d{4} .*client\.h:")
_SILENT = re.compile(r"stopped sending heartbeats\):\s*(\S+)")
_KEPT = 1000  # characters of a message


def define_flags() -> None:
  """Defines --coordinator, --num_processes and --process_id."""
  flags.DEFINE_string(
    "coordinator",
    None,
    "Several processes: HOST:PORT of the first one, the same for all; `auto` under Slurm, Open MPI,"
    " Kubernetes and on TPU pods.",
  )
  flags.DEFINE_integer("num_processes", None, "How many processes there are.")
  flags.DEFINE_integer("process_id", None, "The number of this process, from 0.")


class Address(NamedTuple):
  """Where the processes of a run find each other; None: what the cluster tells JAX."""

  coordinator: str
  num_processes: int | None
  process_id: int | None


def address_of_flags() -> Address | None:
  """Returns what the flags say; None for one process.

  Raises:
    InputError: they do not go together.
  """
  if _FLAGS[0] not in flags.FLAGS:
    return None
  return check_address(*(flags.FLAGS[name].value for name in _FLAGS))


def check_address(
  coordinator: str | None, num_processes: int | None, process_id: int | None
) -> Address | None:
  """Returns the values of the three flags; None where none is set. Raises as `address_of_flags`."""
  values = dict(zip(_FLAGS, (coordinator, num_processes, process_id), strict=True))
  missing = [f"--{name}" for name, value in values.items() if value is None]
  used = [f"--{name}" for name, value in values.items() if value is not None]
  if not used:
    return None
  if coordinator == processes.AUTO:
    if len(used) > 1:
      raise InputError(f"{used[1]} with --coordinator=auto, expected --coordinator=auto alone.")
    return Address(coordinator, None, None)
  if coordinator is None or num_processes is None or process_id is None:
    raise InputError(f"{used[0]} needs {' and '.join(missing)} too, or --coordinator=auto alone.")
  if not re.fullmatch(r".+:\d{1,5}", coordinator):
    raise InputError(f"--coordinator={coordinator}, expected HOST:PORT or auto.")
  if num_processes < 1:
    raise InputError(f"--num_processes={num_processes}, expected 1 or more.")
  if not 0 <= process_id < num_processes:
    raise InputError(
      f"--process_id={process_id}, expected 0 to {num_processes - 1}:"
      f" --num_processes={num_processes}."
    )
  return Address(coordinator, num_processes, process_id)


def supervise() -> int | None:
  """Runs this program as a supervised child and returns its exit status; None: this is the child.

  None too where there is one process only.

  Raises:
    InputError: the flags do not go together.
  """
  if address_of_flags() is None or _WORKER in os.environ:
    return None
  sys.stdout.flush()
  reading, writing = os.pipe()
  lifeline, held = os.pipe()  # the child ends when this process does, and so closes `held`
  out, err = os.dup(1), os.dup(2)
  inherited = (out, err, lifeline)
  arguments = sys.argv[1:]
  interpreter = sys.orig_argv[: len(sys.orig_argv) - len(arguments)]
  child = subprocess.Popen(
    [sys.executable, *interpreter[1:], *arguments],
    env={**os.environ, _WORKER: ",".join(map(str, inherited))},
    stdout=writing,
    stderr=writing,
    pass_fds=inherited,
    start_new_session=True,  # signals of the terminal reach it through this process alone
  )
  for descriptor in (writing, *inherited):
    os.close(descriptor)
  with _forwarded(child):
    lost = filter_messages(reading)
    status = child.wait()
  os.close(held)
  return status if status >= 0 else report_abort(status, lost)


@contextlib.contextmanager
def _forwarded(child: subprocess.Popen) -> Iterator[None]:
  """Passes signals on to the child."""
  def forward(number: int, frame: FrameType | None) -> None:
    del frame
    child.send_signal(number)

  before = {number: signal.signal(number, forward) for number in _SIGNALS}
  try:
    yield
  finally:
    for number, handler in before.items():
      signal.signal(number, handler)


def filter_messages(reading: int) -> str | None:
  """Prints what the libraries of the child print, but for the noise, until it ends.

  Returns:
    The message with which JAX gave the other processes up, if it did.
  """
  lost = None
  is_noise = False
  with os.fdopen(reading, encoding="utf-8", errors="replace") as lines:
    for line in lines:
      if _FIRST_LINE.match(line):
        is_noise = bool(_NOISE.match(line))
      if _LOST.match(line):
        lost = line
      elif lost is not None and len(lost) < _KEPT:
        lost += line
      if lost is None and not is_noise:
        print(line, end="", file=sys.stderr, flush=True)
  return lost


def report_abort(status: int, lost: str | None) -> int:
  """Prints why the child was ended by a signal; returns the exit status."""
  if lost is None:
    name = signal.Signals(-status).name
    print(f"error: this process was ended by {name}", file=sys.stderr)
    return 128 - status
  silent = _SILENT.search(lost)
  other = silent[1].rpartition(":")[2] if silent else "0"  # which has the coordination service
  print(
    f"error: process {other} has ended, or does not answer; the same command on all processes goes"
    " on from the last checkpoint",
    file=sys.stderr,
  )
  return 1


def open_streams() -> None:
  """Gives a child the streams of its supervisor; its descriptors 1 and 2 are for libraries."""
  if _WORKER not in os.environ:
    return
  out, err, lifeline = map(int, os.environ[_WORKER].split(","))
  for name, descriptor in (("stdout", out), ("stderr", err)):
    before = getattr(sys, name)
    is_terminal = os.isatty(descriptor)
    stream = os.fdopen(
      descriptor, "w", encoding=before.encoding, errors=before.errors,
      buffering=1 if is_terminal or name == "stderr" else -1,
    )
    setattr(sys, name, stream)
  threading.Thread(target=_end_with_supervisor, args=(lifeline,), daemon=True).start()


def _end_with_supervisor(lifeline: int) -> None:
  """Kills this process once its supervisor has been killed."""
  os.read(lifeline, 1)
  os.kill(os.getpid(), signal.SIGKILL)


def refuse(reason: str) -> None:
  """Raises InputError if the flags ask for several processes."""
  if address_of_flags() is not None:
    raise InputError(f"--coordinator={flags.FLAGS.coordinator}: {reason}.")


def connect() -> None:
  """Connects this process with the others, if there are any; all but the first fall silent."""
  address = address_of_flags()
  if address is None:
    return
  faulthandler.enable(file=2)  # absl's writes to the streams of the supervisor
  processes.start(*address)
  if not processes.is_first():
    _silence.enter_context(progress.silence())


_silence = contextlib.ExitStack()


def leave(status: int) -> None:
  """Ends this process at once after an error, so that the others notice.

  JAX would wait at the exit until they are done as well, and they for this one.
  """
  if processes.count() > 1:
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(status)
