"""A model as functions of params, whatever predicts; its params in the folder of a run."""

import numpy as np
import pytest

from glove_jax.data.labelled import padded_batches, tagging
from glove_jax.data.labelled.classification import Labelled
from glove_jax.data.labelled.lexicon import Lexicon
from glove_jax.data.labelled.tagging import Span
from glove_jax.errors import InputError
from glove_jax.finetuning import model as model_lib
from glove_jax.finetuning.model import Predictor


def lengths(texts):
  return np.array(list(map(len, texts)), int).reshape(-1, 1)


def bias(params, sizes):
  """Scores of the classes `short` and `long`."""
  return np.concatenate([np.full(sizes.shape, params), sizes], 1).astype(float)


def save(params, folder):
  (folder / "params").write_text(str(params))


def test_a_classifier_predicts_and_scores():
  model = model_lib.make_classifier(("short", "long"), Predictor(lengths, bias, save))
  texts = Labelled(["a", "abcdef"], [("short",), ("short",)], ("long", "short"))
  assert model.predict(3, texts.texts) == ["short", "long"]
  assert model.score(3, texts).values["accuracy"] == 0.5
  assert model.score(9, texts).values["accuracy"] == 1
  labels, probabilities = model.predict_with_proba(3, texts.texts)
  assert labels == ["short", "long"]
  np.testing.assert_array_equal(probabilities, model.predict_proba(3, texts.texts))
  np.testing.assert_allclose(model.predict_proba(3, texts.texts).sum(1), 1)
  assert model.predict_proba(3, []).shape == (0, 2)


def test_the_parts_of_a_run_are_encoded_once():
  texts = Labelled(["a", "abcdef"], [("short",), ("long",)], ("long", "short"))
  encoded = []
  def encode(texts):
    encoded.append(texts)
    return lengths(texts)
  predictor = Predictor(encode, bias, save, encoded=[(texts, lengths(texts.texts))])
  model = model_lib.make_classifier(("short", "long"), predictor)
  assert model.score(3, texts).values["accuracy"] == 1
  assert not encoded
  others = texts._replace(texts=["abcdef", "a"])
  assert model.score(3, others).values["accuracy"] == 0
  assert encoded == [others.texts]


def test_a_tagger_predicts_and_scores():
  def encode(sentences):
    return [np.array([int(token == "X") for token in sentence] + [1]) for sentence in sentences]
  predictor = Predictor(encode, lambda params, rows: rows, save)
  model = model_lib.make_tagger(("O", "B-Y"), predictor)
  assert model.predict(None, [["a", "X"], []]) == [[Span(1, 2, "Y")], []]
  assert model.score(None, tagging.make([["a", "X"]], [[Span(1, 2, "Y")]])).values["f1"] == 1
  assert model.predict_proba is None and model.predict_with_proba is None


def test_predictions_of_batches_are_in_order():
  ids = [np.arange(1, size + 1) for size in (5, 2, 9, 1, 5)]
  examples = padded_batches.Examples(ids, [0] * 5)
  def predict(params, batch):
    return params * batch.mask.sum(1)
  rows = model_lib.run_batches(predict, 10, examples, lengths=(4, 8))
  assert [float(row) for row in rows] == [50, 20, 90, 10, 50]


def test_params_of_a_run(tmp_path):
  with pytest.raises(InputError, match="no model, expected a fine-tuned workdir"):
    model_lib.load_params({"w": np.zeros(2)}, tmp_path)
  lexicon = Lexicon(("a",), (), ("x", "y"), (4,), 2)
  model_lib.save_with_lexicon(lexicon, {"w": np.array([1.0, 2.0])}, tmp_path)
  np.testing.assert_array_equal(model_lib.load_params({"w": np.zeros(2)}, tmp_path)["w"], [1, 2])
  assert (tmp_path / "lexicon.json").exists()
