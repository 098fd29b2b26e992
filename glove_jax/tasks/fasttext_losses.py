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


class Labels(NamedTuple):
  """The labels of B texts."""

  shares: jax.Array     # [B, C], 1 / n for each of the n labels of a text, 0 for other classes
  has_label: jax.Array  # [B, 1], 1 for texts with a label, 0 for others


class LossTerms(NamedTuple):
  """The loss of B texts and its derivatives with respect to their logits [B, C]."""

  loss: jax.Array              # [B]
  gradient: jax.Array          # [B, C]
  hessian_diagonal: jax.Array  # [B, C]


def softmax(logits, labels: Labels, _) -> LossTerms:
  """Returns the cross-entropy of logits [B, C] and labels."""
  log_p = jax.nn.log_softmax(logits)
  probability = labels.has_label * jnp.exp(log_p)
  return LossTerms(
    loss=-(labels.shares * log_p).sum(1),
    gradient=probability - labels.shares,
    hessian_diagonal=probability * (1 - probability),
  )


def one_against_all(logits, labels: Labels, _) -> LossTerms:
  """Returns the sum of the logistic losses of all classes, of logits [B, C]."""
  targets = jnp.where(labels.shares > 0, 1.0, 0.0)
  return _logistic(logits, targets, jnp.broadcast_to(labels.has_label, targets.shape))


def hierarchical(logits, labels: Labels, paths) -> LossTerms:
  """Returns the sum of the logistic losses on the path to the label.

  Args:
    logits: [B, C], of inner nodes.
    labels: of the texts.
    paths: [C, C], as of `huffman_paths`.
  """
  return _logistic(logits, labels.shares @ (paths > 0), labels.shares @ jnp.abs(paths))


def _logistic(logits, target, weight) -> LossTerms:
  probability = jax.nn.sigmoid(logits)
  return LossTerms(
    loss=jnp.sum(weight * jax.nn.softplus(logits) - target * logits, 1),
    gradient=weight * probability - target,
    hessian_diagonal=weight * probability * (1 - probability),
  )


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
