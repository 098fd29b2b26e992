"""fastText's text classifier (Joulin et al. 2017, "Bag of Tricks").

Model. A text is a bag of R possible features: its words, their character n-grams, and word n-grams,
hashed to rows of a table E (`input`). With M[b, r] the share of feature r in the bag of text b, the
logits of the C classes are M E O', O (`output`) being linear weights. Only the rows of features
that occur in the training texts are in memory; all others stay zero. Features that occur in the
same texts share a row (`feature_rows`).

Objective. The sum over texts of the cross-entropy (`softmax`), of one logistic loss per class
(`ova`, one against all), or of the logistic losses on a path in a Huffman tree of the classes
(`hs`, hierarchical softmax).

Update. A batch holds several sequential updates, each on the sum of the gradients of its texts. How
far each update goes is explained in `fasttext_steps`.

Shapes: B texts of an update; U rows that occur in them; C classes; D dimensions; R rows in all.
"""

from collections.abc import Callable, Sequence

import jax
import jax.numpy as jnp
import numpy as np
import scipy.sparse
import scipy.special

from glove_jax import compiler_options, parallel
from glove_jax.data.labelled.bag_batches import BagBatch
from glove_jax.data.labelled.fasttext_bags import (
  LABEL_PREFIX,
  Dictionary,
  FeatureBags,
  NgramOptions,
)
from glove_jax.data.labelled.feature_rows import FeatureRows
from glove_jax.interop import fasttext
from glove_jax.tasks import fasttext_losses
from glove_jax.tasks.fasttext_losses import Labels
from glove_jax.tasks.fasttext_steps import bounded_step
from glove_jax.train import Params, Sum, Sums, TrainState

LOSSES = ("softmax", "ova", "hs")
_LOSS_TERMS = {
  "softmax": fasttext_losses.softmax,
  "ova": fasttext_losses.one_against_all,
  "hs": fasttext_losses.hierarchical,
}


def init_params(rows: int, num_classes: int, dim: int, *, seed: int) -> Params:
  """Returns random input rows and zero output weights.

  Returns:
    `input` [R, D], uniform in ±1 / D, and `output` [C, D], a row for each class or, for `hs`, for
    each inner node.
  """
  # By NumPy: compiling a random number generator would take longer than the rest of a short run.
  table = np.random.default_rng(seed).random((rows, dim), np.float32)
  table -= np.float32(0.5)
  table *= np.float32(2 / dim)
  return {"input": table, "output": np.zeros((num_classes, dim), np.float32)}


def supervised_update(
  loss: str, *, learning_rate: Callable | float, few_runs: bool = False
) -> Callable[[TrainState, BagBatch], tuple[TrainState, Sums]]:
  """Returns `update(state, batch) -> (state, sums)` for batches of `fasttext_bags`, on all devices.

  The gradients of each of a batch's sequential updates are those of the params before it. The loss
  is the mean over texts. `softmax` and `hs` give each label of a text an equal share of its loss,
  where the original program draws one of them.

  Args:
    loss: `softmax`, `ova` or `hs`.
    learning_rate: a number, or a function of the number of updates before this one.
    few_runs: compile it sooner and less well; see `compiler_options`.

  `TrainState.opt_state` is (), or for `hs` `fasttext_losses.huffman_paths` of the classes.
  """
  loss_terms = _LOSS_TERMS[loss]

  def update(state: TrainState, batch: BagBatch) -> tuple[TrainState, Sums]:
    updates, width = batch.mean.shape[1:]
    rows = parallel.all_gather(batch.rows)[:width]

    def body(number, carry):
      params, total = carry
      arrays = _at_update((batch.mean, batch.labels, batch.label_share, rows), number)
      rate = learning_rate
      if callable(learning_rate):
        rate = learning_rate(state.step * updates + number)
      params, loss = _one_update(loss_terms, params, state.opt_state, arrays, rate)
      return params, total + loss

    params, total = jax.lax.fori_loop(0, updates, body, (state.params, jnp.float32(0)))
    num_texts = (batch.label_share > 0).sum(dtype=jnp.float32)
    sums = parallel.psum({"loss": Sum(total, num_texts)})
    return TrainState(state.step + 1, params, state.opt_state), sums

  options = compiler_options.for_few_runs() if few_runs else {}
  return parallel.pmap(update, donate=True, compiler_options=options)


def _one_update(loss_terms: Callable, params: Params, paths, arrays, rate):
  """Returns the params after one update, and the loss of its texts before it."""
  mean, label_ids, label_share, row_ids = arrays
  num_classes = len(params["output"])
  label_share = label_share[:, None]
  labels = Labels(
    shares=label_share * jax.nn.one_hot(label_ids - 1, num_classes).sum(1),
    has_label=jnp.where(label_share > 0, 1.0, 0.0),
  )
  # Row ids start at 1; 0 is padding: any row is read and none is written.
  rows = jnp.maximum(row_ids - 1, 0)
  table = params["input"].at[rows].get(mode="promise_in_bounds")

  def batch_terms(logits):
    return loss_terms(logits, labels, paths)

  changes, loss = bounded_step(table, params["output"], mean, batch_terms, rate)
  rows = jnp.where(row_ids > 0, row_ids - 1, len(params["input"]))
  each_once = {"unique_indices": True, "indices_are_sorted": True}
  moved = {
    "input": params["input"].at[rows].add(changes.rows, mode="drop", **each_once),
    "output": params["output"] + changes.output,
  }
  return moved, loss


def _at_update(arrays, number):
  """Returns the arrays [X, updates, ...] of one update, [X, ...].

  A scan would first copy the whole batch to put the axis of updates in front.
  """
  def at(array):
    return jax.lax.dynamic_index_in_dim(array, number, 1, keepdims=False)

  return jax.tree.map(at, arrays)


def predict(
  params: Params, bags: FeatureBags, rows: FeatureRows, loss: str, paths: np.ndarray | None = None
) -> np.ndarray:
  """Returns scores of all classes: logits, or for `hs` log probabilities.

  Args:
    params: as of `init_params`.
    bags: N texts.
    rows: of `params["input"]` for features.
    loss: a name of `LOSSES`.
    paths: `fasttext_losses.huffman_paths` of the classes, for `hs`.

  Returns:
    [N, C].
  """
  hidden = _mean_matrix(bags, rows) @ np.asarray(params["input"])
  logits = hidden @ np.asarray(params["output"]).T
  if loss != "hs":
    return logits
  right = scipy.special.log_expit(logits)
  left = scipy.special.log_expit(-logits)
  return right @ (paths > 0).T + left @ (paths < 0).T


def _mean_matrix(bags: FeatureBags, rows: FeatureRows) -> scipy.sparse.csr_array:
  """Returns the weight of each row in each text, [N, R]; features without a row count as zeros."""
  sizes = np.diff(bags.indptr)
  text = np.repeat(np.arange(len(sizes)), sizes)
  features = rows.features
  if features[-1] + 1 == len(features):  # all features, as in a finished run
    position = bags.rows
    has_row = position < len(features)
  else:
    position = np.searchsorted(features, bags.rows)
    has_row = features[np.minimum(position, len(features) - 1)] == bags.rows
  text = text[has_row]
  column = rows.rows[position[has_row]]
  shares = rows.weights[column] / sizes.astype(np.float32)[text]
  shape = (len(sizes), len(rows.weights))
  return scipy.sparse.csr_array((shares, (text, column)), shape)


def to_fasttext(
  params: Params,
  rows: FeatureRows,
  dictionary: Dictionary,
  ngrams: NgramOptions,
  loss: str,
  *,
  epoch: int,
  min_count: int,
) -> fasttext.Model:
  """Returns the model as `interop.fasttext` saves it for the fastText program.

  Args:
    params, rows, loss: as for `predict`.
    dictionary: words and labels of the training texts.
    ngrams: which n-grams are features.
    epoch, min_count: written into the file.
  """
  dim = params["input"].shape[1]
  num_rows = len(dictionary.words) + ngrams.bucket
  table = np.zeros((num_rows, dim), np.float32)
  table[rows.features] = rows.vectors(np.asarray(params["input"]))
  args = fasttext.Args(
    dim=dim, loss=loss, model="supervised", epoch=epoch, min_count=min_count, **ngrams._asdict()
  )
  return fasttext.Model(
    args=args,
    words=list(dictionary.words),
    counts=dictionary.counts,
    labels=[LABEL_PREFIX + label for label in dictionary.labels],
    label_counts=dictionary.label_counts,
    tokens=dictionary.tokens,
    prune=None,
    input=table,
    output=np.asarray(params["output"]),
  )


def label_ids(labels: Sequence[Sequence[str]], dictionary: Dictionary) -> list[list[int]]:
  """Returns the ids of each text's labels; labels that the dictionary lacks are left out."""
  index = {label: number for number, label in enumerate(dictionary.labels)}
  ids = []
  for text_labels in labels:
    ids.append([index[label] for label in text_labels if label in index])
  return ids
