"""Tables that are split over devices learn what replicated ones do, each device in its share."""

import jax
import numpy as np
import pytest
from small_corpus import make_plan, train, write_text

from glove_jax import parallel, vector_files
from glove_jax import train as train_lib
from glove_jax.word_vectors import WordVectors

DIM = 6
WINDOWS = {"sample": 0, "batch_size": 64, "block_size": 8, "updates_per_step": 2, "epochs": 1}
METHODS = {
  "glove": {"held_out": 0.1, "batch_size": 500, "average_epochs": 2},
  "glove_als": {"dense_words": 20, "cg_steps": 6},
  "word2vec": WINDOWS,
  "glove_als asymmetric": {"symmetric": False, "held_out": 0.1, "patience": 1},
  "glove_als anchored": {"anchor": 0.5},
  "word2vec cbow": {"model": "cbow", **WINDOWS},
  "word2vec hs": {"loss": "hs", **WINDOWS},
  "word2vec cbow hs": {"model": "cbow", "loss": "hs", **WINDOWS},
  "fasttext": {"ngram_buckets": 50, **WINDOWS},
}
FAST = {("glove", 8)}  # compiled sooner than others


def cases():
  """Returns the methods, each with numbers of devices; most of them are slow."""
  marked = []
  for name in METHODS:
    numbers = (1, 2, 4, 8) if name in ("glove", "glove_als", "word2vec") else (4,)
    for number in numbers:
      marks = () if (name, number) in FAST else pytest.mark.slow
      marked.append(pytest.param(name, number, marks=marks))
  return marked


@pytest.fixture(scope="module")
def corpus(tmp_path_factory):
  """A text of 43 words, which no number of devices but one divides, and vectors of some of them."""
  folder = tmp_path_factory.mktemp("corpus")
  text = write_text(folder / "text.txt", words=43, documents=60)
  rng = np.random.default_rng(0)
  words = [f"w{i}" for i in range(0, 43, 2)]
  vectors = WordVectors(words, rng.normal(size=(len(words), DIM)).astype(np.float32))
  vector_files.save(vectors, folder / "initial.txt")
  return text


@pytest.fixture
def use_devices(monkeypatch):
  """Returns a function that restricts all that follows to the first devices."""
  def pmap(function, *, concurrent=False, **layouts):
    del concurrent
    return parallel.shard_map(function, **layouts)

  def use(number):
    monkeypatch.setattr(parallel, "_devices", lambda: jax.devices()[:number])
    # `jax.pmap` would take all devices.
    monkeypatch.setattr(parallel, "pmap", pmap)

  return use


def values_of(name, corpus):
  values = {"method": name.split()[0], "corpus": str(corpus), "dim": DIM, "epochs": 2}
  if "anchor" in METHODS[name]:
    values["init"] = str(corpus.with_name("initial.txt"))
  return {**values, **METHODS[name]}


@pytest.mark.parametrize(("name", "devices"), cases())
def test_runs_are_those_of_replicated_tables(name, devices, corpus, use_devices, tmp_path):
  use_devices(devices)
  values = values_of(name, corpus)
  vectors, params = train(tmp_path / "sharded", **values, shard_tables=True)
  expected_vectors, expected = train(tmp_path / "replicated", **values)
  for table in expected:
    assert params[table].shape == expected[table].shape
    np.testing.assert_allclose(params[table], expected[table], rtol=0, atol=1e-5)
  np.testing.assert_allclose(vectors.vectors, expected_vectors.vectors, rtol=0, atol=2e-5)


@pytest.mark.parametrize("name", METHODS)
def test_a_device_has_its_share_of_all_tables(name, corpus, tmp_path):
  plan, _ = make_plan(tmp_path, **values_of(name, corpus), shard_tables=True)
  state = train_lib.init_state(plan.params, plan.opt_state, layout=plan.layout)
  state, _ = jax.block_until_ready(plan.update(state, parallel.shard(plan.batches(0))))
  num_tables = 0
  for leaf, whole in zip(jax.tree.leaves(state), jax.tree.leaves(plan.template()), strict=True):
    if whole.shape and whole.shape[0] > DIM + 1:
      share = -(-whole.shape[0] // 8)
      assert [shard.data.shape[0] for shard in leaf.addressable_shards] == [share] * 8
      num_tables += 1
  assert num_tables >= 2


@pytest.mark.parametrize("name", ["glove", "word2vec", "fasttext"])
def test_tables_are_made_in_the_memory_of_the_host(name, corpus, tmp_path):
  host, other = jax.local_devices(backend="cpu")[:2]
  with jax.default_device(other):  # stands in for an accelerator
    plan, _ = make_plan(tmp_path, **values_of(name, corpus), shard_tables=True)
  for table in jax.tree.leaves((plan.params, plan.opt_state)):
    assert table.devices() == {host}


@pytest.mark.slow
@pytest.mark.parametrize("name", ["glove", "glove_als"])
def test_a_run_goes_on_with_another_number_of_devices(name, corpus, use_devices, tmp_path):
  values = {**values_of(name, corpus), "keep_checkpoints": True}
  use_devices(8)
  train(tmp_path / "run", **{**values, "epochs": 1}, shard_tables=True)
  use_devices(3)
  _, params = train(tmp_path / "run", **values, shard_tables=True)
  _, expected = train(tmp_path / "replicated", **values)
  for table in expected:
    np.testing.assert_allclose(params[table], expected[table], rtol=0, atol=1e-5)
