"""Finds the tensors of a model among the names in a file.

Files name the same tensor in several ways: with the prefix of the model or of whatever contained it
(`module.`, `_orig_mod.`, `model.`), or in old spellings.
"""

import collections
import functools
import re
from collections.abc import Iterable
from typing import NamedTuple

from glove_jax.errors import InputError, quote
from glove_jax.interop import huggingface_names
from glove_jax.interop.huggingface_families import FAMILIES, Family

# What DistributedDataParallel and torch.compile put before the names of the modules they contain.
_WRAPPERS = re.compile(r"(^|(?<=\.))(module|_orig_mod)\.")
# Buffers that some files carry; they follow from the model's sizes.
_BUFFERS = re.compile(
  r"(^|\.)(embeddings\.(position_ids|token_type_ids)|attn\.(bias|masked_bias)|\w*inv_freq)$"
)
_OLD_LAYER_NORM = {"LayerNorm.gamma": "LayerNorm.weight", "LayerNorm.beta": "LayerNorm.bias"}


class FileNames(NamedTuple):
  """The tensors of a file that belong to a model."""

  canonical: dict[str, str]  # name without prefixes, in today's spelling -> name in the file
  unused: tuple[str, ...]    # names in the file of tensors that belong to heads of other tasks


def canonical_names(
  model_type: str, file_names: Iterable[str], *, heads: bool = True
) -> FileNames:
  """Strips all prefixes from a file's tensor names and modernizes old spellings.

  Args:
    model_type: of a family.
    file_names: names of tensors as a file has them.
    heads: whether tensors of heads are used.

  Raises:
    InputError: the file has the tensors of several such models.
  """
  family = FAMILIES[model_type]
  clean = {}
  for file_name in file_names:
    if not _BUFFERS.search(file_name):
      clean[file_name] = _modern_name(file_name)
  prefix = _common_prefix(model_type, clean.values())
  head_names = huggingface_names.head_names(model_type)
  canonical = {}
  unused = []
  for file_name, name in clean.items():
    head_name = name.removeprefix(_outer_prefix(family, prefix))
    if head_name in head_names:
      _add(canonical, head_name, file_name)
    elif _is_of_encoder(model_type, name, prefix):
      _add(canonical, name.removeprefix(prefix), file_name)
    else:
      unused.append(file_name)
  _resolve_copies(model_type, canonical)
  for head in family.heads:
    if not heads or not huggingface_names.has_part(family, head, canonical):
      for name in sorted(huggingface_names.names_of_part(family.heads[head]) & canonical.keys()):
        unused.append(canonical.pop(name))
  return FileNames(canonical, tuple(unused))


def outer_names(model_type: str, file_names: Iterable[str]) -> dict[str, str]:
  """Returns a file's names by today's spelling, without what stands before `bert.` and heads."""
  clean = {file_name: _modern_name(file_name) for file_name in file_names}
  prefix = _common_prefix(model_type, clean.values())
  outer = _outer_prefix(FAMILIES[model_type], prefix)
  return {name.removeprefix(outer): file_name for file_name, name in clean.items()}


def count_names(model_type: str, file_names: Iterable[str]) -> int:
  """Returns how many of a file's names are those of embeddings, layers and heads of a family."""
  family = FAMILIES[model_type]
  names = set(map(_modern_name, file_names))
  prefix = _common_prefix(model_type, names, several=True)
  outer = _outer_prefix(family, prefix)
  expected = {f"{prefix}{name}" for name in _first_layer_names(model_type)}
  expected |= {f"{outer}{name}" for name in huggingface_names.head_names(model_type)}
  count = len(names & expected)
  return count + 1 if prefix.endswith(family.prefix) and count else count


def _modern_name(file_name: str) -> str:
  name = _WRAPPERS.sub("", file_name)
  for old, new in _OLD_LAYER_NORM.items():
    if name.endswith(old):
      name = name.removesuffix(old) + new
  return name


def _common_prefix(model_type: str, names: Iterable[str], *, several: bool = False) -> str:
  """Returns what stands before the encoder's names: `bert.`, `model.encoder.` or nothing."""
  landmarks = _first_layer_names(model_type)
  longest = max(landmark.count(".") for landmark in landmarks) + 1
  counts = collections.Counter()
  for name in names:
    parts = name.split(".")
    for size in range(1, min(longest, len(parts)) + 1):
      if ".".join(parts[-size:]) in landmarks:
        counts[name[: len(name) - len(".".join(parts[-size:]))]] += 1
  ranked = counts.most_common(2)
  if not ranked:
    return ""
  if len(ranked) == 2 and ranked[0][1] == ranked[1][1] and not several:
    both = " and ".join(quote(prefix) for prefix, _ in ranked)
    raise InputError(f"found two models, with the prefixes {both}, expected one.")
  return ranked[0][0]


def _outer_prefix(family: Family, prefix: str) -> str:
  """Returns what stands before the names of heads, given what stands before the encoder's."""
  if prefix.endswith(family.prefix):
    return prefix.removesuffix(family.prefix)
  outer, _, _ = prefix.rstrip(".").rpartition(".")
  return f"{outer}." if outer else ""


def _add(canonical: dict[str, str], name: str, file_name: str) -> None:
  if name in canonical:
    both = f"{quote(canonical[name])} and {quote(file_name)}"
    raise InputError(f"found {both}, expected one of these names of the same tensor.")
  canonical[name] = file_name


def _is_of_encoder(model_type: str, name: str, prefix: str) -> bool:
  if not name.startswith(prefix):
    return False
  if prefix.endswith(FAMILIES[model_type].prefix):
    return True  # whatever follows: a name that is not expected is an error
  root, _, _ = name.removeprefix(prefix).partition(".")
  return root in _roots(model_type)


def _resolve_copies(model_type: str, canonical: dict[str, str]) -> None:
  """Keeps one of two names of the head's bias, and the output layer as the token embeddings.

  Files name a shared tensor once, by any of its names. Where the two biases differ, the output
  layer's is added to the scores.
  """
  family = FAMILIES[model_type]
  bias = family.output_bias
  if bias in canonical:
    canonical[huggingface_names.all_parts(model_type).tensors["masked_lm/b"]] = canonical.pop(bias)
  token_table = family.encoder.tensors["embed/token"]
  output = f"{family.output}.weight"
  if token_table not in canonical and output in canonical:
    canonical[token_table] = canonical.pop(output)


@functools.cache
def _first_layer_names(model_type: str) -> frozenset[str]:
  """Returns the names of the encoder's weights that every model has: one layer, no heads."""
  family = FAMILIES[model_type]
  names = set(family.encoder.tensors.values())
  for path, modules in family.encoder.modules.items():
    layer = f"{family.layers}0." if path.startswith("layers/") else ""
    names |= {f"{layer}{module}.weight" for module in modules}
  return frozenset(names)


@functools.cache
def _roots(model_type: str) -> frozenset[str]:
  """Returns the first words of the encoder's names."""
  family = FAMILIES[model_type]
  names = [family.layers, *family.encoder.tensors.values()]
  for path, modules in family.encoder.modules.items():
    if not path.startswith("layers/"):
      names += modules
  return frozenset(name.partition(".")[0] for name in names)
