"""Steps of fastText's text classifier that converge for every batch size.

The sum of the gradients of many texts would overshoot at a learning rate that is right for single
texts. Two bounds prevent that. First, each row of a table moves by

    -rate / (1 + rate H) * gradient,

where H is the curvature of the loss along that row (the diagonal of the Gauss-Newton matrix, summed
over the texts). This bounds every frequent row, but not the joint effect of rows that share a text.
Second, the whole step is halved until the loss of the update's texts does not increase
(a backtracking line search). Mostly the full step passes.

Shapes: B texts of an update, on this device; U rows that occur in them; C classes; D dimensions.
"""

from collections.abc import Callable
from typing import NamedTuple

import jax
import jax.numpy as jnp

from glove_jax import parallel

_SMALLEST_STEP = 2.0**-15  # as a share of the full step


class Changes(NamedTuple):
  """What one update adds."""

  rows: jax.Array    # [U, D]
  output: jax.Array  # [C, D]


def bounded_step(table, output, mean, loss_terms: Callable, rate) -> tuple[Changes, jax.Array]:
  """Returns the changes of one update, which do not increase the loss of its texts.

  Args:
    table: [U, D], the rows that occur.
    output: [C, D].
    mean: [B, U], the share of each row in each text of this device.
    loss_terms: logits [B, C] -> `LossTerms`.
    rate: [], the learning rate.

  Returns:
    (changes of the rows and of the output, the same on all devices; the loss of this device's
    texts before them).
  """
  hidden = mean @ table       # [B, D]
  logits = hidden @ output.T  # [B, C]
  terms = loss_terms(logits)
  hidden_gradient = terms.gradient @ output  # [B, D]
  # Barriers put transposed matrices into memory: products with them take half the time.
  transposed = jax.lax.optimization_barrier(mean.T)  # [U, B]
  output_gradient = jax.lax.optimization_barrier(terms.gradient.T) @ hidden
  curvature = _curvature(transposed, hidden, output, terms.hessian_diagonal)
  curvature, output_gradient = parallel.psum((curvature, output_gradient))
  row_rates, output_rates = (-rate / (1 + rate * diagonal) for diagonal in curvature)
  output_step = output_rates[:, None] * output_gradient
  # The change of the hidden vectors, by the [B, B] products of the rows that texts share: far fewer
  # numbers than those of the rows.
  shared = (mean * row_rates) @ parallel.all_gather(mean).T
  hidden_change = shared @ parallel.all_gather(hidden_gradient)
  first = hidden_change @ output.T + hidden @ output_step.T
  second = hidden_change @ output_step.T

  def loss_after(size):  # of a share of the step: the logits are a quadratic polynomial of it
    moved = logits + size * first + size * size * second
    return parallel.psum(loss_terms(moved).loss.sum())

  loss = terms.loss.sum()
  size = _step_size(loss_after, parallel.psum(loss))
  # The rates and the size scale the small factors, not the product.
  scaled = transposed * row_rates[:, None]
  if len(mean) > len(output):  # the cheaper order of the two products
    row_step = scaled @ (size * terms.gradient) @ output
  else:
    row_step = scaled @ (size * hidden_gradient)
  return Changes(rows=parallel.psum(row_step), output=size * output_step), loss


def _curvature(transposed, hidden, output, hessian_diagonal) -> tuple[jax.Array, jax.Array]:
  """Returns the curvature of the loss of this device's texts along rows [U] and the output [C]."""
  hidden_curvature = hessian_diagonal @ _squared_norms(output)  # [B]
  rows = (transposed * transposed) @ hidden_curvature
  return rows, hessian_diagonal.T @ _squared_norms(hidden)


def _step_size(loss_after: Callable, loss_before):
  """Returns the largest of 1, 1/2, 1/4, ... at which the loss is no higher than before; else 0."""
  def too_large(tried):
    size, loss = tried
    return ~(loss <= loss_before) & (size > _SMALLEST_STEP)

  def halve(tried):
    size = tried[0] / 2
    return size, loss_after(size)

  start = (2.0, jnp.inf)
  size, loss = jax.lax.while_loop(too_large, halve, start)
  return jnp.where(loss <= loss_before, size, 0.0)


def _squared_norms(vectors):  # [N, D] -> [N]
  return (vectors * vectors) @ jnp.ones(vectors.shape[1])  # a product is one loop, a sum three
