"""All methods of gensim's KeyedVectors that compute something, on gensim's own files."""

import inspect
import pathlib

import numpy as np
import pytest

from glove_jax import vector_files
from glove_jax.word_vectors import WordVectors

gensim = pytest.importorskip("gensim", reason="compares with gensim: pip install -e '.[demo]'")
from gensim.models import KeyedVectors  # noqa: E402
from gensim.models.fasttext import load_facebook_vectors  # noqa: E402

pytestmark = pytest.mark.filterwarnings("ignore:Call to deprecated")

DATA = pathlib.Path(gensim.__file__).parent / "test" / "test_data"
FILES = ["euclidean_vectors.bin", "EN.1-10.cbow1_wind5_hs0_neg10_size300_smpl1e-05.txt",
         "word2vec_pre_kv_c", "lee_fasttext.vec", "crime-and-punishment.vec"]
DOCS = pathlib.Path(__file__).resolve().parents[2] / "docs" / "evaluating.md"


def close(expected):
  return pytest.approx(expected, abs=1e-6)


@pytest.fixture(scope="module", params=FILES)
def pair(request):
  """The vectors of a file as gensim's and as ours, and some words of it."""
  path = str(DATA / request.param)
  theirs = KeyedVectors.load_word2vec_format(path, binary=path.endswith(".bin"))
  ours = WordVectors(list(theirs.index_to_key), theirs.vectors)
  return theirs, ours, ours.words[: min(12, len(ours) - 1)]


def same_neighbours(ours, theirs):
  """Checks scores, and words unless their scores are equal in single precision."""
  assert [score for _, score in ours] == close([score for _, score in theirs])
  for (our_word, our_score), (their_word, _) in zip(ours, theirs, strict=True):
    tied = [score for word, score in ours if word == their_word]
    assert our_word == their_word or tied == close([our_score])


def test_similarity_and_distances(pair):
  theirs, ours, words = pair
  for word in words:
    assert ours.similarity(words[0], word) == close(theirs.similarity(words[0], word))
    assert ours.distance(words[0], word) == close(theirs.distance(words[0], word))
  np.testing.assert_allclose(ours.distances(words[1]), theirs.distances(words[1]), atol=1e-6)
  np.testing.assert_allclose(
    ours.distances(ours[words[1]], words), theirs.distances(theirs[words[1]], words), atol=1e-6)
  np.testing.assert_allclose(
    ours.cosine_similarities(ours[words[0]], ours.vectors),
    theirs.cosine_similarities(theirs[words[0]], theirs.vectors), atol=1e-6)
  assert ours.n_similarity(words[:3], [*words[3:], "unknown word"]) == close(
    theirs.n_similarity(words[:3], [*words[3:], "unknown word"]))


def test_ranks(pair):
  theirs, ours, words = pair
  for word in words[1:]:
    assert ours.closer_than(words[0], word) == theirs.closer_than(words[0], word)
    assert ours.words_closer_than(words[0], word) == theirs.words_closer_than(words[0], word)
    assert ours.rank(words[0], word) == theirs.rank(words[0], word)


def test_vectors(pair):
  theirs, ours, words = pair
  np.testing.assert_array_equal(ours.get_vector(words[2]), theirs.get_vector(words[2]))
  np.testing.assert_allclose(
    ours.get_vector(words[2], norm=True), theirs.get_vector(words[2], norm=True), atol=1e-6)
  np.testing.assert_allclose(ours.get_normed_vectors(), theirs.get_normed_vectors(), atol=1e-6)
  keys = [*words, ours.vectors[0], "unknown word"]
  for options in ({}, {"pre_normalize": False}, {"post_normalize": True},
                  {"weights": list(range(-1, len(keys) - 1))}):
    np.testing.assert_allclose(
      ours.get_mean_vector(keys, **options), theirs.get_mean_vector(keys, **options), atol=1e-6)
  subset = theirs.vectors_for_all([words[3], "unknown word", words[1], words[3]])
  assert ours.vectors_for_all([words[3], "unknown word", words[1], words[3]]).words == (
    subset.index_to_key)


def test_choices(pair):
  theirs, ours, words = pair
  assert ours.doesnt_match(words) == theirs.doesnt_match(words)
  assert ours.most_similar_to_given(words[0], words[1:]) == (
    theirs.most_similar_to_given(words[0], words[1:]))
  for use_norm in (True, False):
    expected = theirs.rank_by_centrality(words, use_norm)
    ranked = ours.rank_by_centrality(words, use_norm)
    assert [word for _, word in ranked] == [word for _, word in expected]
    np.testing.assert_allclose(
      [score for score, _ in ranked], [score for score, _ in expected], rtol=1e-6, atol=1e-6)


def test_neighbours(pair):
  theirs, ours, words = pair
  raw = ours.vectors[3] * 2
  questions = [
    {"positive": words[0]},
    {"positive": words[:2], "negative": words[2:3]},
    {"positive": [(words[0], 0.5), raw], "negative": [(words[1], -2)]},
    {"positive": raw, "restrict_vocab": 10},
    {"positive": words[1], "clip_start": 3, "clip_end": 9},
    {"negative": [words[0]]},
  ]
  for question in questions:
    same_neighbours(ours.most_similar(**question), theirs.most_similar(**question))
    np.testing.assert_allclose(
      ours.most_similar(**question, topn=None), theirs.most_similar(**question, topn=None),
      atol=1e-6)
  for word in words[:3]:
    expected = theirs.similar_by_word(word, 4)
    same_neighbours(ours.similar_by_word(word, 4), expected)
    same_neighbours(ours.similar_by_key(word, 4), theirs.similar_by_key(word, 4))
    same_neighbours(ours.similar_by_vector(ours[word], 4), theirs.similar_by_vector(ours[word], 4))
    same_neighbours(ours.most_similar_batch([word], topn=4)[0], expected)
    assert ours.relative_cosine_similarity(words[0], words[1]) == close(
      theirs.relative_cosine_similarity(words[0], words[1]))


def test_cosmul(pair):
  theirs, ours, words = pair
  for positive, negative in ((words[:1], []), (words[:2], words[2:3]), (words[:3], words[3:5])):
    for topn in (5, None):
      expected = theirs.most_similar_cosmul(positive, negative, topn=topn)
      scores = ours.most_similar_cosmul(positive, negative, topn=topn)
      if topn is None:
        np.testing.assert_allclose(scores, expected, rtol=2e-6)
      else:
        assert [word for word, _ in scores] == [word for word, _ in expected]


def test_word_movers_distance(pair):
  pytest.importorskip("ot", reason="gensim needs POT for it")
  theirs, ours, words = pair
  first = [*words[:5], words[1], "unknown word"]
  for norm in (True, False):
    assert ours.wmdistance(first, words[3:], norm) == close(
      theirs.wmdistance(first, words[3:], norm))


@pytest.mark.parametrize("options", [{}, {"dummy4unknown": True}, {"restrict_vocab": 500},
                                     {"case_insensitive": False}])
@pytest.mark.filterwarnings("ignore:An input array is constant")
def test_evaluations(options):
  path = DATA / "euclidean_vectors.bin"
  theirs = KeyedVectors.load_word2vec_format(str(path), binary=True)
  ours = vector_files.load(path)
  for name in ("wordsim353.tsv", "simlex999.txt"):
    file = str(DATA / name)
    theirs_raises = False
    try:
      expected = theirs.evaluate_word_pairs(file, **options)
    except ValueError:
      theirs_raises = True
    if theirs_raises:
      with pytest.raises(ValueError, match="pairs"):
        ours.evaluate_word_pairs(file, **options)
      continue
    pearson, spearman, unknown = ours.evaluate_word_pairs(file, **options)
    np.testing.assert_allclose(pearson, expected[0], atol=1e-6)
    np.testing.assert_allclose(spearman, expected[1], atol=1e-6)
    assert unknown == close(expected[2])
  file = str(DATA / "questions-words.txt")
  assert ours.evaluate_word_analogies(file, **options) == (
    theirs.evaluate_word_analogies(file, **options))


@pytest.mark.parametrize("name", ["lee_fasttext.bin", "crime-and-punishment.bin"])
def test_unseen_words_of_a_fasttext_model(name):
  theirs = load_facebook_vectors(str(DATA / name))
  ours = vector_files.load(DATA / name)
  unseen = "unwatchably"
  assert unseen not in ours
  np.testing.assert_allclose(ours[unseen], theirs[unseen], atol=1e-6)
  word = ours.words[9]
  assert ours.similarity(unseen, word) == close(theirs.similarity(unseen, word))
  same_neighbours(ours.most_similar(unseen), theirs.most_similar(unseen))
  same_neighbours(
    ours.most_similar([unseen, word], ["unhappily"]),
    theirs.most_similar([unseen, word], ["unhappily"]))
  assert ours.doesnt_match([unseen, *ours.words[5:9]]) == (
    theirs.doesnt_match([unseen, *ours.words[5:9]]))
  assert ours.vectors_for_all([word, unseen]).words == [word, unseen]


def test_the_docs_name_each_method_of_gensims():
  text = DOCS.read_text(encoding="utf-8")
  for name, _ in inspect.getmembers(KeyedVectors):
    if not name.startswith("_"):
      assert f"`{name}`" in text, name
