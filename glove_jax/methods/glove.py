"""GloVe: global vectors for word representation (Pennington, Socher & Manning 2014).

Model. X[i, j] counts how often word j occurs near word i. Each word i has a vector w_i and a bias
b_i, each context word j a vector c_j and a bias d_j, and

    log X[i, j] ≈ w_i . c_j + b_i + d_j                                               (eq. 7)

Objective. Least squares over the counts above zero, with less weight on rare pairs:

    J = sum_ij f(X[i, j]) (w_i . c_j + b_i + d_j - log X[i, j])^2                     (eq. 8)
    f(x) = min(1, (x / x_max)^alpha)                                                  (eq. 9)

Update. `glove` is the objective as a `Task`: `train.make_update` makes an update of it with any
optax optimizer. `adagrad_update` is the update of Stanford's program, AdaGrad on the rows of a
batch, with the gradients written out. `methods.glove_als` minimises the same objective by least
squares, without a learning rate.

Shapes: V words; D dimensions; B counts in a batch. A row of a table is a vector and its bias,
[D + 1], so that a count reads one row of each table.
"""

from collections.abc import Callable
from typing import NamedTuple

import jax
import jax.numpy as jnp
import numpy as np

from glove_jax import optimizers, parallel, table_layouts
from glove_jax.errors import InputError
from glove_jax.table_layouts import Layout, state_layout
from glove_jax.train import Params, Sum, Sums, Task, TrainState

BIAS_RULES = ("v1.2", "head")
OUTPUTS = ("sum", "word", "concat", "aligned")


class Records(NamedTuple):
  """A batch of co-occurrence counts: X[row, col] = count. A count of 0 is padding."""

  row: np.ndarray    # [B] int32, the word
  col: np.ndarray    # [B] int32, the context word
  count: np.ndarray  # [B] float32


class Residuals(NamedTuple):
  """The error of each prediction of a log count, and its weight in the objective."""

  error: jax.Array   # [B], w_i . c_j + b_i + d_j - log X[i, j]
  weight: jax.Array  # [B], f(X[i, j]); 0 for padding


def glove(
  vocab_size: int, dim: int, *, x_max: float = 100.0, alpha: float = 0.75,
  layout: Layout = table_layouts.REPLICATED,
) -> Task:
  """Returns the objective of GloVe as a `Task` over batches of `Records`.

  Params are `word` and `context`, [V, D + 1] each; the last column is the bias. The loss is the
  mean of f(x) error^2 / 2 over records, as Stanford's program prints it (eq. 8 is the sum, without
  the factor 1/2).

  Args:
    vocab_size: V.
    dim: D.
    x_max: the count from which on the weight is 1.
    alpha: the exponent of the weight below `x_max`.
    layout: of the tables. If they are split over devices, the loss can be evaluated only.
  """
  def init(rng):
    rng_word, rng_context = jax.random.split(rng)
    shape = (vocab_size, dim + 1)
    word = jax.random.uniform(rng_word, shape, minval=-0.5, maxval=0.5)
    context = jax.random.uniform(rng_context, shape, minval=-0.5, maxval=0.5)
    return {"word": word / dim, "context": context / dim}

  def loss(params, batch, rng=None):
    del rng
    word = layout.take(params["word"], batch.row)        # [B, D + 1]
    context = layout.take(params["context"], batch.col)  # [B, D + 1]
    errors = residuals(word, context, batch.count, x_max, alpha)
    return {"loss": loss_sum(errors, batch.count)}

  return Task(init, loss)


def residuals(word, context, count, x_max: float, alpha: float) -> Residuals:
  """Returns the errors of the model and their weights (eq. 7 to 9).

  Args:
    word: [B, D + 1], rows of `word`.
    context: [B, D + 1], rows of `context`.
    count: [B]; 0 for padding.
    x_max, alpha: as for `glove`.
  """
  # Padding is masked before the logarithm: a NaN behind `where` would still reach the gradient.
  positive = jnp.where(count > 0, count, 1.0)
  products = word * context
  score = jnp.sum(products[:, :-1], axis=1)
  score = score + word[:, -1] + context[:, -1]
  weight = jnp.minimum(1.0, (positive / x_max) ** alpha)
  return Residuals(
    error=score - jnp.log(positive),
    weight=jnp.where(count > 0, weight, 0.0),
  )


def loss_sum(residuals: Residuals, count) -> Sum:
  """Returns the loss of a batch: half the weighted squared errors, and the number of counts."""
  error, weight = residuals
  return Sum(
    total=0.5 * jnp.sum(weight * error * error),
    weight=jnp.sum(count > 0, dtype=jnp.float32),
  )


def init_adagrad(params: Params) -> Params:
  """Returns the initial sums of squared gradients: ones, as in Stanford's program."""
  return jax.tree.map(jnp.ones_like, params)


def adagrad_update(
  *, x_max: float = 100.0, alpha: float = 0.75, learning_rate: float = 0.05, clip: float = 100.0,
  bias_rule: str = "head", layout: Layout = table_layouts.REPLICATED,
) -> Callable[[TrainState, Records], tuple[TrainState, Sums]]:
  """Returns `update(state, batch) -> (state, sums)`: AdaGrad on the rows of a batch.

  The rule is that of Stanford's glove.c, `optimizers.row_adagrad`. Runs on all devices.
  `TrainState.opt_state` is `init_adagrad(params)`.

  Args:
    x_max, alpha: as for `glove`.
    learning_rate: of AdaGrad, which divides it by the root of each number's sum of squares.
    clip: the largest absolute value of an entry of a vector's gradient; biases are not clipped.
    bias_rule: `v1.2` scales the gradient of a bias by the learning rate, as that of a vector;
      `head` does not, as the program since commit 5b4e03c.
    layout: of the tables and of their sums of squares.

  Raises:
    InputError: for another `bias_rule`.
  """
  if bias_rule not in BIAS_RULES:
    raise InputError(f"bias_rule is {bias_rule!r}, expected one of {', '.join(BIAS_RULES)}.")

  bias_rate = 1.0 if bias_rule == "head" else learning_rate

  def update(state: TrainState, batch: Records) -> tuple[TrainState, Sums]:
    word = layout.take(state.params["word"], batch.row)        # [B, D + 1]
    context = layout.take(state.params["context"], batch.col)  # [B, D + 1]
    errors = residuals(word, context, batch.count, x_max, alpha)
    rows = {"word": batch.row, "context": batch.col}
    grads = {
      "word": _gradient(errors, context, clip),
      "context": _gradient(errors, word, clip),
    }
    rates = jnp.full(word.shape[1], learning_rate)
    rates = rates.at[-1].set(bias_rate)
    # Every device applies the gradients of all devices to all the rows that it has.
    rows, grads = parallel.all_gather((rows, grads))
    state = _adagrad_step(layout, state, rows, grads, rates)
    return state, parallel.psum({"loss": loss_sum(errors, batch.count)})

  whole = state_layout(layout)
  return parallel.pmap(update, donate=True, state=whole, result=(whole, parallel.REPLICATED))


def _gradient(residuals: Residuals, other, clip: float):
  """Returns the gradient of J / 2 with respect to rows of one table, given those of the other.

  d (J / 2) / d w_i = f(x) error c_j and d (J / 2) / d b_i = f(x) error; likewise for contexts.
  """
  bias_grad = (residuals.weight * residuals.error)[:, None]  # [B, 1]
  vector_grad = jnp.clip(bias_grad * other[:, :-1], -clip, clip)
  return jnp.concatenate([vector_grad, bias_grad], axis=1)


def _adagrad_step(layout: Layout, state: TrainState, rows, grads, rates) -> TrainState:
  """Returns the state after one step of AdaGrad on rows of both tables."""
  params = {}
  squares = {}
  for name in ("word", "context"):
    params[name], squares[name] = optimizers.row_adagrad(
      state.params[name],
      state.opt_state[name],
      layout.local_rows(state.params[name], rows[name]),
      grads[name],
      rates,
    )
  return TrainState(state.step + 1, params, squares)


def vectors(params: Params, output: str = "sum") -> np.ndarray:
  """Returns the word vectors, without biases: [V, D], or [V, 2 D] for `concat`.

  Args:
    params: as of `glove`.
    output: `sum` W + C, as in the paper (sec. 4.2); `word` W; `concat` [W; C]; `aligned` W + C R,
      with the rotation R that brings C closest to W (orthogonal Procrustes, Schönemann 1966).
      Counts are symmetric but not positive definite: along directions of negative eigenvalues C is
      -W, and their sum is zero.

  Raises:
    InputError: for another output.
  """
  word = _without_bias(params["word"])
  context = _without_bias(params["context"])
  if output == "sum":
    return word + context
  if output == "word":
    return word
  if output == "concat":
    return np.concatenate([word, context], axis=1)
  if output == "aligned":
    left, _, right = np.linalg.svd(context.T @ word)
    rotation = left @ right
    return word + context @ rotation
  raise InputError(f"output is {output!r}, expected one of {', '.join(OUTPUTS)}.")


def _without_bias(table) -> np.ndarray:
  return np.asarray(table)[:, :-1]


def start_from(params: Params, has_vector: np.ndarray, pretrained: np.ndarray) -> Params:
  """Returns params whose W + C are pretrained vectors, where there are any; biases stay.

  Args:
    params: as of `glove`.
    has_vector: [V] bool, which words have a pretrained vector.
    pretrained: [V, D] float32.
  """
  started = {}
  for name, table in params.items():
    table = np.array(table)
    table[has_vector, :-1] = pretrained[has_vector] / 2  # half in each table
    started[name] = table
  return started
