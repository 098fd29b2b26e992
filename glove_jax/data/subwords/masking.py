"""Masked language modelling: some tokens of a row are to be predicted (Devlin et al. 2019)."""

from typing import NamedTuple

import numpy as np

from glove_jax.data.subwords import subword_tokenizers, units
from glove_jax.data.subwords.lm_batches import TokenRows


class MaskedRows(NamedTuple):
  """B rows of T tokens, with at most K of each row to be predicted."""

  ids: np.ndarray        # [B, T] int32
  documents: np.ndarray  # [B, T] int32, as in TokenRows
  positions: np.ndarray     # [B, K] int32, positions of the tokens to predict
  targets: np.ndarray    # [B, K] int32, the original tokens there
  weight: np.ndarray     # [B, K] float32, 1; 0: padding


class MaskingVocabulary(NamedTuple):
  """The properties of a vocabulary of V tokens that masking depends on."""

  mask: int               # the id of [MASK]
  ordinary: np.ndarray    # [N] int32, tokens that may be predicted or replace another
  continues: np.ndarray   # [V] bool, whether a token continues a word
  weights: np.ndarray     # [V] float, relative odds of a token to be chosen; above 0 if ordinary


def masking_vocabulary(tokenizer: subword_tokenizers.Tokenizer) -> MaskingVocabulary:
  """Returns the properties of a vocabulary; all tokens have the weight 1."""
  size = tokenizer.get_vocab_size()
  added = list(tokenizer.get_added_tokens_decoder())
  return MaskingVocabulary(
    mask=subword_tokenizers.special_tokens(tokenizer).mask,
    ordinary=np.setdiff1d(np.arange(size, dtype=np.int32), added),
    continues=units.continues_word(tokenizer),
    weights=np.ones(size, np.float32),
  )


def mask(
  rows: TokenRows, vocabulary: MaskingVocabulary, *, rate: float = 0.15, whole_words: bool = False,
  seed: int, step: int,
) -> MaskedRows:
  """Chooses ordinary tokens to predict, and masks 80 % of them (Devlin et al. 2019, sec. 3.1).

  Of the tokens to predict, 10 % more are replaced by a random token and 10 % are left unchanged. In
  a row with n ordinary tokens round(rate n), at least one, are chosen by weight without
  replacement. With `whole_words`, words are chosen by the weight of their first token, until the
  next one would exceed that number; so there are none if the first does.

  Args:
    rows: the tokens.
    vocabulary: which tokens are ordinary, and their weights.
    rate: share of the ordinary tokens to predict.
    whole_words: choose all tokens of a word or none.
    seed, step: the choices are a function of both.
  """
  rng = np.random.default_rng((seed, 2, step))
  ordinary = np.isin(rows.ids, vocabulary.ordinary) & (rows.documents > 0)
  positions = np.arange(rows.ids.shape[1])
  heads = positions[None].repeat(len(rows.ids), 0)
  if whole_words:
    # A word that follows a special token has no space before it, which begins other words of BPE.
    follows_word = np.pad(ordinary[:, :-1], ((0, 0), (1, 0)))
    continues = vocabulary.continues[rows.ids] & follows_word
    heads = np.maximum.accumulate(np.where(continues, 0, heads), axis=1)
  order = _random_order(vocabulary.weights[rows.ids], heads, ordinary, rng)
  chosen = _choose(order, heads, ordinary, rate)
  most = max(1, round(rate * len(positions)))
  chosen_first = np.argsort(~chosen, axis=1, kind="stable")
  positions = chosen_first[:, :most].astype(np.int32)
  weight = np.take_along_axis(chosen, positions, 1)
  return MaskedRows(
    ids=_corrupt(rows.ids, chosen, vocabulary, rng),
    documents=rows.documents,
    positions=positions,
    targets=np.take_along_axis(rows.ids, positions, 1),
    weight=weight.astype(np.float32),
  )


def _random_order(
  weights: np.ndarray, units: np.ndarray, ordinary: np.ndarray, rng: np.random.Generator
) -> np.ndarray:
  """Returns the positions [B, T] of each row in random order, ordinary tokens first.

  Tokens of a unit are neighbours. The unit that comes next is drawn by the weight of its first
  token: the order is that of exponential variables with the weights as their rates.

  Args:
    weights: [B, T] of the tokens.
    units: [B, T], the position of the first token of each token's unit.
    ordinary: [B, T] bool.
    rng: draws a number for each token.
  """
  uniform = rng.random(units.shape)
  waiting_time = -np.log1p(-uniform) / np.maximum(weights, 1e-9)
  unit_time = np.take_along_axis(waiting_time, units, 1)
  return np.argsort(np.where(ordinary, unit_time, np.inf), axis=1, kind="stable")


def _choose(
  order: np.ndarray, units: np.ndarray, ordinary: np.ndarray, rate: float
) -> np.ndarray:
  """Returns which tokens to predict, [B, T] bool: the first of each row whose units are whole."""
  available = ordinary.sum(1)[:, None]
  budget = np.maximum(np.rint(rate * available), 1).astype(np.int64)
  ranks = np.argsort(order, axis=1)
  chosen = ordinary & (ranks < budget)
  # The last unit does not fit if the token after the budget belongs to it too.
  ordered_units = np.take_along_axis(units, order, 1)
  final = units.shape[1] - 1
  last = np.take_along_axis(ordered_units, np.minimum(budget - 1, final), 1)
  following = np.take_along_axis(ordered_units, np.minimum(budget, final), 1)
  is_split = (last == following) & (budget < available)
  return chosen & ~((units == last) & is_split)


def _corrupt(
  ids: np.ndarray, chosen: np.ndarray, vocabulary: MaskingVocabulary, rng: np.random.Generator
) -> np.ndarray:
  """Returns ids [B, T] with 80 % of the chosen ones masked and 10 % replaced by random tokens."""
  uniform = rng.random(ids.shape)
  random_ids = rng.choice(vocabulary.ordinary, ids.shape)
  corrupted = np.where(uniform < 0.9, random_ids, ids)
  corrupted = np.where(uniform < 0.8, vocabulary.mask, corrupted)
  return np.where(chosen, corrupted, ids).astype(np.int32)
