"""fastText: words composed of their rows, gradients handed to them, the sparse step, Facebook's format."""


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
from glove_jax.interop import fasttext as facebook
from glove_jax.methods import fasttext, word2vec

WORDS = ("the", "there", "other", "mother", "moth", "水果", "果汁")
V, D, BUCKETS, WINDOW = len(WORDS), 5, 50, 2
COUNTS = np.arange(V, 0, -1) ** 2
ROWS = subword_blocks.word_rows(WORDS, 3, 4, BUCKETS)


def text(size=300):
  ids = np.random.default_rng(0).integers(0, V, size).astype(np.int32)
  ids[::17] = corpus.BREAK
  return ids


def batches(model="skipgram", batch_size=48, turns=2):
  shape = windows.BlockShape(WINDOW, batch_size, updates_per_step=turns, block_size=8)
  data = windows.window_batches(text(), COUNTS, shape, sample=0, shared_negatives=3)
  return subword_blocks.subword_batches(data, ROWS, margin=WINDOW if model == "skipgram" else 0)


def params_of():
  rng = np.random.default_rng(1)
  return {"input": rng.normal(size=(V + BUCKETS, D)).astype(np.float32),
          "context": rng.normal(size=(V, D)).astype(np.float32)}


def mean_of(table, word):
  ids = [WORDS.index(word), *(V + ngrams.ids(word, 3, 4, BUCKETS))]
  return table[ids].mean(0), ids


def test_a_word_has_its_own_row_and_those_of_its_ngrams():
  for i, word in enumerate(WORDS):
    assert ROWS.ids[ROWS.indptr[i] : ROWS.indptr[i + 1]].tolist() == mean_of(params_of()["input"], word)[1]


@pytest.mark.parametrize("model", word2vec.MODELS)
def test_batches_name_the_rows_of_every_word_that_is_learnt(model):
  batch = batches(model).batch(1)
  words, place = batch.blocks.words, batch.place
  learnt = np.zeros(words.shape, bool)
  margin = WINDOW if model == "skipgram" else 0
  learnt[..., margin : words.shape[2] - margin] = True
  assert (place > 0).tolist() == ((words > 0) & learnt).tolist()
  for turn in range(words.shape[1]):
    rows, owner = batch.rows[:, turn], batch.owner[:, turn]
    for at, word in zip(place[:, turn].ravel(), words[:, turn].ravel(), strict=True):
      if at:
        mine = rows[(owner == at - 1) & (rows > 0)] - 1
        assert mine.tolist() == sorted(ROWS.ids[ROWS.indptr[word - 1] : ROWS.indptr[word]].tolist())


def test_vectors_are_means_of_rows():
  params = params_of()
  found = fasttext.vectors(params, ROWS)
  for word, vector in zip(WORDS, found, strict=True):
    np.testing.assert_allclose(vector, mean_of(params["input"], word)[0], rtol=1e-5)


def test_a_start_keeps_the_rows_of_words_that_are_known_and_of_ngrams():
  given = params_of()
  fresh = {name: np.zeros((len(leaf) - V + 3, D)) for name, leaf in given.items()}
  start = fasttext.start_from(fresh, ("moth", "new", "the"), given["input"], given["context"],
                              {word: place for place, word in enumerate(WORDS)})
  for name in given:
    np.testing.assert_array_equal(start[name][[0, 2]], given[name][[WORDS.index("moth"), 0]])
    assert not start[name][1].any()
  np.testing.assert_array_equal(start["input"][3:], given["input"][V:])


@pytest.mark.parametrize("model", word2vec.MODELS)
def test_an_update_is_that_of_word2vec_on_composed_words_handed_to_all_rows(model):
  params, batch = params_of(), batches(model, turns=1).batch(0)
  rate = 0.1
  state = train.init_state(params, ())
  state, sums = fasttext.fasttext_update(model, window=WINDOW, learning_rate=rate)(state, parallel.shard(batch))
  parallel.assert_replicated((state, sums))
  blocks = windows.WindowBatch(*(jnp.asarray(array[:, 0]) for array in batch.blocks))
  words = jnp.asarray(fasttext.vectors(params, ROWS))
  learn = word2vec.skipgram if model == "skipgram" else word2vec.cbow
  (loss, weight), rows = learn({"word": words, "context": jnp.asarray(params["context"])}, (), blocks, window=WINDOW,
                               negatives=5)
  np.testing.assert_allclose([float(x) for x in sums["loss"]], [loss, weight], rtol=1e-4)
  grads, bends = np.zeros((V + 1, D)), np.zeros(V + 1)
  found, = rows["word"]
  np.add.at(grads, np.asarray(found.ids), np.asarray(found.grads))
  np.add.at(bends, np.asarray(found.ids), np.asarray(found.bend))
  table, bend = np.zeros((V + BUCKETS, D)), np.zeros(V + BUCKETS)
  for i in range(V):
    for row in ROWS.ids[ROWS.indptr[i] : ROWS.indptr[i + 1]]:  # a row that a word has twice takes it twice
      table[row] += grads[i + 1]
      bend[row] += bends[i + 1]
  expected = params["input"] - (rate / np.sqrt(1 + (rate * bend / 2) ** 2))[:, None] * table
  np.testing.assert_allclose(state.params["input"], expected, rtol=1e-4, atol=1e-5)
  np.testing.assert_allclose(
    state.params["context"], word2vec.step(jnp.asarray(params["context"]), rows["context"], rate), rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize("model", word2vec.MODELS)
@pytest.mark.parametrize("batch_size", [16, 10_000])
@pytest.mark.parametrize("rate, falls", [(0.75, True), (4.0, False)])
def test_no_batch_size_diverges(model, batch_size, rate, falls):
  """Seven words that share n-grams, up to all of the text in one batch: at ten times the recipe's rate they learn, at
  fifty the loss leaps, as one step moves rows of several words, but nothing grows without bound."""
  data = batches(model, batch_size, turns=1)
  params = {name: table / 10 for name, table in params_of().items()}
  state, losses = train.init_state(params, ()), []
  update = fasttext.fasttext_update(model, window=WINDOW, learning_rate=rate)
  for i in range(40):
    state, sums = update(state, parallel.shard(data.batch(i % data.steps_per_epoch)))
    losses.append(float(sums["loss"][0] / sums["loss"][1]))
  assert np.isfinite(losses).all() and np.mean(losses[-5:]) < losses[0] * (1 if falls else 2)
  assert max(np.abs(table).max() for table in jax.device_get(state.params).values()) < 20


def test_batches_have_their_rows_in_order_of_the_table_and_know_where_each_stands_first():
  batch = batches("cbow", turns=3).batch(0)
  for rows, same in zip(batch.rows.T, batch.same.T, strict=True):
    rows = rows[rows > 0].tolist()
    assert rows == sorted(rows) and len(set(rows)) < len(rows)
    assert same[: len(rows)].tolist() == [rows.index(row) for row in rows]


def test_the_sparse_step_is_the_plain_one():
  rng = np.random.default_rng(0)
  ids, owner = jnp.asarray(np.sort(rng.integers(0, 6, 24))), jnp.asarray(rng.integers(0, 4, 24))
  grads = jnp.asarray(rng.normal(size=(4, 3)), jnp.float32)
  bend, table = jnp.asarray(rng.random(4), jnp.float32), jnp.asarray(rng.normal(size=(5, 3)), jnp.float32)
  same = jnp.asarray([ids.tolist().index(row) for row in ids])
  np.testing.assert_allclose(
    fasttext.sparse_step(table, ids, owner, same, grads, bend, 0.5),
    word2vec.step(table, [word2vec.Rows(ids, grads[owner], bend[owner])], 0.5), rtol=1e-5)


@pytest.mark.parametrize("size", [2 * subword_blocks.PADDING_MULTIPLE, subword_blocks.PADDING_MULTIPLE // 4, 7])
def test_pieces_are_all_of_an_array_in_order(size):
  found = fasttext.pieces(np.arange(size))
  assert found.ravel().tolist() == list(range(size)) and found.shape[1] <= subword_blocks.PADDING_MULTIPLE


def test_facebooks_format_gives_the_same_vectors(tmp_path):
  params = params_of()
  args = facebook.Args(dim=D, bucket=BUCKETS, minn=3, maxn=4)
  facebook.save(facebook.Model(args, list(WORDS), COUNTS, [], np.zeros(0, np.int64), int(COUNTS.sum()), None,
                               params["input"], params["context"]), tmp_path / "model.bin")
  model = facebook.load(tmp_path / "model.bin")
  np.testing.assert_allclose(facebook.word_vectors(model).vectors, fasttext.vectors(params, ROWS), rtol=1e-5, atol=1e-6)


SIX_STEPS = """
import importlib.util, sys
import jax, numpy as np
jax.config.update("jax_num_cpu_devices", int(sys.argv[2]))
from glove_jax import parallel, train
spec = importlib.util.spec_from_file_location("fasttext_test", sys.argv[1])
test = importlib.util.module_from_spec(spec)
spec.loader.exec_module(test)
assert parallel.device_count() == int(sys.argv[2])
found = {}
for model in test.word2vec.MODELS:
  update = test.fasttext.fasttext_update(model, window=test.WINDOW, learning_rate=lambda step: 0.3 / (1 + step))
  state = train.init_state(test.params_of(), ())
  state = train.fit(state, update, batches=test.batches(model).batch, num_steps=6)
  parallel.assert_replicated(state.params)
  found |= {f"{model} {name}": table for name, table in state.params.items()}
np.savez(sys.argv[3], **found)
"""


def test_eight_devices_and_one_give_the_same_state(tmp_path):
  found = []
  for devices in ("1", "8"):
    file = tmp_path / f"{devices}.npz"
    on_devices(devices, SIX_STEPS, __file__, devices, file)
    found.append(np.load(file))
  for name in found[0]:
    np.testing.assert_allclose(found[0][name], found[1][name], rtol=1e-4, atol=1e-5, err_msg=name)


def test_the_start_is_small_and_a_function_of_the_key():
  first, second = (fasttext.init_params(jax.random.key(3), 4, 6, 10) for _ in range(2))
  np.testing.assert_array_equal(first["input"], second["input"])
  assert first["input"].shape == (10, 10)
  assert np.abs(first["input"]).max() <= 0.1
