"""Several processes that work on one run, as of `jax.distributed`: who they are, and who waits.

All of them make the same calls in the same order on a folder that they share. The first one writes:
what it prepares (vocabulary, counts, token ids), checkpoints, metrics and results. Without `start`
there is one process, whatever the caller does with `jax.distributed` itself.
"""

import contextlib
import json
from collections.abc import Iterator
from typing import Any

from glove_jax.errors import InputError

_POLLED_EVERY = 1000  # milliseconds between two looks for a signal of the user
_CONNECTS_WITHIN = 300  # seconds
AUTO = "auto"  # a coordinator that the cluster tells JAX
_NOT_THERE_YET = ("DEADLINE_EXCEEDED", "NOT_FOUND")
# In errors of collective operations that another process has left.
_LOST = ("Gloo", "NCCL", "Socket closed", "UNAVAILABLE", "onnection reset", "heartbeat")


class ProcessLost(RuntimeError):
  """Another process of the run has ended before its work was done. Programs end with status 1."""


class _Client:
  """The connection of this process to the others.

  Attributes:
    number: of messages between the processes so far, alike on all of them.
  """

  def __init__(self, client: Any, count: int, index: int):
    self.client = client
    self.count = count
    self.index = index
    self.number = 0

  def next_key(self) -> str:
    """Returns the key of the next message."""
    self.number += 1
    return f"glove_jax/{self.number}"

  def wait_for(self, key: str) -> str:
    """Returns the value of a key once a process has set it.

    It waits in short intervals, between which Python handles signals.
    """
    while True:
      try:
        return self.client.blocking_key_value_get(key, _POLLED_EVERY)
      except Exception as error:  # XlaRuntimeError, whose class differs between releases
        if not any(code in str(error) for code in _NOT_THERE_YET):
          raise ProcessLost(_ended(self.count, self.index)) from None


_active: _Client | None = None


def start(
  coordinator: str, num_processes: int | None = None, process_id: int | None = None
) -> None:
  """Connects this process with the others of a run, which then spans the devices of all.

  Args:
    coordinator: `host:port` of the first process; `auto`: Slurm, Open MPI, Kubernetes or a TPU pod
      tells JAX all there is to know.
    num_processes: of the run.
    process_id: of this one, from 0.

  Raises:
    InputError: the coordinator cannot be reached, or `auto` finds nothing.
  """
  global _active
  import jax

  # Its handler of SIGTERM, in C++, would replace those of `interrupts`.
  jax.config.update("jax_enable_preemption_service", False)
  address = None if coordinator == AUTO else coordinator
  try:
    jax.distributed.initialize(
      address, num_processes, process_id, initialization_timeout=_CONNECTS_WITHIN
    )
  except (RuntimeError, ValueError, OSError) as error:
    raise InputError(f"--coordinator={coordinator}: {_reason(error)}") from None
  # JAX has no public access to the store of keys that its processes share; Orbax does the same.
  from jax._src.distributed import global_state
  _active = _Client(global_state.client, jax.process_count(), jax.process_index())


def _reason(error: Exception) -> str:
  """Returns why the processes did not find each other, in one line."""
  text = " ".join(str(error).split())
  if "coordinator_address should be defined" in text:
    return "neither Slurm, Open MPI, Kubernetes nor a TPU pod is there, expected HOST:PORT."
  if "DEADLINE_EXCEEDED" in text or "UNAVAILABLE" in text:
    return f"cannot be reached, or not all processes came within {_CONNECTS_WITHIN} seconds."
  return f"{text[:300]}."


def finish() -> None:
  """Waits until all processes are done, and disconnects them."""
  global _active
  if _active is None:
    return
  import jax

  wait_for_all()
  jax.distributed.shutdown()
  _active = None


def count() -> int:
  """Returns the number of processes of the run."""
  return 1 if _active is None else _active.count


def index() -> int:
  """Returns the number of this process, from 0."""
  return 0 if _active is None else _active.index


def is_first() -> bool:
  """Returns whether this is the process that writes."""
  return index() == 0


def from_first(value: Any) -> Any:
  """Returns the value that the first process passes, to all processes. It must be JSON's."""
  if _active is None:
    return value
  key = _active.next_key()
  if is_first():
    _active.client.key_value_set(key, json.dumps(value))
    return value
  return json.loads(_active.wait_for(key))


@contextlib.contextmanager
def first_alone() -> Iterator[None]:
  """Lets the first process run the block, and then the others, which find what it has made."""
  if is_first():
    yield
    from_first(None)
  else:
    from_first(None)
    yield


def wait_for_all() -> None:
  """Waits until all processes have come here."""
  if _active is None:
    return
  key = _active.next_key()
  _active.client.key_value_set(f"{key}/{_active.index}", "")
  for other in range(_active.count):
    _active.wait_for(f"{key}/{other}")


@contextlib.contextmanager
def lost_in_errors() -> Iterator[None]:
  """Turns the errors of collective operations in the block into `ProcessLost`."""
  if _active is None:
    yield
    return
  import jax

  try:
    yield
  except jax.errors.JaxRuntimeError as error:
    if not any(word in str(error) for word in _LOST):
      raise
    raise ProcessLost(_ended(_active.count, _active.index)) from None


def _ended(number: int, this: int) -> str:
  other = f"process {1 - this}" if number == 2 else "another process"
  return f"{other} has ended"
