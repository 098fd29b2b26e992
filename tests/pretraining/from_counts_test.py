"""GloVe and PPMI-SVD from a corpus: cached counts, held-out pairs, anchors, exports."""

import math
import re

import numpy as np
import pytest
from small_corpus import make_plan, open_corpus, train, write_text

from glove_jax import parallel, vector_files
from glove_jax import train as train_lib
from glove_jax.errors import InputError
from glove_jax.pretraining import from_counts
from glove_jax.word_vectors import WordVectors

ALS = {"method": "glove_als", "epochs": 1, "window": 3}


@pytest.fixture(scope="module")
def text(tmp_path_factory):
  return str(write_text(tmp_path_factory.mktemp("corpus") / "text.txt"))


@pytest.mark.parametrize("optimizer", ["row_adagrad", "adam"])
def test_glove_learns(text, tmp_path, optimizer):
  values = {"method": "glove", "corpus": text, "optimizer": optimizer, "batch_size": 256}
  plan, _ = make_plan(tmp_path, **values, held_out=0.2, epochs=3)
  state = train_lib.init_state(plan.params, plan.opt_state)
  before = plan.evaluate(state)["held_out_loss"]
  assert plan.num_steps == 3 * plan.steps_per_epoch
  for step in range(plan.num_steps):
    state, _ = plan.update(state, parallel.shard(plan.batches(step)))
  assert plan.evaluate(state)["held_out_loss"] < before


def test_without_held_out_pairs_nothing_is_evaluated(text, tmp_path):
  assert make_plan(tmp_path, corpus=text, **ALS)[0].evaluate is None
  with pytest.raises(InputError, match="held_out=1e-09 keeps none of .* counts"):
    make_plan(tmp_path, corpus=text, held_out=1e-9, **ALS)


def test_initial_vectors_replace_those_of_the_counts_but_not_their_biases(text, tmp_path):
  vectors = np.random.default_rng(0).normal(size=(30, 6)).astype(np.float32)
  words = [f"w{i}" for i in range(30)]
  vector_files.save(WordVectors(words, vectors), tmp_path / "pretrained.txt")
  init = {"init": str(tmp_path / "pretrained.txt")}
  settings, corpus = open_corpus(tmp_path / "run", corpus=text, **ALS, **init)
  plan, _ = from_counts.plan_glove_als(settings, corpus)
  scratch, _ = make_plan(tmp_path / "scratch", corpus=text, **ALS, dense_words=0)
  loaded = vector_files.load(tmp_path / "pretrained.txt")[list(corpus.vocabulary.words)]
  halves = plan.params["word"][:, :-1], plan.params["context"][:, :-1]
  np.testing.assert_allclose(halves[0] + halves[1], loaded, rtol=1e-4, atol=1e-6)
  for side in ("word", "context"):
    np.testing.assert_array_equal(plan.params[side][:, -1], scratch.params[side][:, -1])


@pytest.mark.parametrize(("init", "steps"), [(False, 4), (True, 12)])
def test_words_take_more_steps_from_initial_vectors(text, tmp_path, monkeypatch, init, steps):
  vectors = WordVectors(["w0", "w1"], np.ones((2, 6), np.float32))
  vector_files.save(vectors, tmp_path / "pretrained.txt")
  values = {"init": str(tmp_path / "pretrained.txt")} if init else {"dense_words": 0}
  made = []
  monkeypatch.setattr(from_counts.glove_als, "als_update", lambda **values: made.append(values))
  make_plan(tmp_path / "run", corpus=text, **ALS, cg_steps=4, **values)
  assert [values["cg_steps"] for values in made] == [steps]


@pytest.mark.parametrize("off", [{"dense_words": 0}, {"dense_epochs": 0}])
def test_sweeps_among_frequent_words_can_be_left_out(text, tmp_path, off):
  plan, _ = make_plan(tmp_path / "without", corpus=text, **ALS, **off)
  assert not plan.params["word"].any()  # as `spectral_init` has them
  dense, _ = make_plan(tmp_path / "with", corpus=text, **ALS, dense_words=20)
  assert dense.params["word"].any(axis=1).all()  # those of other words are folded in


def test_a_dense_matrix_has_no_more_cells_than_there_are_counts(text, tmp_path, capfd):
  make_plan(tmp_path / "run", corpus=text, **ALS)
  output = capfd.readouterr().out
  num_counts = int(re.search(r"([\d,]+) non-zeros", output)[1].replace(",", ""))
  num_words = int(re.search(r"3 sweeps among ([\d,]+) frequent", output)[1].replace(",", ""))
  assert num_words == min(30, math.isqrt(num_counts)) < 30


def test_words_are_not_folded_in_where_all_are_frequent(text, tmp_path, capfd):
  make_plan(tmp_path / "few", corpus=text, **ALS, dense_words=20)
  assert "10 other words, from their counts with these" in capfd.readouterr().out
  make_plan(tmp_path / "all", corpus=text, **{**ALS, "window": 25, "min_count": 30})
  output = capfd.readouterr().out
  assert "frequent words" in output and "other words" not in output


def test_anchored_vectors_bring_the_words_that_the_text_lacks(text, tmp_path, capfd):
  vectors = np.random.default_rng(0).normal(size=(3, 6)).astype(np.float32)
  vector_files.save(WordVectors(["w0", "w1", "x"], vectors), tmp_path / "pretrained.txt")
  values = {"corpus": text, "init": str(tmp_path / "pretrained.txt"), "anchor": 0.5, **ALS}
  adapted, _ = train(tmp_path / "run", **values)
  assert list(adapted.words[-1:]) == ["x"] and len(adapted) == 31
  np.testing.assert_allclose(adapted["x"], vectors[2], rtol=1e-4)
  assert "adapted    2 words, cosine" in capfd.readouterr().out
  only_text, _ = train(tmp_path / "other", **values, keep_unseen=False)
  assert len(only_text) == 30


@pytest.mark.parametrize(("method", "width"), [("ppmi_svd", 6), ("glove", 12)])
def test_exported_vectors_are_those_of_the_file(text, tmp_path, method, width):
  output = {"output": "concat", "epochs": 1} if method == "glove" else {}
  vectors, _ = train(tmp_path, corpus=text, method=method, **output)
  saved = vector_files.load(tmp_path / "vectors.txt")
  assert list(saved.words) == list(vectors.words)
  assert saved.dim == width
  np.testing.assert_allclose(saved.vectors, vectors.vectors, rtol=1e-5)
