"""Features that occur in the same texts share a row, and learn as if each had its own."""

import jax
import numpy as np
import pytest

from glove_jax import loop, train
from glove_jax.data.labelled import bag_batches, feature_rows
from glove_jax.data.labelled.fasttext_bags import FeatureBags
from glove_jax.tasks import fasttext_classifier

# Features 3 and 8 occur in the same texts, 2 as well but twice in one; 0, 4, 6 and 9 never.
TEXTS = [[8, 3, 2, 2, 5], [1, 7], [3, 1, 8, 2], [5, 1]]
LABELS = [(0,), (1,), (0, 2), (1,)]
CLASSES = 3
DIM = 4


def make_bags(texts):
  sizes = list(map(len, texts))
  return FeatureBags(np.concatenate([[0], np.cumsum(sizes)]), np.concatenate(texts))


def test_features_of_the_same_texts_share_a_row():
  rows, bags = feature_rows.share(make_bags(TEXTS), 10)
  assert rows.features.tolist() == [1, 2, 3, 5, 7, 8]
  assert rows.rows.tolist() == [0, 1, 2, 3, 4, 2]
  np.testing.assert_allclose(rows.weights, [1, 1, 0.5**0.5, 1, 1], rtol=1e-6)
  assert bags.rows.tolist() == [2, 2, 1, 1, 3, 0, 4, 2, 0, 2, 1, 3, 0]
  assert bags.indptr.tolist() == [0, 5, 7, 11, 13]


def test_features_with_rows_of_their_own():
  rows = feature_rows.separate(3)
  table = np.arange(6.0).reshape(3, 2)
  np.testing.assert_array_equal(rows.vectors(table), table)
  assert rows.features.tolist() == rows.rows.tolist() == [0, 1, 2]


def trained(bags, weights, table):
  """Params after 300 updates of four texts."""
  batches = bag_batches.bag_batches(bags, LABELS, batch_size=4, weights=weights)
  update = fasttext_classifier.supervised_update("softmax", learning_rate=0.02)
  output = np.random.default_rng(1).normal(size=(CLASSES, DIM)).astype(np.float32)
  state = train.init_state({"input": table.astype(np.float32), "output": output}, ())
  return jax.device_get(loop.fit(state, update, batches.batch, num_steps=300).params)


def test_shared_rows_learn_what_separate_rows_learn():
  bags = make_bags(TEXTS)
  rows, row_bags = feature_rows.share(bags, 10)
  start = np.random.default_rng(0).normal(size=(len(rows.weights), DIM))
  shared = trained(row_bags, rows.weights, start)
  vectors = np.zeros((10, DIM))
  vectors[rows.features] = rows.vectors(start)
  separate = trained(bags, np.ones(10, np.float32), vectors)
  learnt = rows.vectors(shared["input"])
  assert np.abs(learnt - vectors[rows.features]).max() > 0.05
  # Curvature bounds the steps of shared rows a little more.
  np.testing.assert_allclose(learnt, separate["input"][rows.features], atol=3e-3)
  np.testing.assert_allclose(shared["output"], separate["output"], atol=3e-3)


@pytest.mark.parametrize("loss", fasttext_classifier.LOSSES[:2])
def test_predictions_are_those_of_the_vectors_of_features(loss):
  rows, _ = feature_rows.share(make_bags(TEXTS), 10)
  rng = np.random.default_rng(2)
  params = {
    "input": rng.normal(size=(len(rows.weights), DIM)),
    "output": rng.normal(size=(CLASSES, DIM)),
  }
  vectors = np.zeros((11, DIM))
  vectors[rows.features] = rows.vectors(params["input"])
  new = [[0, 3, 9], [8, 1, 1, 10], [4]]  # some have no row
  expected = [vectors[text].mean(0) @ params["output"].T for text in new]
  predicted = fasttext_classifier.predict(params, make_bags(new), rows, loss)
  np.testing.assert_allclose(predicted, expected, rtol=1e-5, atol=1e-6)
