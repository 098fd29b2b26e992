"""Random models of transformers, computed by us, and folders that it reads (extra torch).

Sizes differ from those of the golden models: an odd number of layers, long texts, other settings.
"""

import numpy as np
import pytest
from huggingface_outputs import outputs

from glove_jax.interop import huggingface

pytestmark = [pytest.mark.slow, pytest.mark.usefixtures("quick_compilation")]

SIZES = {
  "vocab_size": 60,
  "hidden_size": 24,
  "num_hidden_layers": 3,
  "num_attention_heads": 3,
  "intermediate_size": 40,
  "max_position_embeddings": 202,
  "initializer_range": 0.3,
}
NO_TOKENS = dict.fromkeys(
  ("pad_token_id", "bos_token_id", "eos_token_id", "cls_token_id", "sep_token_id"), 0
)
MODELS = {
  "bert": ("Bert", {**SIZES, "hidden_act": "relu"}),
  "roberta": ("Roberta", {**SIZES, "type_vocab_size": 1, "hidden_act": "gelu_new"}),
  "roberta_padding": ("Roberta", {**SIZES, "pad_token_id": 7, "max_position_embeddings": 212}),
  "xlm_roberta": ("XLMRoberta", {**SIZES, "type_vocab_size": 1, "layer_norm_eps": 1e-5}),
  "camembert": ("Camembert", {**SIZES, "type_vocab_size": 1}),
  "distilbert": (
    "DistilBert",
    {
      "vocab_size": 60,
      "dim": 24,
      "n_layers": 3,
      "n_heads": 3,
      "hidden_dim": 40,
      "max_position_embeddings": 202,
      "initializer_range": 0.3,
      "sinusoidal_pos_embds": True,
    },
  ),
  "electra": ("Electra", {**SIZES, "embedding_size": 10}),
  "electra_base": ("Electra", {**SIZES, "embedding_size": 24, "hidden_act": "relu"}),
  "mpnet": ("MPNet", SIZES),
  "modernbert": (
    "ModernBert",
    {**SIZES, **NO_TOKENS, "num_hidden_layers": 7, "local_attention": 16},
  ),
  "modernbert_biases": (
    "ModernBert",
    {
      **SIZES,
      **NO_TOKENS,
      "attention_bias": True,
      "mlp_bias": True,
      "norm_bias": True,
      "classifier_bias": True,
      "decoder_bias": False,
      "tie_word_embeddings": False,
      "layer_types": ["sliding_attention", "full_attention", "sliding_attention"],
      "local_attention": 6,
      "rope_parameters": {
        "full_attention": {"rope_type": "default", "rope_theta": 500.0},
        "sliding_attention": {"rope_type": "default", "rope_theta": 30.0},
      },
      "hidden_activation": "gelu_new",
    },
  ),
}
EVERY = pytest.mark.parametrize("name", MODELS)


@pytest.fixture(scope="module")
def live():
  pytest.importorskip("torch")
  return pytest.importorskip("transformers")


def random_model(live, name, kind):
  """Returns a model of transformers whose biases and norms are random, too."""
  import torch

  torch.manual_seed(3)
  prefix, values = MODELS[name]
  config = getattr(live, f"{prefix}Config")(**values)
  model = getattr(live, f"{prefix}{kind}")(config).eval()
  with torch.no_grad():
    for parameter in model.parameters():
      if parameter.ndim == 1:
        parameter.add_(0.2 * torch.randn_like(parameter))
  return model


def batch_of(model):
  """Returns a padded batch; the padding token is in no text."""
  import torch

  generator = torch.Generator().manual_seed(1)
  ids = torch.randint(10, 60, (2, 190), generator=generator)
  mask = (torch.arange(190) < torch.tensor([190, 33])[:, None]).long()
  pad = model.config.pad_token_id
  return {"input_ids": ids * mask + pad * (1 - mask), "attention_mask": mask}


def run(model, batch):
  import torch

  with torch.no_grad():
    return model(**batch, output_hidden_states=True)


def expect_close(actual, expected, mask, atol):
  real = mask.numpy() > 0
  np.testing.assert_allclose(np.asarray(actual)[real], np.asarray(expected)[real], atol=atol)


@EVERY
def test_hidden_states_and_scores_of_random_models(name, live, tmp_path):
  model = random_model(live, name, "ForMaskedLM")
  model.save_pretrained(tmp_path / "model", max_shard_size="20KB")
  assert (tmp_path / "model" / "model.safetensors.index.json").exists()
  batch = batch_of(model)
  expected = run(model, batch)
  loaded = huggingface.load(tmp_path / "model")
  states, logits, _ = outputs(loaded, {key: array.numpy() for key, array in batch.items()})
  assert len(states) == len(expected.hidden_states)
  for ours, theirs in zip(states, expected.hidden_states, strict=True):
    expect_close(ours, theirs, batch["attention_mask"], 1e-4)
  expect_close(logits, expected.logits, batch["attention_mask"], 1e-4)


@EVERY
@pytest.mark.parametrize("kind", ["ForMaskedLM", "Model", "ForSequenceClassification"])
def test_transformers_reads_what_is_exported(name, kind, live, tmp_path):
  model = random_model(live, name, kind)
  model.save_pretrained(tmp_path / "model")
  batch = batch_of(model)
  loaded = huggingface.load(tmp_path / "model", heads=kind == "ForMaskedLM")
  huggingface.save(tmp_path / "saved", loaded.params, loaded.config)
  auto = live.AutoModelForMaskedLM if kind == "ForMaskedLM" else live.AutoModel
  reloaded, info = auto.from_pretrained(tmp_path / "saved", output_loading_info=True)
  missing = [name for name in info["missing_keys"] if "pooler" not in name]
  assert not missing and not info["unexpected_keys"] and not info["mismatched_keys"]
  assert type(reloaded).__name__.startswith(MODELS[name][0])
  expected = run(model, batch)
  actual = run(reloaded.eval(), batch)
  for ours, theirs in zip(actual.hidden_states, expected.hidden_states, strict=True):
    expect_close(ours, theirs, batch["attention_mask"], 1e-5)
  if kind == "ForMaskedLM":
    expect_close(actual.logits, expected.logits, batch["attention_mask"], 1e-5)


@pytest.mark.parametrize(
  "name", ["bert", "roberta", "distilbert", "electra", "mpnet", "modernbert"]
)
def test_output_layers_that_are_not_tied(name, live, tmp_path):
  import torch

  model = random_model(live, name, "ForMaskedLM")
  model.config.tie_word_embeddings = False
  output = model.get_output_embeddings()
  output.weight = torch.nn.Parameter(torch.randn_like(output.weight))
  if output.bias is not None:
    output.bias = torch.nn.Parameter(torch.randn_like(output.bias))
  model.save_pretrained(tmp_path / "model")
  batch = batch_of(model)
  expected = run(live.AutoModelForMaskedLM.from_pretrained(tmp_path / "model").eval(), batch)
  loaded = huggingface.load(tmp_path / "model")
  _, logits, _ = outputs(loaded, {key: array.numpy() for key, array in batch.items()})
  expect_close(logits, expected.logits, batch["attention_mask"], 1e-4)
  huggingface.save(tmp_path / "saved", loaded.params, loaded.config)
  reloaded = live.AutoModelForMaskedLM.from_pretrained(tmp_path / "saved").eval()
  expect_close(run(reloaded, batch).logits, expected.logits, batch["attention_mask"], 1e-5)


def test_the_generator_and_the_discriminator_of_an_electra(live, tmp_path):
  model = random_model(live, "electra", "ForPreTraining")
  model.save_pretrained(tmp_path / "model")
  loaded = huggingface.load(tmp_path / "model")
  assert loaded.params.keys() == {"embed", "layers"}
  assert len(loaded.unused_tensors) == 4
  batch = batch_of(model)
  states, _, _ = outputs(loaded, {key: array.numpy() for key, array in batch.items()})
  expect_close(states[-1], run(model, batch).hidden_states[-1], batch["attention_mask"], 1e-4)
