"""Hierarchical softmax (Mikolov et al. 2013b, sec. 2.1): losses and gradients of skip-gram, CBOW.

The probability of a word is the product of the probabilities of the branches on its path in a
Huffman tree.

Shapes: B blocks of T words, with w words (`window`) more on either side, S = T + 2 w; V words; L
nodes on the longest path; D dimensions.
"""

from collections.abc import Mapping

import jax.numpy as jnp

from glove_jax.data.windows.blocks import WindowBatch
from glove_jax.methods import window_masks
from glove_jax.methods.bounded_steps import Gradient, LookUp, PairLoss, RowGradients, logistic
from glove_jax.methods.context_means import context_gradients, context_means
from glove_jax.train import Sum


def skipgram(
  look_up: Mapping[str, LookUp],
  paths: LookUp,
  blocks: WindowBatch,
  *,
  window: int,
  negatives: int,
  compute_loss=True,
) -> tuple[Sum, dict[str, list[RowGradients]]]:
  """Returns the loss and gradients of predicting each word from every word in its window.

  Args and returns are those of `negative_sampling.skipgram`, with the tables `word` and `node`, and
  `paths`, which looks up `HuffmanPaths`.
  """
  del negatives
  in_window = window_masks.in_window(blocks, window)
  context_ids = window_masks.contexts(blocks.words, window)
  contexts = look_up["word"](context_ids)  # [B, T, 2 w, D]
  centre_ids = window_masks.centres(blocks.words, blocks, window)
  pairs, node_rows = _score_paths(look_up, paths, centre_ids, contexts, in_window, compute_loss)
  loss = Sum(total=pairs.loss, weight=compute_loss * in_window.sum())
  return loss, {"word": [RowGradients(context_ids, *pairs.inputs)], "node": [node_rows]}


def cbow(
  look_up: Mapping[str, LookUp],
  paths: LookUp,
  blocks: WindowBatch,
  *,
  window: int,
  negatives: int,
  compute_loss=True,
) -> tuple[Sum, dict[str, list[RowGradients]]]:
  """Returns the loss and gradients of predicting each word from the mean of its window."""
  del negatives
  in_window, has_context, means = context_means(look_up["word"](blocks.words), blocks, window)
  centre_ids = window_masks.centres(blocks.words, blocks, window)
  pairs, node_rows = _score_paths(
    look_up,
    paths,
    centre_ids,
    means[:, :, None],
    has_context[..., None],
    compute_loss,
  )
  mean_gradient = Gradient(
    grads=pairs.inputs.grads[:, :, 0],
    curvature_bound=pairs.inputs.curvature_bound[:, :, 0],
  )
  loss = Sum(total=pairs.loss, weight=compute_loss * has_context.sum())
  word_rows = RowGradients(blocks.words, *context_gradients(in_window, mean_gradient, window))
  return loss, {"word": [word_rows], "node": [node_rows]}


def _score_paths(
  look_up: Mapping[str, LookUp], paths: LookUp, centre_ids, inputs, weight, compute_loss
) -> tuple[PairLoss, RowGradients]:
  """Scores inputs with the nodes on the paths to the centre words; also returns their gradients.

  Args:
    centre_ids: [B, T].
    inputs: [B, T, I, D].
    weight: [B, T, I], 1 for inputs that predict the centre word, else 0.
  """
  nodes, codes = paths(centre_ids)  # [B, T, L] each
  node_ids = jnp.where(centre_ids[..., None] > 0, nodes, 0)
  target = 1.0 - codes
  weight = weight[..., None] * (node_ids > 0)[:, :, None]
  vectors = look_up["node"](node_ids)
  pairs = logistic(inputs, vectors, weight, target[:, :, None], compute_loss)
  return pairs, RowGradients(node_ids, *pairs.outputs)
