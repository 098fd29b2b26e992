"""Everything that runs on devices lowers for GPUs and TPUs, in a form that they execute well.

Each test makes a real run, except that what `parallel.pmap` compiles is lowered for both
accelerators and not run. So the functions and the shapes are those of the programs.
"""

import re

import jax
import jax.export
import jax.numpy as jnp
import numpy as np
import pytest
from api_test import make_reviews, make_sentences

import glove_jax as gj
from glove_jax import parallel, sentence_vectors
from glove_jax.finetuning import training_settings
from glove_jax.models import gpt2
from glove_jax.word_vectors import device_candidates

PLATFORMS = ("cuda", "tpu")
DOUBLE = re.compile(r"xf64>|tensor<f64>")
HOST = re.compile(r"custom_call @\w*callback|stablehlo\.(?:infeed|outfeed|send|recv)\b")
DTYPES = ["float32", pytest.param("bfloat16", marks=pytest.mark.slow)]
LANGUAGE_MODEL = {
  "dim": 16, "layers": 1, "heads": 2, "context_length": 32, "max_vocab": 300, "batch_size": 4,
  "steps": 1, "warmup_steps": 0, "verbose": False,
}
WORD_VECTORS = {"dim": 8, "min_count": 1, "epochs": 1, "verbose": False}
PRETRAINING = {
  "glove_als": {},
  "glove_als asymmetric": {"symmetric": False},
  "glove_als sharded": {"shard_tables": True},
  "glove": {"held_out": 0.1},
  "glove sharded": {"shard_tables": True, "held_out": 0.1},
  "glove adam": {"optimizer": "adam"},
  "word2vec": {},
  "word2vec cbow": {"model": "cbow"},
  "word2vec hs": {"loss": "hs"},
  "word2vec cbow hs": {"model": "cbow", "loss": "hs"},
  "fasttext": {"buckets": 50},
  "fasttext cbow": {"model": "cbow", "buckets": 50},
}
CLASSIFICATION = {
  "cnn": {},
  "bilstm": {},
  "bag": {},
  "fasttext_supervised": {"buckets": 50},
  "fasttext_supervised hs": {"buckets": 50, "loss": "hs"},
  "cnn compiled at length": {"optimizer": "lion", "ema_decay": 0.9},
}


class Lowering:
  """Lowers compiled functions when they are called, once for each shape of their arguments.

  Attributes:
    modules: the StableHLO of each.
  """

  def __init__(self):
    self.modules: list[str] = []

  def __call__(self, compiled):
    """Returns a function that lowers `compiled` and returns ones in the place of its results."""
    results = {}

    def call(*args, **kwargs):
      shapes = str(jax.tree.map(jax.typeof, args))
      if shapes not in results:
        exported = jax.export.export(compiled, platforms=PLATFORMS)(*args, **kwargs)
        self.modules.append(exported.mlir_module())
        leaves = [jnp.ones(leaf.shape, leaf.dtype) for leaf in exported.out_avals]
        results[shapes] = jax.tree.unflatten(exported.out_tree, leaves)
      return results[shapes]

    return call

  def check(self):
    """Checks that something was lowered, in single precision and without calls of the host."""
    assert self.modules
    for module in self.modules:
      assert not DOUBLE.search(module)
      assert not HOST.search(module), HOST.search(module)


@pytest.fixture
def lowering(monkeypatch):
  lowering = Lowering()
  real = parallel.pmap

  def pmap(function, *, few_runs=False, **options):
    compiled = real(function, few_runs=few_runs, **options)
    return lowering(compiled if few_runs else jax.jit(compiled))

  monkeypatch.setattr(parallel, "pmap", pmap)
  return lowering


@pytest.mark.parametrize("name", PRETRAINING)
def test_pretraining_of_word_vectors(name, lowering):
  texts, _ = make_reviews(60)
  settings = {"method": name.split()[0], **PRETRAINING[name]}
  gj.pretrain(texts, **WORD_VECTORS, **settings)
  lowering.check()


@pytest.mark.parametrize("name", CLASSIFICATION)
def test_classification(name, lowering, monkeypatch):
  texts, labels = make_reviews(60)
  settings = {"method": name.split()[0], "dim": 8, **CLASSIFICATION[name]}
  if name == "cnn compiled at length":
    monkeypatch.setattr(training_settings.Optimization, "FEW_UPDATES", 0)
  classifier = gj.finetune((texts, labels), epochs=1, verbose=False, **settings)
  classifier.predict_proba(texts[:3])
  lowering.check()


def test_tagging(lowering):
  sentences, tags = make_sentences(60)
  tagger = gj.finetune((sentences, tags), task="tag", epochs=1, dim=8, verbose=False)
  tagger.predict(sentences[:3])
  lowering.check()


@pytest.mark.parametrize("dtype", DTYPES)
def test_bert(dtype, lowering, monkeypatch):
  texts, labels = make_reviews(60)
  bert = gj.pretrain(texts, "bert", dtype=dtype, **LANGUAGE_MODEL)
  gj.finetune((texts, labels), init=bert, epochs=1, dtype=dtype, verbose=False)
  sentences, tags = make_sentences(60)
  gj.finetune((sentences, tags), task="tag", init=bert, epochs=1, dtype=dtype, verbose=False)
  monkeypatch.setattr(sentence_vectors, "_mean_vectors", lowering(sentence_vectors._mean_vectors))
  bert.encode(texts[:3])
  lowering.check()


@pytest.mark.parametrize("dtype", DTYPES)
def test_gpt(dtype, lowering, monkeypatch):
  texts, _ = make_reviews(60)
  gpt = gj.pretrain(texts, "gpt", dtype=dtype, **LANGUAGE_MODEL)
  for name in ("_read_prompts", "_generate"):
    monkeypatch.setattr(gpt2, name, lowering(getattr(gpt2, name)))
  gpt.generate("the film", max_new_tokens=5, temperature=0.8, top_k=5)
  lowering.check()


def test_neighbours(lowering):
  queries, table = np.ones((3, 8), np.float32), np.ones((40, 8), np.float32)
  lowering(device_candidates._compiled(10))(queries, table)
  lowering.check()
