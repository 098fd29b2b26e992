"""Records that are sent to TensorBoard, trackio and Weights & Biases."""

import dataclasses
import importlib.util
import json
import pathlib
import sqlite3
import struct

import pytest

import glove_jax as gj
from glove_jax import installation, trackers
from glove_jax.errors import InputError
from glove_jax.settings import setting, track


@dataclasses.dataclass(frozen=True, kw_only=True)
class Settings:
  method: str = setting("cnn", "Method.")
  learning_rate: float = setting(0.25, "Rate.")
  tokenizer: str | None = setting(None, "Tokenizer.")
  track: str = track()


def records(*steps):
  return [{"step": step, "time_s": 0.1, "loss": 1 / step, "note": "text"} for step in steps]


def read_events(folder):
  """Returns the events of the only event file of a folder."""
  event_pb2 = pytest.importorskip(
    "tensorboardX.proto.event_pb2", reason="needs the extra track"
  )
  (path,) = (pathlib.Path(folder) / "tensorboard").iterdir()
  data = path.read_bytes()
  events = []
  position = 0
  while position < len(data):  # records of TFRecord: length, checksum, data, checksum
    (length,) = struct.unpack_from("<Q", data, position)
    events.append(event_pb2.Event.FromString(data[position + 12 : position + 12 + length]))
    position += 16 + length
  return events


def read_scalars(folder):
  """Returns (name, step, value) of the scalars in an event file, in their order."""
  values = []
  for event in read_events(folder):
    for value in event.summary.value:
      if value.WhichOneof("value") == "simple_value":
        values.append((value.tag, event.step, pytest.approx(value.simple_value, rel=1e-6)))
  return values


def test_metrics_are_the_numbers_of_a_record():
  record = {"step": 3, "time_s": 1.5, "loss": 2.0, "flag": True, "name": "x", "dev_f1": 1}
  assert trackers.scalars(record) == {"loss": 2.0, "dev_f1": 1}
  scores = {"dev": {"accuracy": 0.5, "table": []}, "test": {"accuracy": 0.25}}
  assert trackers.final_scalars(scores) == {"dev/accuracy": 0.5, "test/accuracy": 0.25}


@pytest.mark.parametrize(("name", "package"), list(trackers.PACKAGES.items()))
def test_a_tracker_that_is_not_installed_names_its_package(tmp_path, monkeypatch, name, package):
  monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
  with pytest.raises(InputError) as caught:
    trackers.open(tmp_path, Settings(track=name), [])
  assert str(caught.value) == (
    f"track={name} needs {package}: {installation.pip_install(package)}")
  with pytest.raises(InputError, match=f"pip install {package}"):
    gj.pretrain("sample", track=name, workdir=tmp_path / "run")
  assert not (tmp_path / "run").exists()


def test_without_the_key_nothing_is_sent(tmp_path):
  tracker = trackers.open(tmp_path, object(), records(1))
  tracker.log({"step": 2})
  tracker.log_scores({})
  tracker.close()
  assert not list(tmp_path.iterdir())


def test_an_event_file_has_every_step_once_however_often_a_run_is_resumed(tmp_path):
  pytest.importorskip("tensorboardX", reason="needs the extra track")
  settings = Settings(track="tensorboard")
  tracker = trackers.open(tmp_path, settings, [])
  for record in records(1, 2, 3):
    tracker.log(record)
  tracker.close()
  (written,) = (tmp_path / "tensorboard").iterdir()
  written.rename(written.with_name("events.out.tfevents.1.earlier"))  # names are seconds
  tracker = trackers.open(tmp_path, settings, records(1, 2))  # the last checkpoint is of step 2
  for record in records(3, 4):
    tracker.log(record)
  tracker.log_scores({"test": {"accuracy": 0.5}})
  tracker.close()
  losses = [("loss", step, 1 / step) for step in (1, 2, 3, 4)]
  assert read_scalars(tmp_path) == [*losses, ("test/accuracy", 4, 0.5)]


def test_settings_are_hyperparameters(tmp_path):
  pytest.importorskip("tensorboardX", reason="needs the extra track")
  from tensorboardX.proto.plugin_hparams_pb2 import HParamsPluginData

  trackers.open(tmp_path, Settings(track="tensorboard"), []).close()
  values = {}
  for event in read_events(tmp_path):
    for value in event.summary.value:
      content = HParamsPluginData.FromString(value.metadata.plugin_data.content)
      for name, hyperparameter in content.session_start_info.hparams.items():
        kind = hyperparameter.WhichOneof("kind")
        values[name] = getattr(hyperparameter, kind)
  assert values == {
    "method": "cnn", "learning_rate": 0.25, "tokenizer": "None", "track": "tensorboard",
  }


def test_a_run_sends_what_it_writes_to_metrics(tmp_path):
  pytest.importorskip("tensorboardX", reason="needs the extra track")
  texts = ["a fine film", "a dull film", "warm and funny", "slow and flat"] * 3
  labels = ["pos", "neg", "pos", "neg"] * 3
  gj.finetune(
    (texts, labels), dev=(texts, labels), method="bag", dim=4, epochs=3, log_every=1,
    track="tensorboard", workdir=tmp_path, verbose=False,
  )
  expected = []
  for line in (tmp_path / "metrics.jsonl").read_text().splitlines():
    record = json.loads(line)
    for name, value in trackers.scalars(record).items():
      expected.append((name, record["step"], value))
  values = read_scalars(tmp_path)
  assert values[: len(expected)] == expected and len(expected) > 3
  assert "dev/accuracy" in [name for name, _, _ in values[len(expected) :]]


def test_a_record_in_a_temporary_folder_is_refused():
  for call in (gj.pretrain, gj.finetune):
    with pytest.raises(InputError, match=r"track='tensorboard' writes .* expected workdir="):
      call("sample", track="tensorboard")


def read_wandb(folder):
  """Returns (step, metrics) of the history in the offline records of Weights & Biases."""
  internal = pytest.importorskip("wandb.proto.wandb_internal_pb2", reason="an optional tracker")
  history = []
  for path in sorted((folder / "wandb").glob("offline-run-*/*.wandb")):
    data = path.read_bytes()
    position = 7  # after the header; then records: checksum, length, type, data
    while position + 7 <= len(data):
      length, _ = struct.unpack_from("<HB", data, position + 4)
      record = internal.Record.FromString(data[position + 7 : position + 7 + length])
      position += 7 + length
      if record.WhichOneof("record_type") == "history":
        names = [item.key or ".".join(item.nested_key) for item in record.history.item]
        values = [json.loads(item.value_json) for item in record.history.item]
        metrics = dict(zip(names, values, strict=True))
        step = record.history.step.num
        history.append((step, {key: metrics[key] for key in metrics if key[0] != "_"}))
  return history


def read_trackio(folder):
  """Returns (step, metrics) of trackio's database."""
  with sqlite3.connect(folder / "trackio" / "glove_jax.db") as database:
    rows = database.execute("select step, metrics from metrics order by id").fetchall()
    (runs,) = database.execute("select count(distinct run_id) from metrics").fetchone()
  assert runs == 1
  return [(step, json.loads(metrics)) for step, metrics in rows]


@pytest.mark.slow
@pytest.mark.parametrize(("name", "read"), [("wandb", read_wandb), ("trackio", read_trackio)])
def test_the_others_receive_each_record_once(tmp_path, monkeypatch, name, read):
  monkeypatch.setenv("WANDB_MODE", "offline")
  monkeypatch.setenv("TRACKIO_DIR", str(tmp_path / "trackio"))  # before its import
  pytest.importorskip(name, reason="an optional tracker")
  settings = Settings(track=name)
  tracker = trackers.open(tmp_path, settings, [])
  for each in records(1, 2, 3):
    tracker.log(each)
  tracker.close()
  tracker = trackers.open(tmp_path, settings, records(1, 2))  # the last checkpoint is of step 2
  for each in records(3, 4):
    tracker.log(each)
  for _ in range(2):
    tracker.log_scores({"test": {"accuracy": 0.5}})
  tracker.close()
  by_step = {}
  for step, metrics in read(tmp_path):
    assert not set(metrics) & set(by_step.get(step, ()))  # no metric of a step twice
    by_step.setdefault(step, {}).update(metrics)
  assert by_step == {
    1: {"loss": 1.0}, 2: {"loss": 0.5}, 3: {"loss": 1 / 3}, 4: {"loss": 0.25, "test/accuracy": 0.5},
  }
