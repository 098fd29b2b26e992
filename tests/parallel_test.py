import jax
import jax.numpy as jnp
import numpy as np
import pytest
from small_corpus import write_text

from glove_jax import parallel, pretraining, runs


def test_shard_pads_with_zeros_to_all_devices():
  batch = parallel.shard({"x": np.arange(1, 11, dtype=np.int32), "y": np.ones((10, 3), np.float32)})
  assert batch["x"].shape == (8, 2)
  assert batch["y"].shape == (8, 2, 3)
  assert batch["x"].ravel().tolist() == [*range(1, 11), *[0] * 6]


def test_shard_of_fewer_rows_than_devices_still_uses_all():
  assert parallel.shard(np.ones(3)).shape == (8, 1)


def test_psum_and_all_gather_combine_devices_in_order():
  batch = np.arange(16.0, dtype=np.float32)
  def step(state, rows):
    return state + parallel.psum(rows.sum()), parallel.all_gather(rows)
  total, rows = parallel.pmap(step)(parallel.replicate(jnp.float32(1)), parallel.shard(batch))
  assert float(total) == 1 + batch.sum()
  np.testing.assert_array_equal(rows, batch)


def test_a_sum_in_order_is_that_of_the_devices_one_after_another():
  batch = np.random.default_rng(0).normal(size=(8, 3)).astype(np.float32)
  total = parallel.pmap(lambda _, rows: parallel.psum_in_order(rows[0]))
  np.testing.assert_allclose(total(0, parallel.shard(batch)), batch.sum(0), rtol=1e-5)


def test_assert_replicated_finds_a_forgotten_psum():
  batch = parallel.shard(np.arange(8.0, dtype=np.float32))
  good = parallel.pmap(lambda state, rows: {"w": state + parallel.psum(rows.sum())})
  bad = parallel.pmap(lambda state, rows: {"w": state + rows.sum()})
  state = parallel.replicate(jnp.float32(0))
  parallel.assert_replicated(good(state, batch))
  with pytest.raises(AssertionError, match="w.*device 1 disagrees"):
    parallel.assert_replicated(bad(state, batch))


def test_arrays_are_put_on_all_devices_once():
  tree = parallel.put({"w": np.arange(3.0, dtype=np.float32)})
  assert len(tree["w"].sharding.device_set) == parallel.device_count()
  parallel.assert_replicated(tree)
  assert parallel.put(tree)["w"] is tree["w"]
  scaled = parallel.pmap(lambda state, rows: parallel.all_gather(rows * state["w"].sum()))
  batch = parallel.shard(np.arange(8.0, dtype=np.float32))
  np.testing.assert_array_equal(scaled(tree, batch), 3 * np.arange(8.0))


def test_a_replicated_state_compiles_once():
  def step(state, rows):
    return state + parallel.psum(rows.sum()).astype(jnp.int32)
  update = parallel.pmap(step, donate=True)
  state = parallel.replicate(jnp.int32(0))
  batch = parallel.shard(np.ones(8, np.float32))
  compiled = []

  def count(event, seconds, **_):
    if "backend_compile" in event:
      compiled.append(event)

  jax.monitoring.register_event_duration_secs_listener(count)
  try:
    for _ in range(3):
      state = update(state, batch)
  finally:
    jax.monitoring.unregister_event_duration_listener(count)
  assert int(state) == 24
  assert len(compiled) == 1


def test_device_index_tells_devices_apart():
  index = parallel.pmap(lambda state, rows: parallel.all_gather(parallel.device_index()[None]))
  assert index(0, parallel.shard(np.ones(8))).tolist() == list(range(8))
  assert jax.local_device_count() == parallel.device_count() == 8


def test_only_so_many_results_are_under_way():
  under_way, waited = [], []
  class Result:
    def block_until_ready(self):
      waited.append(self)
  results = [Result() for _ in range(10)]
  for result in results:
    parallel.pace(under_way, result)
  assert len(under_way) == 4
  assert waited == results[:6]


SMALL_GPT = {
  "dim": 16, "layers": 1, "heads": 2, "context_length": 32, "max_vocab": 300, "steps": 3,
  "warmup_steps": 0,
}
RUNS = {
  "glove": {"epochs": 2},
  "glove_als": {"epochs": 2, "dense_words": 20},
  "word2vec": {"epochs": 1},
  "fasttext": {"epochs": 1, "buckets": 50},
  "gpt": SMALL_GPT,
}
SLOW = [pytest.param(method, marks=pytest.mark.slow) for method in RUNS if method != "glove"]


@pytest.mark.parametrize("method", ["glove", *SLOW])
def test_shard_map_gives_the_bits_of_pmap(method, tmp_path, monkeypatch):
  text = write_text(tmp_path / "text.txt")
  values = {"corpus": str(text), "method": method, "min_count": 1, "dim": 6, **RUNS[method]}
  settings = pretraining.parse(values)

  def trained(folder):
    with runs.open(folder, settings) as run:
      corpus = pretraining.open_corpus(settings, run.folder)
      plan, _ = pretraining.METHODS[settings.method](settings, corpus)
      return run.fit(plan)

  expected = trained(tmp_path / "pmap")
  made = []

  def shard_map(function, *, compiler_options=None, **options):
    made.append(compiler_options)
    return parallel.shard_map(function, **options)

  monkeypatch.setattr(parallel, "pmap", shard_map)
  params = trained(tmp_path / "shard_map")
  assert made
  jax.tree.map(np.testing.assert_array_equal, params, expected)
