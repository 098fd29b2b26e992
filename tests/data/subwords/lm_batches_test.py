"""Rows of tokens: each predicted once, from its own text; masks by the paper's shares, whole words whole."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from glove_jax.data.subwords import lm_batches, masking, subword_tokenizers
from glove_jax.data.subwords.lm_batches import TokenRows
from glove_jax.data.text import corpus
from glove_jax.data.windows import blocks

START, END, MASK, V = 1, 2, 3, 40
VOCABULARY = masking.MaskingVocabulary(MASK, np.arange(4, V, dtype=np.int32), np.arange(V) >= 30, np.ones(V))


def stream(texts):
  return np.concatenate([[*text, corpus.BREAK] for text in texts]).astype(np.int32)


TEXTS = st.lists(st.lists(st.integers(4, V - 1), min_size=1, max_size=9), min_size=1, max_size=8)


@settings(max_examples=60, deadline=None)
@given(texts=TEXTS, length=st.integers(1, 12), batch_size=st.integers(1, 4), seed=st.integers(0, 3))
def test_every_token_is_predicted_once_an_epoch_from_its_own_text(texts, length, batch_size, seed):
  data = lm_batches.row_batches(stream(texts), length=length, batch_size=batch_size, start=START, end=END, seed=seed)
  expected = sorted(pair for text in texts for pair in zip([START, *text], [*text, END], strict=True))
  for epoch in range(2):
    found = []
    for step in range(data.steps_per_epoch):
      rows = data.batch(epoch * data.steps_per_epoch + step)
      assert rows.ids.shape == (batch_size, length)
      real = rows.documents > 0
      found += list(zip(rows.ids[real].tolist(), rows.targets[real].tolist(), strict=True))
      new = (rows.ids == START)[:, 1:] & real[:, 1:]
      np.testing.assert_array_equal(np.diff(rows.documents, axis=1)[real[:, 1:]], new[real[:, 1:]])
    assert sorted(found) == expected
  in_order = list(data.in_order())
  real = np.concatenate([rows.documents for rows in in_order]).ravel() > 0
  targets = np.concatenate([rows.targets for rows in in_order]).ravel()[real]
  np.testing.assert_array_equal(targets, np.where(stream(texts) == corpus.BREAK, END, stream(texts)))


def test_batches_are_functions_of_seed_and_step_and_epochs_differ():
  ids = stream([[4 + (i + j) % 30 for j in range(6)] for i in range(20)])
  make = lambda seed: lm_batches.row_batches(ids, length=5, batch_size=4, start=START, end=END, seed=seed)  # noqa: E731
  one, again, other = make(1), make(1), make(2)
  for step in (5, 0, 3):
    np.testing.assert_array_equal(one.batch(step).ids, again.batch(step).ids)
  first = one.batch(0).ids
  assert (first != other.batch(0).ids).any() and (first != one.batch(one.steps_per_epoch).ids).any()


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
  found = masking.mask(rows, VOCABULARY, whole_words=whole, seed=1, step=7)
  assert found.places.shape == (600, 6)
  budget = round(0.15 * 33)
  counts = found.weight.sum(1)
  assert (counts <= budget).all() and ((counts == budget).all() if not whole else (counts > budget - 3).mean() > 0.8)
  real = found.weight > 0
  row = np.arange(600)[:, None].repeat(6, 1)[real]
  place = found.places[real]
  assert len(set(zip(row.tolist(), place.tolist(), strict=True))) == real.sum()
  stood, seen = rows.ids[row, place], found.ids[row, place]
  np.testing.assert_array_equal(stood, found.targets[real])
  assert (stood >= 4).all() and (rows.documents[row, place] > 0).all()
  same = seen == stood
  assert (seen == MASK).mean() == pytest.approx(0.8, abs=0.03)
  assert same.mean() == pytest.approx(0.1, abs=0.03)
  assert (seen[seen != MASK] >= 4).all()
  untouched = found.ids.copy()
  untouched[row, place] = rows.ids[row, place]
  np.testing.assert_array_equal(untouched, rows.ids)


@pytest.mark.parametrize("weights", [np.ones(V), np.where(np.arange(V) % 2, 1.0, 0.1)])
def test_whole_words_are_masked_whole(weights):
  rows = rows_of(200)
  found = masking.mask(rows, VOCABULARY._replace(weights=weights), whole_words=True, seed=1, step=7)
  chosen = np.zeros(rows.ids.shape, bool)
  real = found.weight > 0
  chosen[np.arange(200)[:, None].repeat(6, 1)[real], found.places[real]] = True
  inside = VOCABULARY.continues[rows.ids[:, 1:]] & (rows.ids[:, :-1] >= 4) & (np.diff(rows.documents, axis=1) == 0)
  np.testing.assert_array_equal(chosen[:, 1:][inside], chosen[:, :-1][inside])
  assert chosen[:, 1:][inside].any()
  parts = masking.mask(rows, VOCABULARY, seed=1, step=7)
  assert (parts.places != found.places).any()


@pytest.mark.parametrize("whole", [False, True])
def test_pieces_of_little_weight_are_rarely_masked(whole):
  rows = rows_of(600)
  if whole:  # words of one piece
    rows = rows._replace(ids=np.where(rows.ids >= 30, rows.ids - 20, rows.ids))
  light = rows.ids % 2 == 0
  weighted = VOCABULARY._replace(weights=np.where(np.arange(V) % 2, 1.0, 0.1))
  def share_of_light(vocabulary):
    found = masking.mask(rows, vocabulary, whole_words=whole, seed=1, step=7)
    return (found.weight * np.take_along_axis(light, found.places, 1)).sum() / found.weight.sum()
  may = (rows.ids >= 4) & (rows.documents > 0)
  half = (light & may).sum() / may.sum()
  assert share_of_light(VOCABULARY) == pytest.approx(half, abs=0.02)
  assert share_of_light(weighted) == pytest.approx(0.1 * half / (0.1 * half + 1 - half), abs=0.03)


def test_pieces_are_counted_in_parts(monkeypatch):
  monkeypatch.setattr(lm_batches, "_COUNTED", 7)
  ids = np.array([*range(10), -1, *range(5), -1] * 3, np.int32)
  np.testing.assert_array_equal(lm_batches.token_counts(ids, 12), [6] * 5 + [3] * 5 + [0] * 2)
  np.testing.assert_array_equal(lm_batches.token_counts(ids[:0], 2), [0, 0])


def test_masks_are_functions_of_seed_and_step():
  rows = rows_of(3)
  one, again, step, seed = (masking.mask(rows, VOCABULARY, seed=s, step=t) for s, t in
                            ((1, 7), (1, 7), (1, 8), (2, 7)))
  np.testing.assert_array_equal(one.ids, again.ids)
  assert (one.places != step.places).any() and (one.places != seed.places).any()


def test_rows_of_padding_have_no_masks_and_short_ones_have_one():
  ids, documents = np.zeros((2, 8), np.int32), np.zeros((2, 8), np.int32)
  ids[1, :3], documents[1, :3] = [START, 9, END], 1
  found = masking.mask(TokenRows(ids, documents, ids), VOCABULARY, seed=0, step=0)
  np.testing.assert_array_equal(found.weight, [[0], [1]])
  assert (found.places[1], found.targets[1]) == (1, 9)


def test_texts_become_ids_with_breaks(tmp_path):
  tokenizer = subword_tokenizers.train("bpe", lambda: ["the cat sat on the mat"] * 5, vocab_size=290)
  texts = ["the cat", "", "on the mat", "a " * 50_000]
  ids = blocks.write_ids(lm_batches.encode(texts, tokenizer), tmp_path / "ids")
  ends = np.flatnonzero(ids == corpus.BREAK)
  found = [tokenizer.decode(part[part >= 0].tolist()) for part in np.split(ids, ends)][:-1]
  assert found == [text for text in texts if text]
  ended = np.concatenate(list(lm_batches.encode(texts[:3], tokenizer, end=7)))
  assert ended[-2:].tolist() == [7, corpus.BREAK] and (ended == 7).sum() == 2


def test_documents_are_lines_or_blocks_of_them():
  lines = ["= Title =", "One.", "", " ", "Two.", "Three."]
  assert list(lm_batches.documents(lines)) == ["= Title =", "One.", "Two.", "Three."]
  assert list(lm_batches.documents(lines, by="blocks")) == ["= Title =\nOne.", "Two.\nThree."]


def test_what_masking_knows_of_a_vocabulary():
  tokenizer = subword_tokenizers.train("wordpiece", lambda: ["the cats sat on cats"] * 5, vocab_size=60)
  found = masking.masking_vocabulary(tokenizer)
  assert found.mask == 4 and found.ordinary[0] == 5 and len(found.ordinary) == tokenizer.get_vocab_size() - 5
  assert [tokenizer.id_to_token(i)[:2] for i in np.flatnonzero(found.continues)] == ["##"] * found.continues.sum()
