"""GloVe: global vectors for word representation (Pennington, Socher & Manning 2014)."""

from typing import NamedTuple

import jax
import jax.numpy as jnp
import numpy as np

from glove_jax import optimizers, parallel
from glove_jax.errors import InputError
from glove_jax.train import Task, TrainState

BIAS_RULES = ("v1.2", "head")
OUTPUTS = ("sum", "word", "concat", "aligned")


class Records(NamedTuple):
  """A batch of counts: X[row, col] = count. All [B]; a count of 0 is padding and weighs nothing."""

  row: np.ndarray    # int32
  col: np.ndarray    # int32
  count: np.ndarray  # float32


def glove(vocab_size: int, dim: int, *, x_max: float = 100.0, alpha: float = 0.75) -> Task:
  """The least-squares model of eq. 8, as a `Task` over batches of `Records`.

  Params: `word` and `context`, each [V, D + 1]; the last column is the bias, so that a record reads one row of each.
  Loss: the mean of f(x) (w_i c_j + b_i + b_j - log x)^2 / 2 over records, as Stanford's program prints it (eq. 8 is the
  sum, without the half), with f(x) = min(1, (x / x_max)^alpha).
  """
  def init(rng):
    rngs = jax.random.split(rng)
    shape = (vocab_size, dim + 1)
    return {
      name: jax.random.uniform(key, shape, minval=-0.5, maxval=0.5) / dim
      for name, key in zip(("word", "context"), rngs, strict=True)
    }

  def loss(params, batch, rng=None):
    del rng
    diff, weight = residuals(params["word"][batch.row], params["context"][batch.col], batch.count, x_max, alpha)
    return {"loss": (0.5 * jnp.sum(weight * diff * diff), jnp.sum(batch.count > 0, dtype=jnp.float32))}

  return Task(init, loss)


def residuals(word, context, count, x_max: float, alpha: float):
  """What the model misses and how much that weighs. word, context: [B, D + 1]; count: [B] -> diff, f(x): [B]."""
  # Padding is masked before the logarithm: a NaN behind `where` would still reach the gradient.
  safe = jnp.where(count > 0, count, 1.0)
  products = word * context
  diff = jnp.sum(products[:, :-1], axis=1) + word[:, -1] + context[:, -1] - jnp.log(safe)
  weight = jnp.where(count > 0, jnp.minimum(1.0, (safe / x_max) ** alpha), 0.0)
  return diff, weight


def init_adagrad(params):
  """The sums of squared gradients that `adagrad_update` starts from: ones, as Stanford's program does."""
  return jax.tree.map(jnp.ones_like, params)


def adagrad_update(
  *,
  x_max: float = 100.0,
  alpha: float = 0.75,
  learning_rate: float = 0.05,
  clip: float = 100.0,
  bias_rule: str = "head",
):
  """Row-wise AdaGrad on `Records`: `update(state, batch) -> (state, sums)`, touching only the rows of the batch.

  The rule is that of Stanford's glove.c (`optimizers.row_adagrad`). `clip` bounds each entry of a vector's gradient.
  `bias_rule`: `v1.2` scales the bias's gradient by the learning rate as it does a vector's; `head` takes it unscaled,
  as the program has done since commit 5b4e03c. Neither clips the bias.

  `TrainState.opt_state` is `init_adagrad(params)`.
  """
  if bias_rule not in BIAS_RULES:
    raise InputError(f"bias_rule is {bias_rule!r}, expected one of {', '.join(BIAS_RULES)}.")

  def update(state, batch):
    params, opt_state = state.params, state.opt_state
    word, context = params["word"][batch.row], params["context"][batch.col]
    diff, weight = residuals(word, context, batch.count, x_max, alpha)
    pull = (weight * diff)[:, None]
    def gradient(other):
      vectors = jnp.clip(pull * other[:, :-1], -clip, clip)
      return jnp.concatenate([vectors, pull], axis=1)
    # Both gradients from the same params; then the same rows are written on every device.
    row, col, word_grads, context_grads = parallel.all_gather(
      (batch.row, batch.col, gradient(context), gradient(word)))
    rates = jnp.full(word.shape[1], learning_rate)
    rates = rates.at[-1].set(1.0 if bias_rule == "head" else learning_rate)
    words = optimizers.row_adagrad(params["word"], opt_state["word"], row, word_grads, rates)
    contexts = optimizers.row_adagrad(params["context"], opt_state["context"], col, context_grads, rates)
    sums = {"loss": (0.5 * jnp.sum(weight * diff * diff), jnp.sum(batch.count > 0, dtype=jnp.float32))}
    params, opt_state = (
      {"word": word, "context": context} for word, context in zip(words, contexts, strict=True))
    return TrainState(state.step + 1, params, opt_state), parallel.psum(sums)

  return parallel.pmap(update, donate=True)


def vectors(params, output: str = "sum") -> np.ndarray:
  """Word vectors from params, without biases: [V, D], or [V, 2 D] where concatenated.

  Args:
    output: `sum` W + C; `word` W; `concat` [W; C]; `aligned` W + C R, with the rotation R that brings C nearest to W
      (orthogonal Procrustes, Schonemann 1966). Counts are symmetric, but not positive definite: along directions of
      negative eigenvalue C is -W, and their sum is nothing.
  """
  word, context = (np.asarray(params[name])[:, :-1] for name in ("word", "context"))
  if output == "sum":
    return word + context
  if output == "word":
    return word
  if output == "concat":
    return np.concatenate([word, context], axis=1)
  if output == "aligned":
    left, _, right = np.linalg.svd(context.T @ word)
    return word + context @ (left @ right)
  raise InputError(f"output is {output!r}, expected one of {', '.join(OUTPUTS)}.")


def start_from(params, known: np.ndarray, given: np.ndarray):
  """Params whose W + C is a given vector where one is known, halves on either side; biases stay.

  Args:
    params: as `glove(...).init` gives them.
    known: [V] bool.
    given: [V, D] float32.
  """
  def half(table):
    table = np.array(table)
    table[known, :-1] = given[known] / 2
    return table
  return {name: half(table) for name, table in params.items()}
