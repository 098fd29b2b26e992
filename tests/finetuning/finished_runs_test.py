"""A finished run labels files and is scored on new gold data."""

import json
import pathlib

import numpy as np
import pytest

from glove_jax.errors import InputError
from glove_jax.finetuning import finished_runs, settings, unknown_texts
from glove_jax.finetuning.finished_runs import FinishedRun
from glove_jax.finetuning.model import Predictor, make_classifier, make_tagger


def save(params, folder):
  del params, folder


def classifier(**values):
  """A run that calls texts with a `g` good."""

  def run(params, texts):
    return [np.array([0.5, float("g" in text)]) for text in texts]

  model = make_classifier(["bad", "good"], Predictor(encode=list, run=run, save=save))
  return FinishedRun(settings.ClassifySettings(train="x", **values), None, model)


def tagger():
  """A run by which capitalised tokens are persons."""

  def run(params, sentences):
    return [np.array([int(token.istitle()) for token in tokens]) for tokens in sentences]

  model = make_tagger(["O", "B-PER"], Predictor(encode=list, run=run, save=save))
  return FinishedRun(settings.TagSettings(train="x"), None, model)


def write(path, text, **options):
  path.write_text(text, **options)
  return str(path)


def test_labels_of_a_classifier(tmp_path):
  path = write(tmp_path / "new.txt", "g\n\nx\n")
  labelled, description = finished_runs.predict_file(classifier(), path, probabilities=True)
  assert [row.label for row in labelled] == ["good", "bad", "bad"]
  assert set(labelled[0].probabilities) == {"bad", "good"} and description.startswith("3 lines")


def test_texts_without_known_words_are_noted_once(tmp_path, monkeypatch, capfd):
  def encode(texts):
    unknown_texts.count(np.array(["g" not in text for text in texts]))
    return texts

  run = classifier()
  predictor = Predictor(encode=encode, run=lambda params, texts: np.eye(len(texts), 2), save=save)
  run = run._replace(model=make_classifier(["bad", "good"], predictor))
  path = write(tmp_path / "new.txt", "g\n\nx\n")
  note = "note: 2 of 3 texts have no word that the model knows: labels of such texts are guesses\n"
  finished_runs.predict_file(run, path)
  assert capfd.readouterr().err == note
  monkeypatch.setattr(finished_runs, "TEXTS_PER_BLOCK", 2)
  finished_runs.predict_to_file(run, path, str(tmp_path / "out.txt"), "txt")
  assert capfd.readouterr().err == note


def test_entities_of_a_tagger(tmp_path):
  path = write(tmp_path / "new.txt", "by Anna.\n\n")
  labelled, _ = finished_runs.predict_file(tagger(), path)
  assert [row.spans for row in labelled] == [[(3, 7, "PER", "Anna")], []]
  with pytest.raises(InputError, match="probabilities=True is for classifiers"):
    finished_runs.predict_file(tagger(), path, probabilities=True)


def test_labels_are_written_in_blocks_and_an_interrupted_call_goes_on(tmp_path, monkeypatch):
  monkeypatch.setattr(finished_runs, "TEXTS_PER_BLOCK", 2)
  path = write(tmp_path / "new.txt", "g\nb\nx\ng\ng\n")
  whole, target = tmp_path / "whole.csv", tmp_path / "o.csv"
  count, description = finished_runs.predict_to_file(classifier(), path, str(whole), "csv")
  assert count == 5 and description.startswith("5 lines")
  assert whole.read_text().splitlines()[:2] == ["label,text", "good,g"]
  label = finished_runs._label
  blocks = []

  def interrupted(run, texts, **options):
    blocks.append(list(texts))
    if len(blocks) == 2:
      raise KeyboardInterrupt
    return label(run, texts, **options)

  monkeypatch.setattr(finished_runs, "_label", interrupted)
  with pytest.raises(KeyboardInterrupt):
    finished_runs.predict_to_file(classifier(), path, str(target), "csv")
  assert not target.exists()
  finished_runs.predict_to_file(classifier(), path, str(target), "csv")
  assert blocks == [["g", "b"], ["x", "g"], ["x", "g"], ["g"]]
  assert target.read_bytes() == whole.read_bytes()


def test_an_empty_file_has_an_empty_table(tmp_path):
  path = write(tmp_path / "new.txt", "")
  target = tmp_path / "o.csv"
  assert finished_runs.predict_to_file(classifier(), path, str(target), "csv", how="lines")[0] == 0
  assert target.read_text() == "label,text\n"


def test_new_gold_data_are_scored_and_recorded_by_the_name_of_the_file(tmp_path, capsys):
  first = write(tmp_path / "a.tsv", "good\tg\ngood\tx\nbad\tx\nbad\ty\n")
  scores = finished_runs.score_file(classifier(), first)
  assert scores.overall["accuracy"] == 0.75 and scores.table
  finished_runs.record_scores(tmp_path, {"a.tsv": scores})
  second = write(tmp_path / "b.conll", "Anna\tB-PER\nran\tO\n")
  path = finished_runs.record_scores(tmp_path, {"b": finished_runs.score_file(tagger(), second)})
  record = json.loads(path.read_text())
  assert record["a.tsv"] == scores.values and record["b"]["f1"] == 1
  assert not capsys.readouterr().out
  path.write_text("[]")
  with pytest.raises(InputError, match="no JSON object"):
    finished_runs.record_scores(tmp_path, {})


def test_gold_labels_that_the_run_does_not_have_are_wrong_and_reported(tmp_path, capsys):
  path = write(tmp_path / "a.tsv", "good\tg\nmixed\tg\nmixed\tx\ngood\tg\n")
  assert finished_runs.score_file(classifier(), path).overall["accuracy"] == 0.5
  assert f"1 of {path} are not of the run: 'mixed'" in capsys.readouterr().out


def test_files_may_be_read_otherwise_than_training_texts(tmp_path):
  path = write(tmp_path / "a.txt", "good é\ngood é\nbad x\nbad x\n", encoding="latin-1")
  run = classifier(format="csv").reading({"format": "label_text", "encoding": "latin-1"})
  assert finished_runs.score_file(run, path).overall["accuracy"] == 0.5
  assert run.reading({"seed": 3, "predict": "x"}).settings.seed == 1  # those are no reading keys
  with pytest.raises(InputError, match="tag_column is no key of method=cnn"):
    run.reading({"tag_column": 1})


def test_the_layout_of_training_texts_counts_unless_another_is_asked_for(tmp_path):
  run = classifier()._replace(folder=tmp_path)
  assert run.layout_folder == run.reading({"encoding": "latin-1"}).layout_folder == tmp_path
  assert run.reading({"text_column": "a"}).layout_folder is None


def test_label_names_are_those_of_the_run_where_their_file_is_gone(tmp_path):
  path = write(tmp_path / "a.tsv", "1\tg\n0\tx\n1\tg\n0\tx\n")
  run = classifier(label_names=str(tmp_path / "names.txt"), format="label_tab_text")
  assert finished_runs.score_file(run, path).overall["accuracy"] == 1
  write(tmp_path / "names.txt", "good\nbad\n")
  assert finished_runs.score_file(run, path).overall["accuracy"] == 0


def test_several_files_are_separated_by_commas(tmp_path, monkeypatch):
  monkeypatch.chdir(tmp_path)
  assert finished_runs.split_files("a.tsv, b.tsv") == ["a.tsv", "b.tsv"]
  pathlib.Path("a,b.tsv").touch()
  assert finished_runs.split_files("a,b.tsv") == ["a,b.tsv"]
  with pytest.raises(InputError, match="has an empty name"):
    finished_runs.split_files("a.tsv,")


def test_a_run_on_word_vectors_cannot_be_exported(tmp_path):
  for run, method in ((classifier(), "cnn"), (tagger(), "tagger")):
    message = f"method={method} has no class in transformers, expected method=transformer or"
    with pytest.raises(InputError, match=message):
      finished_runs.export(run, tmp_path / "out")
  assert not (tmp_path / "out").exists()
