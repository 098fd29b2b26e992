"""Masks have the paper's shares, follow the weights and cover whole words."""

import numpy as np
import pytest

from glove_jax.data.subwords import masking, tokenizer_training
from glove_jax.data.subwords.lm_batches import TokenRows

START, END, MASK, V = 1, 2, 3, 40
VOCABULARY = masking.MaskingVocabulary(
  MASK, np.arange(4, V, dtype=np.int32), np.arange(V) >= 30, np.ones(V)
)


def rows_of(batch=60, length=40, seed=0):
  rng = np.random.default_rng(seed)
  ids = rng.integers(4, V, (batch, length)).astype(np.int32)
  ids[:, 0], ids[:, 17], ids[:, 16] = START, START, END
  documents = np.where(np.arange(length) < 17, 1, 2)[None].repeat(batch, 0).astype(np.int32)
  ids[:, 36:], documents[:, 36:] = 0, 0
  return TokenRows(ids, documents, ids)


@pytest.mark.parametrize("whole", [False, True])
def test_masks_have_the_papers_shares(whole):
  rows = rows_of(600)
  masked = masking.mask(rows, VOCABULARY, whole_words=whole, seed=1, step=7)
  assert masked.positions.shape == (600, 6)
  budget = round(0.15 * 33)
  counts = masked.weight.sum(1)
  assert (counts <= budget).all() and (
    (counts == budget).all() if not whole else (counts > budget - 3).mean() > 0.8
  )
  real = masked.weight > 0
  row = np.arange(600)[:, None].repeat(6, 1)[real]
  position = masked.positions[real]
  assert len(set(zip(row.tolist(), position.tolist(), strict=True))) == real.sum()
  stood, seen = rows.ids[row, position], masked.ids[row, position]
  np.testing.assert_array_equal(stood, masked.targets[real])
  assert (stood >= 4).all() and (rows.documents[row, position] > 0).all()
  same = seen == stood
  assert (seen == MASK).mean() == pytest.approx(0.8, abs=0.03)
  assert same.mean() == pytest.approx(0.1, abs=0.03)
  assert (seen[seen != MASK] >= 4).all()
  untouched = masked.ids.copy()
  untouched[row, position] = rows.ids[row, position]
  np.testing.assert_array_equal(untouched, rows.ids)


@pytest.mark.parametrize("weights", [np.ones(V), np.where(np.arange(V) % 2, 1.0, 0.1)])
def test_whole_words_are_masked_whole(weights):
  rows = rows_of(200)
  masked = masking.mask(
    rows, VOCABULARY._replace(weights=weights), whole_words=True, seed=1, step=7
  )
  chosen = np.zeros(rows.ids.shape, bool)
  real = masked.weight > 0
  chosen[np.arange(200)[:, None].repeat(6, 1)[real], masked.positions[real]] = True
  inside = (
    VOCABULARY.continues[rows.ids[:, 1:]]
    & (rows.ids[:, :-1] >= 4)
    & (np.diff(rows.documents, axis=1) == 0)
  )
  np.testing.assert_array_equal(chosen[:, 1:][inside], chosen[:, :-1][inside])
  assert chosen[:, 1:][inside].any()
  parts = masking.mask(rows, VOCABULARY, seed=1, step=7)
  assert (parts.positions != masked.positions).any()


@pytest.mark.parametrize("whole", [False, True])
def test_tokens_of_little_weight_are_rarely_masked(whole):
  rows = rows_of(600)
  if whole:  # words of one token
    rows = rows._replace(ids=np.where(rows.ids >= 30, rows.ids - 20, rows.ids))
  light = rows.ids % 2 == 0
  weighted = VOCABULARY._replace(weights=np.where(np.arange(V) % 2, 1.0, 0.1))

  def share_of_light(vocabulary):
    masked = masking.mask(rows, vocabulary, whole_words=whole, seed=1, step=7)
    return (
      masked.weight * np.take_along_axis(light, masked.positions, 1)
    ).sum() / masked.weight.sum()

  may = (rows.ids >= 4) & (rows.documents > 0)
  half = (light & may).sum() / may.sum()
  assert share_of_light(VOCABULARY) == pytest.approx(half, abs=0.02)
  assert share_of_light(weighted) == pytest.approx(0.1 * half / (0.1 * half + 1 - half), abs=0.03)


def test_masks_are_functions_of_seed_and_step():
  rows = rows_of(3)
  one, again, step, seed = (
    masking.mask(rows, VOCABULARY, seed=s, step=t) for s, t in ((1, 7), (1, 7), (1, 8), (2, 7))
  )
  np.testing.assert_array_equal(one.ids, again.ids)
  assert (one.positions != step.positions).any() and (one.positions != seed.positions).any()


def test_rows_of_padding_have_no_masks_and_short_ones_have_one():
  ids, documents = np.zeros((2, 8), np.int32), np.zeros((2, 8), np.int32)
  ids[1, :3], documents[1, :3] = [START, 9, END], 1
  masked = masking.mask(TokenRows(ids, documents, ids), VOCABULARY, seed=0, step=0)
  np.testing.assert_array_equal(masked.weight, [[0], [1]])
  assert (masked.positions[1], masked.targets[1]) == (1, 9)


def test_the_vocabulary_of_a_tokenizer():
  tokenizer = tokenizer_training.train(
    "wordpiece", lambda: ["the cats sat on cats"] * 5, vocab_size=60
  )
  vocabulary = masking.masking_vocabulary(tokenizer)
  assert (
    vocabulary.mask == 4
    and vocabulary.ordinary[0] == 5
    and len(vocabulary.ordinary) == tokenizer.get_vocab_size() - 5
  )
  assert [tokenizer.id_to_token(i)[:2] for i in np.flatnonzero(vocabulary.continues)] == [
    "##"
  ] * vocabulary.continues.sum()


@pytest.mark.parametrize("weight, words", [(1, {(1, 2), (3,)}), (1e-9, {(3,)})])
def test_a_first_word_without_a_space_is_chosen_as_a_whole_by_its_weight(weight, words):
  continues = np.zeros(V, bool)
  continues[10:12] = True  # as of a byte-level BPE: no space begins them
  weights = np.ones(V)
  weights[10] = weight
  vocabulary = VOCABULARY._replace(continues=continues, weights=weights)
  ids = np.array([[START, 10, 11, 20, END]], np.int32)
  rows = TokenRows(ids, np.ones_like(ids), ids)
  chosen = set()
  for step in range(20):
    masked = masking.mask(rows, vocabulary, rate=0.67, whole_words=True, seed=0, step=step)
    chosen.add(tuple(masked.positions[0][masked.weight[0] > 0].tolist()))
  assert chosen == words
