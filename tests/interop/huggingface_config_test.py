"""Configurations that are wrong, old, or no configuration at all."""

import json

import pytest
from huggingface_folders import GOLDEN, error, golden
from hypothesis import given, settings
from hypothesis import strategies as st

from glove_jax.errors import InputError
from glove_jax.interop import huggingface, huggingface_config
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
    ("bert", "model_type", "roberta", "model_type is 'roberta', expected one of bert, gpt2"),
    ("bert", "model_type", ["bert"], "model_type is ['bert']"),
    ("bert", "hidden_act", "silu", "hidden_act is 'silu', expected one of gelu, gelu_new"),
    ("bert", "hidden_size", 17, "multiple of 2 heads"),
    ("bert", "hidden_size", -1, "hidden_size is -1"),
    ("bert", "hidden_size", 18, "expected [18]"),
    ("bert", "vocab_size", "x", "vocab_size is 'x'"),
    ("bert", "num_hidden_layers", 3, "encoder.layer.2.attention.self.query.weight is missing"),
    ("bert", "num_hidden_layers", 1, "encoder.layer.1.attention.self.query.weight is not expected"),
    ("bert", "num_hidden_layers", 10**9, "1,000,000,000 layers"),
    ("bert", "vocab_size", 2**31 - 1, "expected [2147483647, 16]"),
    ("bert", "position_embedding_type", "relative_key", "expected 'absolute'"),
    ("bert", "is_decoder", True, "is_decoder is True, expected False"),
    ("bert", "layer_norm_eps", float("nan"), "layer_norm_eps is nan"),
    ("bert", "hidden_dropout_prob", 10**400, "hidden_dropout_prob is 1000"),
    ("gpt2", "scale_attn_by_inverse_layer_idx", True, "expected False"),
    ("gpt2", "n_inner", 0, "n_inner is 0"),
    ("gpt2", "n_head", True, "n_head is True"),
    ("gpt2", "tie_word_embeddings", False, "expected True"),
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


ANYTHING = st.recursive(
  st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=9) | st.just(10**400),
  lambda inner: (
    st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3)
  ),
)


@settings(max_examples=300, deadline=None)
@given(data=st.data(), kind=st.sampled_from(["bert", "gpt2"]))
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
