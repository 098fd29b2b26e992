"""Text classification: a linear layer on the pooled output of any encoder, and the cross-entropy.

With h the output vectors of the encoder, the loss of a text of class c is

    -log softmax(W pool(h_1, ..., h_T) + b)_c.

Shapes: B texts of T tokens; D dimensions; C classes.
"""

import functools
from collections.abc import Callable
from typing import NamedTuple

import jax
import jax.numpy as jnp
import numpy as np

from glove_jax import metrics, nn
from glove_jax.models.encoder import Encoder
from glove_jax.tasks import heads
from glove_jax.tasks.heads import HiddenLayer
from glove_jax.train import Params, Sum, Task


def _first(h, mask):
  return h[:, 0] * mask[:, :1]


def _last(h, mask):
  padding = ((0, 0), (0, 1))
  following = jnp.pad(mask[:, 1:], padding)
  is_last = mask - following  # [B, T], 1 at the last token
  return (h * is_last[..., None]).sum(1)


def _mean_max(h, mask):
  mean = nn.mean_pool(h, mask)
  maximum = nn.max_pool(h, mask)
  return jnp.concatenate([mean, maximum], 1)


POOLINGS = {  # h: [B, T, D], mask: [B, T] -> [B, D], or [B, 2 D] for mean_max
  "mean": nn.mean_pool,
  "max": nn.max_pool,
  "first": _first,
  "last": _last,
  "mean_max": _mean_max,
}


def classify(
  encoder: Encoder, num_classes: int, *, pooling: str = "max", dropout: float = 0.0,
  label_smoothing: float = 0.0, class_weights: np.ndarray | None = None, mixup: float = 0.0,
  hidden: HiddenLayer | None = None,
) -> Task:
  """Returns the `Task` of classification. Params: `encoder` and `head`; `predict`: logits [B, C].

  Args:
    encoder, num_classes: of the texts; C.
    pooling: a name of `POOLINGS`.
    dropout: the dropout rate of the pooled vectors.
    label_smoothing: as of `cross_entropy`.
    class_weights: [C], the weight of a text of each class; None: 1.
    mixup: alpha of `mixup_pairs`, for pooled vectors and losses; 0: no mixup.
    hidden: a layer between pooling and dropout; None: the logits are linear in the pooled vectors.
  """
  pool = POOLINGS[pooling]
  costs = _class_costs(class_weights, num_classes)
  init = functools.partial(_init, encoder, pool, num_classes, hidden)

  def encode(params, batch, rng):
    pooled = pool(encoder.encode(params["encoder"], batch, rng), batch.mask)
    return heads.apply_hidden(params["head"], pooled, hidden)

  def loss(params, batch, rng):
    rng_encoder, rng_dropout, rng_mixup = nn.split_keys(rng, 3)
    h = nn.dropout(rng_dropout, encode(params, batch, rng_encoder), dropout)
    weight = batch.weight * costs[batch.target]
    if rng is None or not mixup:
      logits = nn.dense(params["head"], h)
      return _sums(cross_entropy(logits, batch.target, label_smoothing), weight, logits, batch)
    pairs = mixup_pairs(rng_mixup, batch.weight, mixup)
    logits = nn.dense(params["head"], _mix(pairs, h))
    losses = _mixed_losses(pairs, logits, batch.target, label_smoothing)
    return _sums(losses, _mix(pairs, weight), logits, batch)

  def predict(params, batch):
    return nn.dense(params["head"], encode(params, batch, None))

  return Task(init, loss, predict)


def _init(
  encoder: Encoder, pool: Callable, num_classes: int, hidden: HiddenLayer | None, rng
) -> Params:
  rng_encoder, rng_head = jax.random.split(rng)
  size = _pooled_size(pool, encoder.dim)
  return {
    "encoder": encoder.init(rng_encoder),
    "head": heads.init(rng_head, size, num_classes, hidden),
  }


def _sums(losses, weight, logits, batch):
  return {
    "loss": Sum(total=(losses * weight).sum(), weight=weight.sum()),
    "accuracy": Sum(*metrics.accuracy(logits, batch.target, batch.weight)),
  }


def _mix(pairs, values):
  """Returns the values of each text mixed with those of its partner: [B, ...] -> [B, ...]."""
  trailing = [1] * (values.ndim - 1)
  share = pairs.share.reshape(-1, *trailing)
  return share * values + (1 - share) * values[pairs.partner]


def _mixed_losses(pairs, logits, target, label_smoothing: float):
  """Returns the loss for both targets of each mixed text, by their shares: [B]."""
  losses = cross_entropy(logits, target, label_smoothing)
  partner_losses = cross_entropy(logits, target[pairs.partner], label_smoothing)
  return pairs.share * losses + (1 - pairs.share) * partner_losses


def _class_costs(class_weights: np.ndarray | None, num_classes: int) -> jax.Array:
  if class_weights is None:
    return jnp.ones(num_classes)
  return jnp.asarray(class_weights, jnp.float32)


def _pooled_size(pool, dim: int) -> int:
  one_token = np.zeros((1, 1, dim), np.float32)
  mask = np.ones((1, 1), np.float32)
  return pool(one_token, mask).shape[1]


def cross_entropy(logits, target, label_smoothing: float = 0.0):
  """Returns -log p(target), with a share of the target spread evenly over all classes.

  Args:
    logits: [..., C].
    target: [...] int32.
    label_smoothing: this share (Szegedy et al. 2016, sec. 7).

  Returns:
    [...].
  """
  log_p = jax.nn.log_softmax(logits)
  target_log_p = jnp.take_along_axis(log_p, target[..., None], -1)
  target_term = -(1 - label_smoothing) * target_log_p[..., 0]
  return target_term - label_smoothing * log_p.mean(-1)


class MixupPairs(NamedTuple):
  """What each text of a batch is mixed with."""

  share: jax.Array    # [B], the share of itself that it keeps, from 1/2 to 1
  partner: jax.Array  # [B] int32, the text that makes up the rest


def mixup_pairs(rng, weight, alpha: float) -> MixupPairs:
  """Returns random pairs of texts of a batch to be mixed.

  Mixup of encoded texts is the senMixup of Guo et al. (2019), after Zhang et al. (2018).

  Args:
    rng: a random key.
    weight: [B], 0 for padding, which is not mixed.
    alpha: the share is the larger one of a Beta(alpha, alpha) draw and its complement.

  """
  rng_share, rng_partner = jax.random.split(rng)
  share = jax.random.beta(rng_share, alpha, alpha, weight.shape)
  partner = jax.random.permutation(rng_partner, len(weight))
  real = (weight > 0) & (weight[partner] > 0)
  larger = jnp.maximum(share, 1 - share)
  return MixupPairs(share=jnp.where(real, larger, 1.0), partner=partner)


def balanced_class_weights(target: np.ndarray, num_classes: int) -> np.ndarray:
  """Returns weights by which all classes that occur have the same total weight.

  Args:
    target: [N], the class of each training text.
    num_classes: C.

  Returns:
    [C] float32; their mean over the texts is 1, and classes that do not occur have 0.
  """
  counts = np.bincount(target, minlength=num_classes)
  occurs = counts > 0
  divisors = np.maximum(1, counts)
  weights = len(target) / divisors / max(1, occurs.sum())
  return np.where(occurs, weights, 0).astype(np.float32)
