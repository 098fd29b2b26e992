"""Language models: the next token (GPT), or the tokens behind masks (BERT), as `Task`s.

Causal (Radford et al. 2019): the mean of -log p(x_t | x_1, ..., x_t-1) over tokens. Masked (Devlin
et al. 2019, sec. 3.1, task 1): the mean of -log p(x_t | the masked text) over masked positions t.
Models are those of `models.transformer`, batches those of `data.subwords.lm_batches`; the update is
`train.make_update` with any optax optimizer.

Shapes: B rows of T tokens; K masked positions of a row; V tokens of the vocabulary.
"""

import math
from typing import NamedTuple

import jax
import jax.numpy as jnp

from glove_jax import metrics
from glove_jax.data.subwords.lm_batches import TokenRows
from glove_jax.data.subwords.masking import MaskedRows
from glove_jax.data.subwords.units import UnitCounts
from glove_jax.models import bert, transformer
from glove_jax.models.transformer import Config, Tokens
from glove_jax.row_sums import take_positions
from glove_jax.train import Sum, Task

_LARGEST_LOSS = 700.0  # exp of it is finite in float64


class TargetSizes(NamedTuple):
  """What each target token adds to the text; 0 for padding."""

  words: jax.Array       # [B, T] float32, words that it begins
  characters: jax.Array  # [B, T] float32


def masked_lm(config: Config) -> Task:
  """Returns the `Task` of masked language modelling. Sums: `loss` and `accuracy`.

  Only masked positions are multiplied with the vocabulary.
  """
  def init(rng):
    return bert.init(rng, config)

  def loss(params, batch: MaskedRows, rng):
    tokens = Tokens(batch.ids, batch.documents)
    h = transformer.encode(params, tokens, rng, config=config)     # [B, T, D]
    h = take_positions(h, batch.positions)                         # [B, K, D]
    logits = bert.masked_logits(params, h, config=config)          # [B, K, V]
    losses = negative_log_likelihood(logits, batch.targets) * batch.weight
    return {
      "loss": Sum(total=losses.sum(), weight=batch.weight.sum()),
      "accuracy": Sum(*metrics.accuracy(logits, batch.targets, batch.weight)),
    }

  return Task(init, loss)


def causal_lm(config: Config, measures: UnitCounts | None = None) -> Task:
  """Returns the `Task` of predicting the next token.

  Sums: `loss`, nats per token; with `measures` also `word_loss`, nats per word, and `bits`, bits
  per character, where the end of a text counts as one word and one character.
  """
  def init(rng):
    return transformer.init(rng, config)

  def loss(params, batch: TokenRows, rng):
    tokens = Tokens(batch.ids, batch.documents)
    h = transformer.encode(params, tokens, rng, config=config)
    real = (batch.documents > 0).astype(jnp.float32)
    logits = transformer.tied_logits(params, h)  # [B, T, V]
    total = (negative_log_likelihood(logits, batch.targets) * real).sum()
    sums = {"loss": Sum(total=total, weight=real.sum())}
    if measures is not None:
      sizes = target_sizes(batch, measures)
      sums["word_loss"] = Sum(total=total, weight=sizes.words.sum())
      sums["bits"] = Sum(total=total / math.log(2), weight=sizes.characters.sum())
    return sums

  return Task(init, loss)


def target_sizes(batch: TokenRows, measures: UnitCounts) -> TargetSizes:
  """Returns the number of words that each target begins, and of its characters."""
  real = batch.documents > 0
  measures = jax.tree.map(jnp.asarray, measures)
  # Whether the input ends a word: a start token does too.
  after_space = measures.closes[batch.ids]
  begins_word = measures.opens[batch.targets] & after_space
  words = measures.words[batch.targets] + begins_word
  characters = measures.characters[batch.targets]
  return TargetSizes(
    words=jnp.where(real, words, 0).astype(jnp.float32),
    characters=jnp.where(real, characters, 0).astype(jnp.float32),
  )


def negative_log_likelihood(logits: jax.Array, targets: jax.Array) -> jax.Array:
  """Returns -log p(target), in nats: logits [..., V] float32, targets [...] -> [...]."""
  target_logits = jnp.take_along_axis(logits, targets[..., None], -1)[..., 0]
  return jax.nn.logsumexp(logits, -1) - target_logits


def with_perplexity(means: dict[str, float]) -> dict[str, float]:
  """Adds `perplexity` per token, and `word_perplexity` where there is a `word_loss`, to means."""
  means = dict(means)
  for name, loss in (("perplexity", "loss"), ("word_perplexity", "word_loss")):
    if means.get(loss) is not None:
      means[name] = math.exp(min(means[loss], _LARGEST_LOSS))
  return means
