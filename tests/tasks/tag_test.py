"""Tagging: the CRF's loss and best paths, allowed transitions, and that it learns."""

import itertools

import jax
import numpy as np
import optax
import pytest

from glove_jax import loop, train
from glove_jax.data.labelled import tagging
from glove_jax.data.labelled.padded_batches import PaddedBatch
from glove_jax.models import cnn, word_embeddings
from glove_jax.tasks import tag

TYPES = ("LOC", "PER")
TABLE = np.random.default_rng(0).normal(size=(20, 6)).astype(np.float32)


def batch(scheme, rows=12, length=6):
  """Texts where word 3 begins a person of two words and word 4 is a location."""
  rng = np.random.default_rng(0)
  names = tagging.names(TYPES, scheme)
  ids, target = np.zeros((2, rows, length), np.int32)
  for row in range(rows - 1):
    size = rng.integers(2, length + 1)
    words = rng.integers(5, 20, size)
    position = rng.integers(0, size - 1)
    words[position] = 3
    spans = [tagging.Span(position, position + 2, "PER")]
    if position > 0:
      words[0] = 4
      spans = [tagging.Span(0, 1, "LOC"), *spans]
    ids[row, :size] = words
    target[row, :size] = [names.index(name) for name in tagging.tags(spans, size, scheme)]
  return PaddedBatch(ids, (ids > 0).astype(np.float32), None, target, ids.any(1).astype(np.float32))


@pytest.mark.parametrize("types", [TYPES, ("",)])
@pytest.mark.parametrize("scheme", tagging.SCHEMES)
def test_allowed_paths_are_those_that_mean_themselves(scheme, types):
  names = tagging.names(types, scheme)
  may = tag.allowed(names, scheme)
  for path in itertools.product(range(len(names)), repeat=3):
    whole = (
      may.start[path[0]]
      and may.end[path[2]]
      and all(may.transitions[pair] for pair in itertools.pairwise(path))
    )
    tags = [names[i] for i in path]
    assert whole == (tagging.tags(tagging.spans(tags), 3, scheme) == tags), tags


@pytest.mark.parametrize("use_crf", [True, False])
def test_it_learns_and_never_breaks_an_entity(use_crf):
  scheme, texts = "bioes", batch("bioes")
  names = tagging.names(TYPES, scheme)
  task = tag.tag(
    cnn.cnn(word_embeddings.word_embeddings(TABLE), widths=(3,), filters=20),
    len(names),
    use_crf=use_crf,
    allowed=tag.allowed(names, scheme),
    dropout=0.1,
  )
  tx = optax.adam(0.05)
  params = jax.jit(task.init)(jax.random.key(0))
  state, predict = train.init_state(params, tx.init(params)), train.make_predict(task)
  first = predict(state.params, texts)
  assert not first[texts.mask == 0].any()
  for row, size in zip(first, texts.mask.sum(1).astype(int), strict=True):
    tags = [names[i] for i in row[:size]]
    assert tagging.tags(tagging.spans(tags), size, scheme) == tags
  state = loop.fit(state, train.make_update(task, tx), batches=lambda step: texts, num_steps=60)
  np.testing.assert_array_equal(predict(state.params, texts), texts.target)
  evaluate = train.make_evaluate(task)
  assert evaluate(state.params, [texts])["loss"] < 0.2


@pytest.mark.parametrize("use_crf", [True, False])
def test_padding_weighs_nothing(use_crf):
  task, texts = tag.tag(word_embeddings.word_embeddings(TABLE), 5, use_crf=use_crf), batch("iob2")
  params = jax.jit(task.init)(jax.random.key(0))
  loss = jax.jit(task.loss)
  padded = jax.tree.map(lambda array: np.pad(array, [(0, 5), (0, 2)][: array.ndim]), texts)
  one, other = (loss(params, example, None)["loss"] for example in (texts, padded))
  assert float(one[0]) == pytest.approx(float(other[0]), rel=1e-5) and float(one[1]) == float(
    other[1]
  )
  assert float(one[1]) == (11 if use_crf else texts.mask.sum())
