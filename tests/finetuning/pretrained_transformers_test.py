"""Pretrained transformers: limits of length, masking, learning rates by layer, params of a task."""

import jax
import numpy as np
import pytest

from glove_jax import optimizers
from glove_jax.data.labelled.padded_batches import Examples, collate
from glove_jax.errors import InputError
from glove_jax.finetuning import pretrained_transformers as transformers
from glove_jax.finetuning import settings


def test_each_layer_learns_slower_than_the_one_above():
  def multipliers(names, **values):
    chosen = settings.BertClassifySettings(**values)
    patterns = transformers.lr_multipliers(chosen, 3)
    return [optimizers.lr_multiplier(name, patterns) for name in names]
  names = ["embed/token", *(f"layers/{i}/mlp/in/w" for i in range(3))]
  heads = ["head/w", "crf/start", "encoder/chars/table"]
  decay = {"layer_decay": 0.5, "lr_multipliers": "head=3"}
  expected = [0.0625, 0.125, 0.25, 0.5]
  assert multipliers([f"encoder/{name}" for name in names], **decay) == expected
  assert multipliers([f"encoder/words/{name}" for name in names], **decay) == expected
  assert multipliers(heads, **decay) == [3, 1, 1]
  assert multipliers([f"encoder/{name}" for name in names], **decay, lora_rank=2) == [0] * 4
  assert multipliers([f"lora/encoder/{name}/a" for name in names], **decay, lora_rank=2) == expected
  assert multipliers(heads, **decay, lora_rank=2) == [3, 1, 1]
  plain = settings.BertClassifySettings(lr_multipliers="head=3")
  assert transformers.lr_multipliers(plain, 3) == {"head": 3}


def test_a_transformer_has_no_heads_and_reads_no_more_than_it_has_positions(transformer_files):
  folder = transformer_files / "bert"
  pretrained = transformers.read(settings.BertClassifySettings(), folder)
  assert set(pretrained.params) == {"embed", "layers"}
  assert pretrained.max_length == 24
  assert transformers.read(settings.BertClassifySettings(max_length=10), folder).max_length == 10


@pytest.mark.parametrize("values,message", [
  ({"init": ""}, "init is empty"), ({"init": "/nowhere"}, "no such folder"),
  ({"init": "{}"}, "found neither model.safetensors"),
  ({"init": "{}/bert", "max_length": 25}, "max_length=25, expected 8 to 24"),
  ({"init": "{}/bert", "max_length": 3}, "max_length=3, expected 8 to 24"),
])
def test_bad_transformers_are_refused(transformer_files, values, message):
  values = values | {"init": values["init"].format(transformer_files)}
  with pytest.raises(InputError, match=message):
    transformers.read_init(settings.BertClassifySettings(**values))


def test_word_dropout_masks_subword_tokens_in_training(transformer_files):
  chosen = settings.BertClassifySettings(word_dropout=0.5, layer_dropout=0.0)
  pretrained = transformers.read(chosen, transformer_files / "bert")
  encoder = transformers.make_encoder(chosen, pretrained)
  examples = Examples([np.arange(1, 21, dtype=np.int32)], [0])
  batch = collate(examples, [0], 1, 20)
  masked = encoder.encode(pretrained.params, batch, jax.random.key(0))
  plain = encoder.encode(pretrained.params, batch, None)
  assert np.abs(np.asarray(masked) - np.asarray(plain)).max() > 0.1
  gpt = transformers.read(chosen, transformer_files / "gpt")
  with pytest.raises(InputError, match=r"word_dropout=0.5: .* knows no \[MASK\]"):
    transformers.make_encoder(chosen, gpt)


@pytest.mark.parametrize("encoder", [{"embed": 1}, {"words": {"embed": 1}, "chars": 2}])
def test_the_transformer_among_the_params_of_a_task(encoder):
  params = {"encoder": encoder, "head": 3}
  assert transformers.transformer_of(params) == {"embed": 1}
  replaced = transformers.with_transformer(params, {"embed": 5})
  assert transformers.transformer_of(replaced) == {"embed": 5}
  assert replaced["head"] == 3 and ("chars" in replaced["encoder"]) == ("chars" in encoder)
  assert transformers.transformer_of(params) == {"embed": 1}  # as it was
