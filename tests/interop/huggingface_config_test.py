"""Configurations that are wrong, old, or no configuration at all."""

import json

import pytest
from huggingface_folders import FAMILIES, GOLDEN, error, golden
from hypothesis import given, settings
from hypothesis import strategies as st

from glove_jax.errors import InputError
from glove_jax.interop import huggingface, huggingface_config
from glove_jax.interop.huggingface_architectures import ARCHITECTURES
from glove_jax.interop.huggingface_values import CheckedValues
from glove_jax.models import transformer


def test_old_configurations_leave_out_what_was_usual(folder):
  model = folder("gpt2")
  config = json.loads((model / "config.json").read_text())
  for name in ("activation_function", "layer_norm_epsilon", "resid_pdrop", "tie_word_embeddings"):
    del config[name]
  (model / "config.json").write_text(json.dumps(config))
  assert huggingface.load(model).config == golden("gpt2").config


@pytest.mark.parametrize(
  "kind,name,value,message",
  [
    ("bert", "model_type", "xlnet", "model_type is 'xlnet', expected one of bert, roberta, xlm-"),
    ("bert", "model_type", ["bert"], "model_type is ['bert']"),
    ("bert", "hidden_act", "silu", "hidden_act is 'silu', expected one of gelu, gelu_python"),
    ("bert", "hidden_size", 17, "multiple of 2 heads"),
    ("bert", "hidden_size", -1, "hidden_size is -1"),
    ("bert", "hidden_size", 18, "expected [18]"),
    ("bert", "vocab_size", "x", "vocab_size is 'x'"),
    ("bert", "num_hidden_layers", 3, "encoder.layer.2.attention.output.dense.bias is missing"),
    ("bert", "num_hidden_layers", 1, "encoder.layer.1.attention.output.LayerNorm.bias is not exp"),
    ("bert", "num_hidden_layers", 10**9, "1,000,000,000 layers"),
    ("bert", "vocab_size", 2**31 - 1, "expected [2147483647, 16]"),
    ("bert", "position_embedding_type", "relative_key", "expected 'absolute'"),
    ("bert", "is_decoder", True, "is_decoder is True, expected False"),
    ("bert", "layer_norm_eps", float("nan"), "layer_norm_eps is nan"),
    ("bert", "hidden_dropout_prob", 10**400, "hidden_dropout_prob is 1000"),
    ("gpt2", "scale_attn_by_inverse_layer_idx", True, "expected False"),
    ("gpt2", "n_inner", 0, "n_inner is 0"),
    ("gpt2", "n_head", True, "n_head is True"),
    ("gpt2", "tie_word_embeddings", False, "but there is no lm_head.weight"),
    ("gpt2", "tie_word_embeddings", "no", "tie_word_embeddings is 'no', expected true or false"),
    ("roberta", "pad_token_id", -1, "pad_token_id is -1, expected a token's id"),
    ("roberta", "pad_token_id", 13, "max_position_embeddings is 14, expected more than 14"),
    ("mpnet", "max_position_embeddings", 2, "max_position_embeddings is 2, expected more than 2"),
    ("mpnet", "relative_attention_num_buckets", 16, "expected 32"),
    ("electra", "embedding_size", 7, "embeddings_project.weight is [16, 8], expected [16, 7]"),
    ("distilbert", "dim", 15, "dim is 15, expected a multiple of 2 heads"),
    ("modernbert", "layer_types", ["full_attention"], "expected a list of 4 of full_attention"),
    ("modernbert", "layer_types", [{}] * 4, "expected a list of 4 of full_attention"),
    ("modernbert", "num_hidden_layers", 2**31 - 1, "expected a list of 2147483647"),
    ("modernbert", "rope_scaling", {"factor": 2}, "expected null: rotary positions that are not"),
    ("modernbert", "rope_parameters", [], "rope_parameters is [], expected an object"),
    (
      "modernbert",
      "rope_parameters",
      {"full_attention": 3},
      "rope_parameters: full_attention is 3, expected an object",
    ),
    (
      "modernbert",
      "rope_parameters",
      {"sliding_attention": {"rope_type": "yarn", "rope_theta": 0}},
      "sliding_attention: rope_theta is 0, expected a number above 1; rope_parameters: sl",
    ),
    ("modernbert", "mlp_bias", 1, "mlp_bias is 1, expected true or false"),
    ("modernbert", "hidden_size", 18, "expected an even multiple of 2 heads"),
    ("modernbert", "classifier_activation", "tanh", "classifier_activation is 'tanh'"),
  ],
)
def test_a_wrong_configuration_is_named(kind, name, value, message, folder):
  model = folder(kind)
  config = json.loads((model / "config.json").read_text())
  (model / "config.json").write_text(json.dumps(config | {name: value}))
  assert message in error(model)


@pytest.mark.parametrize(
  "text", ["", "{", "[]", "3", "[" * 100_000, "\xff", '{"model_type": null}']
)
def test_a_configuration_that_is_none(text, folder):
  model = folder()
  (model / "config.json").write_text(text, encoding="latin-1")
  assert "FOLDER/config.json: " in error(model)


@pytest.mark.parametrize("kind", ["bert", "gpt2", *FAMILIES])
def test_what_is_written_is_read_again(kind, tmp_path):
  model_type, config = huggingface_config.read(GOLDEN / kind / "config.json")
  assert huggingface_config.model_type_of(config) == model_type == kind.replace("_", "-")
  text = json.dumps(huggingface_config.to_json(model_type, config))
  (tmp_path / "config.json").write_text(text)
  assert huggingface_config.read(tmp_path / "config.json") == (model_type, config)


@pytest.mark.parametrize("kind", ["bert", "gpt2", *FAMILIES])
def test_without_a_model_type_keys_and_tensors_tell_the_family(kind, folder):
  model = folder(kind)
  config = json.loads((model / "config.json").read_text())
  del config["model_type"], config["architectures"]
  (model / "config.json").write_text(json.dumps(config))
  model_type, loaded = huggingface_config.read(model / "config.json")
  expected = golden(kind).config
  if kind == "xlm_roberta":  # it is a RoBERTa in all but its name
    model_type = "xlm-roberta"
    expected = expected._replace(family="roberta")
  assert model_type == kind.replace("_", "-")
  assert loaded == expected


def test_without_model_type_prefix_and_head_the_padding_tells_a_roberta_from_a_bert():
  keys = {"hidden_size": 16, "num_hidden_layers": 2, "num_attention_heads": 2}
  names = ["embeddings.word_embeddings.weight", "encoder.layer.0.output.dense.weight"]
  for pad_id, expected in ((0, "bert"), (1, "roberta")):
    values = {**keys, "pad_token_id": pad_id}
    assert huggingface_config._detect_model_type(GOLDEN, values, names) == expected
  assert huggingface_config._detect_model_type(GOLDEN, {"hidden_size": 16}, names) is None


def test_local_layers_of_older_files():
  values = {"num_hidden_layers": 5, "global_attn_every_n_layers": 2, "local_rope_theta": 50}
  config = huggingface_config._read_config(
    CheckedValues(values), ARCHITECTURES["modernbert"]
  )
  assert config.local_layers == (1, 3)
  assert (config.rope_theta, config.local_rope_theta) == (160_000, 50)
  assert config.local_distance == 64


ANYTHING = st.recursive(
  st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=9) | st.just(10**400),
  lambda inner: (
    st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3)
  ),
)


@settings(max_examples=300, deadline=None)
@given(data=st.data(), kind=st.sampled_from(["bert", "gpt2", *FAMILIES]))
def test_any_configuration_is_one_line_or_a_model(data, kind, tmp_path_factory):
  path = tmp_path_factory.getbasetemp() / "config.json"
  text = (GOLDEN / kind / "config.json").read_text()
  config = json.loads(text)
  if data.draw(st.booleans()):
    names = data.draw(st.lists(st.sampled_from(sorted(config)), min_size=1, max_size=4))
    text = json.dumps(config | {name: data.draw(ANYTHING) for name in names})
  else:
    text = text[: data.draw(st.integers(0, len(text)))]
  path.write_text(text)
  try:
    _, config = huggingface_config.read(path)
    transformer.check_config(config)
  except InputError as caught:
    assert "\n" not in str(caught)
