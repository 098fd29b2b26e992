"""Classifies many short texts by a transformer: several in a row, which attend to themselves only.

A transformer spends its time on padding as on tokens, and texts of all lengths padded to a few are
two thirds tokens. Packed rows are nearly full, and are one program to compile.
"""

from collections.abc import Callable, Sequence

import jax.numpy as jnp
import numpy as np

from glove_jax import parallel, train
from glove_jax.data.labelled import packed_batches, padded_batches
from glove_jax.data.labelled.packed_batches import PackedBatch
from glove_jax.data.labelled.padded_batches import Examples, PaddedBatch
from glove_jax.progress import count_bar
from glove_jax.train import Params, Task

# Tokens of padding that packing must save: their prediction takes as long as its compilation.
_MIN_SAVING = 8_000

Predict = Callable[[Params, PackedBatch], np.ndarray]  # -> [B, S, C], logits


def make_predict(task: Task) -> Predict:
  """Returns the prediction of packed batches by a classifier on a transformer."""
  assert task.predict is not None  # classifiers have it
  predict_padded = task.predict

  def predict(params, batch: PackedBatch):
    logits = predict_padded(params, _with_places(batch))
    return logits.reshape(*batch.sizes.shape, -1)

  return train.make_predict(task._replace(predict=predict))


def _with_places(batch: PackedBatch) -> PaddedBatch:
  """Returns a batch of B * S texts, whose tokens are in B rows."""
  rows, length = batch.ids.shape
  offsets = jnp.arange(length)
  starts = batch.starts + length * jnp.arange(rows)[:, None]  # in all rows, one after another
  places = jnp.minimum(starts[..., None] + offsets, rows * length - 1)
  mask = offsets < batch.sizes[..., None]
  return PaddedBatch(
    ids=batch.ids,
    mask=mask.reshape(-1, length).astype(jnp.float32),
    chars=None,
    target=np.zeros(batch.sizes.size, np.int32),
    weight=(batch.sizes.reshape(-1) > 0).astype(np.float32),
    types=batch.types,
    documents=batch.documents,
    places=places.reshape(-1, length),
  )


def is_worthwhile(examples: Examples, lengths: Sequence[int]) -> bool:
  """Returns whether packing saves more time than its compilation takes.

  Args:
    examples: the texts.
    lengths: ascending, that they would be padded to.
  """
  sizes = _sizes(examples)
  sizes = sizes[sizes <= min(packed_batches.ROW_TOKENS, lengths[-1])]
  padded = np.array(lengths)[np.searchsorted(lengths, sizes)]
  return bool((padded - sizes).sum() >= _MIN_SAVING)


def _sizes(examples: Examples) -> np.ndarray:
  return np.array([len(ids) for ids in examples.ids], int)


def run(
  predict: Predict,
  predict_padded: Callable[[Params, PaddedBatch], np.ndarray],
  params: Params,
  examples: Examples,
  *,
  lengths: Sequence[int],
  batch_size: int,
) -> list[np.ndarray]:
  """Returns the logits [C] of each text; texts that are too long for packed rows are padded.

  Args:
    predict: of `make_predict`.
    predict_padded: of `train.make_predict`.
    params: of the task.
    examples: the texts.
    lengths: ascending, that longer texts are padded to.
    batch_size: of these.
  """
  params = parallel.put(params)  # once, and not with each batch
  logits: list = [None] * len(examples.ids)
  sizes = _sizes(examples)
  short = np.flatnonzero(sizes <= packed_batches.ROW_TOKENS)
  long = np.flatnonzero(sizes > packed_batches.ROW_TOKENS)
  with count_bar("predicting", int(sizes.sum()), unit="token") as advance:
    for rows, batch in packed_batches.batches(examples, short.tolist()):
      for texts, outputs in zip(rows, predict(params, batch), strict=False):
        for index, output in zip(texts, outputs, strict=False):
          logits[index] = output
      advance(int(batch.sizes.sum()))
    padded = padded_batches.batches_in_order(
      padded_batches.take(examples, long), batch_size=batch_size, bounds=np.array(lengths)
    )
    for positions, batch in padded:
      indices = long[positions]
      for index, output in zip(indices, predict_padded(params, batch), strict=False):
        logits[index] = output
      advance(int(sizes[indices].sum()))
  return logits
