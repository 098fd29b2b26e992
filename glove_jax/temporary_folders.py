"""Folders of runs that end with the object that Python holds: messages do not show their paths."""

import os
import pathlib
import tempfile

_PREFIX = "glove_jax-"


def make() -> tempfile.TemporaryDirectory:
  """Makes a folder that is removed with the returned object."""
  return tempfile.TemporaryDirectory(prefix=_PREFIX)


def contains(path: str | os.PathLike) -> bool:
  """Returns whether a path lies in a folder as of `make`."""
  root = pathlib.Path(tempfile.gettempdir()).absolute()
  absolute = pathlib.Path(path).absolute()
  if not absolute.is_relative_to(root) or absolute == root:
    return False
  return absolute.relative_to(root).parts[0].startswith(_PREFIX)


def display(path: str | os.PathLike, instead: str) -> str:
  """Returns a path for a message; `instead` for one in a temporary folder."""
  return instead if contains(path) else str(path)


def after_colon(path: str | os.PathLike) -> str:
  """Returns `: PATH`, the end of a message; "" for a path in a temporary folder."""
  return "" if contains(path) else f": {path}"
