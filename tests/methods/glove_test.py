"""GloVe's loss and updates against finite differences, plain Python, and factorisable matrices."""

import math

import jax
import jax.numpy as jnp
import jax.test_util
import numpy as np
import optax
import pytest
from running import on_devices

from glove_jax import loop, parallel, train
from glove_jax.methods import glove

V, D = 12, 3


def make_params(seed=0, scale=1.0):
  rng = np.random.default_rng(seed)
  return {
    name: (scale * rng.normal(size=(V, D + 1))).astype(np.float32) for name in ("word", "context")
  }


def make_batch(size=8, seed=1, distinct=True):
  rng = np.random.default_rng(seed)
  draw = rng.permutation if distinct else lambda n: rng.integers(0, n, size)
  return glove.Records(
    draw(V)[:size].astype(np.int32),
    draw(V)[:size].astype(np.int32),
    np.exp(rng.normal(2, 2, size)).astype(np.float32),
  )


def plain_loss(params, batch, x_max, alpha):
  """Eq. 8 word for word, halved and averaged over records."""
  total = 0.0
  for i, j, x in zip(*batch, strict=True):
    w, c = params["word"][i], params["context"][j]
    error = (
      sum(float(w[k]) * float(c[k]) for k in range(D)) + float(w[D]) + float(c[D]) - math.log(x)
    )
    total += 0.5 * min(1.0, (x / x_max) ** alpha) * error**2
  return total / len(batch.row)


def test_loss_is_equation_8():
  params, batch = make_params(), make_batch(distinct=False)
  total, weight = glove.glove(V, D, x_max=10).loss(params, batch, None)["loss"]
  assert weight == 8
  assert total / weight == pytest.approx(plain_loss(params, batch, 10, 0.75), rel=1e-5)


def test_gradient_equals_finite_differences():
  with jax.enable_x64(True):
    task = glove.glove(V, D, x_max=10)
    params = jax.tree.map(lambda p: jnp.asarray(p, jnp.float64), make_params())
    batch = glove.Records(*map(jnp.asarray, make_batch(distinct=False)))

    def loss(params):
      return task.loss(params, batch, None)["loss"][0]

    jax.test_util.check_grads(loss, (params,), order=1, modes="rev", atol=1e-6, rtol=1e-6)


def test_padding_weighs_nothing_and_makes_no_nan():
  params, batch = make_params(), make_batch()
  padded = glove.Records(*(np.concatenate([a, np.zeros(5, a.dtype)]) for a in batch))
  task = glove.glove(V, D)
  grad = jax.grad(lambda p, b: task.loss(p, b, None)["loss"][0])
  assert task.loss(params, padded, None)["loss"][1] == 8
  for one, two in zip(
    jax.tree.leaves(grad(params, batch)), jax.tree.leaves(grad(params, padded)), strict=True
  ):
    np.testing.assert_array_equal(one, two)


def factorisable(seed=0):
  """All records of a matrix that the model fits exactly: log X = W C' + b + b'."""
  rng = np.random.default_rng(seed)
  truth = {name: 0.7 * rng.normal(size=(V, D + 1)) for name in ("word", "context")}
  row, col = (grid.ravel().astype(np.int32) for grid in np.mgrid[:V, :V])
  w, c = truth["word"][row], truth["context"][col]
  log_x = (w[:, :-1] * c[:, :-1]).sum(1) + w[:, -1] + c[:, -1]
  return glove.Records(row, col, np.exp(log_x).astype(np.float32))


def final_loss(state, update, num_steps):
  records = []
  batch = factorisable()
  loop.fit(
    state,
    update,
    batches=lambda step: batch,
    num_steps=num_steps,
    logger=loop.Logger(records.append, every=num_steps // 10),
  )
  return records[-1]["loss"]


def test_an_exactly_factorisable_matrix_is_recovered():
  task = glove.glove(V, D, x_max=1.0)
  tx = optax.adam(optax.cosine_decay_schedule(0.05, 1000))
  params = task.init(jax.random.key(0))
  assert (
    final_loss(train.init_state(params, tx.init(params)), train.make_update(task, tx), 1000) < 1e-6
  )


@pytest.mark.slow
def test_adagrad_recovers_it_too():
  params = glove.glove(V, D).init(jax.random.key(0))
  state = train.init_state(params, glove.init_adagrad(params))
  assert final_loss(state, glove.adagrad_update(x_max=1.0, learning_rate=0.5), 4000) < 1e-6


def test_the_rule_of_popular_tutorials_does_not_recover_it():
  # df = a * (1 - f**.75)**2; W[w] += df * W[c]: no logarithm, bias, weighting or context matrix.
  batch = factorisable()
  words = np.random.default_rng(0).normal(size=(V, D)) * 0.1
  for _ in range(100):
    for i, j, x in zip(*batch, strict=True):
      words[i] += 0.001 * (1 - min(float(x), 1.0) ** 0.75) ** 2 * words[j]
  params = {name: np.concatenate([words, np.zeros((V, 1))], axis=1) for name in ("word", "context")}
  assert plain_loss(params, batch, 1.0, 0.75) > 0.1


def published_rule(params, sums, batch, *, x_max, alpha, eta, clip, bias_rule):
  """glove.c of stanfordnlp/GloVe, one record after another, in double precision."""
  params = {name: table.astype(np.float64) for name, table in params.items()}
  sums = {name: table.astype(np.float64) for name, table in sums.items()}
  for i, j, x in zip(*batch, strict=True):
    w, c, sw, sc = params["word"][i], params["context"][j], sums["word"][i], sums["context"][j]
    diff = sum(w[k] * c[k] for k in range(D)) + w[D] + c[D] - math.log(x)
    pull = diff if x > x_max else (x / x_max) ** alpha * diff
    for k in range(D):
      dw, dc = (eta * max(-clip, min(clip, pull * other[k])) for other in (c, w))
      w[k], c[k] = w[k] - dw / math.sqrt(sw[k]), c[k] - dc / math.sqrt(sc[k])
      sw[k], sc[k] = sw[k] + dw**2, sc[k] + dc**2
    step = pull * (eta if bias_rule == "v1.2" else 1.0)
    w[D], c[D] = w[D] - step / math.sqrt(sw[D]), c[D] - step / math.sqrt(sc[D])
    sw[D], sc[D] = sw[D] + step**2, sc[D] + step**2
  return params, sums


@pytest.mark.parametrize("bias_rule", glove.BIAS_RULES)
@pytest.mark.parametrize("clip", [100.0, 0.5])
def test_one_adagrad_step_on_distinct_rows_is_the_published_rule(bias_rule, clip):
  params, batch = make_params(), make_batch()
  sums = {
    name: (1 + np.random.default_rng(5).random((V, D + 1))).astype(np.float32) for name in params
  }
  how = {"x_max": 10.0, "alpha": 0.75, "clip": clip, "bias_rule": bias_rule}
  expected = published_rule(params, sums, batch, eta=0.05, **how)
  update = glove.adagrad_update(**how, learning_rate=0.05)
  state, _ = update(train.init_state(params, sums), parallel.shard(batch))
  for actual, truth in zip((state.params, state.opt_state), expected, strict=True):
    for name in ("word", "context"):
      np.testing.assert_allclose(actual[name], truth[name], rtol=1e-6, atol=1e-6)


def test_the_bias_rules_differ():
  results = []
  for rule in glove.BIAS_RULES:
    params = make_params()
    state = train.init_state(params, glove.init_adagrad(params))
    state, _ = glove.adagrad_update(bias_rule=rule)(state, parallel.shard(make_batch()))
    results.append(np.asarray(state.params["word"]))
  np.testing.assert_array_equal(results[0][:, :-1], results[1][:, :-1])
  assert np.abs(results[0][:, -1] - results[1][:, -1]).max() > 0.01


TWENTY_STEPS = """
import sys, jax, numpy as np
from glove_jax import loop, parallel, train
from glove_jax.methods import glove
rng = np.random.default_rng(0)
params = glove.glove(500, 20).init(jax.random.key(0))
if sys.argv[1] == "adagrad":
  state = train.init_state(params, glove.init_adagrad(params))
  update = glove.adagrad_update(x_max=10.0)
else:
  import optax
  tx = optax.adam(0.01)
  state = train.init_state(params, tx.init(params))
  update = train.make_update(glove.glove(500, 20), tx)
for step in range(20):
  batch = glove.Records(rng.integers(0, 500, 301, np.int32), rng.integers(0, 500, 301, np.int32),
                        np.exp(rng.normal(1, 1, 301)).astype(np.float32))
  state, sums = jax.block_until_ready(update(state, parallel.shard(batch)))
parallel.assert_replicated((state, sums))
assert len(state.params["word"].addressable_shards) == int(sys.argv[2])
np.savez(sys.argv[3], *jax.tree.leaves((state.params, state.opt_state)), np.asarray(sums["loss"]))
"""


@pytest.mark.parametrize("method", ["adagrad", pytest.param("optax", marks=pytest.mark.slow)])
def test_eight_devices_and_one_give_the_same_state(tmp_path, method):
  states = []
  for devices in ("1", "8"):
    file = tmp_path / f"{devices}.npz"
    on_devices(devices, TWENTY_STEPS, method, devices, file)
    states.append(list(np.load(file).values()))
  for one, eight in zip(*states, strict=True):
    np.testing.assert_allclose(one, eight, rtol=1e-5, atol=1e-5)


def test_the_compiled_update_copies_no_table():
  params = glove.glove(3000, 20).init(jax.random.key(0))
  update = glove.adagrad_update()
  batch = parallel.shard(
    glove.Records(np.zeros(512, np.int32), np.zeros(512, np.int32), np.ones(512, np.float32))
  )
  text = (
    update.lower(train.init_state(params, glove.init_adagrad(params)), batch).compile().as_text()
  )
  copies = [line.strip() for line in text.splitlines() if " copy(" in line and "f32[3000," in line]
  assert copies == []


def test_outputs():
  params = make_params()
  w, c = params["word"][:, :-1], params["context"][:, :-1]
  np.testing.assert_array_equal(glove.vectors(params), w + c)
  np.testing.assert_array_equal(glove.vectors(params, "word"), w)
  np.testing.assert_array_equal(glove.vectors(params, "concat"), np.concatenate([w, c], axis=1))
  with pytest.raises(ValueError, match="'both', expected one of sum, word, concat, aligned"):
    glove.vectors(params, "both")


def test_start_from_gives_words_their_pretrained_vectors():
  params, pretrained = (
    make_params(),
    np.random.default_rng(3).normal(size=(V, D)).astype(np.float32),
  )
  has_vector = np.arange(V) % 2 == 0
  started = glove.start_from(params, has_vector, pretrained)
  np.testing.assert_allclose(glove.vectors(started)[has_vector], pretrained[has_vector], rtol=1e-6)
  np.testing.assert_array_equal(
    glove.vectors(started)[~has_vector], glove.vectors(params)[~has_vector]
  )
  np.testing.assert_array_equal(started["word"][:, -1], params["word"][:, -1])


def test_init_is_stanfords_range_and_a_function_of_the_seed():
  task = glove.glove(1000, 50)
  one, again, other = (task.init(jax.random.key(seed)) for seed in (0, 0, 1))
  assert np.abs(one["word"]).max() <= 0.5 / 50
  np.testing.assert_array_equal(one["word"], again["word"])
  assert not np.array_equal(one["word"], other["word"])
  assert not np.array_equal(one["word"], one["context"])


def test_aligned_output_undoes_a_rotation():
  params = make_params()
  rotation = np.linalg.qr(np.random.default_rng(0).normal(size=(D, D)))[0]
  params["context"][:, :-1] = params["word"][:, :-1] @ rotation
  np.testing.assert_allclose(
    glove.vectors(params, "aligned"), 2 * params["word"][:, :-1], rtol=1e-4, atol=1e-5
  )
