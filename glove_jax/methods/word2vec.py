"""word2vec: skip-gram and CBOW, by negative sampling or hierarchical softmax.

Mikolov et al. 2013a, "Efficient Estimation of Word Representations in Vector Space"; 2013b,
"Distributed Representations of Words and Phrases and their Compositionality".

Model. Each word i has an input vector w_i (`word`). Output vectors belong to words, c_i
(`context`), for negative sampling, and to the inner nodes of a Huffman tree of the vocabulary, v_n
(`node`), for hierarchical softmax. Skip-gram scores pairs of two words in a window; CBOW scores the
mean of the input vectors in a window with the word in its middle. Below, h is the input vector or
the mean, and o is the word to predict.

Objective. For negative sampling, with k words n drawn from the distribution counts^0.75 (2013b, eq.
4), maximise

    log sigmoid(c_o . h) + sum_n log sigmoid(-c_n . h).

For hierarchical softmax (2013b, eq. 3), over the nodes n on the path from the root to o, where s_n
is 1 if the path goes to the left child and -1 if to the right, maximise

    sum_n log sigmoid(s_n v_n . h).

Update. `word2vec_update` learns from blocks of text (`data.windows.blocks`): a block's words and
its negative samples are looked up once, and one small matrix product scores all their pairs;
skip-gram scores words and contexts only near the diagonal (`window_masks`). Gradients are written
out by hand. How far a row moves is explained in `bounded_steps`.

Shapes: B blocks of T words, with w words (`window`) more on either side, S = T + 2 w; K negative
samples of a block; V words; D dimensions.
"""

import functools
from collections.abc import Callable

import jax
import jax.numpy as jnp
import numpy as np

from glove_jax import compiler_options, parallel, table_layouts
from glove_jax.data.windows.blocks import WindowBatch
from glove_jax.errors import InputError
from glove_jax.methods import bounded_steps, hierarchical_softmax, negative_sampling
from glove_jax.methods.bounded_steps import bounded_step, local_gradients, look_ups
from glove_jax.methods.concurrent_halves import in_halves
from glove_jax.table_layouts import Layout, state_layout
from glove_jax.train import Params, Sums, TrainState

MODELS = ("skipgram", "cbow")
LOSSES = ("ns", "hs")
OUTPUTS = ("word", "sum")

_LOSSES = {
  ("skipgram", "ns"): negative_sampling.skipgram,
  ("cbow", "ns"): negative_sampling.cbow,
  ("skipgram", "hs"): hierarchical_softmax.skipgram,
  ("cbow", "hs"): hierarchical_softmax.cbow,
}


def init_params(rng: jax.Array, vocab_size: int, dim: int, loss: str = "ns") -> Params:
  """Returns random input vectors and zero output vectors.

  Returns:
    `word` [V, D], uniform in ±1 / 2 D, and `context` [V, D] for `ns` or `node` [V - 1, D] for `hs`.
  """
  shape = (vocab_size, dim)
  word = jax.random.uniform(rng, shape, minval=-0.5, maxval=0.5) / dim
  if loss == "ns":
    return {"word": word, "context": jnp.zeros(shape)}
  num_nodes = max(1, vocab_size - 1)
  return {"word": word, "node": jnp.zeros((num_nodes, dim))}


def word2vec_update(
  model: str, loss: str = "ns", *, window: int, learning_rate: Callable | float = 0.05,
  negatives: int = 5, layout: Layout = table_layouts.REPLICATED,
) -> Callable[[TrainState, WindowBatch], tuple[TrainState, Sums]]:
  """Returns `update(state, batch) -> (state, sums)` for batches of `blocks.window_batches`.

  A batch holds several sequential updates; the gradients of each are those of the params before it.
  The loss is that of the first, as the logarithm of every score would cost a tenth of the time: the
  mean negative log likelihood of a pair of a word and a context (skip-gram) or of a word (CBOW).

  Args:
    model: `skipgram` or `cbow`.
    loss: `ns`, negative sampling, or `hs`, hierarchical softmax.
    window: w, as for `blocks.window_batches`.
    learning_rate: a number, or a function of the step.
    negatives: k, samples of a pair; the K shared samples of a block each weigh k / K.
    layout: of the tables, and of the paths for `hs`.

  `TrainState.opt_state` is () for `ns`, and `HuffmanPaths` for `hs`.
  """
  loss_and_gradients = in_halves(
    functools.partial(_LOSSES[model, loss], window=window, negatives=negatives)
  )

  def one_update(rate, paths, params, scanned: tuple[jax.Array, WindowBatch]):
    is_first, blocks = scanned
    look_up = look_ups(params, layout)
    paths = functools.partial(bounded_steps.look_up, layout, paths)
    sums, gradients = loss_and_gradients(look_up, paths, blocks, compute_loss=is_first)
    gradients = parallel.all_gather(gradients)
    moved = {}
    for name, table in params.items():
      parts = local_gradients(layout, table, gradients[name])
      moved[name] = bounded_step(table, parts, rate)
    return moved, sums

  def update(state: TrainState, batch: WindowBatch) -> tuple[TrainState, Sums]:
    rate = learning_rate(state.step) if callable(learning_rate) else learning_rate
    body = functools.partial(one_update, rate, state.opt_state)
    inputs = scan_inputs(batch)
    params, sums = jax.lax.scan(body, state.params, inputs)
    sums = parallel.psum({"loss": jax.tree.map(jnp.sum, sums)})
    return TrainState(state.step + 1, params, state.opt_state), sums

  whole = state_layout(layout)
  return parallel.pmap(
    update,
    donate=True,
    compiler_options=compiler_options.concurrent(),
    state=whole,
    result=(whole, parallel.REPLICATED),
  )


def scan_inputs(batch):
  """Returns the batches of single updates, as `jax.lax.scan` takes them, and which is the first.

  Args:
    batch: a tree of arrays [B, updates, ...].

  Returns:
    ([updates] bool, a tree of arrays [updates, B, ...]).
  """
  batch = jax.tree.map(lambda array: array.swapaxes(0, 1), batch)
  num_updates = len(jax.tree.leaves(batch)[0])
  return jnp.arange(num_updates) == 0, batch


def vectors(params, output: str = "word") -> np.ndarray:
  """Returns the word vectors [V, D].

  Args:
    output: `word`, the input vectors W, as is usual; or `sum`, W + C, for negative sampling (Levy
      et al. 2015, sec. 3.3).

  Raises:
    InputError: for another output, or `sum` for hierarchical softmax.
  """
  if output == "sum" and "context" in params:
    return np.asarray(params["word"]) + np.asarray(params["context"])
  if output == "word":
    return np.asarray(params["word"])
  raise InputError(f"output is {output!r}, expected word, or sum for negative sampling.")
