"""Each token is predicted once an epoch, from its own text; texts become ids and back."""

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from glove_jax.data.subwords import lm_batches, subword_tokenizers
from glove_jax.data.text import corpus
from glove_jax.data.windows import blocks

START, END, V = 1, 2, 40


def stream(texts):
  return np.concatenate([[*text, corpus.BREAK] for text in texts]).astype(np.int32)


TEXTS = st.lists(st.lists(st.integers(4, V - 1), min_size=1, max_size=9), min_size=1, max_size=8)


@settings(max_examples=60, deadline=None)
@given(texts=TEXTS, length=st.integers(1, 12), batch_size=st.integers(1, 4), seed=st.integers(0, 3))
def test_every_token_is_predicted_once_an_epoch_from_its_own_text(texts, length, batch_size, seed):
  data = lm_batches.row_batches(
    stream(texts), length=length, batch_size=batch_size, start=START, end=END, seed=seed
  )
  expected = sorted(
    pair for text in texts for pair in zip([START, *text], [*text, END], strict=True)
  )
  for epoch in range(2):
    pairs = []
    for step in range(data.steps_per_epoch):
      rows = data.batch(epoch * data.steps_per_epoch + step)
      assert rows.ids.shape == (batch_size, length)
      real = rows.documents > 0
      pairs += list(zip(rows.ids[real].tolist(), rows.targets[real].tolist(), strict=True))
      new = (rows.ids == START)[:, 1:] & real[:, 1:]
      np.testing.assert_array_equal(np.diff(rows.documents, axis=1)[real[:, 1:]], new[real[:, 1:]])
    assert sorted(pairs) == expected
  in_order = list(data.in_order())
  real = np.concatenate([rows.documents for rows in in_order]).ravel() > 0
  targets = np.concatenate([rows.targets for rows in in_order]).ravel()[real]
  np.testing.assert_array_equal(
    targets, np.where(stream(texts) == corpus.BREAK, END, stream(texts))
  )


def test_batches_are_functions_of_seed_and_step_and_epochs_differ():
  ids = stream([[4 + (i + j) % 30 for j in range(6)] for i in range(20)])

  def make(seed):
    return lm_batches.row_batches(ids, length=5, batch_size=4, start=START, end=END, seed=seed)

  one, again, other = make(1), make(1), make(2)
  for step in (5, 0, 3):
    np.testing.assert_array_equal(one.batch(step).ids, again.batch(step).ids)
  first = one.batch(0).ids
  assert (first != other.batch(0).ids).any() and (first != one.batch(one.steps_per_epoch).ids).any()


def test_tokens_are_counted_in_parts(monkeypatch):
  monkeypatch.setattr(lm_batches, "_COUNTED", 7)
  ids = np.array([*range(10), -1, *range(5), -1] * 3, np.int32)
  np.testing.assert_array_equal(lm_batches.token_counts(ids, 12), [6] * 5 + [3] * 5 + [0] * 2)
  np.testing.assert_array_equal(lm_batches.token_counts(ids[:0], 2), [0, 0])


def test_texts_become_ids_with_breaks(tmp_path):
  tokenizer = subword_tokenizers.train(
    "bpe", lambda: ["the cat sat on the mat"] * 5, vocab_size=290
  )
  texts = ["the cat", "", "on the mat", "a " * 50_000]
  ids = blocks.write_ids(lm_batches.encode(texts, tokenizer), tmp_path / "ids")
  ends = np.flatnonzero(ids == corpus.BREAK)
  decoded = [tokenizer.decode(part[part >= 0].tolist()) for part in np.split(ids, ends)][:-1]
  assert decoded == [text for text in texts if text]
  ended = np.concatenate(list(lm_batches.encode(texts[:3], tokenizer, end=7)))
  assert ended[-2:].tolist() == [7, corpus.BREAK] and (ended == 7).sum() == 2


def test_documents_are_lines_or_blocks_of_them():
  lines = ["= Title =", "One.", "", " ", "Two.", "Three."]
  assert list(lm_batches.documents(lines)) == ["= Title =", "One.", "Two.", "Three."]
  assert list(lm_batches.documents(lines, by="blocks")) == ["= Title =\nOne.", "Two.\nThree."]
