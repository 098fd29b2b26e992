"""The names of tensors that each parameter array consists of, in memory and in a file."""

import pytest

from glove_jax.interop import huggingface_names


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
    ("gpt2", "lm_head/table", (("lm_head.weight",), False)),
    ("roberta", "masked_lm/norm/b", (("lm_head.layer_norm.bias",), False)),
    ("distilbert", "layers/2/mlp/in/w", (("transformer.layer.2.ffn.lin1.weight",), True)),
    ("electra", "embed/project/w", (("embeddings_project.weight",), True)),
    ("electra", "masked_lm/table", (("generator_lm_head.weight",), False)),
    ("mpnet", "layers/0/attention/out/b", (("encoder.layer.0.attention.attn.o.bias",), False)),
    ("mpnet", "distance_bias", (("encoder.relative_attention_bias.weight",), False)),
    ("modernbert", "layers/0/attention/qkv/w", (("layers.0.attn.Wqkv.weight",), True)),
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
