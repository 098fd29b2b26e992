"""Text as blocks of consecutive words, for methods that learn from context windows.

A block is T consecutive words with w more on either side, so each of the T words has its whole
window in the block. Rows of the embedding tables and negative samples, which the words of a block
share, are read once a block instead of once a word pair. Batches are functions of (seed, step).
"""

import os
from collections.abc import Callable, Iterable
from typing import NamedTuple

import numpy as np

from glove_jax.data import array_store
from glove_jax.data.windows import subsampling
from glove_jax.data.windows.alias_sampler import alias_sampler
from glove_jax.files import atomic_folder
from glove_jax.shares import WHOLE, Share


class WindowBatch(NamedTuple):
  """B blocks for each of U consecutive updates, S = T + 2 w words long. Zeros are padding."""

  words: np.ndarray      # [B, U, S] int32, 1 + word id
  document: np.ndarray   # [B, U, S] int32, number of the document that each word belongs to
  reach: np.ndarray      # [B, U, T] int32, window size of each of the T middle words
  negatives: np.ndarray  # [B, U, K] int32, 1 + word id


class WindowBatches(NamedTuple):
  """`batch(step)` has every word of the subsampled text once an epoch."""

  batch: Callable[..., WindowBatch]  # of a step and a share
  steps_per_epoch: int
  words_per_epoch: int  # of the subsampled text


class BlockShape(NamedTuple):
  """The sizes of blocks and batches."""

  window: int                # w, largest distance of a context word, counted in words that are kept
  batch_size: int            # words of an update, rounded up to whole blocks
  updates_per_step: int = 1  # U
  block_size: int = 32       # T


def write_ids(
  ids: Iterable[np.ndarray], folder: str | os.PathLike, *, key: str = ""
) -> np.ndarray:
  """Writes token ids to `folder`, 4 bytes a token, and returns them memory-mapped.

  Args:
    ids: int32 arrays as `corpus.encode` yields them.
    folder: where to write; it appears when it is complete.
    key: what the ids were made from; `open_ids` compares it.

  Raises:
    InputError: the disk is full.
  """
  with atomic_folder(folder, what="the numbered text") as building:
    with open(building / "ids", "wb") as file:
      for block in ids:
        file.write(np.ascontiguousarray(block, np.int32).data)
    array_store.write_metadata(building, {"ids": np.int32}, key=key)
  return open_ids(folder, key=key)


def open_ids(folder: str | os.PathLike, *, key: str = "") -> np.ndarray | None:
  """Returns the ids that `write_ids` wrote with this key, memory-mapped; None if there are none.

  Raises:
    InputError: the file is damaged.
  """
  stored = array_store.load(folder, key=key, names=("ids",))
  return None if stored is None else stored.arrays["ids"]


def window_batches(
  ids: np.ndarray, counts: np.ndarray, shape: BlockShape, *, sample: float = 1e-3,
  shared_negatives: int = 32, power: float = 0.75, dynamic_window: bool = True, seed: int = 0,
) -> WindowBatches:
  """Returns batches of the blocks of a text, subsampled and shuffled anew each epoch.

  Args:
    ids: [N] int32, as `write_ids` returns them; corpus.BREAK ends a document.
    counts: [V], occurrences of each word.
    shape: the sizes of blocks and batches.
    sample: the threshold of `subsampling.keep_rates`.
    shared_negatives: K, negative samples of a block.
    power: negatives are drawn from counts^power (Mikolov et al. 2013b, sec. 2.2).
    dynamic_window: draw each word's window size evenly from 1 to w; otherwise all are w.
  """
  rates = subsampling.keep_rates(counts, sample)
  noise = alias_sampler(np.maximum(counts, 1e-9) ** power)
  text = subsampling.subsampled_text(
    ids, rates, block_size=shape.block_size, window=shape.window,
    dynamic_window=dynamic_window, seed=seed)
  num_blocks = int(text.ends[-1])
  rows = -(-shape.batch_size // shape.block_size)
  updates = shape.updates_per_step
  steps_per_epoch = -(-num_blocks // (rows * updates))

  def batch(step: int, share: Share = WHOLE) -> WindowBatch:
    epoch, number = divmod(step, steps_per_epoch)
    own = share.rows(rows)
    first = (number * updates + np.arange(updates)) * rows  # block of each update
    numbers = np.where(own < rows, np.add.outer(first, own), num_blocks)
    arrays = subsampling.read_blocks(text, epoch, numbers.ravel())
    rng = np.random.default_rng((seed, 1, step))
    negatives = noise.draw(rng, (rows, updates, shared_negatives)) + np.int32(1)
    by_update = [array.reshape(updates, len(own), -1) for array in arrays]
    words, document, reach = [np.ascontiguousarray(array.swapaxes(0, 1)) for array in by_update]
    return WindowBatch(words, document, reach, share.take(negatives))

  return WindowBatches(batch, steps_per_epoch, text.num_words)
