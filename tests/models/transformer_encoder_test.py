"""Vectors of subwords and words are those of each text alone; word dropout masks subwords."""

import functools

import jax
import numpy as np
import pytest
from model_inputs import random_params

from glove_jax.data.labelled.padded_batches import Examples, collate
from glove_jax.models import transformer
from glove_jax.models.transformer import Config, Tokens
from glove_jax.models.transformer_encoder import transformer_encoder

CONFIG = Config(
  vocab_size=31, dim=8, layers=2, heads=2, feedforward_dim=12, positions=12, types=2
)
RNG = np.random.default_rng(0)
LENGTHS = (7, 2, 5)
IDS = [RNG.integers(1, 32, length).astype(np.int32) for length in LENGTHS]
IDS[0][2] = 1  # the tokenizer's id 0, which is not padding
TYPES = [RNG.integers(0, 2, length).astype(np.int32) for length in LENGTHS]
FIRST = [np.array([1, 2, 5], np.int32), np.array([], np.int32), np.array([0, 3], np.int32)]
PARAMS = random_params(transformer.param_specs(CONFIG))
ENCODE = jax.jit(transformer_encoder(CONFIG).encode)


@functools.cache
def encode_alone(number, has_types):
  """Returns the hidden states of one text as a batch of one, [T, D]."""
  tokens = Tokens(
    ids=IDS[number][None] - 1,
    documents=np.ones((1, LENGTHS[number]), np.int32),
    types=TYPES[number][None] if has_types else None,
  )
  encode = jax.jit(functools.partial(transformer.encode, config=CONFIG))
  return np.asarray(encode(PARAMS, tokens))[0]


def batch_of(ids, length, **columns):
  examples = Examples(ids, list(range(len(ids))), **columns)
  return collate(examples, range(len(ids)), max(4, len(ids)), length)


@pytest.mark.parametrize("has_types", [False, True])
@pytest.mark.parametrize("length", [8, 12])
def test_subwords_are_as_alone_and_padding_is_zero(has_types, length):
  batch = batch_of(IDS, length, types=TYPES if has_types else None)
  h = np.asarray(ENCODE(PARAMS, batch, None))
  for number, size in enumerate(LENGTHS):
    np.testing.assert_allclose(h[number, :size], encode_alone(number, has_types), atol=1e-5)
    assert not h[number, size:].any()
  assert not h[3].any()


def test_types_reach_the_model():
  difference = encode_alone(0, True) - encode_alone(0, False)
  assert np.abs(difference).max() > 0.1


def test_words_are_their_first_subwords():
  tags = [list(range(len(first))) for first in FIRST]
  batch = collate(Examples(IDS, tags, first=FIRST), range(3), 4, 8)
  h = np.asarray(ENCODE(PARAMS, batch, None))
  for number, first in enumerate(FIRST):
    expected = encode_alone(number, False)[first]
    np.testing.assert_allclose(h[number, : len(first)], expected, atol=1e-5)
    assert not h[number, len(first) :].any()


def test_params_are_those_of_a_transformer():
  params = jax.eval_shape(transformer_encoder(CONFIG).init, jax.random.key(0))
  assert jax.tree.map(np.shape, params) == jax.tree.map(np.shape, PARAMS)


def test_a_random_key_drops():
  batch = batch_of(IDS, 8)
  dropped = ENCODE(PARAMS, batch, jax.random.key(0))
  assert np.abs(dropped - ENCODE(PARAMS, batch, None)).max() > 0.1


def test_word_dropout_masks_subwords_but_no_special_ones_nor_padding():
  mask_id = 30
  special_ids = (3, 4)
  encoder = transformer_encoder(
    CONFIG._replace(layers=0, dropout=0.0),
    word_dropout=0.3,
    mask_id=mask_id,
    special_ids=special_ids,
  )
  params = {**PARAMS, "layers": []}
  ids = np.arange(1, 30, dtype=np.int32)[None].repeat(400, 0).reshape(-1, 10)
  batch = batch_of(list(ids), 12)
  all_masked = batch._replace(ids=np.where(batch.ids > 0, mask_id + 1, 0))
  plain = np.asarray(encoder.encode(params, batch, None))
  dropped = np.asarray(encoder.encode(params, batch, jax.random.key(0)))
  masked = np.asarray(encoder.encode(params, all_masked, None))
  is_dropped = np.abs(dropped - plain).max(2) > 1e-6
  np.testing.assert_allclose(dropped[is_dropped], masked[is_dropped], atol=1e-6)
  may_drop = (batch.ids > 0) & ~np.isin(batch.ids - 1, special_ids)
  assert not is_dropped[~may_drop].any()
  assert is_dropped[may_drop].mean() == pytest.approx(0.3, abs=0.02)


def test_padding_is_never_masked():
  # If padding were masked, the other tokens would attend to it.
  encoder = transformer_encoder(
    CONFIG._replace(dropout=0.0),
    word_dropout=0.9,
    mask_id=30,
    special_ids=range(31),
  )
  batch = batch_of(IDS, 12)
  actual = encoder.encode(PARAMS, batch, jax.random.key(0))
  np.testing.assert_allclose(actual, ENCODE(PARAMS, batch, None), atol=1e-5)


def test_word_dropout_needs_a_mask():
  with pytest.raises(ValueError, match="needs mask_id, which is None"):
    transformer_encoder(CONFIG, word_dropout=0.1)
