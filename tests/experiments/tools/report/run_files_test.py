"""The folders of runs as values: whole, unfinished and damaged ones."""

import json

import pytest

from glove_jax.errors import InputError
from tools.report import run_files


def write_run(folder, settings, *, records=(), scores=None):
  folder.mkdir(parents=True)
  (folder / "config.json").write_text(json.dumps(settings))
  lines = [json.dumps(record) + "\n" for record in records]
  (folder / "metrics.jsonl").write_text("".join(lines))
  if scores is not None:
    (folder / "metrics.json").write_text(json.dumps(scores))
  return folder


@pytest.mark.parametrize(
  "settings, kind",
  [
    ({"corpus": "a", "method": "glove"}, run_files.VECTORS),
    ({"corpus": "a", "method": "gpt"}, run_files.LANGUAGE_MODEL),
    ({"train": "a", "label_column": ""}, run_files.CLASSIFIER),
    ({"train": "a", "tag_column": -1}, run_files.TAGGER),
  ],
)
def test_settings_tell_the_kind(settings, kind):
  assert run_files.kind_of(settings) == kind


def test_a_finished_run(tmp_path):
  records = [{"step": 1, "time_s": 2.0, "loss": 3.0}, {"step": 2, "time_s": 4.5, "loss": 1}]
  scores = {"test": {"accuracy": 0.5}}
  folder = write_run(tmp_path / "a", {"train": "x", "seed": 1}, records=records, scores=scores)
  run = run_files.read(folder, "a")
  assert run.curves == {"loss": [(1, 3.0), (2, 1.0)]}
  assert run.scores == scores
  assert run.seconds == 4.5
  assert run.is_finished and not run.notes


def test_an_unfinished_run_has_a_note(tmp_path):
  folder = write_run(tmp_path / "a", {"corpus": "x"}, records=[{"step": 1, "loss": 1.0}])
  run = run_files.read(folder, "a")
  assert not run.is_finished
  assert run.notes == ("Not finished: it has no results yet.",)


def test_curves_end_before_a_damaged_line_and_leave_out_what_is_not_finite(tmp_path):
  folder = write_run(tmp_path / "a", {"train": "x"}, scores={"dev": {"f1": 1.0}})
  text = '{"step": 1, "loss": NaN}\n{"step": 2, "loss": 2.0, "ok": true}\n{"step": 3, "lo'
  (folder / "metrics.jsonl").write_text(text)
  run = run_files.read(folder, "a")
  assert run.curves == {"loss": [(2, 2.0)]}
  assert run.notes == ("metrics.jsonl has a damaged line; the curves end before it.",)


@pytest.mark.parametrize("text", ["{", "[]", "\xff", ""])
def test_damaged_settings_are_a_note(tmp_path, text):
  folder = write_run(tmp_path / "a", {})
  (folder / "config.json").write_bytes(text.encode("latin-1"))
  run = run_files.read(folder, "a")
  assert run.kind == run_files.UNREADABLE
  (note,) = run.notes
  assert "config.json" in note


@pytest.mark.parametrize("text", ["{", "[1]", '{"test": 3}'])
def test_damaged_scores_are_a_note(tmp_path, text):
  folder = write_run(tmp_path / "a", {"train": "x"})
  (folder / "metrics.json").write_text(text)
  run = run_files.read(folder, "a")
  assert run.scores == {}
  assert "metrics.json" in run.notes[0]


def test_globs_leave_out_folders_that_are_no_runs(tmp_path):
  first = write_run(tmp_path / "runs" / "1", {"train": "x"})
  second = write_run(tmp_path / "runs" / "2", {"train": "x"})
  (tmp_path / "runs" / "compiled").mkdir()
  folders = run_files.expand([str(second), str(tmp_path / "runs" / "*")])
  assert folders == [second, first]


def test_names_are_what_paths_do_not_share(tmp_path):
  assert run_files.names([tmp_path / "a" / "1", tmp_path / "b"]) == ["a/1", "b"]
  assert run_files.names([tmp_path / "a"]) == ["a"]


@pytest.mark.parametrize(
  "path, message",
  [("no", "no such folder"), ("empty", "has no config.json"), ("no*", "no folder of a run")],
)
def test_a_path_without_a_run_is_an_error(tmp_path, path, message):
  (tmp_path / "empty").mkdir()
  with pytest.raises(InputError, match=message):
    run_files.expand([str(tmp_path / path)])
