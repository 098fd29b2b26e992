"""The folder of a run: which settings may change, who holds it, and its metrics."""

import dataclasses
import json

import pytest

from glove_jax import run_folder, run_record
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
  optimizer: str = setting("", "Optimizer.")
  steps: int = setting(0, "Updates.", resumable=True)
  corpus: str = setting("", "Text.", names_files="fingerprinted")
  init: str = setting("", "Vectors.", names_files="source")


def test_epochs_may_change_only_with_a_constant_schedule():
  constant = {"epochs", "steps", "log_every"}
  assert run_folder.resumable_keys(Settings()) == constant
  assert run_folder.resumable_keys(Settings(schedule="linear")) == {"log_every"}
  without_schedule = Settings(schedule="linear", optimizer="row_adagrad")
  assert run_folder.resumable_keys(without_schedule) == constant
  by_steps = Settings(schedule="linear", steps=5)  # epochs have no effect
  assert run_folder.resumable_keys(by_steps) == {"epochs", "log_every"}


def make_run(folder, settings):
  """Writes the settings of a run that has made something."""
  folder.mkdir()
  run_record.write(folder, run_folder.check_settings(folder, settings))
  (folder / "vocab.txt").write_text("a 1\n")


def test_files_may_lie_elsewhere_if_their_contents_are_the_same(tmp_path):
  for name, text in (("a", "1"), ("b", "1"), ("c", "2")):
    (tmp_path / name).write_text(text)
  make_run(tmp_path / "run", Settings(corpus="x.txt", init=str(tmp_path / "a")))
  moved = Settings(corpus="../x.txt", init=str(tmp_path / "b"))
  record = run_folder.check_settings(tmp_path / "run", moved)
  assert record.sources["init"]["value"] == str(tmp_path / "b")
  with pytest.raises(InputError, match="init=.*c: has other contents than init=.*a when"):
    changed = dataclasses.replace(moved, init=str(tmp_path / "c"))
    run_folder.check_settings(tmp_path / "run", changed)


def test_a_file_that_has_changed_in_its_place_is_told(tmp_path):
  (tmp_path / "a").write_text("1")
  make_run(tmp_path / "run", Settings(init=str(tmp_path / "a")))
  (tmp_path / "a").write_text("22")
  with pytest.raises(InputError, match="has other contents"):
    run_folder.check_settings(tmp_path / "run", Settings(init=str(tmp_path / "a")))
  (tmp_path / "a").unlink()  # whoever needs it says so
  run_folder.check_settings(tmp_path / "run", Settings(init=str(tmp_path / "a")))


def test_names_that_are_no_files_are_compared_as_they_are(tmp_path):
  make_run(tmp_path / "run", Settings(init="pretrained", corpus="x.txt"))
  run_folder.check_settings(tmp_path / "run", Settings(init="pretrained", corpus="x.txt"))
  with pytest.raises(InputError, match="init was 'pretrained', now 'minilm'"):
    run_folder.check_settings(tmp_path / "run", Settings(init="minilm", corpus="x.txt"))
  with pytest.raises(InputError, match="corpus was 'x.txt', now ''"):
    run_folder.check_settings(tmp_path / "run", Settings(init="pretrained"))


def test_more_epochs_of_a_falling_rate_are_refused_with_a_way_on(tmp_path):
  make_run(tmp_path / "run", Settings(schedule="linear"))
  message = "epochs was 2, now 3.*falls to the end of the run .*; --config.init=.*run there goes on"
  with pytest.raises(InputError, match=message):
    run_folder.check_settings(tmp_path / "run", Settings(schedule="linear", epochs=3))


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


def test_the_file_of_the_lock_is_not_followed_and_not_emptied(tmp_path):
  (tmp_path / "precious").write_text("precious")
  (tmp_path / "run").mkdir()
  (tmp_path / "run" / ".lock").hardlink_to(tmp_path / "precious")
  with run_folder.lock(tmp_path / "run"):
    pass
  assert (tmp_path / "precious").read_text() == "precious"
  (tmp_path / "run" / ".lock").unlink()
  (tmp_path / "run" / ".lock").symlink_to(tmp_path / "precious")
  with pytest.raises(OSError, match="symbolic"), run_folder.lock(tmp_path / "run"):
    pass


@pytest.mark.parametrize("name", ["model/weights", "inputs/text.txt", "1.building", "x.removing"])
def test_links_below_the_folders_of_a_run_are_refused(tmp_path, name):
  (tmp_path / name).parent.mkdir(exist_ok=True)
  (tmp_path / name).symlink_to(tmp_path / "nowhere")
  with pytest.raises(InputError, match="is a symbolic link"):
    run_folder.refuse_links(tmp_path)


def test_a_run_that_begins_has_no_records(tmp_path):
  path = tmp_path / "metrics.jsonl"
  path.write_text('{"step": 0, "loss": 0.5}\n')  # was step 1 before a digit changed
  assert run_folder.open_metrics(path, step=0)[0] == []


@pytest.mark.parametrize(
  "line", ["[1]", "7", '{"loss": 1}', '{"step": "x"}', "[" * 100_000, "\x85"]
)
def test_lines_that_are_no_records_end_the_metrics(tmp_path, line):
  path = tmp_path / "metrics.jsonl"
  path.write_text('{"step": 2, "loss": 0.5}\n' + line + '\n{"step": 3, "loss": 0.5}\n')
  kept, _ = run_folder.open_metrics(path, step=4)
  assert kept == [{"step": 2, "loss": 0.5}]


def test_the_metrics_of_a_checkpoint_count(tmp_path, capsys):
  path = tmp_path / "metrics.jsonl"
  saved = b'{"step": 2, "loss": 0.5}\n'
  path.write_bytes(saved + b'{"step": 3, "loss": 0.5}\n')
  kept, _ = run_folder.open_metrics(path, step=2, saved=saved)
  assert kept == [{"step": 2, "loss": 0.5}] and capsys.readouterr().out == ""
  path.write_bytes(b'{"step": 2, "loss": 0.1}\n')
  kept, _ = run_folder.open_metrics(path, step=2, saved=saved)
  assert kept == [{"step": 2, "loss": 0.5}]
  assert "restored from the checkpoint" in capsys.readouterr().out
