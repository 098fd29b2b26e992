"""Checkpoints: whole states by orbax behind `save` and `restore`, and strict transfer of params by name.

A checkpoint is a folder `NNN/` (NNN the step) with orbax's `state/` and `manifest.json`, which holds every leaf's
name, shape, type and checksum: a damaged or foreign checkpoint is named as such before anything is done with it.
"""

import json
import os
import pathlib
import shutil
import zlib
from collections.abc import Sequence
from typing import Any

import jax
import numpy as np

from glove_jax.files import InputError, atomic_write

State = Any  # a NamedTuple of arrays that has a `step`, such as `train.TrainState`


def save(folder: str | os.PathLike, state: State, *, keep: int = 2) -> pathlib.Path:
  """Writes `folder/<step>`, whole or not at all, then deletes all but the latest `keep` checkpoints."""
  folder = pathlib.Path(folder).absolute()
  state = jax.device_get(state)
  step = int(state.step)
  building = folder / f"{step}.building"
  shutil.rmtree(building, ignore_errors=True)
  building.mkdir(parents=True)
  try:
    with _checkpointer() as checkpointer:
      checkpointer.save(building / "state", state)
    with atomic_write(building / "manifest.json") as file:
      json.dump(_manifest(state), file, indent=1)
    shutil.rmtree(folder / str(step), ignore_errors=True)
    os.replace(building, folder / str(step))
  except BaseException:
    shutil.rmtree(building, ignore_errors=True)
    raise
  for old in steps(folder)[:-keep]:
    shutil.rmtree(folder / str(old), ignore_errors=True)
  return folder / str(step)


def steps(folder: str | os.PathLike) -> list[int]:
  """Steps of the checkpoints in `folder`, ascending; none if there is no such folder."""
  folder = pathlib.Path(folder)
  return sorted(int(path.name) for path in folder.iterdir() if path.name.isdigit()) if folder.is_dir() else []


def restore(folder: str | os.PathLike, template: State, *, step: int | None = None) -> State | None:
  """The state saved at `step` (default: the latest) as NumPy arrays in the shape of `template`; None without any.

  Raises:
    InputError: the checkpoint is damaged, or its names, shapes or types are not the template's (all are listed).
  """
  folder = pathlib.Path(folder).absolute()
  if step is None and not steps(folder):
    return None
  path = folder / str(steps(folder)[-1] if step is None else step)
  advice = f"delete {path} to go on from an older one, or the workdir to start anew."
  try:
    manifest = json.loads((path / "manifest.json").read_text(encoding="utf-8"))
  except (OSError, ValueError) as error:
    raise InputError(f"{path}: damaged checkpoint ({type(error).__name__}: manifest.json); {advice}") from None
  expected = {name: _kind(leaf) for name, leaf in _leaves(template)}
  found = {name: entry[:2] for name, entry in manifest.items()}
  if found != expected:
    raise InputError(f"{path}: {_difference(found, expected)}")
  template = jax.tree.map(lambda leaf: np.empty(leaf.shape, leaf.dtype), template)
  try:
    with _checkpointer() as checkpointer:
      state = checkpointer.restore(path / "state", template)
  except Exception as error:  # orbax and tensorstore raise many kinds
    raise InputError(f"{path}: damaged checkpoint ({type(error).__name__}); {advice}") from None
  state = jax.tree.map(np.asarray, state)
  if _manifest(state) != manifest:
    raise InputError(f"{path}: damaged checkpoint (checksums differ); {advice}")
  return state


def transfer(source, target, *, except_: Sequence[str] = ()):
  """Params of `source` in the place of `target`'s, strict on names and shapes.

  Args:
    source, target: nested dicts of arrays.
    except_: names (`head` means `head` and all below it) that keep the target's values.

  Raises:
    InputError: lists every name that is missing, unknown, or of another shape.
  """
  def kept(name):
    return any(name == prefix or name.startswith(prefix + "/") for prefix in except_)
  given = {name: leaf for name, leaf in _leaves(source) if not kept(name)}
  found = {name: [list(np.shape(leaf))] for name, leaf in given.items()}
  expected = {name: [list(np.shape(leaf))] for name, leaf in _leaves(target) if not kept(name)}
  if found != expected:
    raise InputError(f"pretrained params: {_difference(found, expected)}")
  paths, structure = jax.tree_util.tree_flatten_with_path(target)
  return jax.tree.unflatten(structure, [given.get(_name(path), leaf) for path, leaf in paths])


def _checkpointer():
  import orbax.checkpoint as ocp  # imported late: it takes a second, and evaluation does not need it
  return ocp.StandardCheckpointer()


def _manifest(state) -> dict[str, list]:
  return {name: [*_kind(leaf), zlib.crc32(np.ascontiguousarray(leaf).data)] for name, leaf in _leaves(state)}


def _kind(leaf) -> list:
  return [list(leaf.shape), str(leaf.dtype)]


def _leaves(tree) -> list[tuple[str, np.ndarray]]:
  return [(_name(path), leaf) for path, leaf in jax.tree_util.tree_leaves_with_path(tree)]


def _name(path) -> str:
  return jax.tree_util.keystr(path, simple=True, separator="/")


def _difference(found: dict, expected: dict) -> str:
  wrong = [f"{name} is missing" for name in expected if name not in found]
  wrong += [f"{name} is not expected" for name in found if name not in expected]
  wrong += [
    f"{name} is {found[name]}, expected {expected[name]}"
    for name in expected if name in found and found[name] != expected[name]
  ]
  return "; ".join(wrong) + "."
