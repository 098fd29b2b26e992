"""The folder of a run: which settings may change, who holds it, and its metrics."""

import dataclasses
import json

import pytest

from glove_jax import run_folder
from glove_jax.errors import InputError
from glove_jax.files import write_json
from glove_jax.settings import setting


@dataclasses.dataclass(frozen=True, kw_only=True)
class Settings:
  """Settings of a method with a decaying schedule."""

  dim: int = setting(5, "Width.", former=("size",))
  epochs: int = setting(2, "Passes.", resumable=True)
  log_every: int = setting(3, "Steps.", resumable=True)
  schedule: str = setting("constant", "Schedule.", choices=("constant", "linear"))


def test_epochs_may_change_only_with_a_constant_schedule():
  assert run_folder.resumable_keys(Settings()) == {"epochs", "log_every"}
  assert run_folder.resumable_keys(Settings(schedule="linear")) == {"log_every"}


def test_changed_keys_are_listed_and_an_absent_key_counts_as_empty():
  before = {"dim": 5, "init": "", "epochs": 2}
  after = {"dim": 6, "epochs": 3, "clean": ""}
  assert run_folder.changed(before, after, except_for={"epochs"}) == ["dim was 5, now 6"]
  assert run_folder.changed({}, {"clean": "html"}) == ["clean was None, now 'html'"]


def test_a_run_of_other_settings_is_refused_and_old_spellings_are_the_same(tmp_path):
  old = {"size": 5, "epochs": 9, "log_every": 1, "schedule": "constant"}
  write_json(tmp_path / "config.json", old)
  run_folder.check_settings(tmp_path, Settings(dim=6))  # nothing was made in the folder yet
  (tmp_path / run_folder.INPUTS).mkdir()
  run_folder.check_settings(tmp_path, Settings(dim=6))
  (tmp_path / "checkpoints").mkdir()
  run_folder.check_settings(tmp_path, Settings())
  with pytest.raises(InputError, match="dim was 5, now 6"):
    run_folder.check_settings(tmp_path, Settings(dim=6))


def test_a_folder_has_one_holder_at_a_time(tmp_path):
  with (
    run_folder.lock(tmp_path),
    pytest.raises(InputError, match="in use by another run"),
    run_folder.lock(tmp_path),
  ):
    pass
  with run_folder.lock(tmp_path):
    pass


def test_records_after_the_checkpoint_and_torn_lines_are_dropped(tmp_path):
  path = tmp_path / "metrics.jsonl"
  records = [{"step": 2, "loss": 0.5}, {"step": 4, "loss": 0.4}, {"step": 6, "loss": 0.3}]
  path.write_text("".join(json.dumps(record) + "\n" for record in records) + '{"step": 7, "lo')
  kept, append = run_folder.open_metrics(path, step=4)
  assert kept == records[:2]
  append({"step": 5, "loss": 0.35})
  lines = path.read_text().splitlines()
  assert [json.loads(line)["step"] for line in lines] == [2, 4, 5]
