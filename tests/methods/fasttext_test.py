"""fastText: word vectors as means of rows, their gradients, the sparse step, model files."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from running import on_devices

from glove_jax import parallel, train
from glove_jax.data import ngrams
from glove_jax.data.text import corpus
from glove_jax.data.windows import blocks as windows
from glove_jax.data.windows import subword_blocks
from glove_jax.interop import fasttext as fasttext_files
from glove_jax.methods import bounded_steps, fasttext, negative_sampling, word2vec

WORDS = ("the", "there", "other", "mother", "moth", "水果", "果汁")
V, D, BUCKETS, WINDOW = len(WORDS), 5, 50, 2
COUNTS = np.arange(V, 0, -1) ** 2
ROWS = subword_blocks.word_rows(WORDS, 3, 4, BUCKETS)


def text(size=300):
  ids = np.random.default_rng(0).integers(0, V, size).astype(np.int32)
  ids[::17] = corpus.BREAK
  return ids


def batches(model="skipgram", batch_size=48, updates_per_step=2):
  shape = windows.BlockShape(
    window=WINDOW, batch_size=batch_size, updates_per_step=updates_per_step, block_size=8
  )
  data = windows.window_batches(text(), COUNTS, shape, sample=0, shared_negatives=3)
  return subword_blocks.subword_batches(data, ROWS, margin=WINDOW if model == "skipgram" else 0)


def params_of():
  rng = np.random.default_rng(1)
  return {
    "input": rng.normal(size=(V + BUCKETS, D)).astype(np.float32),
    "context": rng.normal(size=(V, D)).astype(np.float32),
  }


def mean_of(table, word):
  ids = [WORDS.index(word), *(V + ngrams.ids(word, 3, 4, BUCKETS))]
  return table[ids].mean(0), ids


def test_a_word_has_its_own_row_and_those_of_its_ngrams():
  for i, word in enumerate(WORDS):
    assert (
      ROWS.ids[ROWS.indptr[i] : ROWS.indptr[i + 1]].tolist()
      == mean_of(params_of()["input"], word)[1]
    )


@pytest.mark.parametrize("model", word2vec.MODELS)
def test_batches_name_the_rows_of_every_word_that_is_learnt(model):
  batch = batches(model).batch(1)
  words, word_index = batch.blocks.words, batch.word_index
  learnt = np.zeros(words.shape, bool)
  margin = WINDOW if model == "skipgram" else 0
  learnt[..., margin : words.shape[2] - margin] = True
  assert (word_index > 0).tolist() == ((words > 0) & learnt).tolist()
  for number in range(words.shape[1]):
    rows, owner = batch.rows[:, number], batch.owner[:, number]
    for position, word in zip(word_index[:, number].ravel(), words[:, number].ravel(), strict=True):
      if position:
        rows_of_word = rows[(owner == position - 1) & (rows > 0)] - 1
        assert rows_of_word.tolist() == sorted(
          ROWS.ids[ROWS.indptr[word - 1] : ROWS.indptr[word]].tolist()
        )


@pytest.mark.parametrize("at_a_time", [2, 1024])
def test_vectors_are_means_of_rows(at_a_time, monkeypatch):
  monkeypatch.setattr(fasttext, "_WORDS_AT_A_TIME", at_a_time)
  params = params_of()
  vectors = fasttext.vectors(params, ROWS)
  for word, vector in zip(WORDS, vectors, strict=True):
    np.testing.assert_allclose(vector, mean_of(params["input"], word)[0], rtol=1e-5)


def test_a_start_keeps_the_rows_of_shared_words_and_of_ngrams():
  earlier = params_of()
  fresh = {name: np.zeros((len(leaf) - V + 3, D)) for name, leaf in earlier.items()}
  start = fasttext.start_from(
    fresh,
    ("moth", "new", "the"),
    earlier["input"],
    earlier["context"],
    {word: row for row, word in enumerate(WORDS)},
  )
  for name in earlier:
    np.testing.assert_array_equal(start[name][[0, 2]], earlier[name][[WORDS.index("moth"), 0]])
    assert not start[name][1].any()
  np.testing.assert_array_equal(start["input"][3:], earlier["input"][V:])


@pytest.mark.parametrize("model", word2vec.MODELS)
def test_an_update_is_that_of_word2vec_on_composed_words_handed_to_all_rows(model):
  params, batch = params_of(), batches(model, updates_per_step=1).batch(0)
  rate = 0.1
  state = train.init_state(params, ())
  state, sums = fasttext.fasttext_update(model, window=WINDOW, learning_rate=rate)(
    state, parallel.shard(batch)
  )
  parallel.assert_replicated((state, sums))
  blocks = windows.WindowBatch(*(jnp.asarray(array[:, 0]) for array in batch.blocks))
  words = jnp.asarray(fasttext.vectors(params, ROWS))
  learn = negative_sampling.skipgram if model == "skipgram" else negative_sampling.cbow
  (loss, weight), rows = learn(
    bounded_steps.look_ups({"word": words, "context": params["context"]}),
    (),
    blocks,
    window=WINDOW,
    negatives=5,
  )
  np.testing.assert_allclose([float(x) for x in sums["loss"]], [loss, weight], rtol=1e-4)
  grads, word_bound = np.zeros((V + 1, D)), np.zeros(V + 1)
  (word_rows,) = rows["word"]
  np.add.at(grads, np.asarray(word_rows.ids), np.asarray(word_rows.grads))
  np.add.at(word_bound, np.asarray(word_rows.ids), np.asarray(word_rows.curvature_bound))
  table, bound = np.zeros((V + BUCKETS, D)), np.zeros(V + BUCKETS)
  for i in range(V):
    for row in ROWS.ids[
      ROWS.indptr[i] : ROWS.indptr[i + 1]
    ]:  # a row that a word has twice takes it twice
      table[row] += grads[i + 1]
      bound[row] += word_bound[i + 1]
  expected = params["input"] - (rate / np.sqrt(1 + (rate * bound / 2) ** 2))[:, None] * table
  np.testing.assert_allclose(state.params["input"], expected, rtol=1e-4, atol=1e-5)
  np.testing.assert_allclose(
    state.params["context"],
    bounded_steps.bounded_step(jnp.asarray(params["context"]), rows["context"], rate),
    rtol=1e-4,
    atol=1e-5,
  )


@pytest.mark.parametrize("model", word2vec.MODELS)
@pytest.mark.parametrize("batch_size", [pytest.param(16, marks=pytest.mark.slow), 10_000])
@pytest.mark.parametrize("rate, falls", [(0.75, True), (4.0, False)])
def test_no_batch_size_diverges(model, batch_size, rate, falls):
  """Seven words that share n-grams, up to all of the text in one batch.

  At ten times the recipe's rate they learn. At fifty times the loss jumps, as one step moves rows
  of several words, but nothing grows without bound.
  """
  data = batches(model, batch_size, updates_per_step=1)
  params = {name: table / 10 for name, table in params_of().items()}
  state, losses = train.init_state(params, ()), []
  update = fasttext.fasttext_update(model, window=WINDOW, learning_rate=rate)
  for i in range(40):
    state, sums = update(state, parallel.shard(data.batch(i % data.steps_per_epoch)))
    losses.append(float(sums["loss"][0] / sums["loss"][1]))
  assert np.isfinite(losses).all() and np.mean(losses[-5:]) < losses[0] * (1 if falls else 2)
  assert max(np.abs(table).max() for table in jax.device_get(state.params).values()) < 20


def test_batches_have_their_rows_in_order_of_the_table_and_know_where_each_stands_first():
  batch = batches("cbow", updates_per_step=3).batch(0)
  for rows, same in zip(batch.rows.T, batch.same.T, strict=True):
    rows = rows[rows > 0].tolist()
    assert rows == sorted(rows) and len(set(rows)) < len(rows)
    assert same[: len(rows)].tolist() == [rows.index(row) for row in rows]


def test_the_sparse_step_is_the_plain_one():
  rng = np.random.default_rng(0)
  ids, owner = jnp.asarray(np.sort(rng.integers(0, 6, 24))), jnp.asarray(rng.integers(0, 4, 24))
  grads = jnp.asarray(rng.normal(size=(4, 3)), jnp.float32)
  bound, table = (
    jnp.asarray(rng.random(4), jnp.float32),
    jnp.asarray(rng.normal(size=(5, 3)), jnp.float32),
  )
  same = jnp.asarray([ids.tolist().index(row) for row in ids])
  np.testing.assert_allclose(
    fasttext.sparse_step(table, ids, owner, same, bounded_steps.Gradient(grads, bound), 0.5),
    bounded_steps.bounded_step(
      table, [bounded_steps.RowGradients(ids, grads[owner], bound[owner])], 0.5
    ),
    rtol=1e-5,
  )


def test_the_programs_format_gives_the_same_vectors(tmp_path):
  params = params_of()
  args = fasttext_files.Args(dim=D, bucket=BUCKETS, minn=3, maxn=4)
  fasttext_files.save(
    fasttext_files.Model(
      args,
      list(WORDS),
      COUNTS,
      [],
      np.zeros(0, np.int64),
      int(COUNTS.sum()),
      None,
      params["input"],
      params["context"],
    ),
    tmp_path / "model.bin",
  )
  model = fasttext_files.load(tmp_path / "model.bin")
  np.testing.assert_allclose(
    fasttext_files.word_vectors(model).vectors, fasttext.vectors(params, ROWS), rtol=1e-5, atol=1e-6
  )


SIX_STEPS = """
import importlib.util, sys
import jax, numpy as np
jax.config.update("jax_num_cpu_devices", int(sys.argv[2]))
from glove_jax import loop, parallel, train
spec = importlib.util.spec_from_file_location("fasttext_test", sys.argv[1])
test = importlib.util.module_from_spec(spec)
spec.loader.exec_module(test)
assert parallel.device_count() == int(sys.argv[2])
tables = {}
for model in test.word2vec.MODELS:
  update = test.fasttext.fasttext_update(
    model, window=test.WINDOW, learning_rate=lambda step: 0.3 / (1 + step))
  state = train.init_state(test.params_of(), ())
  state = loop.fit(state, update, batches=test.batches(model).batch, num_steps=6)
  parallel.assert_replicated(state.params)
  tables |= {f"{model} {name}": table for name, table in state.params.items()}
np.savez(sys.argv[3], **tables)
"""


@pytest.mark.slow
def test_eight_devices_and_one_give_the_same_state(tmp_path):
  states = []
  for devices in ("1", "8"):
    file = tmp_path / f"{devices}.npz"
    on_devices(devices, SIX_STEPS, __file__, devices, file)
    states.append(np.load(file))
  for name in states[0]:
    np.testing.assert_allclose(states[0][name], states[1][name], rtol=1e-4, atol=1e-5, err_msg=name)


def test_the_start_is_small_and_a_function_of_the_key():
  first, second = (fasttext.init_params(jax.random.key(3), 4, 6, 10) for _ in range(2))
  np.testing.assert_array_equal(first["input"], second["input"])
  assert first["input"].shape == (10, 10)
  assert np.abs(first["input"]).max() <= 0.1
