"""Steps of fastText's text classifier for batches of any size.

The sum of the gradients of many texts would overshoot at a learning rate that is right for single
texts. Each row of a table therefore moves by

    -rate / (1 + rate H) * gradient,

where H bounds the curvature of the loss along that row, while the other rows of a text move at the
same time. With m[b, r] the share of row r in text b, and d[r] its step,

    (sum_r m[b, r] d[r])^2 <= sum_r m[b, r] d[r]^2,

as the shares of a text sum to at most 1 (Jensen's inequality). The right side has no products of
two rows, so H[r] is the sum over texts of m[b, r] times the curvature along the hidden vector of
the text. Such bounds are known as separable surrogates (De Pierro 1995, "A modified expectation
maximization algorithm for penalized likelihood estimation in emission tomography").

H is a true bound for quadratic losses, if only one of the two tables moves. For other losses it
uses the second derivatives at the present logits, and the loss may rise.

Shapes: B texts of an update, on this device; U rows that occur in them; C classes; D dimensions.
"""

from collections.abc import Callable
from typing import NamedTuple

import jax
import jax.numpy as jnp

from glove_jax import parallel
from glove_jax.tasks.fasttext_losses import LossTerms

# A loss has no curvature where a prediction is certain but wrong, and the step would be unbounded.
# With at least this share of the squared gradient, an update of one text moves a logit by some 32
# at most. Right predictions have more curvature than that.
_SMALLEST_CURVATURE = 1 / 32


class Changes(NamedTuple):
  """What one update adds."""

  rows: jax.Array    # [U, D]
  output: jax.Array  # [C, D]


def bounded_step(
  table, output, mean, loss_terms: Callable[..., LossTerms], rate
) -> tuple[Changes, jax.Array]:
  """Returns the changes of one update.

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
  hidden = mean @ table  # [B, D]
  terms = loss_terms(hidden @ output.T)
  # Barriers put transposed matrices into memory: products with them take half the time.
  transposed = jax.lax.optimization_barrier(mean.T)  # [U, B]
  output_gradient = jax.lax.optimization_barrier(terms.gradient.T) @ hidden
  curvature = _curvature(transposed, hidden, output, terms)
  curvature, output_gradient = parallel.psum((curvature, output_gradient))
  row_rates, output_rates = (-rate / (1 + rate * bound) for bound in curvature)
  scaled = transposed * row_rates[:, None]
  if len(mean) > len(output):  # the cheaper order of the two products
    row_step = scaled @ terms.gradient @ output
  else:
    row_step = scaled @ (terms.gradient @ output)
  changes = Changes(parallel.psum(row_step), output_rates[:, None] * output_gradient)
  return changes, terms.loss.sum()


def _curvature(transposed, hidden, output, terms: LossTerms) -> tuple[jax.Array, jax.Array]:
  """Returns bounds H of the curvature along the rows [U] and the output [C], of this device."""
  smallest = _SMALLEST_CURVATURE * terms.gradient * terms.gradient
  of_logits = jnp.maximum(terms.hessian_diagonal, smallest)  # [B, C]
  of_hidden = of_logits @ _squared_norms(output)             # [B]
  return transposed @ of_hidden, of_logits.T @ _squared_norms(hidden)


def _squared_norms(vectors):  # [N, D] -> [N]
  return (vectors * vectors) @ jnp.ones(vectors.shape[1])  # a product is one loop, a sum three
