"""Names of tensors in files: old spellings, prefixes, copies, heads of other tasks."""

import pytest

from glove_jax.errors import InputError
from glove_jax.interop import huggingface_file_names

BERT_NAMES = {
  "embeddings.LayerNorm.weight": "bert.embeddings.LayerNorm.gamma",
  "encoder.layer.3.output.dense.bias": "bert.encoder.layer.3.output.dense.bias",
  "cls.predictions.bias": "cls.predictions.bias",
  "cls.predictions.transform.dense.bias": "cls.predictions.transform.dense.bias",
}


def test_a_file_with_prefix_leaves_out_heads_of_other_tasks():
  names = [*BERT_NAMES.values(), "bert.embeddings.position_ids", "classifier.weight"]
  canonical, unused = huggingface_file_names.canonical_names("bert", names)
  assert canonical == BERT_NAMES
  assert unused == ("classifier.weight",)


def test_heads_are_left_out_on_demand():
  canonical, unused = huggingface_file_names.canonical_names(
    "bert", BERT_NAMES.values(), heads=False
  )
  assert list(canonical.values()) == list(BERT_NAMES.values())[:2]
  assert unused == ("cls.predictions.bias", "cls.predictions.transform.dense.bias")


@pytest.mark.parametrize(
  "prefix", ["module.", "_orig_mod.", "module._orig_mod.", "model.", "net.0.model.", "x.bert."]
)
def test_whatever_contained_a_model_is_stripped(prefix):
  names = [prefix + name for name in BERT_NAMES.values()]
  canonical, unused = huggingface_file_names.canonical_names("bert", [*names, "loss.weight"])
  assert canonical == dict(zip(BERT_NAMES, names, strict=True))
  assert unused == ("loss.weight",)


def test_wrappers_inside_of_a_model_are_stripped():
  names = [
    "model.bert._orig_mod.embeddings.LayerNorm.weight",
    "model.bert._orig_mod.encoder.module.layer.0.output.dense.bias",
  ]
  canonical, _ = huggingface_file_names.canonical_names("bert", names)
  assert list(canonical) == ["embeddings.LayerNorm.weight", "encoder.layer.0.output.dense.bias"]


def test_an_encoder_under_another_name():
  names = ["text.embeddings.LayerNorm.bias", "text.embeddings.LayerNorm.weight", "text.head.w", "w"]
  canonical, unused = huggingface_file_names.canonical_names("bert", names)
  assert list(canonical) == ["embeddings.LayerNorm.bias", "embeddings.LayerNorm.weight"]
  assert unused == ("text.head.w", "w")


def test_two_models_in_a_file_are_refused():
  names = [f"{side}.bert.embeddings.LayerNorm.weight" for side in ("query", "text")]
  with pytest.raises(InputError, match=r"two models, with the prefixes 'query.bert.' and 'text"):
    huggingface_file_names.canonical_names("bert", names)
  with pytest.raises(InputError, match="expected one of these names of the same tensor"):
    huggingface_file_names.canonical_names("gpt2", ["wte.weight", "ln_f.bias", "module.ln_f.bias"])


def test_a_shared_tensor_is_known_by_each_of_its_names():
  names = ["cls.predictions.decoder.weight", "cls.predictions.decoder.bias"]
  canonical, _ = huggingface_file_names.canonical_names("bert", names)
  assert canonical == {
    "embeddings.word_embeddings.weight": "cls.predictions.decoder.weight",
    "cls.predictions.bias": "cls.predictions.decoder.bias",
  }


def test_a_file_without_prefix_leaves_out_buffers_and_other_heads():
  names = ["wte.weight", "h.0.attn.bias", "h.0.attn.rotary_emb.inv_freq", "x"]
  canonical, unused = huggingface_file_names.canonical_names("gpt2", names)
  assert canonical == {"wte.weight": "wte.weight"}
  assert unused == ("x",)


def test_the_head_of_a_classifier_is_not_that_of_masked_tokens():
  names = ["model.layers.0.attn.Wo.weight", "head.dense.weight", "classifier.bias"]
  canonical, unused = huggingface_file_names.canonical_names("modernbert", names)
  assert list(canonical) == ["layers.0.attn.Wo.weight"]
  assert unused == ("classifier.bias", "head.dense.weight")
