"""Tensor files with wrong headers, truncated files, pickles, and unsupported values."""

import json
import shutil
import struct
import tracemalloc

import jax
import numpy as np
import pytest
from huggingface_folders import BOTH, FAMILIES, GOLDEN, error, golden, respell
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from safetensors.numpy import load_file, save_file

from glove_jax.errors import InputError
from glove_jax.interop import huggingface, safetensors_io


def test_missing_files_and_pickles(folder, tmp_path):
  assert "no such folder" in error(tmp_path / "nowhere")
  model = folder()
  (model / "config.json").rename(model / "other.json")
  assert "config.json: No such file" in error(model)
  (model / "other.json").rename(model / "config.json")
  (model / "model.safetensors").rename(model / "pytorch_model.bin")
  for path in (model, model / "pytorch_model.bin"):
    with pytest.raises(InputError) as caught:
      huggingface.load(path)
    message = str(caught.value).replace(str(model), "FOLDER")
    assert message.startswith("FOLDER/pytorch_model.bin: a pickle") and len(message) < 300
    code = message.partition('python -c "')[2].removesuffix('"')
    compile(code, "command", "exec")
    assert "'model.safetensors'" in code
  for content in ("{}", "{broken"):
    (model / "pytorch_model.bin").unlink(missing_ok=True)
    (model / "pytorch_model.bin.index.json").write_text(content)
    with pytest.raises(InputError) as caught:
      huggingface.load(model)
    message = "pickled shards can run any code; docs/formats.md converts them."
    assert str(caught.value) == f"{model}/pytorch_model.bin.index.json: {message}"
  (model / "pytorch_model.bin.index.json").unlink()
  assert "found neither model.safetensors nor model.safetensors.index.json" in error(model)


def test_integers_and_numbers_that_are_none_are_refused(folder):
  name = "transformer.ln_f.bias"
  model = folder("gpt2")
  with pytest.raises(InputError, match="ln_f.bias is I64, expected one of F64, F32"):
    respell(model, lambda arrays: arrays | {name: np.zeros(16, np.int64)})
  with pytest.raises(InputError, match="ln_f.bias has values that are NaN"):
    respell(model, lambda arrays: arrays | {name: np.full(16, np.nan, np.float32)})


@pytest.mark.parametrize(
  "weight_map,message",
  [
    (None, "no weight_map"),
    ({"a": 3}, "no weight_map"),
    ({"a": "../x.safetensors"}, "expected one in the same folder"),
    ({"a": "/etc/passwd"}, "expected one in the same folder"),
    ({"a": "x.safetensors"}, "No such file"),
    ({"a": ""}, "expected one in the same folder"),
    ({"a": "x\0"}, "expected one in the same folder"),
    ({"a": "\ud800"}, "expected one in the same folder"),
    ({"a": "model-0.safetensors"}, "there is no 'a' in model-0.safetensors"),
  ],
)
def test_an_index_that_lies(weight_map, message, folder):
  model = folder()
  (model / "model.safetensors").rename(model / "model-0.safetensors")
  (model / "model.safetensors.index.json").write_text(json.dumps({"weight_map": weight_map}))
  assert message in error(model)


def test_a_pointer_of_git_lfs_is_named(folder):
  model = folder()
  pointer = "version https://git-lfs.github.com/spec/v1\noid sha256:4d7a\nsize 12345\n"
  (model / "model.safetensors").write_text(pointer)
  assert error(model).endswith("a pointer of Git LFS: `git lfs pull` gets the file.")


def test_few_of_many_tensors_that_shards_lack_are_listed(folder):
  model = folder()
  (model / "model.safetensors").rename(model / "model-0.safetensors")
  weight_map = {f"strange{i}": "model-0.safetensors" for i in range(40)}
  (model / "model.safetensors.index.json").write_text(json.dumps({"weight_map": weight_map}))
  assert "no 'strange2' in model-0.safetensors and 37 more." in error(model)


def test_a_huge_header_takes_no_memory(folder):
  model = folder()
  file = model / "model.safetensors"
  data = file.read_bytes()
  for size in (2**63, 2**40, len(data) - 7, 2**25):
    with open(file, "wb") as out:
      out.write(struct.pack("<Q", size) + data[8:])
      if size == 2**25:
        out.truncate(2**26)  # zeros that take no disk
    tracemalloc.start()
    assert f"a header of {size:,} bytes" in error(model)
    assert tracemalloc.get_traced_memory()[1] < 1e6
    tracemalloc.stop()


@settings(
  max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(data=st.data())
def test_damaged_files_give_one_line_or_numbers(data, tmp_path_factory):
  """Cut off anywhere, or with bytes of the header changed: never a traceback of another kind."""
  model = tmp_path_factory.getbasetemp() / "damaged"
  model.mkdir(exist_ok=True)
  kind = data.draw(st.sampled_from(["gpt2", "bert", *FAMILIES]))
  shutil.copy(GOLDEN / kind / "config.json", model)
  whole = bytearray((GOLDEN / kind / "model.safetensors").read_bytes())
  if data.draw(st.booleans()):
    whole = whole[: data.draw(st.integers(0, len(whole) - 1))]
  else:
    for _ in range(data.draw(st.integers(1, 4))):
      whole[data.draw(st.integers(0, 2000))] = data.draw(st.integers(0, 255))
  (model / "model.safetensors").write_bytes(whole)
  try:
    huggingface.load(model, heads=data.draw(st.booleans()))
  except InputError as caught:
    assert "\n" not in str(caught)


def test_tensors_are_told_without_being_read():
  tensors = safetensors_io.list_tensors(GOLDEN / "gpt2")
  assert tensors["transformer.wte.weight"] == (
    GOLDEN / "gpt2" / "model.safetensors",
    "F32",
    (40, 16),
  )


@BOTH
def test_shards_bfloat16_and_float64_load(kind, folder, tmp_path):
  import ml_dtypes

  model = folder(kind)
  arrays = load_file(model / "model.safetensors")
  names = sorted(arrays)
  for number, part in enumerate((names[::2], names[1::2])):
    kinds = (np.float64, ml_dtypes.bfloat16)[number]
    save_file(
      {name: arrays[name].astype(kinds) for name in part}, model / f"model-{number}.safetensors"
    )
  (model / "model.safetensors").unlink()
  weight_map = {name: f"model-{names.index(name) % 2}.safetensors" for name in names}
  (model / "model.safetensors.index.json").write_text(json.dumps({"weight_map": weight_map}))
  params = huggingface.load(model).params
  for one, two in zip(jax.tree.leaves(params), jax.tree.leaves(golden(kind).params), strict=True):
    assert one.dtype == np.float32
    np.testing.assert_allclose(one, two, rtol=1e-2)
