"""Classifiers as Facebook's fastText trains them: a linear layer on the mean of a text's rows.

Joulin et al. 2017, "Bag of Tricks for Efficient Text Classification"; where it leaves a choice, as in that program. But
only rows that occur in the texts that are learnt from are in memory: all others would add noise, and so are zeros.

How far a step goes: a turn sums the gradients of its texts, and a sum over many would overshoot. First, as in
`word2vec`, a row moves by -rate / (1 + rate H) times its gradient, H the curvature of the turn's loss along that row.
That keeps frequent rows in bounds each by itself; but a text's rows move together, and its classes too. So the whole
step is then halved until the turn's loss is no higher than before. So no size of a turn diverges at a rate that single
texts bear; mostly the plain step passes.
"""

from collections.abc import Callable, Sequence
from typing import NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
import scipy.sparse
import scipy.special

from glove_jax import parallel
from glove_jax.data.labelled.bag_batches import BagBatch
from glove_jax.data.labelled.fasttext_bags import LABEL_PREFIX, Dictionary, FeatureBags, NgramOptions
from glove_jax.interop import fasttext
from glove_jax.methods import word2vec
from glove_jax.train import Params, TrainState

LOSSES = ("softmax", "ova", "hs")
_LEAST = 2.0**-15  # of a step: the smallest share that is tried


class Head(NamedTuple):
  """What a loss makes of logits [B, C]."""

  loss: jax.Array    # [B]
  missed: jax.Array  # [B, C], its gradient
  curved: jax.Array  # [B, C], the diagonal of its Hessian


def init_params(rows: int, num_classes: int, dim: int, *, seed: int) -> Params:
  """`input` [R, D], uniform in +-1/D, and `output` [C, D], zeros: a row a class or, for `hs`, an inner node."""
  # By NumPy: to compile a random number generator takes longer than all the rest of a small run's start.
  table = np.random.default_rng(seed).random((rows, dim), np.float32)
  table -= np.float32(0.5)
  table *= np.float32(2 / dim)
  return {"input": table, "output": np.zeros((num_classes, dim), np.float32)}


def supervised_update(
  loss: str, *, learning_rate: Callable | float
) -> Callable[[TrainState, BagBatch], tuple[TrainState, dict]]:
  """`update(state, batch) -> (state, sums)` on all devices, for batches of `data.bags`.

  Turns follow one another; within a turn all gradients are those of the params before it. The loss is the mean over
  texts. Of several labels of a text, `softmax` and `hs` give each an equal share of it, where the program draws one.

  Args:
    loss: `softmax`; `ova`, a logistic regression a class; or `hs`, hierarchical softmax.
    learning_rate: a number, or a function of the number of turns before this one.

  `TrainState.opt_state`: (), or for `hs` the classes' `ways`.
  """
  head = {"softmax": softmax, "ova": one_against_all, "hs": hierarchical}[loss]

  def update(state: TrainState, batch: BagBatch) -> tuple[TrainState, dict]:
    turns, width = batch.mean.shape[1:]
    rows = parallel.all_gather(batch.rows)[:width]
    def turn(number, carry):
      params, total, weight = carry
      # Sliced here, not scanned over: that would copy the batch first to put its turns in front.
      mean, labels, own = (jax.lax.dynamic_index_in_dim(array, number, 1, keepdims=False)
                           for array in (batch.mean, batch.labels, rows))
      rate = learning_rate(state.step * turns + number) if callable(learning_rate) else learning_rate
      wanted = jax.nn.one_hot(labels - 1, len(params["output"])).sum(1)
      table = word2vec.look_up(params["input"], own)
      changes, loss = step(table, params["output"], mean, lambda logits: head(logits, wanted, state.opt_state), rate)
      where = jnp.where(own > 0, own - 1, len(params["input"]))  # beyond the end: dropped
      return {"input": params["input"].at[where].add(changes[0], mode="drop"),
              "output": params["output"] + changes[1]}, total + loss, weight + (wanted.sum(1) > 0).sum()
    params, *sums = jax.lax.fori_loop(0, turns, turn, (state.params, 0.0, 0))
    sums = parallel.psum({"loss": tuple(total.astype(jnp.float32) for total in sums)})
    return TrainState(state.step + 1, params, state.opt_state), sums

  return parallel.pmap(update, donate=True)


def step(table, output, mean, head: Callable, rate):
  """The changes of a turn's rows and of the output, the same on all devices, and this device's loss.

  Args:
    table, output: [U, D], [C, D].
    mean: [B, U], the share of each row in each text of this device.
    head: logits [B, C] -> `Head`.
  Returns:
    (([U, D], [C, D]), []).
  """
  hidden = mean @ table
  logits = hidden @ output.T
  found = head(logits)
  turned = jax.lax.optimization_barrier(mean.T)  # in memory, not in mind: the products with it take half the time
  back = found.missed @ output
  few = len(mean) <= len(output)  # texts: which product to begin with
  gradients = turned @ back if few else turned @ found.missed @ output, found.missed.T @ hidden
  bends = (turned * turned) @ (found.curved @ _squares(output)), found.curved.T @ _squares(hidden)
  gradients, bends = parallel.psum((gradients, bends))
  shares = [-rate / (1 + rate * bend) for bend in bends]
  rows, classes = (share[:, None] * grad for share, grad in zip(shares, gradients, strict=True))
  # The logits after a share t of the step: x + t first + t^2 second. What texts change of one another's hidden vectors,
  # mean @ rows, by the few numbers that tell what rows they share.
  moved = (mean * shares[0]) @ parallel.all_gather(mean).T @ parallel.all_gather(back)
  first, second = moved @ output.T + hidden @ classes.T, moved @ classes.T
  before = parallel.psum(found.loss.sum())
  def halve(tried):
    share = tried[0] / 2
    return share, parallel.psum(head(logits + share * first + share * share * second).loss.sum())
  share, after = jax.lax.while_loop(lambda tried: ~(tried[1] <= before) & (tried[0] > _LEAST), halve, (2.0, jnp.inf))
  share = jnp.where(after <= before, share, 0.0)
  return (share * rows, share * classes), found.loss.sum()


def softmax(logits, wanted, _) -> Head:
  """Cross entropy. wanted: [B, C], 1 for each of a text's labels; a row of zeros wants nothing."""
  some, wanted = _some(wanted), _shares(wanted)
  logs = jax.nn.log_softmax(logits)
  chance = some * jnp.exp(logs)
  return Head(-(wanted * logs).sum(1), chance - wanted, chance * (1 - chance))


def one_against_all(logits, wanted, _) -> Head:
  """The sum of the logistic losses of all classes."""
  return _logistic(logits, wanted, jnp.broadcast_to(_some(wanted), wanted.shape))


def hierarchical(logits, wanted, ways) -> Head:
  """The sum of the logistic losses on the way to the label. ways: [C, C]; logits: [B, C], those of inner nodes."""
  wanted = _shares(wanted)
  return _logistic(logits, wanted @ (ways > 0), wanted @ jnp.abs(ways))


def _logistic(logits, target, weight) -> Head:
  chance = jax.nn.sigmoid(logits)
  return Head(jnp.sum(weight * jax.nn.softplus(logits) - target * logits, 1), weight * chance - target,
              weight * chance * (1 - chance))


def _some(wanted):
  """[B, 1]: whether a text has a label at all."""
  return jnp.minimum(wanted.sum(1, keepdims=True), 1)


def _shares(wanted):
  return wanted / jnp.maximum(wanted.sum(1, keepdims=True), 1)


def _squares(rows):
  return (rows * rows) @ jnp.ones(rows.shape[1])  # as a product it is one loop, as a sum three


def ways(label_counts: np.ndarray) -> np.ndarray:
  """[C, C] float32: 1 and -1 for the inner nodes (one column unused) where the way to a class goes right and left."""
  tree = word2vec.huffman(label_counts)
  found = np.zeros((len(tree.nodes), len(tree.nodes)), np.float32)
  label, place = np.nonzero(tree.nodes)
  found[label, tree.nodes[label, place] - 1] = 2 * tree.codes[label, place] - 1
  return found


def predict(params: Params, bags: FeatureBags, rows: np.ndarray, loss: str, ways: np.ndarray | None = None) -> np.ndarray:
  """[N, C], for each text numbers that rank the classes: logits, or for `hs` logarithms of probabilities.

  Args:
    bags: N texts.
    rows: [R], ascending, which rows of the whole table `params["input"]` holds.
  """
  place = np.searchsorted(rows, bags.rows)
  known = rows[np.minimum(place, len(rows) - 1)] == bags.rows
  text = np.repeat(np.arange(len(bags.indptr) - 1), np.diff(bags.indptr))
  shares = 1 / np.diff(bags.indptr).astype(np.float32)[text[known]]
  mean = scipy.sparse.csr_array((shares, (text[known], place[known])), (len(bags.indptr) - 1, len(rows)))
  logits = mean @ np.asarray(params["input"]) @ np.asarray(params["output"]).T
  if loss != "hs":
    return logits
  return scipy.special.log_expit(logits) @ (ways > 0).T + scipy.special.log_expit(-logits) @ (ways < 0).T


def to_facebook(
  params: Params, rows: np.ndarray, dictionary: Dictionary, pieces: NgramOptions, loss: str, **args: float
) -> fasttext.Model:
  """The model in Facebook's terms, to be written by `facebook.save`. args: more of `facebook.Args`."""
  dim = params["input"].shape[1]
  table = np.zeros((len(dictionary.words) + pieces.bucket, dim), np.float32)
  table[rows] = params["input"]
  args = fasttext.Args(dim=dim, loss=loss, model="supervised", **pieces._asdict(), **args)
  return fasttext.Model(
    args, list(dictionary.words), dictionary.counts, [LABEL_PREFIX + label for label in dictionary.labels],
    dictionary.label_counts, dictionary.tokens, None, table, np.asarray(params["output"]))


def numbered(labels: Sequence[Sequence[str]], dictionary: Dictionary) -> list[list[int]]:
  """The numbers of labels that the dictionary knows; others are left out."""
  index = {label: number for number, label in enumerate(dictionary.labels)}
  return [[index[label] for label in own if label in index] for own in labels]
