"""What a folder of each family is good for: vectors, masked tokens, fine-tuning, and back out.

Live tests read exported folders by transformers, where it is installed.
"""

import json
import re

import family_folders
import finetuning_data
import numpy as np
import pytest
from finetuning_runs import check_loaded_classifier, check_loaded_tagger, fit

import glove_jax as gj
from glove_jax import vector_files
from glove_jax.data.subwords import subword_tokenizers
from glove_jax.errors import InputError
from glove_jax.interop import huggingface

pytestmark = pytest.mark.usefixtures("quick_compilation")

FAMILIES = list(family_folders.TOKENIZERS)
EVERY = pytest.mark.parametrize("kind", FAMILIES)
TEXTS = ["the river", "Anna lives in the river, good", "Anna"]


@pytest.fixture(scope="module")
def folders(tmp_path_factory):
  """A function that writes the folder of a family once."""
  root = tmp_path_factory.mktemp("families")

  def folder(kind):
    if not (root / kind).exists():
      family_folders.write(root / kind, kind)
    return root / kind

  return folder


@pytest.fixture(scope="module")
def tasks(tmp_path_factory):
  """A folder with labelled texts, pairs and tagged texts."""
  return finetuning_data.write_transformer_tasks(tmp_path_factory.mktemp("tasks"))


@EVERY
def test_vectors_of_texts_and_masked_tokens(kind, folders):
  model = gj.load(folders(kind))
  vectors = model.encode(TEXTS)
  assert vectors.shape == (3, 16) and np.isfinite(vectors).all()
  np.testing.assert_allclose(model.encode(TEXTS[1:]), vectors[1:], atol=1e-5)
  special = subword_tokenizers.special_tokens(model.tokenizer)
  mask = model.tokenizer.id_to_token(special.mask)
  tokens = model.fill_mask(f"the {mask} river", top_k=3)
  assert len(tokens) == 3 and tokens[0][1] >= tokens[1][1] >= tokens[2][1] > 0
  with pytest.raises(InputError, match=re.escape(f"the text has 0 {mask}")):
    model.fill_mask("the river")


@pytest.mark.parametrize("kind", ["roberta", "xlm_roberta", "modernbert"])
def test_vectors_of_a_vocabulary(kind, folders):
  vectors = vector_files.load(folders(kind), limit=2)
  assert set(vectors.words) <= {"the", "river", "anna", "Anna", "th", "lives"}
  assert not {"<s>", "[CLS]"} & set(vectors.words)


def test_a_model_without_a_head_says_so(tmp_path):
  model = gj.load(family_folders.write(tmp_path / "electra", "electra", head=False))
  assert model.encode(["the river"]).shape == (1, 16)
  with pytest.raises(InputError, match="holds no head for masked tokens"):
    model.fill_mask("the [MASK]")


@pytest.mark.slow
@EVERY
def test_fine_tuning_of_a_classifier(kind, folders, tasks, tmp_path, capsys):
  suffix = ".txt" if kind == "bert" else ".pairs"
  values = {"method": "transformer", "init": str(folders(kind)), "epochs": 1, "batch_size": 32}
  paths = finetuning_data.settings(tasks, suffix, length_buckets=1, max_length=16)
  data, params, model = fit(tmp_path, **values, **paths)
  assert "tensors of heads that are not needed are left out: " in capsys.readouterr().out
  check_loaded_classifier(tmp_path, params, model, data["test"], data["test"].texts[:3])
  config = json.loads((tmp_path / "encoder" / "config.json").read_text())
  assert config["model_type"] == kind.replace("_", "-")
  assert huggingface.load(tmp_path / "encoder").config.positions == 48


@pytest.mark.slow
@EVERY
def test_fine_tuning_of_a_tagger_with_adapters(kind, folders, tasks, tmp_path):
  values = {
    "method": "transformer_tagger", "init": str(folders(kind)), "epochs": 1, "batch_size": 32,
    "lora_rank": 2, "layer_decay": 0.9, "word_dropout": 0.1, "remat": True,
  }
  paths = finetuning_data.settings(tasks, ".conll", length_buckets=1, max_length=32)
  data, params, model = fit(tmp_path, **values, **paths)
  check_loaded_tagger(tmp_path, params, model, data["test"], "w1 Ann Smith in Nowhere")


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["roberta", "electra", "modernbert"])
def test_pretraining_goes_on(kind, folders, tmp_path):
  corpus = tmp_path / "corpus.txt"
  corpus.write_text("the river\nAnna lives in the river, good\n" * 50)
  sizes = {"dim": 16, "layers": 4 if kind == "modernbert" else 2, "heads": 2}
  model = gj.pretrain(
    str(corpus), method="bert", init=str(folders(kind)), tokenizer=str(folders(kind)), **sizes,
    feedforward_dim=24, context_length=48, steps=2, batch_size=4, workdir=str(tmp_path / "run"),
  )
  assert model.config.family == kind
  assert model.encode(["the river"]).shape == (1, 16)


@pytest.mark.slow
@EVERY
def test_transformers_gives_the_vectors_of_what_is_saved(kind, folders, tmp_path):
  torch = pytest.importorskip("torch")
  live = pytest.importorskip("transformers")
  model = gj.load(folders(kind))
  model.save(tmp_path / "saved")
  tokenizer = live.AutoTokenizer.from_pretrained(tmp_path / "saved")
  # Attention that is not fused adds in the same order as ours.
  encoder = live.AutoModel.from_pretrained(tmp_path / "saved", attn_implementation="eager").eval()
  for text, vector in zip(TEXTS, model.encode(TEXTS), strict=True):
    batch = tokenizer(text, return_tensors="pt")
    with torch.no_grad():
      hidden = encoder(**batch).last_hidden_state[0]
    np.testing.assert_allclose(vector, hidden.mean(0).numpy(), atol=1e-5)
