"""Language models: which token comes next (GPT), or stood where one is masked (BERT), from batches of `token_rows`."""

import math

import jax
import jax.numpy as jnp

from glove_jax import metrics
from glove_jax.data.subwords.lm_batches import TokenRows
from glove_jax.data.subwords.masking import MaskedRows
from glove_jax.data.subwords.units import UnitCounts
from glove_jax.models import bert, transformer
from glove_jax.models.transformer import Config, Tokens
from glove_jax.train import Task


def masked_lm(config: Config) -> Task:
  """Devlin et al. 2019, task 1: minus the log probability of what was masked, the mean over `Masked.places`.

  Sums: `loss` and `accuracy`. The vocabulary is multiplied with the masked places alone.
  """
  def loss(params, batch: MaskedRows, rng):
    h = transformer.encode(params, Tokens(batch.ids, batch.documents), rng, config=config)
    logits = bert.masked_logits(params, jnp.take_along_axis(h, batch.places[..., None], 1), config=config)
    lost = negative_log_likelihood(logits, batch.targets) * batch.weight
    return {"loss": (lost.sum(), batch.weight.sum()),
            "accuracy": metrics.accuracy(logits, batch.targets, batch.weight)}
  return Task(lambda rng: bert.init(rng, config), loss)


def causal_lm(config: Config, measures: UnitCounts | None = None) -> Task:
  """Minus the log probability of the next token, in nats.

  Sums: `loss` a token; with `measures` `word_loss` a word, and `bits` a character, ends of texts counted as one each.
  """
  def loss(params, batch: TokenRows, rng):
    h = transformer.encode(params, Tokens(batch.ids, batch.documents), rng, config=config)
    real = (batch.documents > 0).astype(jnp.float32)
    total = (negative_log_likelihood(transformer.tied_logits(params, h), batch.targets) * real).sum()
    sums = {"loss": (total, real.sum())}
    if measures is not None:
      words, characters = sizes(batch, measures)
      sums |= {"word_loss": (total, words.sum()), "bits": (total / math.log(2), characters.sum())}
    return sums
  return Task(lambda rng: transformer.init(rng, config), loss)


def sizes(batch: TokenRows, measures: UnitCounts):
  """How many words each target begins, and how many characters it has: [B, T] float32 each, 0 for padding."""
  real = batch.documents > 0
  tables = UnitCounts(*map(jnp.asarray, measures))
  closes = tables.closes[batch.ids]  # of a start token too: what follows begins a word
  words = tables.words[batch.targets] + (tables.opens[batch.targets] & closes)
  return tuple(jnp.where(real, array, 0).astype(jnp.float32) for array in (words, tables.characters[batch.targets]))


def negative_log_likelihood(logits: jax.Array, targets: jax.Array) -> jax.Array:
  """-log p(target): logits [..., V] float32, targets [...] -> [...], in nats."""
  own = jnp.take_along_axis(logits, targets[..., None], -1)[..., 0]
  return jax.nn.logsumexp(logits, -1) - own


def with_perplexity(means: dict[str, float]) -> dict[str, float]:
  """Means of the sums above with the perplexity a token, and a word where that is known."""
  more = {"perplexity": means["loss"], "word_perplexity": means.get("word_loss")}
  return means | {name: math.exp(min(value, 700.0)) for name, value in more.items() if value is not None}
