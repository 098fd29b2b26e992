"""Blocks against the plain sum over pairs, the bound on a row's step, the Huffman tree, eight devices against one."""

import heapq

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from running import on_devices

from glove_jax import parallel, train
from glove_jax.data.text import corpus
from glove_jax.data.windows import blocks as windows
from glove_jax.methods import word2vec

WINDOW, V, D, NEGATIVES = 3, 12, 5, 4
LEARN = {("skipgram", "ns"): word2vec.skipgram, ("cbow", "ns"): word2vec.cbow,
         ("skipgram", "hs"): word2vec.skipgram_tree, ("cbow", "hs"): word2vec.cbow_tree}
COUNTS = np.arange(V, 0, -1) ** 2


def text(size=400, seed=0):
  ids = np.minimum(np.random.default_rng(seed).zipf(1.6, size) - 1, V - 1).astype(np.int32)
  ids[::23] = corpus.BREAK
  return ids


def batches(batch_size=64, turns=1, ids=None, block=8):
  ids = text() if ids is None else ids
  shape = windows.BlockShape(WINDOW, batch_size, updates_per_step=turns, block_size=block)
  return windows.window_batches(ids, COUNTS, shape, sample=0, shared_negatives=6)


def params_of(loss, seed=0):
  rng = np.random.default_rng(seed)
  sizes = {"word": V, "context": V} if loss == "ns" else {"word": V, "node": V - 1}
  return {name: rng.normal(size=(size, D)).astype(np.float32) for name, size in sizes.items()}


def plain(model, loss, params, tree, blocks):
  """Loss, its weight, gradients and bends in float64, pair by pair, as the papers write them."""
  grads = {name: np.zeros(table.shape) for name, table in params.items()}
  bends = {name: np.zeros(len(table)) for name, table in params.items()}
  params = {name: table.astype(np.float64) for name, table in params.items()}
  totals = [0.0, 0.0]

  def meet(source, ids, other, row, target, weight):
    """One logistic regression of the mean of rows `ids` of `source` on a row of another table."""
    hidden = params[source][ids].mean(0)
    x = hidden @ params[other][row]
    chance = 1 / (1 + np.exp(-x))
    totals[0] -= weight * np.log(chance if target else 1 - chance)
    grads[other][row] += weight * (chance - target) * hidden
    bends[other][row] += weight * (chance - 0.5) / x * hidden @ hidden
    for i in ids:  # undivided by their number, as word2vec.c does
      grads[source][i] += weight * (chance - target) * params[other][row]
      bends[source][i] += weight * (chance - 0.5) / x * params[other][row] @ params[other][row]

  def predict(ids, word, draws):
    totals[1] += 1
    if loss == "hs":
      for node, code in zip(tree.nodes[word], tree.codes[word], strict=True):
        if node:
          meet("word", ids, "node", node - 1, 1 - code, 1.0)
      return
    meet("word", ids, "context", word, 1, 1.0)
    for draw in draws:
      if draw != word:
        meet("word", ids, "context", draw, 0, NEGATIVES / len(draws))

  for words, document, reach, draws in zip(*blocks, strict=True):
    for t, far in enumerate(reach):
      here = t + WINDOW
      near = [s for s in range(here - far, here + far + 1)
              if far and s != here and words[s] and document[s] == document[here]]
      contexts, centre, drawn = [words[s] - 1 for s in near], words[here] - 1, draws - 1
      if model == "cbow" and contexts:
        predict(contexts, centre, drawn)
      for context in contexts if model == "skipgram" else ():
        predict(*(([context], centre) if loss == "hs" else ([centre], context)), drawn)
  return totals, grads, bends


@pytest.mark.parametrize("block", [8, 64])  # one tile, and two
@pytest.mark.parametrize("model,loss", LEARN)
def test_blocks_equal_the_sum_over_pairs(model, loss, block):
  params, tree = params_of(loss), word2vec.huffman(COUNTS)
  blocks = windows.WindowBatch(*(array[:, 0] for array in batches(block=block).batch(1)))
  (total, weight), rows = LEARN[model, loss](
    jax.tree.map(jnp.asarray, params), jax.tree.map(jnp.asarray, tree), blocks, window=WINDOW, negatives=NEGATIVES)
  totals, grads, bends = plain(model, loss, params, tree, blocks)
  np.testing.assert_allclose([total, weight], totals, rtol=1e-4)
  for name, parts in rows.items():
    table, bend = np.zeros((len(params[name]) + 1, D)), np.zeros(len(params[name]) + 1)
    for found in parts:
      np.add.at(table, np.asarray(found.ids), np.asarray(found.grads))
      np.add.at(bend, np.asarray(found.ids), np.asarray(found.bend))
    np.testing.assert_allclose(table[1:], grads[name], rtol=1e-3, atol=1e-4, err_msg=name)
    np.testing.assert_allclose(bend[1:], bends[name], rtol=1e-3, atol=1e-4, err_msg=name)
    np.testing.assert_array_equal(table[0], 0)  # padding pulls nothing


@pytest.mark.parametrize("model,loss", LEARN)
def test_the_loss_is_that_of_the_first_turn(model, loss):
  params, tree = params_of(loss), word2vec.huffman(COUNTS) if loss == "hs" else ()
  batch = batches(turns=3).batch(0)
  state = train.init_state(params, tree)
  _, sums = word2vec.word2vec_update(model, loss, window=WINDOW)(state, parallel.shard(batch))
  first = windows.WindowBatch(*(array[:, 0] for array in batch))
  wanted, _ = LEARN[model, loss](
    jax.tree.map(jnp.asarray, params), jax.tree.map(jnp.asarray, tree), first, window=WINDOW, negatives=5)
  np.testing.assert_allclose(sums["loss"], wanted, rtol=1e-5)


def test_gradients_equal_finite_differences():
  rng = np.random.default_rng(0)
  inputs, outputs, weight = rng.normal(size=(3, 4)), rng.normal(size=(5, 4)), rng.random((3, 5))
  target = (rng.random((3, 5)) < 0.5).astype(float)
  def loss(inputs, outputs):
    x = inputs @ outputs.T
    return np.sum(weight * (np.log1p(np.exp(x)) - target * x))
  single = [jnp.asarray(array, jnp.float32) for array in (inputs, outputs, weight, target)]
  found, (into, _), (out, _) = word2vec.logistic(*single)
  assert float(found) == pytest.approx(loss(inputs, outputs), rel=1e-5)
  for at, grad in ((0, into), (1, out)):
    given = [inputs, outputs]
    for place in np.ndindex(given[at].shape):
      moved = [array.copy() for array in given]
      moved[at][place] += 1e-5
      difference = (loss(*moved) - loss(*given)) / 1e-5
      assert float(grad[place]) == pytest.approx(difference, rel=1e-3, abs=1e-4)


def test_a_step_below_the_bound_lowers_the_loss_of_a_row():
  """Also where a Newton step would not: confident and wrong, where the curvature is almost nothing."""
  rng = np.random.default_rng(1)
  outputs = jnp.asarray(rng.normal(size=(6, 4)), jnp.float32)
  target = jnp.asarray(rng.random((1, 6)) < 0.5, jnp.float32)
  for scale in (0.01, 1.0, 30.0):
    row = jnp.asarray(scale * rng.normal(size=(1, 4)), jnp.float32)
    before, (grad, bend), _ = word2vec.logistic(row, outputs, jnp.ones((1, 6)), target)
    for share in (0.5, 1.0, 1.99):
      after = word2vec.logistic(row - share / bend[0] * grad, outputs, jnp.ones((1, 6)), target)[0]
      assert float(after) < float(before)


def test_a_step_is_plain_where_rare_and_bounded_where_frequent():
  table = jnp.zeros((3, 2))
  grads = jnp.array([[1.0, 0], [0, 2.0], [0, 2.0], [5.0, 5.0]])
  rows = word2vec.Rows(jnp.array([1, 2, 2, 0]), grads, jnp.array([1e-9, 500.0, 500.0, 7.0]))
  moved = np.asarray(word2vec.step(table, [rows], 0.1))
  np.testing.assert_allclose(moved, [[-0.1, 0], [0, -0.1 * 4 / np.sqrt(1 + (0.1 * 1000 / 2) ** 2)], [0, 0]], rtol=1e-5)


@pytest.mark.parametrize("model,loss", LEARN)
@pytest.mark.parametrize("batch_size", [64, 10_000])
def test_no_batch_size_and_no_rate_diverges(model, loss, batch_size):
  """Up to all 2,000 words in one batch, at fifty times the recipe's rate."""
  ids = text(2_000)
  data = batches(batch_size, ids=ids)
  state = train.init_state(params_of(loss), word2vec.huffman(COUNTS) if loss == "hs" else ())
  update = word2vec.word2vec_update(model, loss, window=WINDOW, learning_rate=4.0, negatives=NEGATIVES)
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
from glove_jax import parallel, train
spec = importlib.util.spec_from_file_location("word2vec_test", sys.argv[1])
test = importlib.util.module_from_spec(spec)
spec.loader.exec_module(test)
assert parallel.device_count() == int(sys.argv[2])
found = {}
for model, loss in test.LEARN:
  data = test.batches(48, 2)
  update = test.word2vec.word2vec_update(model, loss, window=test.WINDOW, learning_rate=lambda step: 0.3 / (1 + step))
  state = train.init_state(test.params_of(loss), test.word2vec.huffman(test.COUNTS) if loss == "hs" else ())
  state = train.fit(state, update, batches=data.batch, num_steps=6)
  parallel.assert_replicated(state.params)
  found |= {f"{model} {loss} {name}": table for name, table in state.params.items()}
np.savez(sys.argv[3], **found)
"""


def test_eight_devices_and_one_give_the_same_state(tmp_path):
  found = []
  for devices in ("1", "8"):
    file = tmp_path / f"{devices}.npz"
    on_devices(devices, SIX_STEPS, __file__, devices, file)
    found.append(np.load(file))
  for name in found[0]:
    np.testing.assert_allclose(found[0][name], found[1][name], rtol=1e-4, atol=1e-5, err_msg=name)


@settings(deadline=None, max_examples=80)
@given(st.lists(st.integers(1, 1000), min_size=2, max_size=40))
def test_the_tree_is_huffmans(counts):
  counts = sorted(counts, reverse=True)
  tree = word2vec.huffman(counts)
  ways = [tuple(codes[nodes > 0]) for nodes, codes in zip(tree.nodes, tree.codes, strict=True)]
  assert sum(2.0 ** -len(way) for way in ways) == pytest.approx(1.0)  # complete
  assert all(a == b or a != b[: len(a)] for a in ways for b in ways)  # free of prefixes
  assert len(set(ways)) == len(ways)
  heap, cost = list(counts), 0
  heapq.heapify(heap)
  while len(heap) > 1:
    joined = heapq.heappop(heap) + heapq.heappop(heap)
    cost += joined
    heapq.heappush(heap, joined)
  assert sum(len(way) * count for way, count in zip(ways, counts, strict=True)) == cost
  by_way = {}
  for nodes, codes in zip(tree.nodes, tree.codes, strict=True):
    for depth, node in enumerate(nodes[nodes > 0]):
      assert by_way.setdefault(tuple(codes[:depth]), node) == node  # the same node for the same way so far
  assert len(set(by_way.values())) == len(by_way) == len(counts) - 1
  assert max(by_way.values()) == len(counts) - 1


def test_a_tree_of_one_word():
  tree = word2vec.huffman([3])
  np.testing.assert_array_equal(tree.nodes, [[0]])
