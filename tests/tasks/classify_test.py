"""The classification loss: what counts, what does not, and that it learns."""

import jax
import jax.numpy as jnp
import numpy as np
import optax
import pytest

from glove_jax import loop, nn, parallel, train
from glove_jax.data.labelled.padded_batches import PaddedBatch
from glove_jax.models import word_embeddings
from glove_jax.tasks import classify

TABLE = np.random.default_rng(0).normal(size=(20, 6)).astype(np.float32)
IDS = np.random.default_rng(1).integers(1, 20, (12, 5)).astype(np.int32)
IDS[:, 3:] *= np.arange(12)[:, None] % 2  # half of the texts are shorter
IDS[10:] = 0
TARGET = np.where(IDS.any(1), IDS[:, 0] % 3, 0).astype(np.int32)
BATCH = PaddedBatch(IDS, (IDS > 0).astype(np.float32), None, TARGET, IDS.any(1).astype(np.float32))


def start(task):
  return jax.jit(task.init)(jax.random.key(0))


@pytest.mark.parametrize("pooling", classify.POOLINGS)
def test_the_loss_is_minus_log_p_of_the_target_over_texts_and_padding_weighs_nothing(pooling):
  task = classify.classify(word_embeddings.word_embeddings(TABLE), 3, pooling=pooling, dropout=0.5)
  params = start(task)
  logits = np.asarray(jax.jit(task.predict)(params, BATCH))
  log_p = np.asarray(jax.nn.log_softmax(logits))[np.arange(10), TARGET[:10]]
  padded = jax.tree.map(lambda array: np.pad(array, [(0, 3), (0, 2)][: array.ndim]), BATCH)
  for batch in (BATCH, padded):
    sums = jax.jit(task.loss)(params, batch, None)
    assert (
      float(sums["loss"][0]) == pytest.approx(-log_p.sum(), rel=1e-5)
      and float(sums["loss"][1]) == 10
    )
    hits = (logits.argmax(1) == TARGET)[:10].sum()
    assert (float(sums["accuracy"][0]), float(sums["accuracy"][1])) == (hits, 10)


def test_pooling_takes_the_first_and_the_last_token():
  h, mask = (
    np.random.default_rng(0).normal(size=(3, 4, 2)).astype(np.float32),
    np.ones((3, 4), np.float32),
  )
  mask[1, 2:], mask[2] = 0, 0
  first, last = (np.asarray(classify.POOLINGS[name](h, mask)) for name in ("first", "last"))
  np.testing.assert_array_equal(first, [h[0, 0], h[1, 0], [0, 0]])
  np.testing.assert_array_equal(last, [h[0, 3], h[1, 1], [0, 0]])


def test_smoothing_spreads_the_target_and_class_weights_weigh():
  logits, target = jnp.array([[2.0, 0.0, -1.0]]), jnp.array([0])
  spread = np.array([0.9 + 0.1 / 3, 0.1 / 3, 0.1 / 3])
  expected = -(spread * np.asarray(jax.nn.log_softmax(logits[0]))).sum()
  assert float(classify.cross_entropy(logits, target, 0.1)[0]) == pytest.approx(expected, rel=1e-5)
  weights = classify.balanced_class_weights(TARGET[:10], 4)
  counts = np.bincount(TARGET[:10], minlength=4)
  np.testing.assert_allclose((weights * counts)[counts > 0], 10 / 3, rtol=1e-6)
  plain, weighted = (
    classify.classify(word_embeddings.word_embeddings(TABLE), 4, class_weights=weights)
    for weights in (None, np.eye(4)[1])
  )
  params = start(plain)
  only = BATCH._replace(weight=BATCH.weight * (TARGET == 1))
  for one, other in zip(
    jax.jit(weighted.loss)(params, BATCH, None)["loss"],
    jax.jit(plain.loss)(params, only, None)["loss"],
    strict=True,
  ):
    assert float(one) == pytest.approx(float(other), rel=1e-5)


@pytest.mark.slow
def test_mixup_mixes_real_texts_alone():
  weight = jnp.array([1.0] * 6 + [0.0] * 4)
  mixing = jax.jit(classify.mixup_pairs)
  share, partner = map(np.asarray, mixing(jax.random.key(0), weight, 1.0))
  assert (share[6:] == 1).all() and (share[:6][partner[:6] >= 6] == 1).all()
  assert ((share >= 0.5) & (share <= 1)).all() and (share[:6][partner[:6] < 6] < 1).any()
  task = classify.classify(word_embeddings.word_embeddings(TABLE), 3, mixup=1.0)
  params, rng = start(task), jax.random.key(3)
  loss = jax.jit(task.loss)(params, BATCH, rng)["loss"]
  share, partner = map(np.asarray, mixing(nn.split_keys(rng, 3)[2], BATCH.weight, 1.0))
  h = np.asarray(nn.max_pool(np.where(IDS[..., None] > 0, TABLE[IDS], 0), BATCH.mask))
  mixed = share[:, None] * h + (1 - share)[:, None] * h[partner]
  log_p = jax.nn.log_softmax(mixed @ np.asarray(params["head"]["w"]))
  mixed_target = (
    share[:, None] * np.eye(3)[TARGET] + (1 - share)[:, None] * np.eye(3)[TARGET[partner]]
  )
  assert float(loss[0]) == pytest.approx(
    -float((mixed_target * log_p).sum(1) @ BATCH.weight), rel=1e-5
  )
  assert float(loss[1]) == pytest.approx(10)


def test_it_learns():
  task = classify.classify(word_embeddings.word_embeddings(TABLE), 3, pooling="mean", dropout=0.1)
  tx = optax.adam(0.1)
  params = start(task)
  state, update = train.init_state(params, tx.init(params)), train.make_update(task, tx)
  state = loop.fit(state, update, batches=lambda step: BATCH, num_steps=40)
  predict = train.make_predict(task)
  assert (predict(state.params, BATCH).argmax(1) == TARGET)[:10].all()
  assert predict(state.params, BATCH).shape == (12, 3)
  parallel.assert_replicated(state)
