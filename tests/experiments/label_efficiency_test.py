"""label_efficiency.py on few texts: a row for each start and number of labels."""

import json

import pytest
from absl import flags
from running import run_program

import label_efficiency


@pytest.fixture
def settings(monkeypatch):
  """The function `run_settings` with small numbers in the flags, as a dict."""
  values = flags.FlagValues()
  monkeypatch.setattr(label_efficiency, "FLAGS", values)
  for key, value in {"train": "a", "dev": "b", "test": "c"}.items():
    flags.DEFINE_string(key, value, "", flag_values=values)
  flags.DEFINE_integer("updates", 300, "", flag_values=values)
  flags.DEFINE_list("settings", ["dim=5"], "", flag_values=values)
  values.mark_as_parsed()
  return lambda *point: dict(
    setting.split("=", 1) for setting in label_efficiency.run_settings(*point)
  )


def test_few_labels_have_small_batches_and_enough_updates(settings):
  few = settings("random", 10, 2)
  assert few["max_train_texts"] == "10" and few["init"] == "" and few["seed"] == "2"
  assert int(few["epochs"]) * 10 / int(few["batch_size"]) >= 300
  assert int(few["patience"]) >= int(few["epochs"]) // 3
  assert few["dim"] == "5"
  assert "epochs" not in settings("pretrained", 0, 1)
  assert settings("pretrained", 1000, 1)["init"] == "pretrained"


def test_the_curve_is_of_the_score_that_counts(tmp_path):
  (tmp_path / "metrics.json").write_text('{"test": {"f1": 0.5, "precision": 0.1}}')
  records = [{"loss": 1.0}, {"dev_f1": 0.2, "dev_precision": 0.9}, {"dev_f1": 0.4}]
  (tmp_path / "metrics.jsonl").write_text("".join(json.dumps(row) + "\n" for row in records))
  assert label_efficiency.read_scores(tmp_path) == (0.5, [0.2, 0.4])


def test_a_line_names_the_best_epoch_or_none():
  row = {
    "init": "runs/glove/vectors.txt",
    "labels": 0,
    "scores": [0.5, 0.7],
    "dev": [[0.1, 0.3], [0.2]],
  }
  assert label_efficiency.format_row(row) == "love/vectors.txt     all  0.600 (0.500 to 0.700); 1.5"
  assert label_efficiency.format_row({**row, "dev": [[], []]}).endswith("; -")


@pytest.mark.slow
def test_pretrained_vectors_need_fewer_labels(tmp_path):
  pytest.importorskip("matplotlib")
  words = {label: [f"{label}{i}" for i in range(30)] for label in ("bad", "good")}
  for part, start in (("train", 0), ("dev", 10), ("test", 20)):
    lines = [
      f"{label} {word}\n" for label, own in words.items() for word in own[start : start + 10]
    ]
    (tmp_path / part).write_text("".join(lines))
  every = enumerate([*words["bad"], *words["good"]])
  rows = [f"{word} {1 if word[0] == 'g' else -1} {i % 3} 0.5\n" for i, word in every]
  (tmp_path / "vectors.txt").write_text("".join(rows))
  done = run_program(
    "label_efficiency",
    *(f"--{part}={tmp_path / part}" for part in ("train", "dev", "test")),
    f"--inits=random,{tmp_path / 'vectors.txt'}",
    "--labels=8,0",
    "--seeds=1",
    f"--json={tmp_path / 'rows.json'}",
    f"--plot={tmp_path / 'plot.png'}",
    "--updates=20",
    "--settings=dim=3,filters=8,widths=1,learning_rate=0.05,epochs=8,dropout=0.0,input_dropout=0.0",
  )
  assert done.returncode == 0, done.stderr
  rows = json.loads((tmp_path / "rows.json").read_text())
  assert [(row["init"] == "random", row["labels"], len(row["scores"])) for row in rows] == [
    (True, 8, 1),
    (True, 0, 1),
    (False, 8, 1),
    (False, 0, 1),
  ]
  assert all(len(row["dev"][0]) > 0 for row in rows)
  assert min(rows[3]["scores"]) > max(rows[1]["scores"])
  assert (tmp_path / "plot.png").read_bytes().startswith(b"\x89PNG")


def test_bad_numbers_are_one_line():
  done = run_program("label_efficiency", "--train=a", "--dev=b", "--test=c", "--labels=10,many")
  assert done.returncode == 2 and "--labels has 'many'" in done.stderr.splitlines()[-1]
