"""Checkpoints: whole states by orbax behind `save` and `restore`, and strict transfer of params by name.

A checkpoint is a folder `NNN/` (NNN the step) with orbax's `state/` and a `manifest.json` of every leaf's shape and
type and every file's size and checksum: a damaged or foreign checkpoint is named as such before orbax sees it.
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

from glove_jax.errors import InputError
from glove_jax.files import atomic_write

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
      json.dump({"leaves": _kinds(state), "files": _files(building / "state")}, file, indent=1)
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
  try:
    manifest = json.loads((path / "manifest.json").read_text(encoding="utf-8"))
    damaged = _changed(_files(path / "state"), manifest["files"])
    found, expected = manifest["leaves"], _kinds(template)
  except (OSError, ValueError, KeyError, TypeError):
    damaged = "manifest.json"
  if damaged:
    raise InputError(f"{path}: damaged checkpoint ({damaged}); delete {path} to go on from the one before it.")
  if found != expected:
    raise InputError(f"{path}: {_difference(found, expected)}")
  template = jax.tree.map(lambda leaf: np.empty(leaf.shape, leaf.dtype), template)
  with _checkpointer() as checkpointer:
    return jax.tree.map(np.asarray, checkpointer.restore(path / "state", template))


def average(folder: str | os.PathLike, template: State, *, last: int) -> State:
  """The mean of the params of the last checkpoints in `folder`, in the place of `template`'s.

  Averaged iterates are better than the last (Polyak & Juditsky 1992). The mean is taken in float64.
  """
  chosen = steps(folder)[-last:]
  total = None
  for step in chosen:
    params = jax.tree.map(np.float64, restore(folder, template, step=step).params)
    total = params if total is None else jax.tree.map(np.add, total, params)
  params = jax.tree.map(lambda leaf, like: (leaf / len(chosen)).astype(like.dtype), total, template.params)
  return template._replace(params=params)


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


def _kinds(state) -> dict[str, list]:
  return {name: [list(leaf.shape), str(leaf.dtype)] for name, leaf in _leaves(state)}


def _files(folder: pathlib.Path) -> dict[str, list[int]]:
  """Size and checksum of every file below `folder`."""
  contents = {path.relative_to(folder): path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()}
  return {path.as_posix(): [len(data), zlib.crc32(data)] for path, data in contents.items()}


def _changed(found: dict, expected: dict) -> str:
  """The first file that is gone, new or not what it was; empty if none is."""
  return next((name for name in sorted({*found, *expected}) if found.get(name) != expected.get(name)), "")


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
