"""A transformer as an `Encoder`: a vector for each subword token or, for tagging, for each word."""

from collections.abc import Sequence

import jax.numpy as jnp

from glove_jax import nn
from glove_jax.data.labelled.padded_batches import PaddedBatch
from glove_jax.models import transformer
from glove_jax.models.encoder import Encoder
from glove_jax.models.transformer import Config, Tokens
from glove_jax.row_sums import take_positions


def transformer_encoder(
  config: Config, *, word_dropout: float = 0.0, mask_id: int | None = None,
  special_ids: Sequence[int] = (),
) -> Encoder:
  """Returns an encoder that gives the last hidden states of a transformer, in float32.

  Params are those of `transformer`, randomly initialised. Batches are those of
  `data.subwords.examples`, whose `ids` are subword ids plus 1. Where a batch has `first`, a word
  is represented by its first subword (Devlin et al. 2019, sec. 5.3).

  Args:
    config: of the transformer.
    word_dropout: probability of masking a subword in training, as in the texts of masked language
      modelling (cf. token cutoff, Shen et al. 2020).
    mask_id: id of [MASK], which replaces them.
    special_ids: subword ids that are never masked.

  Raises:
    ValueError: `word_dropout` is positive, but `mask_id` is None.
  """
  if word_dropout and mask_id is None:
    raise ValueError(f"word_dropout={word_dropout} needs mask_id, which is None.")
  # The batch's ids are one higher than the tokenizer's; 0 is padding.
  exempt_ids = (0, *(subword + 1 for subword in special_ids))

  def init(rng):
    return transformer.init(rng, config)

  def encode(params, batch, rng):
    ids = batch.ids
    if word_dropout:
      rng, rng_words = nn.split_keys(rng, 2)
      ids = nn.drop_words(
        rng_words, ids, word_dropout, replacement=mask_id + 1, exempt_ids=exempt_ids
      )
    h = transformer.encode(params, _tokens(ids, batch), rng, config=config)
    return _outputs(h, batch)

  return Encoder(init=init, encode=encode, dim=config.dim)


def _tokens(ids, batch: PaddedBatch) -> Tokens:
  documents = batch.documents
  if documents is None:
    documents = (ids > 0).astype(jnp.int32)
  return Tokens(
    ids=jnp.maximum(ids - 1, 0),
    documents=documents,
    types=batch.types,
  )


def _outputs(h, batch: PaddedBatch):  # h: [B, S, D] of S subwords -> [B, T, D]
  h = h.astype(jnp.float32)
  if batch.places is not None:
    h = h.reshape(-1, h.shape[-1])[batch.places]
  if batch.first is not None:
    h = take_positions(h, batch.first)
  return h * batch.mask[..., None]
