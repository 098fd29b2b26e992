"""A finished run labels files and is scored on new gold data."""

import json
import pathlib

import pytest
from stub_runs import classifier, tagger

from glove_jax.errors import InputError
from glove_jax.finetuning import finished_runs


def write(path, text, **options):
  path.write_text(text, **options)
  return str(path)


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
