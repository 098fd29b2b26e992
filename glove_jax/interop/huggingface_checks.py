"""Compares tensors and params with what a configuration asks for; messages list the first few."""

import os
import pathlib
from collections.abc import Collection, Mapping, Sequence

import numpy as np

from glove_jax.errors import InputError, printable
from glove_jax.interop import huggingface_file_names, huggingface_names
from glove_jax.interop.huggingface_families import FAMILIES
from glove_jax.interop.safetensors_io import TensorInfo

Shapes = dict[str, tuple[int, ...]]

_MAX_LISTED = 4  # names of a kind in a message; for the others there is a count


def check_tensors(
  folder: pathlib.Path,
  model_type: str,
  tensors: Mapping[str, TensorInfo],
  file_names: Mapping[str, str],
  param_shapes: Shapes,
) -> None:
  """Raises an InputError that lists missing and unexpected tensors and wrong shapes."""
  expected = huggingface_names.tensor_shapes(model_type, param_shapes)
  missing = [f"{name} is missing" for name in expected if name not in file_names]
  unexpected = []
  for name in file_names:
    if name not in expected:
      unexpected.append(f"{printable(name, 200)} is not expected")
  wrong_shapes = []
  for name, shape in expected.items():
    if name not in file_names:
      continue
    file_shape = tensors[file_names[name]].shape
    if file_shape != shape:
      wrong_shapes.append(f"{name} is {list(file_shape)}, expected {list(shape)}")
  kinds = [lines for lines in (unexpected, wrong_shapes, missing) if lines]
  remark = _names_of_other_family(model_type, tensors) if missing else ""
  # Each message is to be read at once: the more kinds of problems, the fewer names of each.
  listed = max(1, _MAX_LISTED // len(kinds)) if kinds else 0
  problems = [first_few(lines, "; ", 1 if remark else listed) for lines in kinds]
  if problems:
    raise InputError(f"{folder}: {'; '.join(filter(None, [remark, *problems]))}.")


def _names_of_other_family(model_type: str, tensor_names: Collection[str]) -> str:
  """Returns a remark where tensors are named as in another family, else nothing."""
  counts = {name: huggingface_file_names.count_names(name, tensor_names) for name in FAMILIES}
  likely = max(counts, key=counts.get)
  if counts[likely] <= counts[model_type]:
    return ""
  return f"the names are those of {likely}, expected those of {model_type}"


def first_few(lines: Sequence[str], separator: str = ", ", count: int = _MAX_LISTED) -> str:
  """Joins the first lines and the number of the others."""
  listed = separator.join(lines[:count])
  more = len(lines) - count
  return f"{listed} and {more:,} more" if more > 0 else listed


def check_params(
  folder: str | os.PathLike, leaves: Mapping[str, np.ndarray], expected: Shapes
) -> None:
  """Raises an InputError that lists the params that do not fit the configuration."""
  problems = []
  for path in sorted({*leaves, *expected}):
    shape = list(leaves[path].shape) if path in leaves else "missing"
    expected_shape = list(expected[path]) if path in expected else "none"
    if shape != expected_shape:
      problems.append(f"{path} is {shape}, expected {expected_shape}")
  if problems:
    listed = first_few(problems, "; ")
    raise InputError(f"{folder}: the params do not fit the configuration: {listed}.")
