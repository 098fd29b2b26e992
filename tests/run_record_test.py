"""`run.json` and `config.json`: a changed value is told, a missing file is written again."""

import json

import pytest

from glove_jax import run_record
from glove_jax.errors import InputError
from glove_jax.run_record import RunRecord

RECORD = RunRecord({"dim": 5, "epochs": 2}, previous={"dim": 5, "epochs": 1})


def test_a_record_comes_back_and_writes_the_settings(tmp_path):
  run_record.write(tmp_path, RECORD)
  assert run_record.read(tmp_path) == RECORD
  assert run_record.read_settings(tmp_path) == {"dim": 5, "epochs": 2}
  assert json.loads((tmp_path / "config.json").read_text()) == {"dim": 5, "epochs": 2}


def test_settings_from_before_a_kill_between_the_files_are_valid(tmp_path):
  run_record.write(tmp_path, RECORD)
  (tmp_path / "config.json").write_text('{"dim": 5, "epochs": 1}')
  assert run_record.read_settings(tmp_path) == {"dim": 5, "epochs": 1}


@pytest.mark.parametrize(("text", "message"), [
  ('{"dim": 6, "epochs": 2}', "config.json: found dim=6, expected 5"),
  ('{"dim": 5}', "config.json: found epochs=None, expected 2"),
  ("[]", "config.json: found no JSON object"),
  ("{", "config.json: not JSON"),
  ("[" * 100_000, "config.json: not JSON"),
])
def test_changed_settings_are_told(tmp_path, text, message):
  run_record.write(tmp_path, RECORD)
  (tmp_path / "config.json").write_text(text)
  with pytest.raises(InputError, match=message):
    run_record.read_settings(tmp_path)


def test_settings_that_are_gone_are_those_of_the_record(tmp_path):
  run_record.write(tmp_path, RECORD)
  (tmp_path / "config.json").unlink()
  assert run_record.read_settings(tmp_path) == RECORD.settings


def test_a_run_of_an_older_version_has_no_record(tmp_path):
  assert run_record.read(tmp_path) is None
  assert run_record.read_settings(tmp_path) is None
  (tmp_path / "config.json").write_text('{"dim": 5}')
  assert run_record.read_settings(tmp_path) == {"dim": 5}


def test_a_digit_changed_in_the_record_is_told(tmp_path):
  run_record.write(tmp_path, RECORD)
  path = tmp_path / "run.json"
  path.write_text(path.read_text().replace('"dim": 5', '"dim": 6', 1))
  with pytest.raises(InputError, match=r"run.json: damaged \(checksum \d+, expected \d+\); delete"):
    run_record.read(tmp_path)


def test_a_changed_result_of_a_finished_run_is_told(tmp_path):
  (tmp_path / "encoder").mkdir()
  (tmp_path / "lexicon.json").write_text("{}")
  (tmp_path / "encoder" / "model.safetensors").write_text("weights")
  run_record.write(tmp_path, run_record.with_results(tmp_path, RECORD))
  run_record.check_results(tmp_path)
  (tmp_path / "encoder" / "model.safetensors").write_text("weightz")
  with pytest.raises(InputError, match=r"model.safetensors: 7 bytes of checksum \d+, expected 7"):
    run_record.check_results(tmp_path)
  (tmp_path / "encoder" / "model.safetensors").unlink()
  with pytest.raises(InputError, match="0 bytes of checksum 0, expected 7 bytes"):
    run_record.check_results(tmp_path)
