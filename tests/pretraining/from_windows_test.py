"""word2vec and fastText from a corpus: cached ids, exports, models for unseen words."""

import numpy as np
import pytest
from small_corpus import make_plan, train, write_text

from glove_jax import vector_files
from glove_jax.data import ngrams
from glove_jax.errors import InputError
from glove_jax.interop import fasttext as fasttext_model

SMALL = {"epochs": 1, "window": 2, "block_size": 8, "batch_size": 64, "updates_per_step": 2}


@pytest.fixture(scope="module")
def text(tmp_path_factory):
  return str(write_text(tmp_path_factory.mktemp("corpus") / "text.txt"))


def test_ids_are_kept_in_the_folder(text, tmp_path):
  values = {"method": "word2vec", "corpus": text, **SMALL}
  plan, _ = make_plan(tmp_path, **values)
  written = (tmp_path / "ids" / "ids").stat().st_mtime_ns
  again, _ = make_plan(tmp_path, **values)
  assert (tmp_path / "ids" / "ids").stat().st_mtime_ns == written
  for one, other in zip(plan.batches(0), again.batches(0), strict=True):
    np.testing.assert_array_equal(one, other)


def test_a_text_that_is_dropped_as_a_whole_is_refused(text, tmp_path):
  with pytest.raises(InputError, match="text.txt: sample=1e-30 keeps no word"):
    make_plan(tmp_path, method="word2vec", corpus=text, sample=1e-30, **SMALL)


@pytest.mark.parametrize(("loss", "output"), [("ns", "sum"), ("hs", "word")])
def test_word2vec_exports_its_vectors(text, tmp_path, loss, output):
  values = {"method": "word2vec", "corpus": text, "loss": loss, "output": output, **SMALL}
  vectors, params = train(tmp_path, **values)
  expected = params["word"] + (params["context"] if output == "sum" else 0)
  np.testing.assert_allclose(vectors.vectors, expected, rtol=1e-6)
  assert (tmp_path / "vectors.txt").exists()


@pytest.mark.parametrize("model", ["skipgram", "cbow"])
def test_fasttext_leaves_a_model_that_composes_unseen_words(text, tmp_path, model):
  values = {"method": "fasttext", "corpus": text, "model": model, "ngram_buckets": 100, **SMALL}
  vectors, _ = train(tmp_path, **values)
  saved = fasttext_model.load(tmp_path / "model.bin")
  assert saved.args.bucket == 100 and saved.args.model == model
  np.testing.assert_allclose(
    fasttext_model.vector(saved, "w7"), vectors["w7"], rtol=1e-4, atol=1e-6
  )
  assert np.linalg.norm(fasttext_model.vector(saved, "w77777")) > 0
  assert vector_files.load(tmp_path).dim == 6


def test_buckets_follow_the_text_unless_they_are_set(text, tmp_path):
  values = {"method": "fasttext", "corpus": text, "min_n": 2, "max_n": 3, **SMALL}
  plan, _ = make_plan(tmp_path / "run", **values)
  words = [f"w{i}" for i in range(30)]
  distinct = {ngram for word in words for ngram in ngrams.ngrams(word, 2, 3)}
  buckets = len(plan.params["input"]) - len(words)
  assert 4 * len(distinct) <= buckets < 8 * len(distinct)
  plan, _ = make_plan(tmp_path / "set", ngram_buckets=77, **values)
  assert len(plan.params["input"]) == len(words) + 77


def test_buckets_are_those_of_the_model_to_start_from(text, tmp_path):
  values = {"method": "fasttext", "corpus": text, **SMALL}
  train(tmp_path / "first", ngram_buckets=50, **values)
  plan, _ = make_plan(tmp_path / "second", init=str(tmp_path / "first"), **values)
  assert len(plan.params["input"]) == 30 + 50
