"""The shares of the processes are the whole batch, whoever makes them."""

import functools

import jax
import numpy as np
import pytest
from small_corpus import make_plan, write_text

from glove_jax import parallel
from glove_jax.data.labelled import padded_batches
from glove_jax.data.labelled.padded_batches import Examples
from glove_jax.shares import WHOLE, Part, Share

# Five devices of three processes; batches do not divide by them.
SHARES = [Share(0, 2, 5), Share(2, 4, 5), Share(4, 5, 5)]


def test_rows_and_padding_of_a_share():
  assert [share.rows(7).tolist() for share in SHARES] == [[0, 1, 2, 3], [4, 5, 6, 7], [8, 9]]
  parts = [share.take(np.arange(1, 8)) for share in SHARES]
  assert np.concatenate(parts).tolist() == [*range(1, 8), 0, 0, 0]
  assert WHOLE.take(np.arange(3)).tolist() == [0, 1, 2]
  assert SHARES[2].take(np.ones((1, 4)), 7).tolist() == [[0.0] * 4] * 2
  assert SHARES[0].take(np.ones(0)).tolist() == []


SMALL_LM = {"dim": 4, "layers": 1, "heads": 1, "context_length": 16, "max_vocab": 300, "steps": 4}
PLANS = {
  "glove": {"batch_size": 133},
  "glove_als": {"batch_size": 3 * 64 * 128, "dense_words": 20},
  "word2vec": {"batch_size": 203, "updates_per_step": 3},
  "gpt": {**SMALL_LM, "batch_size": 6},
  "bert": {**SMALL_LM, "batch_size": 6},
}


@pytest.mark.parametrize("method", PLANS)
def test_shares_of_a_method_are_its_batch(method, tmp_path, monkeypatch):
  made = []
  monkeypatch.setattr(parallel, "own_rows", lambda batch: made.append(batch) or batch)
  text = write_text(tmp_path / "text.txt")
  plan, _ = make_plan(tmp_path / "run", method=method, corpus=str(text), **PLANS[method])
  # Of the frequent words, of other words, of other contexts, and of all.
  assert len(made) == (4 if method == "glove_als" else 1)
  for batch in made:
    if method == "glove_als":
      check_flags(batch, plan.steps_per_epoch)
      batch = functools.partial(chunks, batch)
    for step in {0, plan.steps_per_epoch - 1, plan.steps_per_epoch}:
      check(batch, step)


def chunks(batch, *arguments):
  return batch(*arguments).chunks


def check_flags(batch, num_steps):
  """Each process reads from its share what the whole batch is for, also where all is padding."""
  for step in range(num_steps):
    flags = [(part.side[0], part.first[0], part.last[0]) for part in map_shares(batch, step)]
    whole = batch(step)
    assert flags == [(whole.side[0], whole.first[0], whole.last[0])] * 3


def map_shares(batch, step):
  return [batch(step, share) for share in SHARES]


def check(batch, step):
  whole = batch(step)
  parts = map_shares(batch, step)
  expected = jax.tree.map(lambda leaf: [share.take(leaf) for share in SHARES], whole)
  for part, number in zip(parts, range(3), strict=True):
    jax.tree.map(
      lambda leaf, shares, number=number: np.testing.assert_array_equal(leaf, shares[number]),
      part, expected, is_leaf=lambda node: isinstance(node, np.ndarray),
    )


@pytest.mark.parametrize("augment", [None, lambda ids, rng: rng.permutation(ids)])
def test_shares_of_padded_texts(augment):
  rng = np.random.default_rng(0)
  ids = [rng.integers(2, 9, size).astype(np.int32) for size in rng.integers(1, 9, 40)]
  data = padded_batches.shuffled_batches(
    Examples(ids, list(range(40))), batch_size=7, seed=0, lengths=np.array([4, 8]), augment=augment
  )
  for step in range(data.steps_per_epoch):
    check(data.batch, step)


def test_a_part_is_split_over_the_devices_of_its_process():
  rows = np.arange(16).reshape(16, 1)
  assert parallel.shard(Part({"x": rows}))["x"].shape == (8, 2, 1)
