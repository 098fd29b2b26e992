"""Batches of feature bags for supervised fastText, as functions of (seed, step)."""

import functools
from collections.abc import Callable, Sequence
from typing import NamedTuple

import numpy as np
import scipy.sparse

from glove_jax.data.labelled.fasttext_bags import FeatureBags, ranges

_LARGEST = 1 << 20  # values of a batch of several updates: dozens of batches wait in memory
_ROUND = 16  # rows of an update are padded to a multiple of this: shapes that suit a device
_DEVIATIONS = 3  # above the mean: the rows that few updates of equal size exceed
_FITTING = 0.9  # the share of batches without a wider update, as far as sizes of bags tell
_SWAPS = 10  # attempts to narrow the updates of a batch by swapping texts between them


class BagBatch(NamedTuple):
  """B texts for each of U consecutive updates, and the R rows of their features in each update."""

  mean: np.ndarray         # [B, U, R] float32, the weight of each row in a text's mean; 0: padding
  labels: np.ndarray       # [B, U, K] int32, 1 + label; 0: padding, or a text without features
  label_share: np.ndarray  # [B, U] float32, 1 / the number of a text's labels; 0: it has none
  rows: np.ndarray         # [R, U] int32, 1 + row, each once; 0: padding


class BagBatches(NamedTuple):
  """`batch(step)` has every text once an epoch."""

  batch: Callable[[int], BagBatch]
  steps_per_epoch: int
  updates_per_step: int


def bag_batches(
  bags: FeatureBags, labels: Sequence[Sequence[int]], *, batch_size: int,
  updates_per_step: int = 64, seed: int = 0, weights: np.ndarray | None = None,
) -> BagBatches:
  """Returns batches of one shape but for a rare wider one, as functions of (seed, step).

  Sorted by size, the bags are divided into B groups, and each update gets one of every group, at
  random: updates are of similar size. R, the rows of an update, is estimated from the first batch
  and the sizes of the first epoch. An update of more rows swaps bags with the smallest update of
  its batch.

  Args:
    bags: the rows of the features of N texts.
    labels: of each text, one or more.
    batch_size: B, texts of an update.
    updates_per_step: at most; less where texts are long, to bound the size of a batch.
    seed: of the order.
    weights: [R] of each row, which multiply its shares; None: ones.
  """
  sizes = np.diff(bags.indptr)
  padded_labels = _padded_labels(labels, sizes)
  padded_sizes = np.append(sizes, 0)  # bag -1 is empty
  rows = min(batch_size, len(sizes))
  updates = -(-len(sizes) // rows)  # of an epoch
  most_rows = _max_features(sizes, rows, updates)
  fitting = max(1, _LARGEST // (rows * most_rows))
  steps = -(-updates // min(updates_per_step, fitting))
  per_step = -(-updates // steps)
  if weights is None:
    weights = np.ones(int(bags.rows.max(initial=0)) + 1, np.float32)

  @functools.lru_cache(maxsize=1)  # an epoch is shuffled once, not for each of its batches
  def epoch_order(epoch: int) -> np.ndarray:
    rng = np.random.default_rng((seed, epoch))
    order = _shuffle(sizes, rows, updates, rng)
    padding = steps * per_step - updates
    return np.pad(order, ((0, 0), (0, padding)), constant_values=-1)

  def bags_of_step(step: int) -> np.ndarray:
    epoch, number = divmod(step, steps)
    start = number * per_step
    return epoch_order(epoch)[:, start : start + per_step]

  def features(chosen: np.ndarray) -> _Features:
    return _number_features(bags, chosen, padded_sizes[chosen], weights)

  largest = padded_sizes[epoch_order(0)].sum(0).reshape(steps, per_step).max(1)
  width = min(most_rows, _likely_rows(features(bags_of_step(0)), padded_sizes, largest))

  def batch(step: int) -> BagBatch:
    of_step = _narrow(features(bags_of_step(step)), features, padded_sizes, width)
    is_wide = of_step.num_rows.max() > width
    return _collate(of_step, padded_labels[of_step.chosen], most_rows if is_wide else width)

  return BagBatches(batch, steps, per_step)


def _padded_labels(labels: Sequence[Sequence[int]], sizes: np.ndarray) -> np.ndarray:
  """Returns 1 + each label, [N + 1, K] int32; zeros for bags without features, such as bag -1."""
  most = max(map(len, labels))
  padded = np.zeros((len(sizes) + 1, most), np.int32)
  for bag in np.flatnonzero(sizes):
    bag_labels = labels[bag]
    padded[bag, : len(bag_labels)] = np.add(bag_labels, 1)
  return padded


def _max_features(sizes: np.ndarray, groups: int, updates: int) -> int:
  """Returns the size of the largest bags of all groups together, rounded up."""
  padding = groups * updates - len(sizes)
  padded = np.pad(sizes, (0, padding))
  by_group = np.sort(padded).reshape(groups, updates)
  largest = int(by_group[:, -1].sum())
  return _round_up(largest)


def _shuffle(
  sizes: np.ndarray, groups: int, updates: int, rng: np.random.Generator
) -> np.ndarray:
  """Returns bags [groups, updates] of an epoch; -1 is an empty one."""
  ties = rng.random(len(sizes))
  order = np.lexsort((ties, sizes))
  padding = groups * updates - len(sizes)
  padded = np.pad(order, (padding, 0), constant_values=-1)
  by_group = padded.reshape(groups, updates)
  return rng.permuted(by_group, axis=1)


class _Features(NamedTuple):
  """The F features of the bags of a batch, and the K distinct rows among them in each update."""

  chosen: np.ndarray      # [B, U], the bags
  share: np.ndarray       # [F] float64, of the feature in its bag, weighted
  cell: np.ndarray        # [F], its bag, in [B, U] made flat
  column: np.ndarray      # [F], the number of its row among those of the update
  row: np.ndarray         # [K]
  row_update: np.ndarray  # [K], the update
  row_column: np.ndarray  # [K], the number of the row
  num_rows: np.ndarray    # [U], rows of each update


def _number_features(
  bags: FeatureBags, chosen: np.ndarray, sizes: np.ndarray, weights: np.ndarray
) -> _Features:
  """Numbers the rows of each update.

  Args:
    bags: all bags.
    chosen: [B, U], the bags of a batch.
    sizes: [B, U], their numbers of features.
    weights: of each row of the whole table.
  """
  updates = chosen.shape[1]
  table_rows = len(weights)
  sizes = sizes.ravel()
  rows = bags.rows[ranges(bags.indptr[chosen.ravel()], sizes)]
  # Changing the format of a sparse matrix is a counting sort: by row, then by update.
  by_row = scipy.sparse.csr_array(
    (np.repeat(np.arange(chosen.size), sizes), rows, np.append(0, np.cumsum(sizes))),
    shape=(chosen.size, table_rows),
  ).tocsc()
  by_update = scipy.sparse.csr_array(
    (by_row.data, by_row.indices % updates, by_row.indptr), shape=(table_rows, updates)
  ).tocsc()
  cell, row = by_update.data, by_update.indices
  update = np.repeat(np.arange(updates), np.diff(by_update.indptr))
  is_first = (np.diff(row, prepend=-1) != 0) | (np.diff(update, prepend=-1) != 0)
  number = np.cumsum(is_first) - 1  # of each feature's row among those of all updates
  row_update = update[is_first]
  first = np.searchsorted(row_update, np.arange(updates + 1))  # row of each update
  return _Features(
    chosen=chosen,
    share=weights[row] / sizes[cell],
    cell=cell,
    column=number - first[update],
    row=row[is_first],
    row_update=row_update,
    row_column=np.arange(len(row_update)) - first[row_update],
    num_rows=np.diff(first),
  )


def _narrow(
  of_batch: _Features, features: Callable[[np.ndarray], _Features], sizes: np.ndarray, width: int
) -> _Features:
  """Swaps bags of a batch until no update has more than `width` rows, if that succeeds soon.

  Args:
    of_batch: the features of a batch.
    features: bags [B, U] -> their features.
    sizes: of all bags.
    width: R.
  """
  for number in range(_SWAPS):
    if of_batch.num_rows.max() <= width:
      break
    swapped = features(_swap(of_batch, sizes, number))
    if np.square(swapped.num_rows).sum() < np.square(of_batch.num_rows).sum():
      of_batch = swapped
  return of_batch


def _swap(features: _Features, sizes: np.ndarray, number: int) -> np.ndarray:
  """Returns the bags of a batch, [B, U], with one of the largest update in the smallest one.

  The two bags that change places are of one group: in the first attempt, the one where their sizes
  differ most; then the next one.

  Args:
    features: of the batch.
    sizes: of all bags.
    number: of the attempt, from 0.
  """
  chosen = features.chosen.copy()
  largest = features.num_rows.argmax()
  is_empty = features.num_rows == 0  # at the end of an epoch
  smallest = np.where(is_empty, features.num_rows.max(), features.num_rows).argmin()
  difference = sizes[chosen[:, largest]] - sizes[chosen[:, smallest]]
  group = np.argsort(-difference, kind="stable")[number % len(chosen)]
  chosen[group, [largest, smallest]] = chosen[group, [smallest, largest]]
  return chosen


def _likely_rows(features: _Features, sizes: np.ndarray, largest: np.ndarray) -> int:
  """Returns how many rows updates have at most, but for a few, rounded up.

  Args:
    features: of a batch.
    sizes: of all bags.
    largest: features of the largest update of each batch of an epoch.
  """
  num_rows = features.num_rows
  likely = num_rows.mean() + _DEVIATIONS * num_rows.std()
  rows_per_feature = num_rows.sum() / max(1, sizes[features.chosen].sum())
  fitting = np.quantile(largest, _FITTING, method="lower")
  return _round_up(max(1, int(likely), int(rows_per_feature * fitting)))


def _round_up(rows: int) -> int:
  return -(-rows // _ROUND) * _ROUND


def _collate(features: _Features, labels: np.ndarray, width: int) -> BagBatch:
  """Returns a batch of R = `width`; labels: [B, U, K], of the bags."""
  shape = features.chosen.shape
  mean = np.bincount(
    features.cell * width + features.column,
    weights=features.share,
    minlength=features.chosen.size * width,
  )
  table = np.zeros((width, shape[1]), np.int32)
  table[features.row_column, features.row_update] = features.row + 1
  num_labels = np.count_nonzero(labels, axis=2)
  label_share = np.zeros(shape, np.float32)
  np.divide(1, num_labels, out=label_share, where=num_labels > 0)
  return BagBatch(
    mean=mean.astype(np.float32).reshape(*shape, width),
    labels=labels,
    label_share=label_share,
    rows=table,
  )
