"""States of pieces and of words: as each text's alone, whatever stands beside it, and blind to padding."""

import functools

import jax
import numpy as np
import pytest

from glove_jax.data.labelled.padded_batches import Examples, collate
from glove_jax.models import transformer, transformer_encoder
from glove_jax.models.transformer import Config, Tokens

CONFIG = Config(31, dim=8, layers=2, heads=2, hidden=12, positions=12, types=2)
RNG = np.random.default_rng(0)
IDS = [RNG.integers(1, 32, size).astype(np.int32) for size in (7, 2, 5)]  # 1 is the tokenizer's id 0, and no padding
IDS[0][2] = 1
TYPES = [RNG.integers(0, 2, len(ids)).astype(np.int32) for ids in IDS]
FIRST = [np.array(first, np.int32) for first in ([1, 2, 5], [], [0, 3])]
PARAMS = jax.tree.map(lambda start: np.float32(start.mean + 0.3 * RNG.normal(size=start.shape)),
                      transformer.starts(CONFIG), is_leaf=lambda leaf: isinstance(leaf, transformer.Start))
ENCODE = jax.jit(transformer_encoder.pieces(CONFIG).encode)


@functools.cache
def alone(number, typed):
  ids, types = IDS[number][None] - 1, TYPES[number][None] if typed else None
  tokens = Tokens(ids, np.ones(ids.shape, np.int32), types)
  return np.asarray(jax.jit(functools.partial(transformer.encode, config=CONFIG))(PARAMS, tokens))[0]


@pytest.mark.parametrize("typed", [False, True])
@pytest.mark.parametrize("length", [8, 12])
def test_pieces_are_as_alone_and_padding_is_zeros(typed, length):
  batch = collate(Examples(IDS, [0, 1, 2], types=TYPES if typed else None), range(3), 4, length)
  found = ENCODE(PARAMS, batch, None)
  for number, ids in enumerate(IDS):
    np.testing.assert_allclose(found[number, : len(ids)], alone(number, typed), atol=1e-5)
    assert not found[number, len(ids) :].any()
  assert not found[3].any()


def test_types_reach_the_model():
  assert np.abs(alone(0, True) - alone(0, False)).max() > 0.1


def test_words_are_what_their_first_pieces_are():
  tags = [list(range(len(first))) for first in FIRST]
  found = ENCODE(PARAMS, collate(Examples(IDS, tags, first=FIRST), range(3), 4, 8), None)
  for number, first in enumerate(FIRST):
    for word, place in enumerate(first):
      np.testing.assert_allclose(found[number, word], alone(number, False)[place], atol=1e-5)
    assert not found[number, len(first) :].any()


def test_params_begin_as_those_of_a_transformer_and_a_key_drops():
  params = jax.eval_shape(transformer_encoder.pieces(CONFIG).init, jax.random.key(0))
  assert jax.tree.map(np.shape, params) == jax.tree.map(np.shape, PARAMS)
  batch = collate(Examples(IDS, [0, 1, 2]), range(3), 4, 8)
  assert np.abs(ENCODE(PARAMS, batch, jax.random.key(0)) - ENCODE(PARAMS, batch, None)).max() > 0.1


def test_word_dropout_masks_some_pieces_but_no_special_ones_nor_padding():
  mask, special, share = 30, (3, 4), 0.3
  encoder = transformer_encoder.pieces(CONFIG._replace(layers=0, dropout=0.0), word_dropout=share, mask=mask, special=special)
  params = {**PARAMS, "layers": []}
  ids = np.arange(1, 30, dtype=np.int32)[None].repeat(400, 0).reshape(-1, 10)
  batch = collate(Examples(list(ids), [0] * len(ids)), range(len(ids)), len(ids), 12)
  whole, cut = (np.asarray(encoder.encode(params, batch, rng)) for rng in (None, jax.random.key(0)))
  masked = np.asarray(encoder.encode(params, batch._replace(ids=np.where(batch.ids > 0, mask + 1, 0)), None))
  gone = np.abs(cut - whole).max(2) > 1e-6
  np.testing.assert_allclose(cut[gone], masked[gone], atol=1e-6)
  may = (batch.ids > 0) & ~np.isin(batch.ids - 1, special)
  assert not gone[~may].any() and gone[may].mean() == pytest.approx(share, abs=0.02)
  spared = transformer_encoder.pieces(CONFIG._replace(dropout=0.0), word_dropout=0.9, mask=mask, special=range(31))
  batch = collate(Examples(IDS, [0, 1, 2]), range(3), 4, 12)  # were padding masked, the others would attend to it
  np.testing.assert_allclose(spared.encode(PARAMS, batch, jax.random.key(0)), ENCODE(PARAMS, batch, None), atol=1e-5)
  with pytest.raises(ValueError, match="mask None, expected a piece"):
    transformer_encoder.pieces(CONFIG, word_dropout=0.1)
