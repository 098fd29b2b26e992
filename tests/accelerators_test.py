"""Everything that runs on devices lowers for GPUs and TPUs, in a form that they execute well.

In single precision, without calls of the host, and without sums of numbers into one row of an array
in an order that is left to chance (see `glove_jax.row_sums`).

Each test makes a real run, except that what `parallel.pmap` compiles is lowered for both
accelerators and not run. So the functions and the shapes are those of the programs.
"""

import functools
import math
import re

import jax
import jax.export
import jax.numpy as jnp
import numpy as np
import pytest
from api_test import make_reviews, make_sentences

import glove_jax as gj
from glove_jax import early_compilation, parallel, sentence_vectors
from glove_jax.finetuning import training_settings
from glove_jax.methods import als_fold_in, glove_als
from glove_jax.models import gpt2
from glove_jax.row_sums import add_rows
from glove_jax.word_vectors import device_candidates

PLATFORMS = ("cuda", "tpu")
DOUBLE = re.compile(r"xf64>|tensor<f64>")
SCATTER = re.compile(
  r'"stablehlo\.scatter".*? <\{(?P<attributes>.*?)\}> '
  r"\(\{(?P<body>.*?)\}\) : \((?P<types>.*?)\) ->",
  re.DOTALL,
)
HOST = re.compile(r"custom_call @\w*callback|stablehlo\.(?:infeed|outfeed|send|recv)\b")
DTYPES = ["float32", pytest.param("bfloat16", marks=pytest.mark.slow)]
LANGUAGE_MODEL = {
  "dim": 16, "layers": 1, "heads": 2, "context_length": 32, "max_vocab": 300, "batch_size": 4,
  "steps": 1, "warmup_steps": 0, "verbose": False,
}
WORD_VECTORS = {"dim": 8, "min_count": 1, "epochs": 1, "verbose": False}
PRETRAINING = {
  "glove_als": {"dense_words": 20},
  "glove_als asymmetric": {"symmetric": False},
  "glove_als sharded": {"shard_tables": True},
  "glove": {"held_out": 0.1},
  "glove sharded": {"shard_tables": True, "held_out": 0.1},
  "glove adam": {"optimizer": "adam"},
  "word2vec": {},
  "word2vec cbow": {"model": "cbow"},
  "word2vec hs": {"loss": "hs"},
  "word2vec cbow hs": {"model": "cbow", "loss": "hs"},
  "word2vec cbow hs sharded": {"model": "cbow", "loss": "hs", "shard_tables": True},
  "fasttext": {"buckets": 50},
  "fasttext cbow": {"model": "cbow", "buckets": 50},
  "fasttext sharded": {"buckets": 50, "shard_tables": True},
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
    """Checks that something was lowered, in the form that the head of this file describes."""
    assert self.modules
    for module in self.modules:
      assert not DOUBLE.search(module)
      assert not HOST.search(module), HOST.search(module)
      assert not unordered_sums(module)


def unordered_sums(module: str) -> list[str]:
  """Returns the scatters that may add several numbers to one element, in any order.

  Where indices are sorted, as those of least squares, each part of a GPU sums its share in order.
  """
  found = []
  for scatter in SCATTER.finditer(module):
    attributes = scatter["attributes"]
    is_sum = "stablehlo.add" in scatter["body"] and "f" in scatter["types"].split(",")[0]
    has_order = "unique_indices = true" in attributes or "indices_are_sorted = true" in attributes
    if is_sum and not has_order and not _has_one_index(attributes, scatter["types"]):
      found.append(scatter.group())
  return found


def _has_one_index(attributes: str, types: str) -> bool:
  """Returns whether a scatter has one index for each element of its batch: none can repeat."""
  shapes = re.findall(r"tensor<([\dx]*)", types)
  index_shape = [int(size) for size in shapes[1].split("x") if size]
  batch_axes = re.search(r"scatter_indices_batching_dims = \[(.*?)\]", attributes)
  vector_axis = re.findall(r"index_vector_dim = (\d+)", attributes)
  axes = batch_axes[1].split(", ") if batch_axes else []
  for axis in {*axes, *vector_axis}:
    index_shape[int(axis)] = 1
  return math.prod(index_shape) == 1


@pytest.fixture
def lowering(monkeypatch):
  lowering = Lowering()
  for module, name in ((glove_als, "als_update"), (als_fold_in, "fold_in")):
    function = functools.partial(getattr(module, name), sequential=False)  # as on accelerators
    monkeypatch.setattr(module, name, function)
  real = parallel.pmap

  def pmap(function, *, compiler_options=None, **options):
    compiled = real(function, compiler_options=compiler_options, **options)
    return lowering(compiled if compiler_options else jax.jit(compiled))

  monkeypatch.setattr(parallel, "pmap", pmap)
  monkeypatch.setattr(early_compilation, "start", lambda update, state, batches: (update, batches))
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


@pytest.mark.parametrize("shape", [(), (4,)])
def test_sums_of_repeated_rows_are_noticed(shape):
  def add(table, ids, rows):
    return table.at[ids].add(rows)

  table = np.ones((5, *shape), np.float32)
  rows = np.ones((3, *shape), np.float32)
  ids = np.zeros(3, np.int32)
  for function, is_unordered in ((add, True), (add_rows, False)):
    exported = jax.export.export(jax.jit(function), platforms=PLATFORMS)(table, ids, rows)
    assert bool(unordered_sums(exported.mlir_module())) == is_unordered
