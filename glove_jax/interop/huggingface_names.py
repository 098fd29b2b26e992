"""Maps the tensor names of `transformers` to the paths of our params, for BERT and GPT-2.

A path joins the keys of nested dicts by slashes, such as `layers/0/attention/qkv/w`.
"""

import re
from collections.abc import Iterable, Mapping
from typing import NamedTuple

# Tensors that only a BERT with the optional part has.
OPTIONAL_PARTS = {"pooler": "pooler.dense.weight", "masked_lm": "cls.predictions.bias"}
# Copies that some files hold of a tensor: the output layer shares the token embeddings.
TIED = {
  "bert": {
    "cls.predictions.decoder.weight": "embeddings.word_embeddings.weight",
    "cls.predictions.decoder.bias": "cls.predictions.bias",
  },
  "gpt2": {"lm_head.weight": "wte.weight"},
}
_PREFIXES = {"bert": "bert.", "gpt2": "transformer."}
_LAYER_PREFIXES = {"bert": "encoder.layer.", "gpt2": "h."}
# Buffers that some files carry; they follow from the model's sizes.
_BUFFERS = re.compile(
  r"(^|\.)(embeddings\.(position_ids|token_type_ids)|attn\.(bias|masked_bias))$"
)
_OLD_LAYER_NORM = {"LayerNorm.gamma": "LayerNorm.weight", "LayerNorm.beta": "LayerNorm.bias"}

_TENSORS = {
  "bert": {
    "embed/token": "embeddings.word_embeddings.weight",
    "embed/position": "embeddings.position_embeddings.weight",
    "embed/type": "embeddings.token_type_embeddings.weight",
    "masked_lm/b": "cls.predictions.bias",
  },
  "gpt2": {"embed/token": "wte.weight", "embed/position": "wpe.weight"},
}
# Modules with a weight and a bias; several are concatenated along the last axis.
_MODULES = {
  "bert": {
    "embed/norm": ["embeddings.LayerNorm"],
    "layers/attention/qkv": [
      "attention.self.query",
      "attention.self.key",
      "attention.self.value",
    ],
    "layers/attention/out": ["attention.output.dense"],
    "layers/attention_norm": ["attention.output.LayerNorm"],
    "layers/mlp/in": ["intermediate.dense"],
    "layers/mlp/out": ["output.dense"],
    "layers/mlp_norm": ["output.LayerNorm"],
    "pooler": ["pooler.dense"],
    "masked_lm/dense": ["cls.predictions.transform.dense"],
    "masked_lm/norm": ["cls.predictions.transform.LayerNorm"],
  },
  "gpt2": {
    "layers/attention/qkv": ["attn.c_attn"],
    "layers/attention/out": ["attn.c_proj"],
    "layers/attention_norm": ["ln_1"],
    "layers/mlp/in": ["mlp.c_fc"],
    "layers/mlp/out": ["mlp.c_proj"],
    "layers/mlp_norm": ["ln_2"],
    "norm": ["ln_f"],
  },
}


class Parameter(NamedTuple):
  """One array of ours and the tensors that it consists of, concatenated along its last axis."""

  path: str
  tensor_names: tuple[str, ...]
  transposed: bool  # PyTorch's linear layers are [outputs, inputs]


def parameter(model_type: str, path: str) -> Parameter:
  """Returns which tensors make up the array at a path of our params."""
  tensor_name = _TENSORS[model_type].get(path)
  if tensor_name is not None:
    return Parameter(path, (tensor_name,), transposed=False)
  module_path, _, leaf = path.rpartition("/")
  prefix = ""
  if module_path.startswith("layers/"):
    _, layer, rest = module_path.split("/", 2)
    module_path = f"layers/{rest}"
    prefix = f"{_LAYER_PREFIXES[model_type]}{layer}."
  suffix = "bias" if leaf == "b" else "weight"
  modules = _MODULES[model_type][module_path]
  tensor_names = tuple(f"{prefix}{module}.{suffix}" for module in modules)
  return Parameter(path, tensor_names, transposed=model_type == "bert" and leaf == "w")


def tensor_shapes(
  model_type: str, param_shapes: Mapping[str, tuple[int, ...]]
) -> dict[str, tuple[int, ...]]:
  """Returns the shape of each tensor that params of these shapes consist of.

  Args:
    model_type: `bert` or `gpt2`.
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


def canonical_names(
  model_type: str, file_names: Iterable[str]
) -> tuple[dict[str, str], tuple[str, ...]]:
  """Strips the model's prefix from a file's tensor names and modernizes old spellings.

  Args:
    model_type: `bert` or `gpt2`.
    file_names: names of tensors as a file has them.

  Returns:
    Canonical name -> name in the file, without buffers; and the names of tensors that belong to
    heads of other tasks.
  """
  file_names = list(file_names)
  prefix = _PREFIXES[model_type]
  has_prefix = any(name.startswith(prefix) for name in file_names)
  canonical = {}
  unused = []
  for file_name in file_names:
    if _BUFFERS.search(file_name):
      continue
    if has_prefix and _is_other_head(model_type, file_name):
      unused.append(file_name)
      continue
    name = file_name.removeprefix(prefix) if has_prefix else file_name
    for old, new in _OLD_LAYER_NORM.items():
      if name.endswith(old):
        name = name.removesuffix(old) + new
    canonical[name] = file_name
  return canonical, tuple(unused)


def saved_name(model_type: str, tensor_name: str, *, with_head: bool) -> str:
  """Returns the name that `transformers` gives a tensor in a file.

  Args:
    model_type: `bert` or `gpt2`.
    tensor_name: canonical name.
    with_head: whether the file holds a BERT's language-model head; without it names have no prefix.
  """
  has_prefix = model_type == "gpt2" or with_head
  if tensor_name.startswith("cls.") or not has_prefix:
    return tensor_name
  return _PREFIXES[model_type] + tensor_name


def _is_other_head(model_type: str, file_name: str) -> bool:
  if file_name.startswith((_PREFIXES[model_type], "cls.predictions.")):
    return False
  return file_name not in TIED[model_type]
