"""Classifiers and taggers as wrappers of a model, here one that needs no training."""

import dataclasses
import json

import numpy as np
import pytest

from glove_jax import finetuning, run_folder
from glove_jax.api import predictors
from glove_jax.errors import InputError
from glove_jax.finetuning import part_files
from glove_jax.finetuning.model import Predictor, make_classifier, make_tagger


def save_params(params, folder):
  (folder / "params.json").write_text(json.dumps(params))


def make_stub_classifier(init="", save=save_params, **more):
  """Returns a classifier that scores `good` by the number of letters g."""

  def run(params, texts):
    return [np.array([params["bias"], float(text.count("g"))]) for text in texts]

  settings = finetuning.parse({"method": "cnn", "train": "x", "init": init})
  model = make_classifier(["bad", "good"], Predictor(encode=list, run=run, save=save))
  return predictors.Classifier(settings, {"bias": 0.5}, model, **more)


def make_stub_tagger(scheme="iob2"):
  """Returns a tagger by which capitalised tokens are persons."""

  def run(params, sentences):
    return [np.array([int(token.istitle()) for token in tokens]) for tokens in sentences]

  settings = finetuning.parse({"method": "tagger", "train": "x", "scheme": scheme})
  stub = Predictor(encode=list, run=run, save=save_params)
  return predictors.Tagger(settings, {}, make_tagger(["O", "B-PER"], stub))


def test_a_classifier_predicts_labels_and_probabilities():
  classifier = make_stub_classifier()
  assert classifier.labels == ("bad", "good")
  assert repr(classifier) == "Classifier(cnn, 2 labels)"
  assert classifier.predict(["gg", "x"]) == ["good", "bad"]
  probabilities = classifier.predict_proba(["gg", "x"])
  assert probabilities.shape == (2, 2)
  np.testing.assert_allclose(probabilities.sum(1), 1, rtol=1e-6)
  np.testing.assert_allclose(probabilities[0, 1], 1 / (1 + np.exp(-1.5)), rtol=1e-6)


def test_a_classifier_is_scored_on_pairs_and_files(tmp_path):
  classifier = make_stub_classifier()
  texts, labels = ["gg", "x", "y", "g"], ["good", "bad", "good", "good"]
  assert classifier.score(texts, labels) == 0.75
  path = tmp_path / "test.txt"
  path.write_text(
    "".join(f"__label__{label} {text}\n" for label, text in zip(labels, texts, strict=True))
  )
  scores = classifier.evaluate(path)
  assert next(iter(scores)) == "accuracy"
  assert scores == classifier.evaluate((texts, labels))


def test_a_tagger_predicts_tags_and_spans():
  tagger = make_stub_tagger()
  sentences = [["by", "Anna"], []]
  assert tagger.predict(sentences) == [["O", "B-PER"], []]
  assert tagger.predict_spans(sentences) == [[(1, 2, "PER")], []]
  assert tagger.evaluate((sentences[:1], [["O", "B-PER"]]))["f1"] == 1
  assert tagger.evaluate((sentences[:1], [[(0, 1, "PER")]]))["f1"] == 0


def test_a_tagger_gives_the_entities_of_raw_texts_in_characters():
  tagger = make_stub_tagger()
  spans = tagger.predict(["by  Anna.", "", "none"])
  assert spans == [[(4, 8, "PER", "Anna")], [], []]
  assert spans[0][0].text == "Anna" and spans == tagger.predict_spans(["by  Anna.", "", "none"])
  assert tagger.predict([]) == []


def test_files_are_labelled_in_their_order(tmp_path, capsys):
  (tmp_path / "new.txt").write_text("gg\n\n x g\n")
  labelled = make_stub_classifier().predict_file(
    tmp_path / "new.txt", tmp_path / "out.jsonl", probabilities=True
  )
  assert [row.text for row in labelled] == ["gg", "", "x g"]
  assert [row.label for row in labelled] == ["good", "bad", "good"]
  rows = [json.loads(line) for line in (tmp_path / "out.jsonl").read_text().splitlines()]
  assert [row["label"] for row in rows] == ["good", "bad", "good"]
  assert sum(rows[0]["probabilities"].values()) == pytest.approx(1)
  assert "3 lines, each a text" in capsys.readouterr().out
  (tmp_path / "new.txt").write_bytes("gg \xe9".encode("latin-1"))
  labelled = make_stub_classifier().predict_file(tmp_path / "new.txt", encoding="latin-1")
  assert labelled[0].text == "gg \xe9"


def test_values_are_scored_whatever_the_format_of_the_training_file():
  classifier = make_stub_classifier()
  classifier.settings = dataclasses.replace(classifier.settings, format="csv", encoding="utf-16")
  assert classifier.score(["gg"], ["good"]) == 1
  tagger = make_stub_tagger()
  tagger.settings = dataclasses.replace(tagger.settings, token_column=1, tag_column=3)
  assert tagger.evaluate(([["by", "Anna"]], [["O", "B-PER"]]))["f1"] == 1


def test_a_tagger_writes_tags_in_the_scheme_of_its_settings():
  assert make_stub_tagger("bioes").predict([["by", "Anna"]]) == [["O", "S-PER"]]


def test_strings_in_the_place_of_lists_are_errors():
  with pytest.raises(InputError, match="texts is the string 'a text', expected a list"):
    make_stub_classifier().predict("a text")
  with pytest.raises(InputError, match="text 1 is 3, expected a string"):
    make_stub_classifier().predict_proba(["a", 3])
  with pytest.raises(InputError, match="either strings or lists of tokens"):
    make_stub_tagger().predict(["a sentence", ["a", "sentence"]])
  with pytest.raises(InputError, match="texts is the string 'a sentence'"):
    make_stub_tagger().predict_spans("a sentence")


def test_saving_writes_the_settings_and_the_model(tmp_path):
  make_stub_classifier(init="vectors.txt").save(tmp_path / "new" / "folder")
  config = json.loads((tmp_path / "new" / "folder" / "config.json").read_text())
  assert (config["method"], config["init"]) == ("cnn", "vectors.txt")
  assert json.loads((tmp_path / "new" / "folder" / "params.json").read_text()) == {"bias": 0.5}


def test_saving_names_the_vectors_that_the_model_has_brought_along(tmp_path):
  def save(params, folder):
    (folder / run_folder.INPUTS).mkdir()
    (folder / run_folder.INPUTS / "vectors-1.npy").touch()

  classifier = make_stub_classifier(init="/gone/inputs/vectors-1.npy", save=save)
  classifier.save(tmp_path / "saved")
  init = json.loads((tmp_path / "saved" / "config.json").read_text())["init"]
  assert init == str(tmp_path / "saved" / run_folder.INPUTS / "vectors-1.npy")


def test_saving_keeps_how_files_of_training_are_laid_out(tmp_path):
  (tmp_path / "run").mkdir()
  (tmp_path / "run" / part_files.LAYOUT).write_text("{}")
  make_stub_classifier(folder=tmp_path / "run").save(tmp_path / "saved")
  assert (tmp_path / "saved" / part_files.LAYOUT).read_text() == "{}"
