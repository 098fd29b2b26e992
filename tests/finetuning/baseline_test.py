"""The baseline beside a network: logistic regression on mean vectors, or on tf-idf."""

import numpy as np
import pytest

from glove_jax.data.labelled.classification import Labelled
from glove_jax.finetuning import baseline as baseline_lib
from glove_jax.finetuning.baseline import Baseline
from glove_jax.finetuning.scoring import Scores

IDS = [np.array(ids, np.int32) for ids in ([2, 2, 3], [], [4, 3], [0, 5])]
VECTORS = np.array([[0, 0], [0, 0], [1, 0], [0, 2], [4, 4], [0, 0]], np.float32)


def test_counts_of_tokens():
  counts = baseline_lib.count_matrix(IDS, 6).toarray()
  np.testing.assert_array_equal(counts[0], [0, 0, 2, 1, 0, 0])
  assert counts.sum(1).tolist() == [3, 0, 2, 2]


def test_the_mean_is_over_tokens_that_have_a_vector():
  means = baseline_lib.mean_vectors(baseline_lib.count_matrix(IDS, 6), VECTORS)
  np.testing.assert_allclose(means, [[2 / 3, 2 / 3], [0, 0], [2, 3], [0, 0]])


def test_tf_idf_rows_have_length_one_and_rare_tokens_weigh_more():
  counts = baseline_lib.count_matrix(IDS, 6)
  weights = baseline_lib.idf(counts)
  assert weights[4] > weights[3]
  norms = np.linalg.norm(baseline_lib.tf_idf(counts, weights).toarray(), axis=1)
  np.testing.assert_allclose(norms, [1, 0, 1, 1])


@pytest.mark.parametrize("vectors", [VECTORS, None])
def test_the_baseline_learns_and_is_scored_on_every_part_but_train(vectors):
  ids = {"train": [IDS[0], IDS[2]] * 10, "test": [IDS[0], IDS[2], IDS[2]]}
  baseline = Baseline(ids, vectors, targets=[0, 1] * 10, labels=("a", "b"))
  texts = Labelled(["x"] * 3, [("a",), ("b",), ("a",)], ("a", "b"))
  scores = baseline.scores({"train": None, "test": texts})
  assert list(scores) == ["test"]
  assert scores["test"].values["accuracy"] == pytest.approx(2 / 3)


def test_a_network_is_scored_beside_its_baseline():
  network = Scores({"accuracy": 0.5, "confusion": {}}, table="")
  baseline = Scores({"accuracy": 0.7, "confusion": {}}, table="")
  values = baseline_lib.with_baseline(network, baseline).values
  assert values["baseline"] == {"accuracy": 0.7} and values["accuracy"] == 0.5
