"""Batches of feature bags for supervised fastText, as functions of (seed, step)."""

import functools
from collections.abc import Callable, Sequence
from typing import NamedTuple

import numpy as np

from glove_jax.data.labelled.fasttext_bags import FeatureBags, ranges

_LARGEST = 1 << 20  # values of a batch of several updates: dozens of batches wait in memory
_ROUND = 32  # rows of an update are padded to a multiple of this: shapes that suit a device


class BagBatch(NamedTuple):
  """B texts for each of U consecutive updates, and the R rows of their features in each update."""

  mean: np.ndarray    # [B, U, R] float32, the weight of each row in a text's mean; 0: padding
  labels: np.ndarray  # [B, U, K] int32, 1 + label; 0: padding, or a text without features
  rows: np.ndarray    # [R, U] int32, 1 + row, each once; 0: padding


class BagBatches(NamedTuple):
  """`batch(step)` has every text once an epoch."""

  batch: Callable[[int], BagBatch]
  steps_per_epoch: int
  updates_per_step: int


def bag_batches(
  bags: FeatureBags, labels: Sequence[Sequence[int]], *, batch_size: int,
  updates_per_step: int = 64, seed: int = 0,
) -> BagBatches:
  """Returns batches of one shape, as functions of (seed, step).

  Sorted by size, the bags are divided into B groups, and each update gets one of every group: so
  updates are of similar size, and none has more rows than the largest bags of all groups together.
  Within groups the order is random.

  Args:
    bags: the features of N texts.
    labels: of each text, one or more.
    batch_size: B, texts of an update.
    updates_per_step: at most; less where texts are long, to bound the size of a batch.
    seed: of the order.
  """
  sizes = np.append(np.diff(bags.indptr), 0)  # index -1 is an empty bag
  num_bags = len(sizes) - 1
  targets = _padded_labels(labels, sizes)
  rows = min(batch_size, num_bags)
  updates = -(-num_bags // rows)  # of an epoch
  width = _max_features(sizes[:-1], rows, updates)
  fitting = max(1, _LARGEST // (rows * width))
  steps = -(-updates // min(updates_per_step, fitting))
  per_step = -(-updates // steps)

  @functools.lru_cache(maxsize=1)  # an epoch is shuffled once, not for each of its batches
  def epoch_order(epoch: int) -> np.ndarray:
    rng = np.random.default_rng((seed, epoch))
    order = _shuffle(sizes[:-1], rows, updates, rng)
    return np.pad(order, ((0, 0), (0, steps * per_step - updates)), constant_values=-1)

  def batch(step: int) -> BagBatch:
    epoch, number = divmod(step, steps)
    chosen = epoch_order(epoch)[:, number * per_step : (number + 1) * per_step]
    return _collate(bags, chosen, sizes[chosen], targets[chosen], width)

  return BagBatches(batch, steps, per_step)


def _padded_labels(labels: Sequence[Sequence[int]], sizes: np.ndarray) -> np.ndarray:
  """Returns 1 + each label, [N + 1, K] int32; zeros for bags without features, the last too."""
  padded = np.zeros((len(sizes), max(map(len, labels))), np.int32)
  for bag in np.flatnonzero(sizes):
    padded[bag, : len(labels[bag])] = np.array(labels[bag]) + 1
  return padded


def _max_features(sizes: np.ndarray, groups: int, updates: int) -> int:
  """Returns the size of the largest bags of all groups together, rounded up."""
  padded = np.pad(sizes, (0, groups * updates - len(sizes)))
  by_group = np.sort(padded).reshape(groups, updates)
  largest = int(by_group[:, -1].sum())
  return -(-largest // _ROUND) * _ROUND


def _shuffle(
  sizes: np.ndarray, groups: int, updates: int, rng: np.random.Generator
) -> np.ndarray:
  """Returns bags [groups, updates] of an epoch; -1 is an empty one."""
  order = np.lexsort((rng.random(len(sizes)), sizes))
  padded = np.pad(order, (groups * updates - len(order), 0), constant_values=-1)
  return rng.permuted(padded.reshape(groups, updates), axis=1)


def _collate(
  bags: FeatureBags, chosen: np.ndarray, sizes: np.ndarray, labels: np.ndarray, width: int
) -> BagBatch:
  """Returns the bags [B, U] of a batch, with their sizes [B, U] and labels [B, U, K]."""
  updates = chosen.shape[1]
  sizes = sizes.ravel()
  cell = np.repeat(np.arange(chosen.size), sizes)  # of each feature, in [B, U] made flat
  rows = bags.rows[ranges(bags.indptr[chosen.ravel()], sizes)]
  # Sorted keys number the distinct rows of each update.
  num_rows = int(bags.rows.max(initial=0)) + 1
  update = cell % updates
  keys, key_of_feature = np.unique(update * num_rows + rows, return_inverse=True)
  update_of_key = keys // num_rows
  first_key = np.searchsorted(update_of_key, np.arange(updates))  # of each update
  column = key_of_feature - first_key[update]
  mean = np.bincount(
    cell * width + column, weights=1.0 / sizes[cell], minlength=chosen.size * width)
  table = np.zeros((width, updates), np.int32)
  column_of_key = np.arange(len(keys)) - first_key[update_of_key]
  table[column_of_key, update_of_key] = keys % num_rows + 1
  return BagBatch(
    mean=mean.astype(np.float32).reshape(*chosen.shape, width),
    labels=labels,
    rows=table,
  )
