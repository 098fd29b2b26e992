"""Tagging of tokens, as with entities: a linear layer on any encoder, and a CRF over the tags or each on its own."""

from collections.abc import Sequence

import jax
import numpy as np

from glove_jax import nn
from glove_jax.data.labelled import tagging
from glove_jax.models import crf
from glove_jax.models.encoder import Encoder
from glove_jax.tasks.classify import cross_entropy
from glove_jax.train import Task


def tag(
  encoder: Encoder, num_tags: int, *, chain: bool = True, allowed: crf.AllowedTransitions | None = None, dropout: float = 0.0,
  smoothing: float = 0.0,
) -> Task:
  """-log p(tags) a text; `predict` gives the best allowed tags [B, T]. Params: `encoder`, `head`, and `crf`.

  Args:
    encoder: of the texts.
    num_tags: C.
    chain: a CRF scores how tags follow each other (Lample et al. 2016); else a softmax each token, and no `crf`.
    allowed: which tags may follow each other.
    dropout: of what is encoded, the same numbers at every token.
    smoothing: of the softmax's targets (`classify.cross_entropy`); a chain has none.
  """
  def init(rng):
    rng_encoder, rng_head = jax.random.split(rng)
    params = {"encoder": encoder.init(rng_encoder), "head": nn.init_dense(rng_head, encoder.dim, num_tags)}
    return {**params, "crf": crf.init_params(num_tags)} if chain else params

  def scores(params, batch, rng):
    rng_encoder, rng_drop = nn.split_keys(rng, 2)
    h = encoder.encode(params["encoder"], batch, rng_encoder)
    return nn.dense(params["head"], nn.dropout(rng_drop, h, dropout, broadcast_dims=(1,)))

  def loss(params, batch, rng):
    found = scores(params, batch, rng)
    if chain:
      weight = batch.weight
      losses = -crf.log_likelihood(crf.constrain(params["crf"], allowed), found, batch.target, batch.mask)
    else:
      weight = batch.mask * batch.weight[:, None]
      losses = cross_entropy(found, batch.target, smoothing)
    return {"loss": ((losses * weight).sum(), weight.sum())}

  def predict(params, batch):
    moves = params["crf"] if chain else crf.init_params(num_tags)
    return crf.viterbi(crf.constrain(moves, allowed), scores(params, batch, None), batch.mask)[0]

  return Task(init, loss, predict)


def allowed(tags: Sequence[str], scheme: str) -> crf.AllowedTransitions:
  """Which of these tags may come first, follow each other and come last, for no entity to be broken.

  Args:
    tags: such as `tagged.names` gives.
    scheme: a name of `tagged.SCHEMES`.
  """
  parsed = list(map(tagging.parse, tags))
  def may_follow(before: tuple[str, str], now: tuple[str, str]) -> bool:
    if scheme == "iob1":  # B only parts two entities of a type
      return now[0] != "B" or (before[0] != "O" and before[1] == now[1])
    if scheme == "iob2":
      return now[0] != "I" or (before[0] != "O" and before[1] == now[1])
    goes_on = before[0] in "BI"
    return goes_on == (now[0] in "IE") and (not goes_on or before[1] == now[1])
  outside = ("O", "")
  return crf.AllowedTransitions(
    np.array([may_follow(outside, now) for now in parsed]),
    np.array([[may_follow(before, now) for now in parsed] for before in parsed]),
    np.array([may_follow(before, outside) for before in parsed]))
