"""The losses of fastText's text classifier, with their first and second derivatives.

A text may have several labels. `softmax` and `hierarchical` give each of them an equal share of the
loss; `one_against_all` is one binary loss for each class. A text without labels, such as padding,
has no loss.

Shapes: B texts; C classes.
"""

from typing import NamedTuple

import jax
import jax.numpy as jnp
import numpy as np

from glove_jax.data.windows import huffman


class LossTerms(NamedTuple):
  """The loss of B texts and its derivatives with respect to their logits [B, C]."""

  loss: jax.Array              # [B]
  gradient: jax.Array          # [B, C]
  hessian_diagonal: jax.Array  # [B, C]


def softmax(logits, targets, _) -> LossTerms:
  """Returns the cross-entropy of logits [B, C] and labels.

  Args:
    targets: [B, C], 1 for each label of a text; a text without labels has no loss.
  """
  has_label = _has_label(targets)
  shares = _label_shares(targets)
  log_p = jax.nn.log_softmax(logits)
  probability = has_label * jnp.exp(log_p)
  return LossTerms(
    loss=-(shares * log_p).sum(1),
    gradient=probability - shares,
    hessian_diagonal=probability * (1 - probability),
  )


def one_against_all(logits, targets, _) -> LossTerms:
  """Returns the sum of the logistic losses of all classes. Arguments are those of `softmax`."""
  return _logistic(logits, targets, jnp.broadcast_to(_has_label(targets), targets.shape))


def hierarchical(logits, targets, paths) -> LossTerms:
  """Returns the sum of the logistic losses on the path to the label.

  Args:
    logits: [B, C], of inner nodes.
    targets: [B, C], as for `softmax`.
    paths: [C, C], as of `huffman_paths`.
  """
  shares = _label_shares(targets)
  return _logistic(logits, shares @ (paths > 0), shares @ jnp.abs(paths))


def _logistic(logits, target, weight) -> LossTerms:
  probability = jax.nn.sigmoid(logits)
  return LossTerms(
    loss=jnp.sum(weight * jax.nn.softplus(logits) - target * logits, 1),
    gradient=weight * probability - target,
    hessian_diagonal=weight * probability * (1 - probability),
  )


def _has_label(targets):  # [B, C] -> [B, 1], 0 or 1
  return jnp.minimum(targets.sum(1, keepdims=True), 1)


def _label_shares(targets):  # [B, C] -> [B, C]
  return targets / jnp.maximum(targets.sum(1, keepdims=True), 1)


def huffman_paths(label_counts: np.ndarray) -> np.ndarray:
  """Returns the paths to the classes in their Huffman tree.

  Returns:
    [C, C] float32, for each class and inner node: 1 where its path goes right, -1 where it goes
    left, and 0 for nodes that are not on the path (and in one unused column).
  """
  tree = huffman.huffman_paths(label_counts)
  label, depth = np.nonzero(tree.nodes)
  node = tree.nodes[label, depth] - 1
  paths = np.zeros((len(tree.nodes), len(tree.nodes)), np.float32)
  paths[label, node] = 2 * tree.codes[label, depth] - 1
  return paths
