"""Logistic regression on mean vectors."""

import finetuning_data
import numpy as np
from finetuning_runs import check_loaded_classifier, fit

from glove_jax.finetuning import averaged_models, settings, unknown_texts, word_lookup


def test_the_baseline_of_a_finished_run_is_the_one_that_was_fitted(files, tmp_path, capfd):
  init = str(files / "vectors.txt")
  values = finetuning_data.settings(files, ".txt", method="averaged", init=init)
  data, params, model = fit(tmp_path, **values)
  assert model.score(params, data["test"]).values["accuracy"] > 0.6
  check_loaded_classifier(tmp_path, params, model, data["test"], ["good9", "bad9", "nowhere"])
  assert model.predict(params, ["good9", "bad9"]) == ["good", "bad"]
  with unknown_texts.noted():
    model.predict(params, ["good9 nowhere", "nowhere", ""])
  assert "note: 2 of 3 texts have no word that the model knows" in capfd.readouterr().err


def test_a_text_without_vectors_is_zeros(tmp_path):
  (tmp_path / "vectors.txt").write_text("sun 1 0\nmoon 0 3\n")
  pretrained = word_lookup.read_pretrained(settings.ClassifySettings(init=str(tmp_path)))
  means = averaged_models.mean_vectors([["sun", "moon", "x"], ["x"], []], pretrained)
  np.testing.assert_array_equal(means, [[0.5, 1.5], [0, 0], [0, 0]])
