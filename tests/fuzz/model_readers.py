"""Folders of Hugging Face: config.json, tensors in one file or in shards."""

import json
import math
import pathlib
import struct

import numpy as np

from fuzz import mutators
from fuzz.trials import Files, Reader
from glove_jax.interop import huggingface, huggingface_config, safetensors_io

_GOLDEN = pathlib.Path(__file__).resolve().parents[1] / "golden"
_FAMILIES = ("bert", "gpt2", "roberta", "distilbert", "electra", "mpnet", "modernbert")
_TOKENS = [
  b"F32", b"F16", b"BF16", b"F64", b"I64", b"F8_E4M3", b"dtype", b"shape", b"data_offsets",
  b"__metadata__", b"weight_map", b"metadata", b"total_size", b"model_type", b"bert", b"gpt2",
  b"roberta", b"modernbert", b"hidden_size", b"num_attention_heads", b"vocab_size", b"n_embd",
  b"hidden_act", b"gelu", b"layer_norm_eps", b"tie_word_embeddings", b"embeddings.", b"module.",
  b"max_position_embeddings", b"rope_scaling", b"layer_types", b"pad_token_id",
]  # fmt: skip


def readers() -> list[Reader]:
  """Returns the readers of models."""
  configs = []
  folders = []
  for family in _FAMILIES:
    folder = _GOLDEN / family
    config = (folder / "config.json").read_bytes()
    configs.append({"config.json": config})
    tensors = (folder / "model.safetensors").read_bytes()
    folders.append({"config.json": config, "model.safetensors": tensors})
  without_type = json.loads(configs[0]["config.json"])
  del without_type["model_type"]
  configs.append({"config.json": json.dumps(without_type).encode()})
  header = [change_header, mutators.change_integers]
  return [
    Reader("safetensors", _tensor_seeds(), _read_tensors, _check_tensors, _TOKENS, header),
    Reader("model_config", configs, _read_config, _check_config, _TOKENS,
           [mutators.change_json] * 3),
    Reader("model_folder", folders, _read_folder, _check_folder, _TOKENS,
           [change_header, mutators.change_json]),
  ]  # fmt: skip


def _pack(tensors: dict[str, np.ndarray]) -> bytes:
  header = {"__metadata__": {"format": "pt"}}
  data = b""
  for name, array in tensors.items():
    dtype = {"float32": "F32", "float16": "F16", "float64": "F64", "int64": "I64"}[str(array.dtype)]
    offsets = [len(data), len(data) + array.nbytes]
    header[name] = {"dtype": dtype, "shape": list(array.shape), "data_offsets": offsets}
    data += array.tobytes()
  text = json.dumps(header).encode()
  text += b" " * (-len(text) % 8)
  return struct.pack("<Q", len(text)) + text + data


def _tensor_seeds() -> list[Files]:
  rng = np.random.default_rng(0)
  first = {"a": rng.normal(size=(2, 3)).astype("f4"), "b.weight": rng.normal(size=4)}
  second = {"c": rng.normal(size=(2,)).astype("f2"), "ids": np.arange(3)}
  names = {"a": "m-1.safetensors", "b.weight": "m-1.safetensors", "c": "m-2.safetensors"}
  index = json.dumps({"metadata": {"total_size": 60}, "weight_map": names}).encode()
  return [
    {"model.safetensors": _pack({**first, **second})},
    {"model.safetensors.index.json": index, "m-1.safetensors": _pack(first),
     "m-2.safetensors": _pack({"c": second["c"]})},
  ]  # fmt: skip


def change_header(rng, data: bytes, tokens) -> bytes:
  """Changes the JSON at the start of a safetensors file and states its new length."""
  if len(data) < 8 or data[:1] == b"{":
    return mutators.change_json(rng, data, tokens)
  size, = struct.unpack("<Q", data[:8])
  header = mutators.change_json(rng, data[8 : 8 + size], tokens)
  return struct.pack("<Q", len(header)) + header + data[8 + size :]


def _read_tensors(folder: pathlib.Path):
  tensors = safetensors_io.list_tensors(folder)
  floats = [name for name, info in tensors.items() if info.dtype in safetensors_io.FLOAT_DTYPES]
  return tensors, dict(safetensors_io.read(tensors, floats))


def _check_tensors(value, files: Files) -> None:
  tensors, arrays = value
  for name, array in arrays.items():
    info = tensors[name]
    assert array.shape == info.shape and array.dtype == np.float32
    assert np.isfinite(array).all()
    data = files[info.file.name]
    size, = struct.unpack("<Q", data[:8])
    entry = json.loads(data[8 : 8 + size])[name]
    begin, end = entry["data_offsets"]
    dtype = {"F32": "<f4", "F16": "<f2", "F64": "<f8"}.get(entry["dtype"])
    if dtype:
      content = np.frombuffer(data[8 + size + begin : 8 + size + end], dtype)
      assert np.array_equal(content.astype(np.float32), array.ravel())
    assert math.prod(info.shape) == array.size


def _read_config(folder: pathlib.Path):
  return huggingface_config.read(folder / "config.json", ["bert.embeddings.word_embeddings.weight"])


def _check_config(value, files: Files) -> None:
  model_type, config = value
  values = json.loads(files["config.json"])
  assert values.get("model_type", model_type) in (model_type, None)
  for field in ("dim", "layers", "heads", "vocab_size", "feedforward_dim"):
    size = getattr(config, field, 1)
    assert isinstance(size, int) and size > 0
  assert config.dim % config.heads == 0
  huggingface_config.to_json(model_type, config)


def _read_folder(folder: pathlib.Path):
  return huggingface.load(folder)


def _check_folder(value, files: Files) -> None:
  assert value.config.dim > 0 and value.params
