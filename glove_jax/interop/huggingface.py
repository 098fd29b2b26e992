"""Folders as `transformers` saves them (config.json, model.safetensors): BERT and GPT-2 into our params and back.

The BERT family is what says `model_type: bert`: BERT, and what was distilled from it, such as MiniLM. Dropout of the
attention's weights is not ours: `attention_probs_dropout_prob` and `attn_pdrop` are ignored, and written as 0.
"""

import json
import math
import os
import pathlib
import re
from collections.abc import Iterator
from typing import Any, NamedTuple

import jax
import numpy as np

from glove_jax.files import InputError, atomic_folder
from glove_jax.interop import safetensor_files
from glove_jax.models import bert, gpt2, transformer
from glove_jax.models.transformer import Config
from glove_jax.train import Params

_MOST = 2**31 - 1
# config.json's name of each size, and its default where an old file leaves it out
_SIZES = {
  "bert": {"vocab_size": "vocab_size", "dim": "hidden_size", "layers": "num_hidden_layers",
           "heads": "num_attention_heads", "hidden": "intermediate_size", "positions": "max_position_embeddings",
           "types": "type_vocab_size"},
  "gpt2": {"vocab_size": "vocab_size", "dim": "n_embd", "layers": "n_layer", "heads": "n_head", "hidden": "n_inner",
           "positions": "n_positions"}}
_OTHERS = {"bert": ("hidden_act", "layer_norm_eps", "hidden_dropout_prob"),
           "gpt2": ("activation_function", "layer_norm_epsilon", "resid_pdrop")}
_CONFIGS = {"bert": bert.CONFIG, "gpt2": gpt2.CONFIG}
_ACTIVATIONS = {"gelu": "gelu", "gelu_new": "gelu_tanh", "gelu_pytorch_tanh": "gelu_tanh", "relu": "relu"}
# What changes the computation in ways that are not ours.
_FIXED = {"bert": {"position_embedding_type": "absolute", "is_decoder": False, "add_cross_attention": False,
                   "tie_word_embeddings": True},
          "gpt2": {"scale_attn_weights": True, "scale_attn_by_inverse_layer_idx": False, "add_cross_attention": False,
                   "tie_word_embeddings": True}}
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


def load(folder: str | os.PathLike) -> Pretrained:
  """Reads a folder of the BERT family or of GPT-2; params are NumPy arrays, float32.

  Raises:
    InputError: config.json or a tensor is missing, damaged, unknown or of another shape (all are listed), or the model
      is one that ours cannot be.
  """
  folder = pathlib.Path(folder)
  tensors = safetensor_files.tensors(folder)
  kind, config = read_config(folder / "config.json")
  if config.layers > len(tensors):
    raise InputError(f"{folder}: config.json tells of {config.layers:,} layers; the file has {len(tensors):,} tensors.")
  names, left_out = _known_names(kind, tensors)
  starts = _starts(kind, config, names)
  entries = list(_entries(kind, starts))
  expected = {name: shape for entry in entries for name, shape in _shapes(entry, starts).items()}
  tied = _tied(kind)
  wrong = [f"{name} is missing" for name in expected if name not in names]
  wrong += [f"{name[:200]} is not expected" for name in names if name not in expected and name not in tied]
  wrong += [f"{name} is {list(tensors[names[name]].shape)}, expected {list(shape)}"
            for name, shape in expected.items() if name in names and tensors[names[name]].shape != shape]
  if wrong:
    raise InputError(f"{folder}: {'; '.join(wrong)}.")
  ours = {theirs: name for name, theirs in names.items()}
  arrays = {ours[theirs]: array for theirs, array in safetensor_files.read(tensors, list(ours))}
  for name, like in tied.items():
    if name in arrays and not np.array_equal(arrays[name], arrays[like]):
      raise InputError(f"{folder}: {name} differs from {like}; expected a head that is tied to it.")
  return Pretrained(config, _tree({entry.path: _joined(entry, arrays) for entry in entries}), left_out)


def save(folder: str | os.PathLike, params: Params, config: Config) -> None:
  """Writes params of `bert` or `gpt2` as a folder that `transformers` loads; it is whole or absent.

  Raises:
    InputError: params are not those of `config`, or it is neither a BERT nor a GPT-2.
  """
  kind = _kind(config)
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
    safetensor_files.write(building / safetensor_files.FILE, arrays)
    text = json.dumps(_to_json(kind, config, masked_lm="masked_lm" in parts), indent=2, sort_keys=True)
    (building / "config.json").write_text(text + "\n", encoding="utf-8")


def read_config(path: str | os.PathLike) -> tuple[str, Config]:
  """(`bert` or `gpt2`, what config.json says).

  Raises:
    InputError: what makes no sense or is not ours, all of it.
  """
  path = pathlib.Path(path)
  found = safetensor_files.read_json(path)
  kind = found.get("model_type")
  if not isinstance(kind, str) or kind not in _SIZES:
    raise InputError(f"{path}: model_type is {_shown(kind)}, expected one of {', '.join(_SIZES)}.")
  wrong = []

  def get(name: str, default, good, expected: str):
    value = found.get(name)
    value = default if value is None else value
    if not good(value):
      wrong.append(f"{name} is {_shown(value)}, expected {expected}")
      return default
    return value

  default = _CONFIGS[kind]
  sizes = {field: get(name, getattr(default, field), _is_size, f"a number from 1 to {_MOST:,}")
           for field, name in _SIZES[kind].items() if name != "n_inner"}
  if kind == "gpt2":
    sizes["hidden"] = get("n_inner", 4 * sizes["dim"], _is_size, f"a number from 1 to {_MOST:,}")
  activation, epsilon, dropout = _OTHERS[kind]
  config = default._replace(
    **sizes,
    activation=_ACTIVATIONS[get(activation, "gelu" if kind == "bert" else "gelu_new", _is_activation,
                                f"one of {', '.join(_ACTIVATIONS)}")],
    epsilon=get(epsilon, default.epsilon, lambda value: _is_number(value) and 0 < value < 1, "a number from 0 to 1"),
    dropout=get(dropout, default.dropout, lambda value: _is_number(value) and 0 <= value < 1, "a number from 0 to 1"))
  for name, value in _FIXED[kind].items():
    get(name, value, lambda given, value=value: given == value, f"{value!r}")
  if config.dim % config.heads:
    wrong.append(f"{_SIZES[kind]['dim']} is {config.dim}, expected a multiple of {config.heads} heads")
  if wrong:
    raise InputError(f"{path}: {'; '.join(wrong)}.")
  return kind, config


def _kind(config: Config) -> str:
  for kind, like in _CONFIGS.items():
    if (config.causal, config.pre_norm, config.types > 0) == (like.causal, like.pre_norm, like.types > 0):
      return kind
  raise InputError(f"causal={config.causal}, pre_norm={config.pre_norm}, types={config.types}: neither a BERT (False, "
                   "False, 1 or more) nor a GPT-2 (True, True, 0).")


def _to_json(kind: str, config: Config, *, masked_lm: bool) -> dict[str, Any]:
  activation, epsilon, dropout = _OTHERS[kind]
  names = {ours: theirs for theirs, ours in reversed(_ACTIVATIONS.items())}
  found = {"model_type": kind, "dtype": "float32", **_FIXED[kind], activation: names[config.activation],
           epsilon: config.epsilon, dropout: config.dropout,
           **{name: getattr(config, field) for field, name in _SIZES[kind].items()}}
  if kind == "bert":
    return found | {"architectures": ["BertForMaskedLM" if masked_lm else "BertModel"],
                    "attention_probs_dropout_prob": 0.0}
  return found | {"architectures": ["GPT2LMHeadModel"], "attn_pdrop": 0.0, "embd_pdrop": config.dropout,
                  "bos_token_id": None, "eos_token_id": None}


# What a file has where it has these parts of a BERT.
_LANDMARKS = {"pooler": "pooler.dense.weight", "masked_lm": "cls.predictions.bias"}


def _starts(kind: str, config: Config, names) -> dict:
  """The shapes of our params; of a BERT's pooler and head only if they are among the names."""
  if kind == "gpt2":
    return transformer.starts(config)
  whole = bert.starts(config)
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


def _is_start(leaf) -> bool:
  return isinstance(leaf, transformer.Start)


def _is_size(value) -> bool:
  return isinstance(value, int) and not isinstance(value, bool) and 1 <= value <= _MOST


def _is_number(value) -> bool:
  return isinstance(value, (int, float)) and not isinstance(value, bool) and math.isfinite(value)


def _is_activation(value) -> bool:
  return isinstance(value, str) and value in _ACTIVATIONS


def _shown(value) -> str:
  return repr(value)[:100]
