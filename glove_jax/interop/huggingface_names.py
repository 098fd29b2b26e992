"""Maps the tensor names of `transformers` to the paths of our params, by the rows of the families.

A path joins the keys of nested dicts by slashes, such as `layers/0/attention/qkv/w`.
"""

import functools
from collections.abc import Iterable, Mapping
from typing import NamedTuple

from glove_jax.interop.huggingface_families import FAMILIES, Family, Part


class Parameter(NamedTuple):
  """One array of ours and the tensors that it consists of, concatenated along its last axis."""

  path: str
  tensor_names: tuple[str, ...]
  transposed: bool  # PyTorch's linear layers are [outputs, inputs]


def parameter(model_type: str, path: str) -> Parameter:
  """Returns which tensors make up the array at a path of our params."""
  family = FAMILIES[model_type]
  parts = all_parts(model_type)
  tensor_name = parts.tensors.get(path)
  if tensor_name is not None:
    return Parameter(path, (tensor_name,), transposed=False)
  module_path, _, leaf = path.rpartition("/")
  prefix = ""
  if module_path.startswith("layers/"):
    _, layer, rest = module_path.split("/", 2)
    module_path = f"layers/{rest}"
    prefix = f"{family.layers}{layer}."
  suffix = "bias" if leaf == "b" else "weight"
  tensor_names = tuple(f"{prefix}{module}.{suffix}" for module in parts.modules[module_path])
  return Parameter(path, tensor_names, transposed=family.linear and leaf == "w")


def tensor_shapes(
  model_type: str, param_shapes: Mapping[str, tuple[int, ...]]
) -> dict[str, tuple[int, ...]]:
  """Returns the shape of each tensor that params of these shapes consist of.

  Args:
    model_type: of a family.
    param_shapes: path -> shape.

  Returns:
    Tensor name -> shape.
  """
  shapes = {}
  for path, (*outer, last) in param_shapes.items():
    entry = parameter(model_type, path)
    shape = (*outer, last // len(entry.tensor_names))
    if entry.transposed:
      shape = shape[::-1]
    for name in entry.tensor_names:
      shapes[name] = shape
  return shapes


def has_part(family: Family, part: str, tensor_names: Iterable[str]) -> bool:
  """Returns whether tensors include those of an optional part of our params."""
  return not set(family.optional.get(part, ())).isdisjoint(tensor_names)


def saved_name(model_type: str, tensor_name: str, *, with_head: bool) -> str:
  """Returns the name that `transformers` gives a tensor in a file.

  Args:
    model_type: of a family.
    tensor_name: canonical name.
    with_head: whether the file holds a head; without it names of most families have no prefix.
  """
  family = FAMILIES[model_type]
  has_prefix = with_head or not family.bare
  if tensor_name in head_names(model_type) or not has_prefix:
    return tensor_name
  return family.prefix + tensor_name


@functools.cache
def all_parts(model_type: str) -> Part:
  """Returns the modules and tensors of a family's encoder and heads together."""
  family = FAMILIES[model_type]
  parts = (family.encoder, *family.heads.values())
  modules = {}
  tensors = {}
  for part in parts:
    modules |= part.modules
    tensors |= part.tensors
  return Part(modules, tensors)


@functools.cache
def head_names(model_type: str) -> frozenset[str]:
  """Returns the names of the tensors of a family's heads."""
  family = FAMILIES[model_type]
  names = set()
  for part in family.heads.values():
    names |= names_of_part(part)
  if family.output_bias:
    names.add(family.output_bias)
  return frozenset(names)


def names_of_part(part: Part) -> set[str]:
  """Returns the names of the tensors of a head, whether models have all of them or not."""
  names = set(part.tensors.values())
  for modules in part.modules.values():
    for module in modules:
      names |= {f"{module}.weight", f"{module}.bias"}
  return names
