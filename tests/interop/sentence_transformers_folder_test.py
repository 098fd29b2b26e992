"""Pooling and dense layers of sentence-transformers: written, read, refused."""

import json

import numpy as np
import pytest
from safetensors.numpy import load_file

from glove_jax.errors import InputError
from glove_jax.interop import sentence_transformers_folder as folders
from glove_jax.interop.sentence_transformers_folder import DenseLayer

RNG = np.random.default_rng(0)


def layer(inputs, outputs, activation=""):
  w = RNG.normal(size=(inputs, outputs)).astype(np.float32)
  return DenseLayer(w, RNG.normal(size=outputs).astype(np.float32), activation)


def write(folder, pooling="mean", layers=None):
  folder.mkdir()
  size = 4 * len(folders.POOLINGS[pooling])
  folders.write(folder, pooling, layers or [layer(size, 3)], dim=4, max_length=16)
  return folder


@pytest.mark.parametrize("pooling", folders.POOLINGS)
def test_what_is_written_is_read(pooling, tmp_path):
  size = 4 * len(folders.POOLINGS[pooling])
  layers = [layer(size, size, "tanh"), layer(size, 3)]
  read_pooling, read_layers = folders.read(write(tmp_path / "a", pooling, layers), 4)
  assert read_pooling == pooling
  for one, other in zip(layers, read_layers, strict=True):
    np.testing.assert_array_equal(one.w, other.w)
    np.testing.assert_array_equal(one.b, other.b)
    assert one.activation == other.activation


def test_names_and_keys_of_the_files(tmp_path):
  folder = write(tmp_path / "a")
  modules = json.loads((folder / "modules.json").read_text())
  assert [module["type"].rpartition(".")[2] for module in modules] == [
    "Transformer", "Pooling", "Dense",
  ]  # fmt: skip
  assert [module["path"] for module in modules] == ["", "1_Pooling", "2_Dense"]
  assert folders.has_dense_layers(folder) and not folders.has_dense_layers(folder / "2_Dense")
  pooling = json.loads((folder / "1_Pooling" / "config.json").read_text())
  assert pooling.pop("word_embedding_dimension") == 4
  assert {name for name, value in pooling.items() if value} == {"pooling_mode_mean_tokens"}
  dense = json.loads((folder / "2_Dense" / "config.json").read_text())
  assert dense["in_features"] == 4 and dense["out_features"] == 3
  assert dense["activation_function"] == "torch.nn.modules.linear.Identity"
  tensors = load_file(folder / "2_Dense" / "model.safetensors")
  assert {name: array.shape for name, array in tensors.items()} == {
    "linear.weight": (3, 4), "linear.bias": (3,),
  }  # fmt: skip


def test_mean_and_maximum_change_places():
  w = np.arange(8.0).reshape(4, 2)
  assert folders.reordered("mean", w) is w
  swapped = folders.reordered("mean_max", w)
  assert swapped.tolist() == [[4, 5], [6, 7], [0, 1], [2, 3]]
  assert folders.reordered("mean_max", swapped).tolist() == w.tolist()


def test_poolings_as_later_releases_write_them(tmp_path):
  folder = write(tmp_path / "a")
  file = folder / "1_Pooling" / "config.json"
  for value, pooling in [("cls", "first"), ("lasttoken", "last"), ("max", "max")]:
    file.write_text(json.dumps({"embedding_dimension": 4, "pooling_mode": value}))
    assert folders.read(folder, 4)[0] == pooling
  for value in ("weightedmean", ["mean", "max"], 3, []):
    file.write_text(json.dumps({"pooling_mode": value}))
    assert folders.read(folder, 4) is None


def test_other_modules_are_none(tmp_path):
  folder = write(tmp_path / "a")
  modules = json.loads((folder / "modules.json").read_text())
  for others in (modules[:2], [*modules, {**modules[2], "type": "x.Normalize"}], {}, [3]):
    (folder / "modules.json").write_text(json.dumps(others))
    assert folders.read(folder, 4) is None
  folder = write(tmp_path / "b")
  file = folder / "2_Dense" / "config.json"
  file.write_text(json.dumps({"activation_function": "torch.nn.modules.activation.SiLU"}))
  assert folders.read(folder, 4) is None


def test_damaged_files_are_errors(tmp_path):
  with pytest.raises(InputError, match="has 4 inputs, expected 5"):
    folders.read(write(tmp_path / "a"), 5)
  folder = write(tmp_path / "b")
  modules = json.loads((folder / "modules.json").read_text())
  for path in ("../a", "/a", "..", "\ud800", "a\0", 3, None):
    modules[2]["path"] = path
    (folder / "modules.json").write_text(json.dumps(modules))
    with pytest.raises(InputError, match=r"path is .*, expected a folder beside it"):
      folders.read(folder, 4)
  (folder / "modules.json").write_text("[")
  with pytest.raises(InputError, match="not JSON"):
    folders.read(folder, 4)
  (write(tmp_path / "c") / "1_Pooling" / "config.json").unlink()
  with pytest.raises(InputError, match="No such file"):
    folders.read(tmp_path / "c", 4)
