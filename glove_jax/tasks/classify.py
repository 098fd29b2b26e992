"""Classification of texts: a linear layer on what any encoder gives, pooled over tokens."""

import jax
import jax.numpy as jnp
import numpy as np

from glove_jax import metrics, nn
from glove_jax.models.encoder import Encoder
from glove_jax.train import Task

POOLINGS = {
  "mean": nn.mean_pool,
  "max": nn.max_pool,
  "first": lambda h, mask: h[:, 0] * mask[:, :1],
  "last": lambda h, mask: (h * (mask - jnp.pad(mask[:, 1:], ((0, 0), (0, 1))))[..., None]).sum(1),
  "mean_max": lambda h, mask: jnp.concatenate([nn.mean_pool(h, mask), nn.max_pool(h, mask)], 1),
}


def classify(
  encoder: Encoder, num_classes: int, *, pooling: str = "max", dropout: float = 0.0, smoothing: float = 0.0,
  class_weights: np.ndarray | None = None, mixup: float = 0.0,
) -> Task:
  """Cross-entropy of C classes; `predict` gives logits [B, C]. Params: `encoder` and `head`.

  Args:
    encoder: of the texts.
    num_classes: C.
    pooling: a name of `POOLINGS`.
    dropout: of what is pooled.
    smoothing: this much of the target is spread evenly over all classes (Szegedy et al. 2016, sec. 7).
    class_weights: [C], how much a text of each class counts; None: all alike.
    mixup: alpha of the Beta distribution that says how two texts of a batch, as pooled, are mixed, and their losses
      (Zhang et al. 2018; Guo et al. 2019, senMixup); 0: none.
  """
  pool = POOLINGS[pooling]
  costs = jnp.ones(num_classes) if class_weights is None else jnp.asarray(class_weights, jnp.float32)
  width = pool(np.zeros((1, 1, encoder.dim), np.float32), np.ones((1, 1), np.float32)).shape[1]

  def init(rng):
    rng_encoder, rng_head = jax.random.split(rng)
    return {"encoder": encoder.init(rng_encoder), "head": nn.init_dense(rng_head, width, num_classes)}

  def pooled(params, batch, rng):
    return pool(encoder.encode(params["encoder"], batch, rng), batch.mask)

  def loss(params, batch, rng):
    rng_encoder, rng_drop, rng_mix = nn.split_keys(rng, 3)
    h = nn.dropout(rng_drop, pooled(params, batch, rng_encoder), dropout)
    weight = batch.weight * costs[batch.target]
    if rng is not None and mixup:
      share, partner = mixing(rng_mix, batch.weight, mixup)
      logits = nn.dense(params["head"], share[:, None] * h + (1 - share)[:, None] * h[partner])
      losses = share * cross_entropy(logits, batch.target, smoothing)
      losses += (1 - share) * cross_entropy(logits, batch.target[partner], smoothing)
      weight = share * weight + (1 - share) * weight[partner]
    else:
      logits = nn.dense(params["head"], h)
      losses = cross_entropy(logits, batch.target, smoothing)
    return {"loss": ((losses * weight).sum(), weight.sum()),
            "accuracy": metrics.accuracy(logits, batch.target, batch.weight)}

  def predict(params, batch):
    return nn.dense(params["head"], pooled(params, batch, None))

  return Task(init, loss, predict)


def cross_entropy(logits, target, smoothing: float = 0.0):
  """-log p(target) with `smoothing` of the target spread over all classes. logits: [..., C], target: [...] -> [...]."""
  log_p = jax.nn.log_softmax(logits)
  own = jnp.take_along_axis(log_p, target[..., None], -1)[..., 0]
  return -(1 - smoothing) * own - smoothing * log_p.mean(-1)


def mixing(rng, weight, alpha: float):
  """How much of itself each row keeps [B], the larger share, and which row it is mixed with [B]; never padding."""
  rng_share, rng_partner = jax.random.split(rng)
  share = jax.random.beta(rng_share, alpha, alpha, weight.shape)
  partner = jax.random.permutation(rng_partner, len(weight))
  real = (weight > 0) & (weight[partner] > 0)
  return jnp.where(real, jnp.maximum(share, 1 - share), 1.0), partner


def balanced(target: np.ndarray, num_classes: int) -> np.ndarray:
  """Class weights [C] under which all classes that occur count alike, 1 on average over texts."""
  counts = np.bincount(target, minlength=num_classes)
  return np.where(counts > 0, len(target) / np.maximum(1, counts) / max(1, (counts > 0).sum()), 0).astype(np.float32)
