"""Lookup of pretrained vectors, and what a vocabulary takes from them."""

import numpy as np
import pytest

from glove_jax import vector_files
from glove_jax.errors import InputError
from glove_jax.finetuning import preprocessing, settings, word_lookup
from glove_jax.interop import fasttext


def classify(**values):
  return settings.ClassifySettings(train="TRAIN", **values)


def test_unknown_words_have_vectors_of_their_subwords_where_there_are_any(tmp_path):
  table = np.random.default_rng(0).normal(size=(2 + 50, 4)).astype(np.float32)
  args = fasttext.Args(dim=4, min_count=1, minn=3, maxn=4, bucket=50, model="skipgram")
  model = fasttext.Model(
    args, ["sun", "moon"], np.array([2, 1]), [], np.zeros(0), 3, None, table, np.zeros((2, 4))
  )
  fasttext.save(model, tmp_path / "model.bin")
  vectors = fasttext.word_vectors(model)
  vector_files.save(vectors, tmp_path / "vectors.txt")
  for init in (tmp_path, tmp_path / "model.bin"):
    pretrained = word_lookup.read_pretrained(classify(init=str(init)))
    np.testing.assert_allclose(pretrained.find("Moon"), vectors["moon"], atol=1e-6)
    np.testing.assert_allclose(pretrained.find("sunny"), fasttext.vector(model, "sunny"), atol=1e-6)
  (tmp_path / "model.bin").unlink()
  assert word_lookup.read_pretrained(classify(init=str(tmp_path))).find("sunny") is None
  assert word_lookup.read_pretrained(classify()) is None


def test_words_without_a_vector_have_the_mean_of_their_parts_if_asked_to(tmp_path):
  (tmp_path / "vectors.txt").write_text("now 1 0\nplaying 0 3\niphone 5 5\n")
  chosen = classify(init=str(tmp_path), word_parts=True)
  words = preprocessing.lookup_words(chosen, [["NowPlaying", "iPhone", "nowhere", "now-playing"]])
  pretrained = word_lookup.read_pretrained(chosen)
  for word, expected in zip(words[0], ([0.5, 1.5], [5, 5], None, [0.5, 1.5]), strict=True):
    np.testing.assert_array_equal(pretrained.find(word), expected)
  assert word_lookup.read_pretrained(classify(init=str(tmp_path))).find("now-playing") is None


def test_a_baseline_of_vectors_needs_vectors():
  with pytest.raises(InputError, match="method='averaged' needs vectors"):
    word_lookup.require_pretrained(classify(method="averaged"))


@pytest.fixture
def pretrained(tmp_path):
  (tmp_path / "vectors.txt").write_text("sun 1 0\nmoon 0 3\nstar 2 2\n")
  return word_lookup.read_pretrained(classify(init=str(tmp_path)))


def test_the_vocabulary_has_training_words_and_others_with_a_vector(pretrained):
  words = {"train": [["sun", "x", "x"]], "dev": [["moon", "y"]]}
  lexicon = word_lookup.make_lexicon(
    classify(), words, ["a", "b"], pretrained, characters=[["Sun"]]
  )
  assert set(lexicon.words) == {"sun", "x", "moon"}
  assert set(lexicon.characters) == set("Sun")
  assert (lexicon.labels, lexicon.dim) == (("a", "b"), 2)
  with pytest.raises(InputError, match="TRAIN: min_count=9 leaves no word"):
    word_lookup.make_lexicon(classify(min_count=9), words, ["a", "b"], None)


def test_the_initial_table_has_the_vectors_and_reports_their_share(pretrained, capsys):
  words = {"train": [["sun", "x", "x", "x"]], "dev": [["moon"]]}
  chosen = classify(init="VECTORS")
  lexicon = word_lookup.make_lexicon(chosen, words, ["a"], pretrained)
  table = word_lookup.initial_table(chosen, lexicon, pretrained, words)
  assert table.shape == (2 + 3, 2)
  np.testing.assert_array_equal(table[lexicon.index["moon"]], [0, 3])
  assert "2 of 3 words from VECTORS: 25.0% of train, 100.0% of dev" in capsys.readouterr().out
  foreign = lexicon._replace(words=("x", "y"))
  with pytest.raises(InputError, match="VECTORS: has none of the 2 words"):
    word_lookup.initial_table(chosen, foreign, pretrained, words)


def test_later_words_with_a_vector_are_appended_to_the_table(pretrained):
  words = {"train": [["sun", "x"]]}
  lexicon = word_lookup.make_lexicon(classify(), words, ["a"], pretrained)
  assert word_lookup.new_words(lexicon, [["star", "moon", "sun", "z"]], pretrained) == [
    "moon",
    "star",
  ]
  assert word_lookup.new_words(lexicon, [["star"]], None) == []
  params = {"encoder": {"words": np.zeros((4, 2), np.float32)}, "head": {"b": np.zeros(2)}}
  appended = word_lookup.append_vectors(params, np.ones((1, 2), np.float32))
  rows = appended["encoder"]["words"].tolist()
  assert rows == [[0, 0]] * 4 + [[1, 1]] + [[0, 0]] * 255  # tables of few sizes are compiled
  assert appended["head"]["b"].shape == (2,)
