import numpy as np
import pytest

from glove_jax import alignment
from glove_jax.errors import InputError, UnknownWordError
from glove_jax.word_vectors import WordVectors

DIM = 20


def spaces(noise, size=1000, seed=0):
  """Returns a space, the same rotated and shifted with noise, and the dictionary of all words."""
  rng = np.random.default_rng(seed)
  rotation, _ = np.linalg.qr(rng.normal(size=(DIM, DIM)))
  base = rng.normal(size=(size, DIM)) * np.linspace(2, 0.3, DIM)
  source = base + noise * rng.normal(size=base.shape)
  target = (base + noise * rng.normal(size=base.shape)) @ rotation + rng.normal(size=DIM)
  pairs = [(f"s{row}", f"t{row}") for row in range(size)]
  return (WordVectors([word for word, _ in pairs], source),
          WordVectors([word for _, word in pairs], target), pairs)


def precision(aligned, pairs, method):
  found = alignment.translate(aligned, [word for word, _ in pairs], topn=1, method=method)
  return np.mean([best[0][0] == gold for best, (_, gold) in zip(found, pairs, strict=True)])


def test_the_map_is_the_orthogonal_matrix_that_made_the_target():
  rng = np.random.default_rng(0)
  rotation, _ = np.linalg.qr(rng.normal(size=(5, 5)))
  source = rng.normal(size=(30, 5))
  np.testing.assert_allclose(
    alignment.orthogonal_map(source, source @ rotation), rotation, atol=1e-6
  )
  found = alignment.orthogonal_map(source, rng.normal(size=(30, 5)))
  np.testing.assert_allclose(found @ found.T, np.eye(5), atol=1e-6)


def test_a_rotated_space_is_translated_back_by_a_small_dictionary():
  source, target, pairs = spaces(noise=0.05)
  aligned = alignment.align(source, target, [*pairs[:100], ("s3", "unknown"), ("unknown", "t3")])
  assert aligned.num_pairs == 100
  assert precision(aligned, pairs[100:], "nn") > 0.99
  assert np.allclose(np.linalg.norm(aligned.source.vectors, axis=1), 1, atol=1e-5)


def test_without_centring_the_shift_stays():
  source, target, pairs = spaces(noise=0)
  aligned = alignment.align(source, target, pairs[:200], center=False)
  centered = alignment.align(source, target, pairs[:200])
  best = precision(centered, pairs[200:], "nn")
  assert precision(aligned, pairs[200:], "nn") < best and best > 0.99


def test_csls_is_better_than_nearest_neighbours_where_there_are_hubs():
  source, target, pairs = spaces(noise=0.7)
  matrix = np.array(target.vectors)
  matrix[:30] = matrix.mean(0) + 0.3 * matrix[:30]  # near to many
  aligned = alignment.align(source, WordVectors(target.words, matrix), pairs[300:600],
                            center=False)
  nearest = precision(aligned, pairs[600:], "nn")
  assert precision(aligned, pairs[600:], "csls") > nearest + 0.03


def test_csls_is_the_papers_equation():
  source, target, pairs = spaces(noise=0.5, size=60)
  aligned = alignment.align(source, target, pairs)
  cosines = aligned.source.vectors @ aligned.target.vectors.T
  source_scale = np.sort(cosines, axis=1)[:, -10:].mean(1)
  target_scale = np.sort(cosines, axis=0)[-10:].mean(0)
  scores = 2 * cosines - source_scale[:, None] - target_scale
  found, = alignment.translate(aligned, ["s7"], topn=60)
  assert [word for word, _ in found] == [f"t{row}" for row in np.argsort(-scores[7])]
  np.testing.assert_allclose([score for _, score in found], np.sort(scores[7])[::-1], atol=1e-5)


def test_only_the_first_words_are_searched():
  source, target, pairs = spaces(noise=0, size=100)
  aligned = alignment.align(source, target, pairs)
  for method in alignment.METHODS:
    found, = alignment.translate(aligned, ["s80"], topn=99, method=method, restrict_vocab=50)
    assert len(found) == 50 and all(int(word[1:]) < 50 for word, _ in found)


def test_identical_words_are_a_dictionary():
  first = WordVectors(["a", "b", "c"], np.eye(3))
  second = WordVectors(["c", "x", "a"], np.eye(3))
  assert alignment.identical_words(first, second) == [("a", "a"), ("c", "c")]


def test_what_cannot_be_aligned_is_refused():
  source, target, pairs = spaces(noise=0, size=20)
  with pytest.raises(InputError, match="20 and 3 dimensions"):
    alignment.align(source, WordVectors(["t1"], np.ones((1, 3))), pairs)
  with pytest.raises(InputError, match="no pair whose words both"):
    alignment.align(source, target, [("x", "t1")])
  aligned = alignment.align(source, target, pairs)
  with pytest.raises(InputError, match="'isf', expected csls or nn"):
    alignment.translate(aligned, ["s1"], method="isf")
  with pytest.raises(UnknownWordError, match="'x'"):
    alignment.translate(aligned, ["x"])
