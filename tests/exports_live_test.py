"""Exported folders read by transformers and sentence-transformers, and theirs by us.

Both come with the extra torch.
"""

import exported_folders
import jax
import numpy as np
import pytest

import glove_jax as gj
from glove_jax import nn
from glove_jax.finetuning import pretrained_transformers, transformer_heads
from glove_jax.models import transformer
from glove_jax.models.transformer import Tokens
from glove_jax.tasks import heads

pytestmark = [pytest.mark.slow, pytest.mark.usefixtures("quick_compilation")]

TEXTS = exported_folders.TEXTS
EVERY = pytest.mark.parametrize("kind", exported_folders.FAMILIES)
INFO = ("missing_keys", "unexpected_keys", "mismatched_keys")


@pytest.fixture(scope="module")
def live():
  pytest.importorskip("torch")
  return pytest.importorskip("transformers")


@pytest.fixture(scope="module")
def root(tmp_path_factory):
  return tmp_path_factory.mktemp("models")


def texts_of(kind):
  return TEXTS[:-1] if kind == "gpt" else TEXTS  # an empty text has no token in a GPT


def load(auto, live, folder):
  """The model and the tokenizer of a folder; the file has all tensors and no others."""
  model, info = auto.from_pretrained(
    folder, output_loading_info=True, attn_implementation="eager"
  )
  assert not any(info[name] for name in INFO), info
  return model.eval(), live.AutoTokenizer.from_pretrained(folder)


def run(model, tokenizer, *texts):
  import torch

  with torch.no_grad():
    logits = model(**tokenizer(*texts, padding=True, return_tensors="pt")).logits
  return torch.log_softmax(logits, -1).numpy()


@EVERY
@pytest.mark.parametrize("head", ["", "dense"])
def test_classifiers_have_the_same_logits(kind, head, root, live, tmp_path):
  values = {"head": head, "steps": 2, "pooling": "last" if kind == "gpt" else "first"}
  if kind == "gpt" and head == "dense":
    pytest.skip("GPT-2 has no such head")
  trained = exported_folders.finetune(root, kind, **values)
  loader = trained.export(tmp_path / "out")
  texts = texts_of(kind)
  if "SentenceTransformer" in loader:
    assert kind == "modernbert" and not head
    return
  model, tokenizer = load(live.AutoModelForSequenceClassification, live, tmp_path / "out")
  assert loader == f"transformers.{type(model).__name__}"
  np.testing.assert_allclose(run(model, tokenizer, texts), trained.logits(texts), atol=1e-5)
  pipeline = live.pipeline("text-classification", model=model, tokenizer=tokenizer)
  labels = [answer["label"] for answer in pipeline(texts)]
  assert labels == trained.model.predict(trained.params, texts)
  loaded = gj.load(tmp_path / "out")
  np.testing.assert_allclose(
    np.log(loaded.predict_proba(texts)), trained.logits(texts), atol=1e-5
  )


@EVERY
@pytest.mark.parametrize("pooling", ["mean", "mean_max", "max", "last"])
def test_other_poolings_have_the_same_logits(kind, pooling, root, tmp_path):
  library = pytest.importorskip("sentence_transformers")
  if (kind, pooling) == ("gpt", "last"):
    pytest.skip("a class of transformers")
  trained = exported_folders.finetune(root, kind, pooling=pooling, steps=2)
  assert trained.export(tmp_path / "out").startswith("sentence_transformers.")
  logits = library.SentenceTransformer(str(tmp_path / "out"), device="cpu").encode(texts_of(kind))
  ours = trained.logits(texts_of(kind))
  theirs = np.asarray(jax.nn.log_softmax(logits))
  np.testing.assert_allclose(theirs, ours, atol=1e-5)


def test_pairs_have_the_same_logits(root, live, tmp_path):
  trained = exported_folders.finetune(root, "bert", pooling="first", suffix=".pairs")
  trained.export(tmp_path / "out")
  first, second = ["good w1", "w2"], ["bad w3 w4", "good"]
  model, tokenizer = load(live.AutoModelForSequenceClassification, live, tmp_path / "out")
  pairs = [f"{one}\t{other}" for one, other in zip(first, second, strict=True)]
  np.testing.assert_allclose(
    run(model, tokenizer, first, second), trained.logits(pairs), atol=1e-5
  )


@EVERY
def test_taggers_have_the_same_logits(kind, root, live, tmp_path):
  head = "dense" if kind == "modernbert" else ""
  trained = exported_folders.finetune(
    root, kind, "transformer_tagger", use_crf=False, head=head, steps=2, lora_rank=2
  )
  loader = trained.export(tmp_path / "out")
  model, tokenizer = load(live.AutoModelForTokenClassification, live, tmp_path / "out")
  assert loader == f"transformers.{type(model).__name__}"
  assert set(model.config.id2label.values()) == {"O", "B-LOC", "I-LOC", "B-PER", "I-PER"}
  loaded = gj.load(tmp_path / "out")
  assert loaded.labels == trained.model.labels
  expected = trained.model.predict(trained.params, exported_folders.SENTENCES)
  assert loaded.predict_spans(exported_folders.SENTENCES) == expected
  check_tag_scores(loaded, model, tokenizer, "w1 Ann Smith in Rome")
  live.pipeline(
    "token-classification", model=model, tokenizer=tokenizer, aggregation_strategy="first"
  )("w1 Ann Smith in Rome")


def check_tag_scores(loaded, model, tokenizer, text):
  """Compares the scores of tags of each subword token, with those in float64 as the truth."""
  theirs = run(model, tokenizer, [text])[0]
  exact = run(model.double(), tokenizer, [text])[0]
  model.float()
  ids = np.array([tokenizer(text)["input_ids"]], np.int32)
  pretrained = pretrained_transformers.read(loaded.settings, loaded.settings.init)
  h = transformer.encode(
    loaded.params["encoder"], Tokens(ids, np.ones_like(ids)), config=pretrained.config
  )
  hidden = transformer_heads.hidden_layer(loaded.settings, pretrained.config)
  h = heads.apply_hidden(loaded.params["head"], h, hidden)
  ours = np.asarray(jax.nn.log_softmax(nn.dense(loaded.params["head"], h))[0])
  # The weights of this ModernBERT are so large that its logits in float32 are off by more than
  # 1e-5 in any order of summation: ours may be as far from the truth as theirs are.
  rounding = np.abs(theirs - exact).max()
  print(f"off by {np.abs(ours - exact).max():.1e}, transformers by {rounding:.1e}")
  np.testing.assert_allclose(ours, exact, rtol=0, atol=max(1e-5, 2 * rounding))


@EVERY
def test_classifiers_that_were_trained_elsewhere(kind, root, live, tmp_path):
  import torch

  folder = exported_folders.init_folder(root, kind)
  tokenizer = live.AutoTokenizer.from_pretrained(folder)
  tokenizer.pad_token = tokenizer.pad_token or "<|endoftext|>"
  model = live.AutoModelForSequenceClassification.from_pretrained(
    folder, num_labels=3, attn_implementation="eager", id2label={0: "x", 1: "y", 2: "z"}
  ).eval()
  model.config.pad_token_id = tokenizer.pad_token_id
  torch.manual_seed(0)
  with torch.no_grad():
    for name, parameter in model.named_parameters():
      if any(part in name for part in ("classifier", "score", "head.dense", "pooler")):
        parameter.normal_(std=0.3)
  model.save_pretrained(tmp_path / "theirs")
  tokenizer.save_pretrained(tmp_path / "theirs")
  loaded = gj.load(tmp_path / "theirs")
  assert loaded.labels == ("x", "y", "z")
  texts = texts_of(kind)
  expected = run(model, tokenizer, texts)
  np.testing.assert_allclose(np.log(loaded.predict_proba(texts)), expected, atol=1e-5)
  loaded.export(tmp_path / "again")
  model, tokenizer = load(live.AutoModelForSequenceClassification, live, tmp_path / "again")
  np.testing.assert_allclose(run(model, tokenizer, texts), expected, atol=1e-5)
