"""Negative sampling (Mikolov et al. 2013b, sec. 2.2): losses and gradients of skip-gram and CBOW.

A block's K negative samples are shared by all its words. With k samples a pair as in the paper,
each of them weighs k / K, and for a word the sample that is the word itself weighs 0.

Shapes: B blocks of T words, with w words (`window`) more on either side, S = T + 2 w; V words; D
dimensions.
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
  _,
  blocks: WindowBatch,
  *,
  window: int,
  negatives: int,
  input_ids=None,
  compute_loss=True,
) -> tuple[Sum, dict[str, list[RowGradients]]]:
  """Returns the loss and gradients of predicting the words in the window of each word.

  Args:
    look_up: of the tables `word` and `context`.
    blocks: without the axis of updates.
    input_ids: [B, S], 1 + row of the table `word` for each word; default: `blocks.words`.
    compute_loss: [] bool, whether to compute the loss; it is 0 otherwise.

  Returns:
    (loss, summed over pairs, gradients by table).
  """
  words = blocks.words if input_ids is None else input_ids
  centre_ids = window_masks.centres(words, blocks, window)
  tiles = window_masks.split_into_tiles(blocks, window)
  in_window = window_masks.tile_in_window(tiles, window)
  centres = look_up["word"](centre_ids)  # [B, T, D]
  positive = logistic(
    centres.reshape(*tiles.reach.shape, -1),
    look_up["context"](tiles.words),
    in_window,
    1.0,
    compute_loss,
  )
  # A sample counts once for each context of the centre word that is another word than the sample.
  differs = tiles.words[:, :, None] != tiles.negatives[:, None, :]
  weight = jnp.einsum("bts,bsk->btk", in_window, differs.astype(jnp.float32))
  weight = weight.reshape(*centre_ids.shape, -1)
  negative, negative_rows = _score_samples(
    look_up, centres, weight, blocks, negatives, compute_loss
  )
  positive_gradient = Gradient(
    grads=positive.inputs.grads.reshape(centres.shape),
    curvature_bound=positive.inputs.curvature_bound.reshape(centre_ids.shape),
  )
  centre_rows = RowGradients(centre_ids, *_add(positive_gradient, negative.inputs))
  loss = Sum(total=positive.loss + negative.loss, weight=compute_loss * in_window.sum())
  context_rows = RowGradients(tiles.words, *positive.outputs)
  return loss, {"word": [centre_rows], "context": [context_rows, negative_rows]}


def cbow(
  look_up: Mapping[str, LookUp],
  _,
  blocks: WindowBatch,
  *,
  window: int,
  negatives: int,
  input_ids=None,
  compute_loss=True,
) -> tuple[Sum, dict[str, list[RowGradients]]]:
  """Returns the loss and gradients of predicting each word from the mean of its window.

  Args and returns are those of `skipgram`; the loss is summed over words.
  """
  centre_ids = window_masks.centres(blocks.words, blocks, window)
  words = blocks.words if input_ids is None else input_ids
  in_window, has_context, means = context_means(look_up["word"](words), blocks, window)
  positive = logistic(
    means[:, :, None],
    look_up["context"](centre_ids)[:, :, None],
    has_context[:, :, None, None],
    1.0,
    compute_loss,
  )
  differs = centre_ids[:, :, None] != blocks.negatives[:, None, :]
  weight = has_context[..., None] * differs
  negative, negative_rows = _score_samples(look_up, means, weight, blocks, negatives, compute_loss)
  positive_gradient = Gradient(
    grads=positive.inputs.grads[:, :, 0],
    curvature_bound=positive.inputs.curvature_bound[:, :, 0],
  )
  mean_gradient = _add(positive_gradient, negative.inputs)
  centre_rows = RowGradients(
    ids=centre_ids,
    grads=positive.outputs.grads[:, :, 0],
    curvature_bound=positive.outputs.curvature_bound[:, :, 0],
  )
  word_rows = RowGradients(words, *context_gradients(in_window, mean_gradient, window))
  loss = Sum(total=positive.loss + negative.loss, weight=compute_loss * has_context.sum())
  return loss, {"word": [word_rows], "context": [centre_rows, negative_rows]}


def _score_samples(
  look_up: Mapping[str, LookUp], inputs, weight, blocks: WindowBatch, negatives: int, compute_loss
) -> tuple[PairLoss, RowGradients]:
  """Scores inputs [B, T, D] with their block's samples; also returns the samples' gradients."""
  weight = negatives / blocks.negatives.shape[1] * weight  # [B, T, K]
  samples = look_up["context"](blocks.negatives)         # [B, K, D]
  pairs = logistic(inputs, samples, weight, 0.0, compute_loss)
  return pairs, RowGradients(blocks.negatives, *pairs.outputs)


def _add(one: Gradient, other: Gradient) -> Gradient:
  return Gradient(
    grads=one.grads + other.grads,
    curvature_bound=one.curvature_bound + other.curvature_bound,
  )
