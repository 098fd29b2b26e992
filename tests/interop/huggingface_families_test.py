"""The family of BERT beside golden values of transformers: RoBERTa, ELECTRA, ModernBERT and others.

Then what public files have: other prefixes, output layers that are not tied, heads of other tasks.
"""

import json

import jax
import numpy as np
import pytest
from huggingface_folders import FAMILIES, GOLDEN, error, golden, respell
from huggingface_outputs import expect_golden, outputs
from safetensors.numpy import load_file

from glove_jax.errors import InputError
from glove_jax.interop import huggingface
from glove_jax.models import gpt2, transformer

pytestmark = pytest.mark.usefixtures("quick_compilation")

ALL = ["bert", *FAMILIES]
DECODERS = {
  "bert": ("cls.predictions.decoder.weight", "cls.predictions.decoder.bias"),
  "roberta": ("lm_head.decoder.weight", "lm_head.decoder.bias"),
  "xlm_roberta": ("lm_head.decoder.weight", "lm_head.decoder.bias"),
  "mpnet": ("lm_head.decoder.weight", "lm_head.decoder.bias"),
  "distilbert": ("vocab_projector.weight", None),
  "electra": ("generator_lm_head.weight", None),
  "modernbert": ("decoder.weight", None),
}


def equal(params, expected):
  jax.tree.map(np.testing.assert_array_equal, params, expected)
  assert jax.tree.structure(params) == jax.tree.structure(expected)


@pytest.mark.parametrize("kind", FAMILIES)
def test_hidden_states_and_logits_are_those_of_transformers(kind):
  expect_golden(golden(kind), load_file(GOLDEN / kind / "expected.safetensors"))


@pytest.mark.parametrize("kind", FAMILIES)
def test_what_is_saved_loads_bit_for_bit_under_the_names_of_transformers(kind, tmp_path):
  huggingface.save(tmp_path / "saved", golden(kind).params, golden(kind).config)
  loaded = huggingface.load(tmp_path / "saved")
  assert loaded.config == golden(kind).config
  equal(loaded.params, golden(kind).params)
  ours = load_file(tmp_path / "saved" / "model.safetensors")
  theirs = load_file(GOLDEN / kind / "model.safetensors")
  assert ours.keys() == theirs.keys()
  for name, array in theirs.items():
    np.testing.assert_array_equal(ours[name], array)


@pytest.mark.parametrize("kind", FAMILIES)
def test_an_encoder_alone(kind, tmp_path):
  encoder = huggingface.load(GOLDEN / kind, heads=False)
  assert encoder.params.keys() == transformer.param_specs(encoder.config).keys()
  assert len(encoder.unused_tensors) >= 3
  huggingface.save(tmp_path / "saved", encoder.params, encoder.config)
  loaded = huggingface.load(tmp_path / "saved")
  equal(loaded.params, encoder.params)
  config = json.loads((tmp_path / "saved" / "config.json").read_text())
  assert config["architectures"][0].endswith("Model")


@pytest.mark.parametrize("kind", [*ALL, "gpt2"])
@pytest.mark.parametrize("prefix", ["module.", "_orig_mod.", "model.", "deep.0.module.net."])
def test_prefixes_of_what_contained_a_model(kind, prefix, folder):
  loaded = respell(
    folder(kind), lambda arrays: {prefix + name: array for name, array in arrays.items()}
  )
  equal(loaded.params, golden(kind).params)


@pytest.mark.parametrize("kind", ALL)
def test_an_output_layer_that_is_not_tied_is_loaded_truly(kind, folder, tmp_path):
  decoder, bias = DECODERS[kind]
  table = np.asarray(golden(kind).params["embed"]["token"])[::-1].copy()

  def untied(arrays):
    arrays = {**arrays, decoder: table}
    if bias:
      arrays[bias] = np.arange(40, dtype=np.float32)
    return arrays

  model = folder(kind)
  loaded = respell(model, untied)
  assert not loaded.config.tied
  batch = load_file(GOLDEN / kind / "expected.safetensors")
  _, logits, _ = outputs(loaded, batch)
  head = golden(kind).params["masked_lm"]
  changed = golden(kind).params | {"masked_lm": head | {"b": np.zeros(40, np.float32)}}
  _, plain, _ = outputs(golden(kind)._replace(params=changed), batch)
  # The rows of the table are those of the tied one in reverse order.
  expected = np.asarray(plain)[..., ::-1] + (np.arange(40) if bias else head["b"])
  real = batch["attention_mask"] > 0
  np.testing.assert_allclose(np.asarray(logits)[real], expected[real], atol=1e-4)
  huggingface.save(tmp_path / "saved", loaded.params, loaded.config)
  equal(huggingface.load(tmp_path / "saved").params, loaded.params)
  saved = load_file(tmp_path / "saved" / "model.safetensors")
  assert bias is None or np.array_equal(saved[bias], np.arange(40))
  assert not json.loads((tmp_path / "saved" / "config.json").read_text())["tie_word_embeddings"]
  without = huggingface.load(model, heads=False)
  assert without.config.tied and decoder in without.unused_tensors


def test_a_gpt_whose_output_layer_is_not_tied(folder, tmp_path):
  table = np.asarray(golden("gpt2").params["embed"]["token"])[::-1].copy()
  model = folder("gpt2")
  loaded = respell(model, lambda arrays: arrays | {"lm_head.weight": table})
  batch = load_file(GOLDEN / "gpt2" / "expected.safetensors")
  _, logits, _ = outputs(loaded, batch)
  real = batch["attention_mask"] > 0
  expected = batch["logits"][..., ::-1]
  np.testing.assert_allclose(np.asarray(logits)[real], expected[real], atol=1e-4)
  huggingface.save(tmp_path / "saved", loaded.params, loaded.config)
  equal(huggingface.load(tmp_path / "saved").params, loaded.params)
  prompt = [batch["input_ids"][0].tolist()]
  tokens = gpt2.generate(loaded.params, prompt, config=loaded.config, max_new_tokens=1)
  assert tokens == [[int(expected[0, -1].argmax())]]
  assert "lm_head" not in huggingface.load(model, heads=False).params


def test_a_configuration_that_ties_nothing_is_of_no_account_where_tensors_are_equal(folder):
  model = folder()
  config = json.loads((model / "config.json").read_text())
  (model / "config.json").write_text(json.dumps(config | {"tie_word_embeddings": False}))
  # A head without its output layer cannot score anything.
  assert "masked_lm" not in huggingface.load(model).params
  loaded = respell(
    model,
    lambda arrays: arrays
    | {"cls.predictions.decoder.weight": arrays["bert.embeddings.word_embeddings.weight"]},
  )
  assert loaded.config.tied
  equal(loaded.params, golden("bert").params)


@pytest.mark.parametrize("kind", [*ALL, "gpt2"])
def test_shared_embeddings_under_the_name_of_the_output_layer(kind, folder):
  decoder = DECODERS.get(kind, ("lm_head.weight",))[0]

  def renamed(arrays):
    (name,) = [name for name in arrays if name.endswith(
      ("word_embeddings.weight", "tok_embeddings.weight", "wte.weight"))]
    arrays[decoder] = arrays.pop(name)
    return arrays

  equal(respell(folder(kind), renamed).params, golden(kind).params)


def test_the_folder_of_an_electra_discriminator(folder):
  def discriminator(arrays):
    encoder = {name: array for name, array in arrays.items() if name.startswith("electra.")}
    return encoder | {
      "discriminator_predictions.dense.weight": np.zeros((16, 16), np.float32),
      "discriminator_predictions.dense_prediction.weight": np.zeros((1, 16), np.float32),
    }

  loaded = respell(folder("electra"), discriminator)
  assert loaded.params.keys() == {"embed", "layers"}
  assert "discriminator_predictions.dense.weight" in loaded.unused_tensors
  note = huggingface.note_of_unused(loaded.unused_tensors)
  assert note.startswith("tensors of heads that are not needed are left out: discriminator_pred")


def test_an_electra_without_projection_and_a_modernbert_with_biases(tmp_path):
  rng = np.random.default_rng(0)
  config = golden("electra").config._replace(embed_dim=16)
  params = jax.tree.map(
    lambda spec: rng.normal(size=spec.shape).astype(np.float32),
    transformer.param_specs(config),
    is_leaf=lambda leaf: isinstance(leaf, transformer.ParamSpec),
  )
  assert "project" not in params["embed"]
  huggingface.save(tmp_path / "electra", params, config)
  equal(huggingface.load(tmp_path / "electra").params, params)
  config = golden("modernbert").config._replace(biases=("attention", "norm"), local_layers=(2,))
  params = jax.tree.map(
    lambda spec: rng.normal(size=spec.shape).astype(np.float32),
    transformer.param_specs(config),
    is_leaf=lambda leaf: isinstance(leaf, transformer.ParamSpec),
  )
  huggingface.save(tmp_path / "modernbert", params, config)
  loaded = huggingface.load(tmp_path / "modernbert")
  assert loaded.config == config
  equal(loaded.params, params)


def test_a_message_lists_the_first_few_tensors_and_a_count(folder):
  model = folder("modernbert")

  def strange(arrays):
    kept = {name: array for name, array in arrays.items() if "layers.1" not in name}
    for i in range(30):
      kept[f"model.layers.0.strange{i:02}"] = np.zeros(3, np.float32)
    return kept

  with pytest.raises(InputError):
    respell(model, strange)
  message = error(model)
  assert len(message) < 300
  assert "layers.0.strange01 is not expected and 28 more; layers.1.attn.Wo.weight" in message
  assert message.endswith("is missing and 4 more.")


def test_tensors_of_another_family_are_named_in_one_short_line(folder):
  model = folder("bert")
  config = json.loads((GOLDEN / "distilbert" / "config.json").read_text())
  (model / "config.json").write_text(json.dumps(config))
  message = error(model)
  assert len(message) < 300
  assert message.startswith("FOLDER: the names are those of bert, expected those of distilbert; ")


@pytest.mark.parametrize(
  "changes",
  [{"gated": True}, {"rope_theta": 10.0}, {"position_offset": 2}, {"embed_dim": 8}],
)
def test_a_bert_that_is_none_is_not_saved(changes, tmp_path):
  config = golden("bert").config._replace(**changes)
  with pytest.raises(InputError, match="not as in bert, expected"):
    huggingface.save(tmp_path / "saved", golden("bert").params, config)
  assert not (tmp_path / "saved").exists()
