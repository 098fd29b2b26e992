"""Sequence tagging, such as named entities: a linear layer on any encoder, and a CRF or a softmax.

With a CRF (Lample et al. 2016) the loss of a text is -log p(tags) of all its tags together,
`models.crf`; without it, the cross-entropy of each token's tag.

Shapes: B texts of T tokens; C tags.
"""

from collections.abc import Sequence

import jax
import numpy as np

from glove_jax import nn
from glove_jax.data.labelled import tagging
from glove_jax.models import crf
from glove_jax.models.encoder import Encoder
from glove_jax.tasks import heads
from glove_jax.tasks.classify import cross_entropy
from glove_jax.tasks.heads import HiddenLayer
from glove_jax.train import Params, Sum, Task


def tag(
  encoder: Encoder,
  num_tags: int,
  *,
  use_crf: bool = True,
  allowed: crf.AllowedTransitions | None = None,
  dropout: float = 0.0,
  label_smoothing: float = 0.0,
  hidden: HiddenLayer | None = None,
) -> Task:
  """Returns the `Task` of tagging. Params: `encoder`, `head`, `crf`; `predict`: best tags [B, T].

  Args:
    encoder: of the texts.
    num_tags: C.
    use_crf: whether a CRF scores how tags follow each other; if not, there is no `crf`.
    allowed: which tags may follow each other; None: all.
    dropout: the dropout rate of the encoder's output, with the same mask at every token.
    label_smoothing: as of `classify.cross_entropy`; a CRF has none.
    hidden: a layer between the encoder and dropout; None: the scores are linear in its output.
  """
  def init(rng):
    params = _init_head(rng, encoder, num_tags, hidden)
    return {**params, "crf": crf.init_params(num_tags)} if use_crf else params

  def tag_scores(params, batch, rng):
    return _tag_scores(encoder, hidden, dropout, params, batch, rng)

  def loss(params, batch, rng):
    scores = tag_scores(params, batch, rng)
    if use_crf:
      return {"loss": _crf_loss(crf.constrain(params["crf"], allowed), scores, batch)}
    return {"loss": _softmax_loss(scores, batch, label_smoothing)}

  def predict(params, batch):
    transitions = params["crf"] if use_crf else crf.init_params(num_tags)
    scores = tag_scores(params, batch, None)
    return crf.viterbi(crf.constrain(transitions, allowed), scores, batch.mask)[0]

  return Task(init, loss, predict)


def _tag_scores(
  encoder: Encoder, hidden: HiddenLayer | None, dropout: float, params: Params, batch, rng
):  # -> [B, T, C]
  rng_encoder, rng_dropout = nn.split_keys(rng, 2)
  h = encoder.encode(params["encoder"], batch, rng_encoder)
  h = heads.apply_hidden(params["head"], h, hidden)
  return nn.dense(params["head"], nn.dropout(rng_dropout, h, dropout, broadcast_dims=(1,)))


def _init_head(rng, encoder: Encoder, num_tags: int, hidden: HiddenLayer | None) -> Params:
  rng_encoder, rng_head = jax.random.split(rng)
  head = heads.init(rng_head, encoder.dim, num_tags, hidden)
  return {"encoder": encoder.init(rng_encoder), "head": head}


def _crf_loss(transitions, scores, batch) -> Sum:
  losses = -crf.log_likelihood(transitions, scores, batch.target, batch.mask)  # [B]
  return Sum(total=(losses * batch.weight).sum(), weight=batch.weight.sum())


def _softmax_loss(scores, batch, label_smoothing: float) -> Sum:
  losses = cross_entropy(scores, batch.target, label_smoothing)  # [B, T]
  weight = batch.mask * batch.weight[:, None]
  return Sum(total=(losses * weight).sum(), weight=weight.sum())


def allowed(tags: Sequence[str], scheme: str) -> crf.AllowedTransitions:
  """Returns which tags may come first, follow each other and come last in valid entities.

  Args:
    tags: C tags, as of `tagging.names`.
    scheme: a name of `tagging.SCHEMES`.
  """
  outside = ("O", "")  # what stands before the first and after the last token
  parsed = [tagging.parse(name) for name in tags]
  num_tags = len(parsed)
  start = np.zeros(num_tags, bool)
  transitions = np.zeros((num_tags, num_tags), bool)
  end = np.zeros(num_tags, bool)
  for i, before in enumerate(parsed):
    start[i] = _may_follow(outside, before, scheme)
    end[i] = _may_follow(before, outside, scheme)
    for j, after in enumerate(parsed):
      transitions[i, j] = _may_follow(before, after, scheme)
  return crf.AllowedTransitions(start=start, transitions=transitions, end=end)


def _may_follow(before: tuple[str, str], after: tuple[str, str], scheme: str) -> bool:
  """Returns whether one tag, (prefix, entity type), may follow another."""
  prefix_before, type_before = before
  prefix_after, type_after = after
  same_type = type_before == type_after
  if scheme == "iob1":  # B only separates two entities of the same type
    return prefix_after != "B" or (prefix_before != "O" and same_type)
  if scheme == "iob2":
    return prefix_after != "I" or (prefix_before != "O" and same_type)
  unfinished = prefix_before in "BI"
  continues = prefix_after in "IE"
  return unfinished == continues and (same_type or not unfinished)
