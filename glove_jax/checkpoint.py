"""Checkpoints of whole training states (by orbax), and transfer of params between models.

A checkpoint is a folder named by its step. It contains orbax's `state/` and a `manifest.json` with
the shape and type of every array and the size and checksum of every file, so that a damaged or
foreign checkpoint is reported as such before orbax reads it.
"""

import contextlib
import functools
import logging
import os
import pathlib
import re
import shutil
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

import jax
import numpy as np

from glove_jax import checkpoint_manifest
from glove_jax.checkpoint_manifest import ATTACHED, STATE
from glove_jax.errors import InputError
from glove_jax.files import (
  BUILDING,
  remove_folder,
  remove_leftovers,
  replace_folder,
  utf8_alias,
)
from glove_jax.tree_paths import named_leaves, path_name

State = Any  # a NamedTuple of arrays that has a `step`, such as `train.TrainState`


def save(
  folder: str | os.PathLike,
  state: State,
  *,
  keep: int = 2,
  attached: Mapping[str, bytes] | None = None,
) -> pathlib.Path:
  """Writes a checkpoint, completely or not at all, and deletes old ones.

  Args:
    folder: of all checkpoints of a run.
    state: a NamedTuple of arrays with a `step`.
    keep: number of checkpoints that remain, the latest ones.
    attached: contents of small files that belong to the state, by name; see `read_attached`.

  Returns:
    The path of the checkpoint, `folder/<step>`.
  """
  folder = pathlib.Path(folder).absolute()
  state = jax.device_get(state)
  path = folder / str(int(state.step))
  building = path.with_name(path.name + BUILDING)
  shutil.rmtree(building, ignore_errors=True)
  building.mkdir(parents=True)
  try:
    _write(building, state, attached or {})
    replace_folder(building, path)
  except BaseException:
    shutil.rmtree(building, ignore_errors=True)
    raise
  tidy(folder, keep=keep)
  return path


def tidy(folder: str | os.PathLike, *, keep: int | None = None) -> None:
  """Removes what a killed process has left half written or half removed, and old checkpoints.

  Args:
    folder: of all checkpoints of a run.
    keep: number of checkpoints that remain, the latest ones; None: all.
  """
  folder = pathlib.Path(folder)
  if not folder.is_dir():
    return
  remove_leftovers(folder)
  old = steps(folder)[:-keep] if keep else []
  for step in old:
    remove_folder(folder / str(step))


def move(folder: str | os.PathLike, target: str | os.PathLike, *, step: int) -> None:
  """Moves a checkpoint to another folder of checkpoints, where no other one remains.

  Args:
    folder: that holds the checkpoint.
    target: the other folder; made if need be.
    step: of the checkpoint.
  """
  target = pathlib.Path(target)
  target.mkdir(parents=True, exist_ok=True)
  replace_folder(pathlib.Path(folder) / str(step), target / str(step))
  tidy(target, keep=1)


def read_attached(folder: str | os.PathLike, step: int, name: str) -> bytes | None:
  """Returns a file that was saved beside a state; None if it was saved without.

  `restore` compares its checksum.
  """
  path = pathlib.Path(folder) / str(step) / ATTACHED / name
  return path.read_bytes() if path.is_file() else None


def _write(path: pathlib.Path, state: State, attached: Mapping[str, bytes]) -> None:
  _write_arrays(path, state)
  for name, data in attached.items():
    file = path / ATTACHED / name
    file.parent.mkdir(exist_ok=True)
    file.write_bytes(data)
  checkpoint_manifest.write(path, state)


def _write_arrays(path: pathlib.Path, state: State) -> None:
  """Writes `state/` by orbax. Raises InputError where the disk refuses it, such as a full one."""
  try:
    with _quiet_libraries(), utf8_alias(path) as alias, _writer() as checkpointer:
      checkpointer.save(alias / STATE, state)
  except (OSError, RuntimeError, ValueError) as error:
    code = getattr(error, "errno", None)
    in_text = re.search(r"os_error_code='(\d+)'", str(error))
    if in_text:  # TensorStore reports errors of the system in the text of a ValueError
      code = int(in_text[1])
    if code is None:
      raise
    raise InputError(f"{path}: cannot write the checkpoint ({os.strerror(code)}).") from None


@contextlib.contextmanager
def _quiet_libraries() -> Iterator[None]:
  """Drops what threads of orbax print in the block: tracebacks of an error that it raises too."""
  before = logging.root.manager.disable
  hook = sys.excepthook
  logging.disable(logging.CRITICAL)
  sys.excepthook = functools.partial(_print_exception, hook)
  try:
    yield
    # After an error it stays: writes under way report to an event loop that is gone.
    sys.excepthook = hook
  finally:
    logging.disable(before)


def _print_exception(hook: Callable[..., None], kind: type, error: BaseException, trace: Any):
  """Prints an exception that nothing has caught, unless it says that an event loop is closed."""
  if "Event loop is closed" not in str(error):
    hook(kind, error, trace)


def steps(folder: str | os.PathLike) -> list[int]:
  """Returns the steps of the checkpoints in a folder, ascending; [] if it does not exist."""
  folder = pathlib.Path(folder)
  if not folder.is_dir():
    return []
  names = [path.name for path in folder.iterdir()]
  return sorted(int(name) for name in names if re.fullmatch("0|[1-9][0-9]*", name))


def restore(folder: str | os.PathLike, template: State, *, step: int | None = None) -> State | None:
  """Reads a checkpoint.

  Args:
    folder: of all checkpoints of a run.
    template: a state with the structure, shapes and types to expect.
    step: of the checkpoint; None: the latest.

  Returns:
    The state, as NumPy arrays; None if there is no checkpoint.

  Raises:
    InputError: the checkpoint is damaged, or its names, shapes or types are not the template's
      (all differences are listed).
  """
  folder = pathlib.Path(folder).absolute()
  if step is None:
    saved_steps = steps(folder)
    if not saved_steps:
      return None
    step = saved_steps[-1]
  path = folder / str(step)
  saved = checkpoint_manifest.read(path, remedy=_remedy(path))
  expected = checkpoint_manifest.shapes_and_types(template)
  if saved != expected:
    raise InputError(f"{path}: {checkpoint_manifest.differences(saved, expected)}")
  empty = jax.tree.map(lambda leaf: np.empty(leaf.shape, leaf.dtype), template)
  with utf8_alias(path) as alias, _checkpointer() as checkpointer:
    state = checkpointer.restore(alias / STATE, empty)
  if int(state.step) != step:
    raise InputError(f"{path}: holds step {int(state.step)}, expected {step}; {_remedy(path)}")
  return jax.tree.map(np.asarray, state)


def _remedy(path: pathlib.Path) -> str:
  return f"delete {path} to go on without it."


def average(folder: str | os.PathLike, template: State, *, at: Sequence[int]) -> State:
  """Averages the params of some checkpoints in a folder, in float64.

  Averaged iterates generalise better than the last (Polyak & Juditsky 1992).

  Args:
    folder: of all checkpoints of a run.
    template: a state, as of `restore`.
    at: the steps of the checkpoints to average.

  Returns:
    The template with the averaged params.

  Raises:
    InputError: one of them is missing or damaged.
  """
  total = None
  for step in at:
    state = restore(folder, template, step=step)
    params = jax.tree.map(np.float64, state.params)
    total = params if total is None else jax.tree.map(np.add, total, params)

  def mean(leaf, like):
    return (leaf / len(at)).astype(like.dtype)

  return template._replace(params=jax.tree.map(mean, total, template.params))


def transfer(source, target, *, exclude: Sequence[str] = ()):
  """Replaces the params of one model by those of another with the same names and shapes.

  Args:
    source: nested dict of arrays.
    target: nested dict of arrays.
    exclude: paths (`head` means `head` and all below it) at which the target's params are kept.

  Returns:
    The params of `source` in the structure of `target`.

  Raises:
    InputError: lists every path that is missing, unknown, or of another shape.
  """
  leaves = _included(source, exclude)
  shapes = _shapes(leaves)
  expected = _shapes(_included(target, exclude))
  if shapes != expected:
    raise InputError(f"pretrained params: {checkpoint_manifest.differences(shapes, expected)}")

  def replace(path, leaf):
    return leaves.get(path_name(path), leaf)

  return jax.tree_util.tree_map_with_path(replace, target)


def _included(tree, exclude: Sequence[str]) -> dict[str, np.ndarray]:
  prefixes = tuple(f"{prefix}/" for prefix in exclude)
  included = {}
  for name, leaf in named_leaves(tree):
    if not f"{name}/".startswith(prefixes):
      included[name] = leaf
  return included


def _shapes(leaves: dict[str, np.ndarray]) -> dict[str, list]:
  return {name: [list(np.shape(leaf))] for name, leaf in leaves.items()}


def _checkpointer():
  # Imported late: it takes a second, and evaluation does not need it.
  import orbax.checkpoint as ocp

  return ocp.StandardCheckpointer(multiprocessing_options=_this_process(ocp))


def _writer():
  # Compressing trained numbers takes as long as all the rest, and saves a twelfth of their size.
  import orbax.checkpoint as ocp

  options = _this_process(ocp)
  handler = ocp.PyTreeCheckpointHandler(use_compression=False, multiprocessing_options=options)
  return ocp.Checkpointer(handler, multiprocessing_options=options)


def _this_process(ocp: Any):
  """Returns options by which Orbax does not wait for other processes of `jax.distributed`."""
  index = jax.process_index()
  if jax.process_count() == 1:
    return ocp.options.MultiprocessingOptions()
  return ocp.options.MultiprocessingOptions(
    primary_host=index, active_processes={index}, barrier_sync_key_prefix=f"glove_jax_{index}"
  )
