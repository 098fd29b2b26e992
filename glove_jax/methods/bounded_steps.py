"""Steps on rows of a table that cannot overshoot, whatever the batch size and learning rate.

A batch sums the gradients of all occurrences of a word; a plain step along that sum overshoots
where the word is frequent. The logistic loss log(1 + exp x) - t x has a quadratic upper bound that
touches it at x and lies above it everywhere (Jaakkola & Jordan 2000); the curvature of that
parabola is

    lambda(x) = (sigmoid(x) - 1/2) / x.

Let u be a row of one table that is paired with rows v_k of another with weights m_k. Then

    H = sum_k m_k lambda(u . v_k) |v_k|^2

is at least the curvature of the upper bound of u's loss in any direction, and u moves by

    -rate / sqrt(1 + (rate H / 2)^2) * gradient.

For a rare word rate H is small and this is the plain step. For a frequent word the factor stays
below 2 / H, up to which the loss of the row decreases for certain, all other rows fixed.
"""

import functools
from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp

from glove_jax.row_sums import sum_rows
from glove_jax.table_layouts import REPLICATED, Layout

# Returns the rows of a table, [..., D], by ids [...] int32, 1 + row; arbitrary rows for id 0, which
# is padding.
LookUp = Callable[[jax.Array], Any]


class Gradient(NamedTuple):
  """The gradient of a loss with respect to vectors, and the curvature bound H of each vector."""

  grads: jax.Array            # [..., D]
  curvature_bound: jax.Array  # [...]


class RowGradients(NamedTuple):
  """Gradients of rows of a table [V, D]. A row may occur several times."""

  ids: jax.Array              # [...] int32, 1 + row; 0: padding
  grads: jax.Array            # [..., D]
  curvature_bound: jax.Array  # [...]


class PairLoss(NamedTuple):
  """The loss of pairs of vectors, and its gradients with respect to both sides."""

  loss: jax.Array    # [], summed over pairs
  inputs: Gradient
  outputs: Gradient


def logistic(inputs, outputs, weight, target, compute_loss=True) -> PairLoss:
  """Returns the logistic loss of all pairs of an input and an output vector, and its gradients.

  The loss is sum weight (log(1 + exp x) - target x), where x = inputs . outputs.

  Args:
    inputs: [..., I, D].
    outputs: [..., O, D].
    weight: [..., I, O], the weight of each pair; 0 for padding.
    target: [..., I, O] or broadcastable to it, 1 for positive pairs and 0 for negative ones.
    compute_loss: [] bool, whether to compute the loss; it is 0 otherwise.
  """
  logits = jnp.einsum("...id,...od->...io", inputs, outputs)
  probability = jax.nn.sigmoid(logits)
  errors = weight * (probability - target)
  # lambda(0) = 1/4, where the formula is 0 / 0.
  ratio = (probability - 0.5) / logits
  curvature = weight * jnp.where(abs(logits) < 1e-2, 0.25, ratio)

  def weighted_loss():
    softplus = jnp.maximum(logits, 0.0) - jnp.log(jnp.maximum(probability, 1.0 - probability))
    return jnp.sum(weight * (softplus - target * logits))

  loss = _compute_if(compute_loss, weighted_loss)
  input_gradient = Gradient(
    grads=jnp.einsum("...io,...od->...id", errors, outputs),
    curvature_bound=jnp.einsum("...io,...o->...i", curvature, _squared_norms(outputs)),
  )
  output_gradient = Gradient(
    grads=jnp.einsum("...io,...id->...od", errors, inputs),
    curvature_bound=jnp.einsum("...io,...i->...o", curvature, _squared_norms(inputs)),
  )
  return PairLoss(loss, input_gradient, output_gradient)


def _compute_if(condition, function):
  """Returns `function()`, or 0 where the condition is a traced False."""
  if condition is True:
    return function()
  return jax.lax.cond(condition, function, lambda: 0.0)


def _squared_norms(vectors):  # [..., D] -> [...]
  return jnp.sum(vectors * vectors, -1)


def bounded_rate(rate, curvature_bound):
  """Returns the step size of a row: at most `rate`, and less than 2 / `curvature_bound`."""
  return rate * jax.lax.rsqrt(1.0 + (rate / 2.0 * curvature_bound) ** 2)


def bounded_step(table, gradients: Sequence[RowGradients], rate):
  """Moves each row of a table by `bounded_rate` times the sum of its gradients.

  Args:
    table: [V, D].
    gradients: any number of `RowGradients`; their sums count.
    rate: [], the learning rate.

  Returns:
    [V, D].
  """
  return jax.lax.platform_dependent(
    table, tuple(gradients), rate, cpu=_step_by_occurrence, default=_step_by_row
  )


def _step_by_occurrence(table, gradients: Sequence[RowGradients], rate):
  size = len(table)
  curvature_bound = jnp.zeros(size)
  for part in gradients:
    rows = rows_to_write(part.ids, size)
    curvature_bound = curvature_bound.at[rows].add(part.curvature_bound, mode="drop")
  for part in gradients:
    rows = rows_to_write(part.ids, size)
    bound = curvature_bound.at[rows].get(mode="clip")
    rates = bounded_rate(rate, bound)
    steps = -rates[..., None] * part.grads
    table = table.at[rows].add(steps, mode="drop")
  return table


def _step_by_row(table, gradients: Sequence[RowGradients], rate):
  """Sums the gradients of each row before it moves; see `row_sums`."""
  size, dim = table.shape
  rows = []
  values = []
  for part in gradients:
    rows.append(rows_to_write(part.ids, size).reshape(-1))
    values.append(jnp.concatenate([part.grads, part.curvature_bound[..., None]], -1))
  values = [value.reshape(-1, dim + 1) for value in values]
  rows, sums = sum_rows(jnp.concatenate(rows), jnp.concatenate(values), size)
  rates = bounded_rate(rate, sums[:, dim])
  steps = -rates[:, None] * sums[:, :dim]
  return table.at[rows].add(steps, mode="drop", unique_indices=True)


def rows_to_write(ids, size: int):
  """Returns rows by 1 + row; padding, id 0, is beyond the end, where `mode="drop"` drops it."""
  return jnp.where(ids > 0, ids - 1, size)


def local_gradients(
  layout: Layout, table, gradients: Sequence[RowGradients]
) -> list[RowGradients]:
  """Returns gradients of the rows that this device has of a table; others have the id 0."""
  return [part._replace(ids=local_ids(layout, table, part.ids)) for part in gradients]


def local_ids(layout: Layout, table, ids):
  """Returns ids, 1 + row, in this device's part of a table; 0 for rows that lie elsewhere."""
  rows = layout.local_rows(table, ids - 1)
  return jnp.where(rows < len(table), rows + 1, 0)


def look_up(layout: Layout, tables, ids):
  """Returns rows of a table, or of each table in a tree, as `LookUp` does."""
  def rows(table):
    return layout.take(table, ids - 1)

  return jax.tree.map(rows, tables)


def look_ups(tables: Mapping[str, Any], layout: Layout = REPLICATED) -> dict[str, LookUp]:
  """Returns for each table by name the function that looks up its rows."""
  return {name: functools.partial(look_up, layout, table) for name, table in tables.items()}
