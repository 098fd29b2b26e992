"""Tensor names: old spellings, prefixes, other heads, and the tensors of each parameter array."""

import pytest

from glove_jax.interop import huggingface_names


def test_a_file_with_prefix_leaves_out_heads_of_other_tasks():
  names, unused = huggingface_names.canonical_names(
    "bert",
    [
      "bert.embeddings.LayerNorm.gamma",
      "bert.embeddings.position_ids",
      "cls.predictions.bias",
      "cls.predictions.decoder.weight",
      "classifier.weight",
    ],
  )
  assert names == {
    "embeddings.LayerNorm.weight": "bert.embeddings.LayerNorm.gamma",
    "cls.predictions.bias": "cls.predictions.bias",
    "cls.predictions.decoder.weight": "cls.predictions.decoder.weight",
  }
  assert unused == ("classifier.weight",)


def test_a_file_without_prefix_keeps_all_names_but_buffers():
  names, unused = huggingface_names.canonical_names("gpt2", ["wte.weight", "h.0.attn.bias", "x"])
  assert names == {"wte.weight": "wte.weight", "x": "x"}
  assert unused == ()


@pytest.mark.parametrize(
  "model_type, path, expected",
  [
    ("bert", "embed/token", (("embeddings.word_embeddings.weight",), False)),
    ("bert", "embed/norm/scale", (("embeddings.LayerNorm.weight",), False)),
    (
      "bert",
      "layers/11/attention/qkv/w",
      (
        tuple(
          f"encoder.layer.11.attention.self.{name}.weight" for name in ("query", "key", "value")
        ),
        True,
      ),
    ),
    ("bert", "pooler/b", (("pooler.dense.bias",), False)),
    ("bert", "masked_lm/b", (("cls.predictions.bias",), False)),
    ("gpt2", "layers/0/attention/qkv/w", (("h.0.attn.c_attn.weight",), False)),
    ("gpt2", "norm/b", (("ln_f.bias",), False)),
  ],
)
def test_the_tensors_of_an_array(model_type, path, expected):
  assert huggingface_names.parameter(model_type, path)[1:] == expected


def test_shapes_of_tensors_are_parts_of_an_arrays_transposed_in_bert():
  shapes = {"layers/0/attention/qkv/w": (4, 12), "layers/0/attention/qkv/b": (12,)}
  theirs = huggingface_names.tensor_shapes("bert", shapes)
  assert theirs["encoder.layer.0.attention.self.key.weight"] == (4, 4)
  assert theirs["encoder.layer.0.attention.self.key.bias"] == (4,)
  assert huggingface_names.tensor_shapes("bert", {"layers/0/mlp/in/w": (4, 7)}) == {
    "encoder.layer.0.intermediate.dense.weight": (7, 4)
  }
  assert huggingface_names.tensor_shapes("gpt2", shapes)["h.0.attn.c_attn.weight"] == (4, 12)


def test_names_are_saved_with_the_prefix_of_a_whole_model():
  name = "pooler.dense.weight"
  assert huggingface_names.saved_name("bert", name, with_head=True) == f"bert.{name}"
  assert huggingface_names.saved_name("bert", name, with_head=False) == name
  assert (
    huggingface_names.saved_name("gpt2", "wte.weight", with_head=False) == "transformer.wte.weight"
  )
  head = "cls.predictions.bias"
  assert huggingface_names.saved_name("bert", head, with_head=True) == head
