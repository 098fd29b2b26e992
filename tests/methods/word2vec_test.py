"""Losses and gradients on blocks against the sum over pairs; convergence; one device and eight."""

import functools

import jax
import numpy as np
import pytest
from running import on_devices

from glove_jax import parallel, train
from glove_jax.data.text import corpus
from glove_jax.data.windows import blocks as windows
from glove_jax.data.windows import huffman
from glove_jax.methods import bounded_steps, hierarchical_softmax, negative_sampling, word2vec
from glove_jax.table_layouts import REPLICATED

WINDOW, V, D, NEGATIVES = 3, 12, 5, 4
LEARN = {
  ("skipgram", "ns"): negative_sampling.skipgram,
  ("cbow", "ns"): negative_sampling.cbow,
  ("skipgram", "hs"): hierarchical_softmax.skipgram,
  ("cbow", "hs"): hierarchical_softmax.cbow,
}
COUNTS = np.arange(V, 0, -1) ** 2


def text(size=400, seed=0):
  ids = np.minimum(np.random.default_rng(seed).zipf(1.6, size) - 1, V - 1).astype(np.int32)
  ids[::23] = corpus.BREAK
  return ids


def batches(batch_size=64, updates_per_step=1, ids=None, block_size=8):
  ids = text() if ids is None else ids
  shape = windows.BlockShape(
    window=WINDOW,
    batch_size=batch_size,
    updates_per_step=updates_per_step,
    block_size=block_size,
  )
  return windows.window_batches(ids, COUNTS, shape, sample=0, shared_negatives=6)


def params_of(loss, seed=0):
  rng = np.random.default_rng(seed)
  sizes = {"word": V, "context": V} if loss == "ns" else {"word": V, "node": V - 1}
  return {name: rng.normal(size=(size, D)).astype(np.float32) for name, size in sizes.items()}


class PairSum:
  """Loss, gradients and curvature bounds in float64, pair by pair, as the papers write them."""

  def __init__(self, params):
    self.params = {name: table.astype(np.float64) for name, table in params.items()}
    self.grads = {name: np.zeros(table.shape) for name, table in params.items()}
    self.bounds = {name: np.zeros(len(table)) for name, table in params.items()}
    self.loss = 0.0
    self.predictions = 0

  def add_regression(self, source, ids, other, row, target, weight=1.0):
    """One logistic regression of the mean of rows `ids` of `source` on a row of another table."""
    hidden = self.params[source][ids].mean(0)
    output = self.params[other][row]
    logit = hidden @ output
    probability = 1 / (1 + np.exp(-logit))
    slope = weight * (probability - target)
    curvature = weight * (probability - 0.5) / logit
    self.loss -= weight * np.log(probability if target else 1 - probability)
    self.grads[other][row] += slope * hidden
    self.bounds[other][row] += curvature * hidden @ hidden
    for i in ids:  # not divided by the number of contexts, as in word2vec.c
      self.grads[source][i] += slope * output
      self.bounds[source][i] += curvature * output @ output

  def add_path(self, ids, word, tree):
    """Hierarchical softmax: one regression on each inner node of the word's path."""
    self.predictions += 1
    for node, code in zip(tree.nodes[word], tree.codes[word], strict=True):
      if node:
        self.add_regression("word", ids, "node", node - 1, 1 - code)

  def add_samples(self, ids, word, draws):
    """Negative sampling: the word against each draw, weighted to `NEGATIVES` draws."""
    self.predictions += 1
    self.add_regression("word", ids, "context", word, 1)
    for draw in draws:
      if draw != word:
        self.add_regression("word", ids, "context", draw, 0, NEGATIVES / len(draws))


def windows_of(blocks):
  """Yields the context words, the centre word and the negative draws of each window."""
  for words, document, reach, draws in zip(*blocks, strict=True):
    for t, distance in enumerate(reach):
      centre = t + WINDOW
      inside = np.arange(centre - distance, centre + distance + 1)
      inside = inside[(inside != centre) & (words[inside] > 0)]
      inside = inside[document[inside] == document[centre]]
      if len(inside):
        yield (words[inside] - 1).tolist(), words[centre] - 1, draws - 1


def sum_over_pairs(model, loss, params, tree, blocks):
  pairs = PairSum(params)
  for contexts, centre, draws in windows_of(blocks):
    if model == "cbow":
      predictions = [(contexts, centre)]
    elif loss == "hs":  # word2vec.c predicts the centre from each context here
      predictions = [([context], centre) for context in contexts]
    else:
      predictions = [([centre], context) for context in contexts]
    for ids, word in predictions:
      if loss == "hs":
        pairs.add_path(ids, word, tree)
      else:
        pairs.add_samples(ids, word, draws)
  return pairs


@pytest.mark.parametrize("block_size", [8, 64])  # one tile, and two
@pytest.mark.parametrize("model,loss", LEARN)
def test_blocks_equal_the_sum_over_pairs(model, loss, block_size):
  params, tree = params_of(loss), huffman.huffman_paths(COUNTS)
  blocks = windows.WindowBatch(*(array[:, 0] for array in batches(block_size=block_size).batch(1)))
  (total, weight), rows = LEARN[model, loss](
    bounded_steps.look_ups(params),
    functools.partial(bounded_steps.look_up, REPLICATED, tree),
    blocks,
    window=WINDOW,
    negatives=NEGATIVES,
  )
  expected = sum_over_pairs(model, loss, params, tree, blocks)
  np.testing.assert_allclose([total, weight], [expected.loss, expected.predictions], rtol=1e-4)
  for name, parts in rows.items():
    table, bound = np.zeros((len(params[name]) + 1, D)), np.zeros(len(params[name]) + 1)
    for part in parts:
      np.add.at(table, np.asarray(part.ids), np.asarray(part.grads))
      np.add.at(bound, np.asarray(part.ids), np.asarray(part.curvature_bound))
    np.testing.assert_allclose(table[1:], expected.grads[name], rtol=1e-3, atol=1e-4, err_msg=name)
    np.testing.assert_allclose(bound[1:], expected.bounds[name], rtol=1e-3, atol=1e-4, err_msg=name)
    np.testing.assert_array_equal(table[0], 0)  # padding pulls nothing


@pytest.mark.parametrize("model,loss", LEARN)
def test_the_loss_is_that_of_the_first_update(model, loss):
  params, tree = params_of(loss), huffman.huffman_paths(COUNTS) if loss == "hs" else ()
  batch = batches(updates_per_step=3).batch(0)
  state = train.init_state(params, tree)
  _, sums = word2vec.word2vec_update(model, loss, window=WINDOW)(state, parallel.shard(batch))
  first = windows.WindowBatch(*(array[:, 0] for array in batch))
  expected, _ = LEARN[model, loss](
    bounded_steps.look_ups(params),
    functools.partial(bounded_steps.look_up, REPLICATED, tree),
    first,
    window=WINDOW,
    negatives=5,
  )
  np.testing.assert_allclose(sums["loss"], expected, rtol=1e-5)


@pytest.mark.parametrize("model,loss", LEARN)
@pytest.mark.parametrize("batch_size", [64, 10_000])
def test_no_batch_size_and_no_rate_diverges(model, loss, batch_size):
  """Up to all 2,000 words in one batch, at fifty times the recipe's rate."""
  ids = text(2_000)
  data = batches(batch_size, ids=ids)
  state = train.init_state(params_of(loss), huffman.huffman_paths(COUNTS) if loss == "hs" else ())
  update = word2vec.word2vec_update(
    model, loss, window=WINDOW, learning_rate=4.0, negatives=NEGATIVES
  )
  losses = []
  for i in range(12):
    state, sums = update(state, parallel.shard(data.batch(i % data.steps_per_epoch)))
    losses.append(float(sums["loss"][0] / sums["loss"][1]))
  assert np.isfinite(losses).all()
  assert np.mean(losses[-5:]) < losses[0]
  assert max(np.abs(table).max() for table in jax.device_get(state.params).values()) < 20


SIX_STEPS = """
import importlib.util, sys
import jax, numpy as np
jax.config.update("jax_num_cpu_devices", int(sys.argv[2]))
from glove_jax import loop, parallel, train
spec = importlib.util.spec_from_file_location("word2vec_test", sys.argv[1])
test = importlib.util.module_from_spec(spec)
spec.loader.exec_module(test)
assert parallel.device_count() == int(sys.argv[2])
tables = {}
for model, loss in test.LEARN:
  data = test.batches(48, 2)
  update = test.word2vec.word2vec_update(
    model, loss, window=test.WINDOW, learning_rate=lambda step: 0.3 / (1 + step))
  paths = test.huffman.huffman_paths(test.COUNTS) if loss == "hs" else ()
  state = train.init_state(test.params_of(loss), paths)
  state = loop.fit(state, update, batches=data.batch, num_steps=6)
  parallel.assert_replicated(state.params)
  tables |= {f"{model} {loss} {name}": table for name, table in state.params.items()}
np.savez(sys.argv[3], **tables)
"""


@pytest.mark.slow
def test_eight_devices_and_one_give_the_same_state(tmp_path):
  states = []
  for devices in ("1", "8"):
    file = tmp_path / f"{devices}.npz"
    on_devices(devices, SIX_STEPS, __file__, devices, file)
    states.append(np.load(file))
  for name in states[0]:
    np.testing.assert_allclose(states[0][name], states[1][name], rtol=1e-4, atol=1e-5, err_msg=name)
