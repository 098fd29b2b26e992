"""Bags beside `interop.facebook`, which is held to the program itself; batches hold every bag once an epoch."""

import collections

import numpy as np
import pytest

from glove_jax.data.labelled import fasttext_bags
from glove_jax.errors import InputError
from glove_jax.interop import fasttext

TEXTS = ["the sun and the moon", "", "sun sun étoile 日本", "a\u00a0b\vc __label__no the", "x </s> never", "moon"]
LABELS = [("day", "night"), ("day",), ("night",), ("day",), ("dawn",), ("day",)]
PIECES = fasttext_bags.NgramOptions(word_ngrams=3, minn=2, maxn=3, bucket=50)


def test_words_are_counted_as_by_the_program():
  texts = [fasttext_bags.split_words(text.split(" ")) for text in TEXTS]
  assert texts[3] == ["a\u00a0b", "c", "the", "</s>"] and texts[4] == ["x", "</s>"] and texts[1] == ["</s>"]
  found = fasttext_bags.build_dictionary(texts, LABELS, 2)
  assert found.words == ("</s>", "sun", "the", "moon") and found.counts.tolist() == [6, 3, 3, 2]
  assert found.labels == ("day", "night", "dawn") and found.label_counts.tolist() == [4, 2, 1]
  assert found.tokens == sum(map(len, texts)) + 7
  with pytest.raises(InputError, match="min_count=9 leaves no word"):
    fasttext_bags.build_dictionary(texts, LABELS, 9)


@pytest.mark.parametrize("pieces", [PIECES, fasttext_bags.NgramOptions(), PIECES._replace(maxn=0), PIECES._replace(word_ngrams=1)])
@pytest.mark.parametrize("min_count", [1, 3])
def test_bags_are_the_rows_that_the_program_looks_up(pieces, min_count):
  texts = [fasttext_bags.split_words(text.split(" ")) for text in TEXTS]
  words = list(fasttext_bags.build_dictionary(texts, LABELS, min_count).words)
  args = fasttext.Args(dim=1, model="supervised", loss="softmax", **pieces._asdict())
  rows = len(words) + pieces.bucket
  model = fasttext.Model(args, words, np.ones(len(words)), [], [], 1, None, np.zeros((rows, 1)), np.zeros((0, 1)))
  found = fasttext_bags.encode(texts, words, pieces)
  assert len(found.indptr) == len(texts) + 1
  for number, text in enumerate(TEXTS):
    own = found.rows[found.indptr[number] : found.indptr[number + 1]]
    assert sorted(own) == sorted(fasttext._line_rows(model, text)), text


def of(batch):
  """From a batch back to its bags: (labels, {row: share}) of each that holds any."""
  for b, turn in np.ndindex(batch.mean.shape[:2]):
    mean, rows = batch.mean[b, turn], batch.rows[:, turn]
    if mean.any():
      own = batch.labels[b, turn]
      yield tuple(own[own > 0] - 1), dict(zip(rows[mean > 0] - 1, mean[mean > 0], strict=True))


@pytest.mark.parametrize("size,batch_size,turns", [(103, 8, 4), (5, 8, 4), (30, 1, 7), (64, 64, 1), (9, 8, 64)])
def test_every_bag_is_seen_once_an_epoch(size, batch_size, turns):
  rng = np.random.default_rng(0)
  sizes = rng.geometric(0.1, size)
  own = [rng.integers(0, 40, n) for n in sizes]
  data = fasttext_bags.FeatureBags(np.concatenate([[0], np.cumsum(sizes)]), np.concatenate(own))
  labels = [(number % 7, 7)[: 1 + number % 2] for number in range(size)]
  batches = fasttext_bags.bag_batches(data, labels, batch_size=batch_size, turns=turns, seed=3)
  def key(label, shares):
    return label, tuple(sorted((int(row), round(float(share), 5)) for row, share in shares.items()))
  expected = collections.Counter(
    key(label, {row: n / len(rows) for row, n in collections.Counter(rows.tolist()).items()})
    for label, rows in zip(labels, own, strict=True))
  steps = range(batches.steps_per_epoch)
  for epoch in (0, 1):
    made = [batches.batch(epoch * len(steps) + step) for step in steps]
    assert len({tuple(array.shape for array in batch) for batch in made}) == 1
    assert collections.Counter(key(*bag) for batch in made for bag in of(batch)) == expected
    for rows in (batch.rows[:, turn] for batch in made for turn in range(batches.turns)):
      assert len(set(rows[rows > 0])) == (rows > 0).sum()
  again = fasttext_bags.bag_batches(data, labels, batch_size=batch_size, turns=turns, seed=3).batch(len(steps))
  for one, two in zip(again, batches.batch(len(steps)), strict=True):
    np.testing.assert_array_equal(one, two)
  if size > 64:
    assert not np.array_equal(batches.batch(0).labels, batches.batch(len(steps)).labels)
    assert batches.batch(0).mean.shape[2] <= batch_size * sizes.mean() + sizes.max() + 64


def test_batches_of_long_texts_have_few_turns():
  data = fasttext_bags.FeatureBags(np.arange(0, 400_001, 2000), np.random.default_rng(0).integers(0, 9000, 400_000))
  batches = fasttext_bags.bag_batches(data, [(0,)] * 200, batch_size=10, turns=64)
  assert batches.batch(0).mean.size <= 1 << 20
  assert (batches.turns, batches.steps_per_epoch) == (5, 4)


def test_a_bag_without_rows_wants_no_label():
  data = fasttext_bags.FeatureBags(np.array([0, 2, 2, 3]), np.array([4, 5, 6]))
  batch = fasttext_bags.bag_batches(data, [(0,), (1,), (2,)], batch_size=3).batch(0)
  assert sorted(batch.labels.ravel().tolist()) == [0, 1, 3]
  assert not batch.labels[batch.mean.sum(2) == 0].any()
