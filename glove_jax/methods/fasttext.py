"""fastText (Bojanowski et al. 2017): word2vec whose words are the means of vectors of their own and their n-grams.

Each turn composes every different word once, learns from blocks as `word2vec` does, and hands each word's gradient to
all its rows. As in Facebook's program a row takes the whole gradient of the mean, not its share: it moves as the mean
would.
"""

import math
from collections.abc import Callable, Mapping, Sequence

import jax
import jax.numpy as jnp
import numpy as np

from glove_jax import parallel
from glove_jax.data.windows.subword_blocks import PADDING_MULTIPLE, SubwordWindowBatch, WordRows
from glove_jax.methods import word2vec
from glove_jax.train import Params, TrainState


def init_params(rng: jax.Array, vocab_size: int, buckets: int, dim: int) -> Params:
  """`input` [V + buckets, D], rows of words, then of n-grams, uniform in +-1/D; `context` [V, D], zeros."""
  table = jax.random.uniform(rng, (vocab_size + buckets, dim), minval=-1.0, maxval=1.0) / dim
  return {"input": table, "context": jnp.zeros((vocab_size, dim))}


def start_from(params: Params, words: Sequence[str], table, context, known: Mapping[str, int]) -> Params:
  """Params for `words` that begin with those of an earlier model, new words with their n-grams' alone.

  Args:
    table, context: [W + buckets, D], [W, D], the earlier model's for W words.
    known: the place of each of these.
  """
  found = np.array([known.get(word, -1) for word in words])
  has = np.flatnonzero(found >= 0)
  start = {name: np.array(leaf) for name, leaf in params.items()}
  start["input"][has], start["context"][has] = table[found[has]], context[found[has]]
  start["input"][len(words) :] = table[len(context) :]
  return start


def fasttext_update(
  model: str, *, window: int, learning_rate: Callable | float = 0.05, negatives: int = 5
) -> Callable[[TrainState, SubwordWindowBatch], tuple[TrainState, dict]]:
  """`update(state, batch) -> (state, sums)` on all devices, for batches of `subword_blocks.subword_batches`.

  Arguments, loss and the bound on a step are those of `word2vec.word2vec_update` with negative samples; here the mean
  of CBOW is over words, where Facebook's is over all rows of all words. `TrainState.opt_state`: ().
  """
  learn = {"skipgram": word2vec.skipgram, "cbow": word2vec.cbow}[model]

  def update(state: TrainState, batch: SubwordWindowBatch) -> tuple[TrainState, dict]:
    rate = learning_rate(state.step) if callable(learning_rate) else learning_rate
    def turn(params, scanned: tuple[jax.Array, SubwordWindowBatch]):
      first, given = scanned
      size = given.place.size * parallel.device_count()  # no turn has more different words
      words = compose(params["input"], given.rows, given.owner, size)
      sums, found = learn(
        {"word": words, "context": params["context"]}, (), given.blocks, window=window, negatives=negatives,
        places=given.place, measure=first)
      rows, owner, same, context = parallel.all_gather((given.rows, given.owner, given.same, found["context"]))
      grads, bend = parallel.psum(per_word(found["word"][0], size))
      table = sparse_step(params["input"], rows, owner, same, grads, bend, rate)
      return {"input": table, "context": word2vec.step(params["context"], context, rate)}, sums
    params, sums = jax.lax.scan(turn, state.params, word2vec.turns(batch))
    return TrainState(state.step + 1, params, ()), parallel.psum({"loss": jax.tree.map(jnp.sum, sums)})

  return parallel.pmap(update, donate=True)


def compose(table, rows, owner, size: int):
  """The words of a turn, from this device's share of their rows and all others': [P], [P] -> [U, D]."""
  def add(total, piece):
    rows, owner = piece
    return total.at[jnp.where(rows > 0, owner, size)].add(word2vec.look_up(table, rows), mode="drop"), None
  total, _ = jax.lax.scan(add, jnp.zeros((size, table.shape[1])), pieces((rows, owner)))
  number = jax.ops.segment_sum((rows > 0).astype(jnp.float32), owner, size)
  total, number = parallel.psum((total, number))
  return total / jnp.maximum(number, 1.0)[:, None]


def per_word(found: word2vec.Rows, size: int):
  """Sums over all places of a word: (gradients [U, D], bends [U])."""
  ids = jnp.where(found.ids > 0, found.ids - 1, size).ravel()
  grads = found.grads.reshape(len(ids), -1)
  return (jnp.zeros((size, grads.shape[1])).at[ids].add(grads, mode="drop"),
          jnp.zeros(size).at[ids].add(found.bend.ravel(), mode="drop"))


def sparse_step(table, rows, owner, same, grads, bend, rate):
  """As `word2vec.step`, for tables so long that even zeros for their length cost too much.

  rows, owner, same: [P], of all devices, as `SubwordBlocks` has them; grads [U, D], bend [U]: of words.
  """
  bends = jnp.zeros(len(same)).at[same].add(jnp.where(rows > 0, bend[owner], 0.0))
  where = jnp.where(rows > 0, rows - 1, len(table))  # beyond the end: dropped
  def add(table, piece):
    where, owner, rates = piece
    return table.at[where].add(-rates[:, None] * grads[owner], mode="drop"), None
  return jax.lax.scan(add, table, pieces((where, owner, word2vec.bounded(rate, bends[same]))))[0]


def pieces(arrays):
  """[P] -> [P / piece, piece]: parts of such a size that what is made of them stays in the processor's cache."""
  return jax.tree.map(lambda array: array.reshape(-1, math.gcd(len(array), PADDING_MULTIPLE)), arrays)


def vectors(params, rows: WordRows) -> np.ndarray:
  """All words' vectors [V, D]: the means of their rows."""
  table = np.asarray(params["input"])
  sizes = np.diff(rows.indptr)
  total = np.stack([np.add.reduceat(column[rows.ids], rows.indptr[:-1]) for column in table.T], 1)
  return (total / sizes[:, None]).astype(np.float32)
