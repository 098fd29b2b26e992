"""word2vec (Mikolov et al. 2013a, 2013b): skip-gram and CBOW, with negative samples or hierarchical softmax.

Text is learnt in blocks (`data.windows`): a block's words and its negative samples are looked up once, and one small
matrix product meets all their pairs. Words meet their contexts near the diagonal alone (`block_windows`).

How far a step goes: a batch sums the gradients of all occurrences of a word, and a sum over many would overshoot. With
s the logistic function, (s(x) - 1/2) / x is the curvature of the parabola that touches a pair's loss at x and lies
above it everywhere (Jaakkola & Jordan 2000). Let H be the sum over a row's pairs of weight times that times |other|^2:
no less than the curvature of the row's own bound along any direction. The row moves by -rate / sqrt(1 + (rate H / 2)^2)
times its gradient: the plain step where a word is rare (rate H is small), and where it is frequent less than 2 / H, up
to which the loss of a row surely falls, all others held, whatever the batch and the rate.
"""

from collections.abc import Callable, Sequence
from typing import NamedTuple

import jax
import jax.numpy as jnp
import numpy as np

from glove_jax import parallel
from glove_jax.data.windows import huffman as trees
from glove_jax.data.windows.blocks import WindowBatch
from glove_jax.errors import InputError
from glove_jax.methods import window_masks
from glove_jax.train import Params, TrainState

MODELS = ("skipgram", "cbow")
LOSSES = ("ns", "hs")
OUTPUTS = ("word", "sum")


class Rows(NamedTuple):
  """What some rows of a table have to do with a loss. N rows in any shape, the same row as often as it occurs."""

  ids: jax.Array    # [...] int32, 1 + row; 0: none
  grads: jax.Array  # [..., D]
  bend: jax.Array   # [...], bound on the curvature along the row


class Tree(NamedTuple):
  """Each word's way through the Huffman tree of hierarchical softmax. L: the longest way."""

  nodes: np.ndarray  # [V, L] int32, 1 + inner node; 0: beyond the leaf
  codes: np.ndarray  # [V, L] int32, 0 or 1: which way it goes there


def init_params(rng: jax.Array, vocab_size: int, dim: int, loss: str = "ns") -> Params:
  """`word` [V, D], uniform in +-1/2D; zeros for what it is multiplied with: `context` [V, D], or `node` [V - 1, D]."""
  word = jax.random.uniform(rng, (vocab_size, dim), minval=-0.5, maxval=0.5) / dim
  name, size = ("context", vocab_size) if loss == "ns" else ("node", max(1, vocab_size - 1))
  return {"word": word, name: jnp.zeros((size, dim))}


def word2vec_update(
  model: str, loss: str = "ns", *, window: int, learning_rate: Callable | float = 0.05, negatives: int = 5
) -> Callable[[TrainState, WindowBatch], tuple[TrainState, dict]]:
  """`update(state, batch) -> (state, sums)` on all devices, for batches of `windows.window_batches`.

  Turns follow one another; within a turn all gradients are those of the params before it. The loss is that of the first
  turn (a logarithm of every product would cost a tenth of the time): the mean over pairs of a word and a context
  (skip-gram), or over words (CBOW), of the negative log likelihood of eq. 4 of Mikolov et al. (2013b), or of the way
  through the tree.

  Args:
    model: `skipgram` or `cbow`.
    loss: `ns`, negative samples, or `hs`, hierarchical softmax.
    learning_rate: a number, or a function of the step.
    negatives: how many a pair has; a block's shared samples are weighted so that they stand for so many.

  `TrainState.opt_state`: () for negative samples, else `Tree`.
  """
  learn = {("skipgram", "ns"): skipgram, ("cbow", "ns"): cbow,
           ("skipgram", "hs"): skipgram_tree, ("cbow", "hs"): cbow_tree}[model, loss]

  def update(state: TrainState, batch: WindowBatch) -> tuple[TrainState, dict]:
    rate = learning_rate(state.step) if callable(learning_rate) else learning_rate
    def turn(params, given):
      first, blocks = given
      sums, rows = learn(params, state.opt_state, blocks, window=window, negatives=negatives, measure=first)
      rows = parallel.all_gather(rows)
      return {name: step(params[name], rows[name], rate) for name in params}, sums
    params, sums = jax.lax.scan(turn, state.params, turns(batch))
    sums = parallel.psum({"loss": jax.tree.map(jnp.sum, sums)})
    return TrainState(state.step + 1, params, state.opt_state), sums

  return parallel.pmap(update, donate=True)


def turns(batch):
  """A batch with its turns first, as `scan` takes them, and which is the first: [B, turns, ...] -> [turns, B, ...]."""
  batch = jax.tree.map(lambda array: array.swapaxes(0, 1), batch)
  return jnp.arange(len(jax.tree.leaves(batch)[0])) == 0, batch


def step(table, parts: Sequence[Rows], rate):
  """Moves each row of a table [V, D] by -rate / sqrt(1 + (rate H / 2)^2) times the sum of its gradients."""
  places = [jnp.where(rows.ids > 0, rows.ids - 1, len(table)) for rows in parts]  # beyond the end: dropped
  bend = jnp.zeros(len(table))
  for where, rows in zip(places, parts, strict=True):
    bend = bend.at[where].add(rows.bend, mode="drop")
  for where, rows in zip(places, parts, strict=True):
    rates = bounded(rate, bend.at[where].get(mode="clip"))
    table = table.at[where].add(-rates[..., None] * rows.grads, mode="drop")
  return table


def bounded(rate, bend):
  """How far a row goes with so much curvature: no further than either `rate` or 2 / bend."""
  return rate * jax.lax.rsqrt(1.0 + (rate / 2.0 * bend) ** 2)


def skipgram(params, _, blocks: WindowBatch, *, window: int, negatives: int, places=None, measure=True):
  """Each word on the words of its window: ((loss, pairs), {table: Rows}).

  places: [B, S], 1 + row of params["word"] of each word, where that is not the vocabulary's table.
  """
  centres = (blocks.words if places is None else places)[:, window : window + blocks.reach.shape[1]]
  tiles = window_masks.in_tiles(blocks, window)
  near = window_masks.tile_in_window(tiles, window)
  word = look_up(params["word"], centres)
  loss, (into, into_bend), out = logistic(
    word.reshape(*tiles.reach.shape, -1), look_up(params["context"], tiles.words), near, 1.0, measure)
  other = tiles.words[:, :, None] != tiles.negatives[:, None, :]
  weight = jnp.einsum("bts,bsk->btk", near, other.astype(jnp.float32)).reshape(*centres.shape, -1)
  drawn_loss, drawn_into, drawn = drawn_logistic(params, word, weight, blocks, negatives, measure)
  into = into.reshape(word.shape) + drawn_into[0], into_bend.reshape(centres.shape) + drawn_into[1]
  return (loss + drawn_loss, measure * near.sum()), {
    "word": [Rows(centres, *into)], "context": [Rows(tiles.words, *out), drawn]}


def cbow(params, _, blocks: WindowBatch, *, window: int, negatives: int, places=None, measure=True):
  """The mean of a window's words on the word in its middle: ((loss, words), {table: Rows}); `places` as above."""
  centres = blocks.words[:, window : window + blocks.reach.shape[1]]
  inputs = blocks.words if places is None else places
  near, has, hidden = window_means(params["word"], inputs, blocks, window)
  loss, into, out = logistic(
    hidden[:, :, None], look_up(params["context"], centres)[:, :, None], has[:, :, None, None], 1.0,
    measure)
  weight = has[..., None] * (centres[:, :, None] != blocks.negatives[:, None, :])
  drawn_loss, drawn_into, drawn = drawn_logistic(params, hidden, weight, blocks, negatives, measure)
  hidden = [one[:, :, 0] + two for one, two in zip(into, drawn_into, strict=True)]
  context = [Rows(centres, *(array[:, :, 0] for array in out)), drawn]
  word = [Rows(inputs, *spread(near, hidden, window))]
  return (loss + drawn_loss, measure * has.sum()), {"word": word, "context": context}


def drawn_logistic(params, inputs, weight, blocks: WindowBatch, negatives: int, measure):
  """inputs [B, T, D] on the negative samples of their blocks: (loss, (gradient, bend) of the inputs, Rows of these)."""
  weight = negatives / blocks.negatives.shape[1] * weight
  loss, into, out = logistic(inputs, look_up(params["context"], blocks.negatives), weight, 0.0, measure)
  return loss, into, Rows(blocks.negatives, *out)


def skipgram_tree(params, tree: Tree, blocks: WindowBatch, *, window: int, negatives: int, measure=True):
  """Each word of a window on the way to the word in its middle: ((loss, pairs), {table: Rows})."""
  del negatives
  near, contexts = window_masks.in_window(blocks, window), window_masks.around(blocks.words, window)
  loss, word, node = _ways(params, tree, blocks, window, look_up(params["word"], contexts), near, measure)
  return (loss, measure * near.sum()), {"word": [Rows(contexts, *word)], "node": [node]}


def cbow_tree(params, tree: Tree, blocks: WindowBatch, *, window: int, negatives: int, measure=True):
  """The mean of a window's words on the way to the word in its middle: ((loss, words), {table: Rows})."""
  del negatives
  near, has, hidden = window_means(params["word"], blocks.words, blocks, window)
  loss, hidden, node = _ways(params, tree, blocks, window, hidden[:, :, None], has[..., None], measure)
  hidden = jax.tree.map(lambda array: array[:, :, 0], hidden)
  return (loss, measure * has.sum()), {"word": [Rows(blocks.words, *spread(near, hidden, window))], "node": [node]}


def _ways(params, tree: Tree, blocks: WindowBatch, window: int, inputs, weight, measure):
  """inputs: [B, T, I, D], weight: [B, T, I], on the ways to the T words of each block."""
  centres = blocks.words[:, window : window + blocks.reach.shape[1]]
  nodes = jnp.where(centres[..., None] > 0, tree.nodes[jnp.maximum(centres - 1, 0)], 0)
  target = 1.0 - tree.codes[jnp.maximum(centres - 1, 0)]
  weight = weight[..., None] * (nodes > 0)[:, :, None]
  loss, inputs, outputs = logistic(inputs, look_up(params["node"], nodes), weight, target[:, :, None], measure)
  return loss, inputs, Rows(nodes, *outputs)


def logistic(inputs, outputs, weight, target, measure=True):
  """Logistic regressions of inputs on outputs: sum weight (log(1 + exp x) - target x), x the products of their rows.

  inputs: [..., I, D]; outputs: [..., O, D]; weight: [..., I, O]; target: [..., I, O], or less by broadcasting; measure:
  [] bool, whether to compute the loss, else 0.

  Returns:
    (loss [], (gradient [..., I, D], bend [..., I]) of the inputs, the same of the outputs).
  """
  x = jnp.einsum("...id,...od->...io", inputs, outputs)
  chance = jax.nn.sigmoid(x)
  # (s(x) - 1/2) / x, 1/4 at 0: the curvature of the parabola that lies above the loss and touches it at x.
  missed, curved = weight * (chance - target), weight * jnp.where(abs(x) < 1e-2, 0.25, (chance - 0.5) / x)
  def squares(rows):
    return jnp.sum(rows * rows, -1)
  def measured():
    softplus = jnp.maximum(x, 0.0) - jnp.log(jnp.maximum(chance, 1.0 - chance))
    return jnp.sum(weight * (softplus - target * x))
  return (
    measured() if measure is True else jax.lax.cond(measure, measured, lambda: 0.0),
    (jnp.einsum("...io,...od->...id", missed, outputs), jnp.einsum("...io,...o->...i", curved, squares(outputs))),
    (jnp.einsum("...io,...id->...od", missed, inputs), jnp.einsum("...io,...i->...o", curved, squares(inputs))))


def window_means(table, ids, blocks: WindowBatch, window: int):
  """Which words stand in whose window [B, T, 2 w], whether any does [B, T], and the mean of their rows [B, T, D]."""
  near = window_masks.in_window(blocks, window)
  rows, number, size = look_up(table, ids), near.sum(2), near.shape[1]
  starts = window_masks.places(window)
  total = sum(near[:, :, i, None] * rows[:, start : start + size] for i, start in enumerate(starts))
  # Else XLA would add them up anew for each use.
  mean = jax.lax.optimization_barrier(total / jnp.maximum(number, 1.0)[..., None])
  return near, jnp.minimum(number, 1.0), mean


def spread(near, hidden, window: int):
  """From windows' means to their words: (gradients [B, S, D], bend [B, S]).

  Undivided by the number of words, as in word2vec.c and gensim: each word moves as the mean would. near: [B, T, 2 w].
  """
  def pulled(array):  # [B, T, ...] -> [B, S, ...]
    size = array.shape[1] + 2 * window
    def padded(array):
      shape = (len(array), array.shape[1] + 4 * window, *array.shape[2:])
      return jnp.zeros(shape).at[:, 2 * window : -2 * window].set(array)
    array, weight = padded(array), padded(near)
    return sum(weight[:, start : start + size, i].reshape(*weight.shape[:1], size, *[1] * (array.ndim - 2))
               * array[:, start : start + size]
               for i, start in enumerate(2 * window - np.array(window_masks.places(window))))
  return tuple(map(pulled, hidden))


def look_up(table, ids):
  """Rows of a table [V, D] by 1 + row: ids [...] -> [..., D]; those of 0 are any."""
  return table.at[jnp.maximum(ids - 1, 0)].get(mode="promise_in_bounds")


def vectors(params, output: str = "word") -> np.ndarray:
  """Word vectors [V, D] from params: `word` W, as is the custom, or `sum` W + C (Levy et al. 2015, sec. 3.3)."""
  if output == "sum" and "context" in params:
    return np.asarray(params["word"]) + np.asarray(params["context"])
  if output == "word":
    return np.asarray(params["word"])
  raise InputError(f"output is {output!r}; expected word, or for negative samples sum.")


def huffman(counts: np.ndarray) -> Tree:
  """The ways through the Huffman tree of words with these counts [V], most frequent first."""
  size = len(counts)
  ways = [()] * max(1, 2 * size - 1)  # the root's is empty
  for node, pair in reversed(list(enumerate(trees.huffman(np.asarray(counts).tolist()), size))):
    for code, child in enumerate(pair):
      ways[child] = (*ways[node], (node - size + 1, code))
  longest = max(1, max(map(len, ways)))
  padded = [[*way, *[(0, 0)] * (longest - len(way))] for way in ways[:size]]
  nodes, codes = np.moveaxis(np.array(padded, np.int32).reshape(size, longest, 2), 2, 0)
  return Tree(np.ascontiguousarray(nodes), np.ascontiguousarray(codes))
