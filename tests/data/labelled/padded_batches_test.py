"""Batches have every text once an epoch, in few shapes, as functions of (seed, step)."""

import numpy as np
import pytest

from glove_jax.data.labelled import padded_batches
from glove_jax.data.labelled.padded_batches import Examples

SIZES = np.random.default_rng(0).integers(0, 40, 103)
IDS = [np.arange(2, 2 + size, dtype=np.int32) * (i + 1) for i, size in enumerate(SIZES)]
TEXTS = Examples(IDS, list(range(103)))
TAGGED = Examples(IDS, [ids + 1 for ids in IDS], [np.stack([ids, ids + 5], 1) for ids in IDS])


LENGTHS = padded_batches.length_buckets(TEXTS, 4)


def shuffled(examples=TEXTS, seed=1, **options):
  return padded_batches.shuffled_batches(
    examples, batch_size=8, seed=seed, **{"lengths": LENGTHS, **options}
  )


def epoch(data, number=0):
  return [
    data.batch(step)
    for step in range(number * data.steps_per_epoch, (number + 1) * data.steps_per_epoch)
  ]


@pytest.mark.parametrize("number", [0, 3])
def test_an_epoch_has_every_text_once_and_whole(number):
  data = shuffled()
  seen = {}
  for batch in epoch(data, number):
    assert batch.ids.shape[0] == 8 and ((batch.ids > 0) == batch.mask).all()
    for ids, target, weight in zip(batch.ids, batch.target, batch.weight, strict=True):
      assert weight or not (ids.any() or target)
      if weight:
        assert target not in seen
        seen[int(target)] = ids[ids > 0]
  assert sorted(seen) == list(range(103))
  for index, ids in seen.items():
    np.testing.assert_array_equal(ids, IDS[index])


def test_shapes_are_few_and_padding_is_little():
  batches = epoch(shuffled())
  assert len({batch.ids.shape for batch in batches}) <= 4
  assert sum(batch.ids[batch.weight > 0].size for batch in batches) < 1.3 * SIZES.sum()
  one_length = padded_batches.length_buckets(TEXTS, 1)
  batches = epoch(shuffled(lengths=one_length))
  assert {batch.ids.shape for batch in batches} == {(8, 40)}


def test_a_further_length_must_save_enough_padding():
  def padded_size(lengths):
    return lengths[np.searchsorted(lengths, SIZES)].sum()

  one, two = (padded_batches.length_buckets(TEXTS, buckets) for buckets in (1, 2))
  saved = padded_size(one) - padded_size(two)
  for min_saving, expected in ((saved, two), (saved + 1, one), (10**6, one)):
    chosen = padded_batches.length_buckets(TEXTS, 2, min_saving=min_saving)
    np.testing.assert_array_equal(chosen, expected)
  assert len(padded_batches.length_buckets(TEXTS, 4, min_saving=1)) == 4


def test_a_batch_is_a_function_of_seed_and_step():
  one, other = (shuffled(seed=seed) for seed in (1, 2))
  for step in (40, 3):  # in any order
    again = shuffled().batch(step)
    np.testing.assert_array_equal(one.batch(step).target, again.target)
  assert any((one.batch(step).target != other.batch(step).target).any() for step in range(3))
  assert any(
    (one.batch(step).target != one.batch(step + one.steps_per_epoch).target).any()
    for step in range(3)
  )


def test_tags_and_characters_are_at_the_positions_of_their_tokens():
  for batch in epoch(shuffled(TAGGED)):
    np.testing.assert_array_equal(batch.target, np.where(batch.mask > 0, batch.ids + 1, 0))
    np.testing.assert_array_equal(batch.chars[..., 1], np.where(batch.mask > 0, batch.ids + 5, 0))


def test_batches_in_order_have_every_text_once_even_longer_ones():
  bounds, indices = np.array([4, 12]), []
  for some, batch in padded_batches.batches_in_order(TEXTS, batch_size=8, bounds=bounds):
    assert batch.ids.shape[1] in (4, 12, 24, 36, 48)
    np.testing.assert_array_equal(batch.target[: len(some)], some)
    assert batch.weight.sum() == len(some) and (batch.mask.sum(1)[: len(some)] == SIZES[some]).all()
    indices += some.tolist()
  assert sorted(indices) == list(range(103))


def test_few_texts_in_order_make_full_batches_of_few_lengths():
  few = padded_batches.Examples([np.ones(size, np.int32) for size in (9, 2, 5, 1, 3)], [0] * 5)
  bounds = np.array([4, 8, 12])
  batches = list(padded_batches.batches_in_order(few, batch_size=4, bounds=bounds))
  assert [batch.ids.shape for _, batch in batches] == [(4, 8), (4, 12)]
  assert [some.tolist() for some, _ in batches] == [[1, 3, 4, 2], [0]]


def test_an_augmented_text_is_truncated_to_its_batch():
  def twice(ids, rng):
    return np.concatenate([ids, rng.permutation(ids)])

  data = shuffled(augment=twice)
  for step in range(data.steps_per_epoch):
    batch, again = (
      data.batch(step),
      shuffled(augment=twice).batch(step),
    )
    np.testing.assert_array_equal(batch.ids, again.ids)
    expected = np.minimum(2 * SIZES[batch.target], batch.ids.shape[1])[batch.weight > 0]
    np.testing.assert_array_equal(batch.mask.sum(1)[batch.weight > 0], expected)


def test_words_and_characters_become_ids():
  texts = [["ab", "c"], [], ["b" * 9]]
  assert [ids.tolist() for ids in padded_batches.token_ids(texts, {"ab": 5, "c": 2})] == [
    [5, 2],
    [],
    [1],
  ]
  index = padded_batches.character_vocabulary(texts)
  assert index == {"b": 2, "a": 3, "c": 4}
  first, second, third = padded_batches.character_ids([*texts[:2], ["abxbbbbbc"]], index, 5)
  assert first.tolist() == [[3, 2, 0, 0, 0], [4, 0, 0, 0, 0]] and second.shape == (0, 5)
  assert third.tolist() == [[3, 2, 1, 2, 4]]  # a b x, then b c
