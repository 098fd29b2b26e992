"""fastText's classifier: trained, loaded, and read as Facebook's program would."""

import finetuning_data
import numpy as np
import pytest
from finetuning_runs import check_loaded_classifier, fit

from glove_jax.finetuning import fasttext_models, unknown_texts
from glove_jax.interop import fasttext

SMALL = {"dim": 8, "epochs": 3, "batch_size": 4, "updates_per_step": 4, "ngram_buckets": 100}


@pytest.mark.parametrize("loss", ["softmax", "hs", "ova"])
def test_a_classifier_of_a_finished_run_is_the_one_that_was_trained(files, tmp_path, loss, capfd):
  values = finetuning_data.settings(
    files, ".txt", method="fasttext_supervised", loss=loss, max_n=3, min_n=2
  )
  data, params, model = fit(tmp_path, **values, **SMALL)
  texts = [*data["test"].texts[:5], "w1 good9 nowhere"]
  check_loaded_classifier(tmp_path, params, model, data["test"], texts)
  reference = fasttext.load(tmp_path / "model.bin")
  best = [fasttext.predict(reference, text)[0] for text in texts]
  assert ["__label__" + label for label in model.predict(params, texts)] == [
    label for label, _ in best
  ]
  with unknown_texts.noted():
    model.predict(params, ["good1 nowhere", "nowhere", ""])
  assert "note: 2 of 3 texts have no word that the model knows" in capfd.readouterr().err
  if loss != "ova":  # whose probabilities there do not add up to 1
    probabilities = model.predict_proba(params, texts).max(1)
    np.testing.assert_allclose([value for _, value in best], probabilities, atol=1e-3)


def test_the_texts_of_a_run_are_encoded_once_when_they_are_used():
  encoded = []

  def count(texts):
    encoded.append(texts)
    return len(texts)

  dev, test = ["a", "b"], ["a", "b"]
  encode = fasttext_models._encode_once(count, [dev, test])
  assert not encoded
  assert [encode(dev), encode(dev), encode(test), encode(["a"]), encode(["a"])] == [2, 2, 2, 1, 1]
  assert list(map(id, encoded[:2])) == [id(dev), id(test)] and encoded[2:] == [["a"], ["a"]]
