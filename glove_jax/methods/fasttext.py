"""fastText (Bojanowski et al. 2017, "Enriching Word Vectors with Subword Information").

Model. word2vec, except that the input vector of a word is the mean of rows of one table (`input`):
the word's row and the rows of its character n-grams, which are hashed to a number of buckets
(sec. 3.2; the paper has the sum, its program the mean). Output vectors (`context`) are as in
word2vec, and so is the objective, negative sampling (`methods.word2vec`).

Update. Each update computes the vector of every distinct word of its blocks once (`compose`), takes
loss and gradients from `negative_sampling`, and adds the gradient of each word to all its rows
(`sparse_step`). As in the original program, each row gets the whole gradient of the mean rather
than its share, so that the mean of a word moves as far as a word's row does in word2vec.

Shapes: V words; U distinct words of an update; P rows of theirs; D dimensions.
"""

import functools
from collections.abc import Callable, Mapping, Sequence

import jax
import jax.numpy as jnp
import numpy as np

from glove_jax import compiler_options, parallel, table_layouts
from glove_jax.data.windows.subword_blocks import SubwordWindowBatch, WordRows
from glove_jax.methods import negative_sampling, word2vec
from glove_jax.methods.bounded_steps import (
  Gradient,
  RowGradients,
  bounded_rate,
  bounded_step,
  local_gradients,
  local_ids,
  look_up,
  look_ups,
  rows_to_write,
)
from glove_jax.methods.concurrent_halves import halves, in_halves
from glove_jax.row_sums import add_rows
from glove_jax.table_layouts import Layout, state_layout
from glove_jax.train import Params, Sums, TrainState

_LOSSES = {"skipgram": negative_sampling.skipgram, "cbow": negative_sampling.cbow}
_WORDS_AT_A_TIME = 1024  # whose rows are gathered, some 20 a word


def init_params(rng: jax.Array, vocab_size: int, buckets: int, dim: int) -> Params:
  """Returns random input rows and zero output vectors.

  Returns:
    `input` [V + buckets, D], rows of words, then of n-grams, uniform in ±1 / D; `context` [V, D].
  """
  shape = (vocab_size + buckets, dim)
  table = jax.random.uniform(rng, shape, minval=-1.0, maxval=1.0)
  return {
    "input": table / dim,
    "context": jnp.zeros((vocab_size, dim)),
  }


def start_from(
  params: Params, words: Sequence[str], table, context, index: Mapping[str, int]
) -> Params:
  """Returns params with the rows of an earlier model; new words keep their rows in `params`.

  Args:
    params: as of `init_params`, for V words.
    words: the V words.
    table: [W + buckets, D], `input` of the earlier model of W words.
    context: [W, D], `context` of the earlier model.
    index: each word of the earlier model -> its row.
  """
  earlier = np.array([index.get(word, -1) for word in words])
  shared = np.flatnonzero(earlier >= 0)
  input_rows = np.array(params["input"])
  context_rows = np.array(params["context"])
  input_rows[shared] = table[earlier[shared]]
  context_rows[shared] = context[earlier[shared]]
  ngrams = table[len(context) :]
  input_rows[len(words) :] = ngrams
  return {"input": input_rows, "context": context_rows}


def fasttext_update(
  model: str, *, window: int, learning_rate: Callable | float = 0.05, negatives: int = 5,
  layout: Layout = table_layouts.REPLICATED,
) -> Callable[[TrainState, SubwordWindowBatch], tuple[TrainState, Sums]]:
  """Returns `update(state, batch) -> (state, sums)` for batches of `subword_batches`.

  Arguments, loss and the bound on a step are those of `word2vec.word2vec_update` with negative
  sampling. The mean of CBOW is over words, where the original program's is over all rows of all
  words. `TrainState.opt_state` is ().
  """
  loss_and_gradients = in_halves(
    functools.partial(_LOSSES[model], window=window, negatives=negatives)
  )

  def one_update(rate, params, scanned: tuple[jax.Array, SubwordWindowBatch]):
    is_first, batch = scanned
    num_words = batch.word_index.size * parallel.device_count()  # the most that can be distinct
    rows, owner, same = parallel.all_gather((batch.rows, batch.owner, batch.same))
    rows = local_ids(layout, params["input"], rows)
    if layout is table_layouts.REPLICATED:
      words = compose(params["input"], batch.rows, batch.owner, num_words)
    else:
      words = compose(params["input"], rows, owner, num_words)
    tables = {
      **look_ups({"word": words}),
      **look_ups({"context": params["context"]}, layout),
    }
    sums, gradients = loss_and_gradients(
      tables,
      (),
      batch.blocks,
      input_ids=batch.word_index,
      compute_loss=is_first,
    )
    context = parallel.all_gather(gradients["context"])
    context = local_gradients(layout, params["context"], context)
    word_gradients = parallel.psum(sum_by_word(gradients["word"], num_words))
    moved = {
      "input": sparse_step(params["input"], rows, owner, same, word_gradients, rate),
      "context": bounded_step(params["context"], context, rate),
    }
    return moved, sums

  def update(state: TrainState, batch: SubwordWindowBatch) -> tuple[TrainState, Sums]:
    rate = learning_rate(state.step) if callable(learning_rate) else learning_rate
    body = functools.partial(one_update, rate)
    inputs = word2vec.scan_inputs(batch)
    params, sums = jax.lax.scan(body, state.params, inputs)
    sums = parallel.psum({"loss": jax.tree.map(jnp.sum, sums)})
    return TrainState(state.step + 1, params, ()), sums

  whole = state_layout(layout)
  return parallel.pmap(
    update,
    donate=True,
    compiler_options=compiler_options.concurrent(),
    state=whole,
    result=(whole, parallel.REPLICATED),
  )


def compose(table, rows, owner, num_words: int):
  """Returns the vectors of the distinct words of an update: the means of their rows.

  Args:
    table: [V + buckets, D], or a part of it.
    rows: [P], 1 + row; 0: padding. This device's share of the rows, those of its part of the batch
      or of the table; the sums are over all devices.
    owner: [P], which word each row belongs to.
    num_words: U.

  Returns:
    [U, D].
  """
  word = jnp.where(rows > 0, owner, num_words)  # padding: beyond the end, dropped
  total = 0.0
  for part in halves(len(rows)):
    no_rows = jnp.zeros((num_words, table.shape[1]))
    total += add_rows(no_rows, word[part], look_up(table_layouts.REPLICATED, table, rows[part]))
  is_row = (rows > 0).astype(jnp.float32)
  count = add_rows(jnp.zeros(num_words), owner, is_row)
  total, count = parallel.psum((total, count))
  return total / jnp.maximum(count, 1.0)[:, None]


def sum_by_word(gradients: Sequence[RowGradients], num_words: int) -> Gradient:
  """Returns the gradient of each word, [U, D], summed over its occurrences, and its bound, [U]."""
  sums = []
  for part in gradients:
    words = rows_to_write(part.ids, num_words).ravel()
    grads = part.grads.reshape(len(words), -1)
    no_grads = jnp.zeros((num_words, grads.shape[1]))
    no_bound = jnp.zeros(num_words)
    sums.append(
      Gradient(
        grads=add_rows(no_grads, words, grads),
        curvature_bound=add_rows(no_bound, words, part.curvature_bound.ravel()),
      )
    )
  return jax.tree.map(lambda *parts: sum(parts), *sums)


def sparse_step(table, rows, owner, same, gradients: Gradient, rate):
  """Moves rows as `bounded_steps.bounded_step` does, without an array of the table's length.

  Args:
    table: [V + buckets, D]; so long that even zeros of its length would take too much time.
    rows: [P], 1 + row, of all devices; 0: padding.
    owner: [P], which word each row belongs to.
    same: [P], the first position in `rows` at which the same row occurs.
    gradients: of [U] words.
    rate: [], the learning rate.
  """
  word_bound = gradients.curvature_bound[owner]
  word_bound = jnp.where(rows > 0, word_bound, 0.0)
  bound = add_rows(jnp.zeros(len(same)), same, word_bound)
  rows = rows_to_write(rows, len(table))
  rates = bounded_rate(rate, bound[same])

  for part in halves(len(rows)):
    steps = -rates[part, None] * gradients.grads[owner[part]]
    table = add_rows(table, rows[part], steps)
  return table


def vectors(params, rows: WordRows) -> np.ndarray:
  """Returns the vectors of all words, [V, D] float32: the means of their rows."""
  table = np.asarray(params["input"])
  num_words = len(rows.indptr) - 1
  vectors = np.empty((num_words, table.shape[1]), np.float32)
  for start in range(0, num_words, _WORDS_AT_A_TIME):
    bounds = rows.indptr[start : start + _WORDS_AT_A_TIME + 1]
    of_words = table[rows.ids[bounds[0] : bounds[-1]]]
    sums = np.add.reduceat(of_words, bounds[:-1] - bounds[0])
    vectors[start : start + len(sums)] = sums / np.diff(bounds)[:, None]
  return vectors
