"""ablate.py: what it makes of runs, and its table; and whole, on few texts."""

import json
import random

import pytest
from running import run_program

import ablate
from glove_jax.data.labelled import classification


def row(strategy, test, loss=((0.9, 0.5),), dev=((0.5, 0.6),), experiment="slow"):
  return {
    "experiment": experiment,
    "about": "bad",
    "strategy": strategy,
    "score": "accuracy",
    "settings": [],
    "test": list(test),
    "loss": list(map(list, loss)),
    "dev": list(map(list, dev)),
  }


def test_curves_are_the_mean_loss_and_the_score_of_each_epoch():
  records = [
    {"loss": 3.0},
    {"loss": 1.0},
    {"dev_accuracy": 0.4},
    {"loss": 0.5},
    {"dev_accuracy": 0.7},
  ]
  assert ablate.epoch_curves(records, "dev_accuracy") == ([2.0, 0.5], [0.4, 0.7])


def test_a_gain_is_seed_by_seed_with_the_standard_error_of_its_mean():
  baseline = row("as it is", [0.5, 0.7, 0.6])
  other = row("dropout", [0.54, 0.72, 0.66])
  assert ablate.format_gain(other["test"], baseline["test"]) == "+4.0 ± 1.2"  # 2 / sqrt(3)
  assert ablate.format_gain([0.48], [0.5]) == "-2.0"
  assert ablate.format_row(baseline, baseline).rstrip().endswith("(0.500 to 0.700)")
  assert ablate.format_row(other, baseline).split() == [
    "dropout",
    "0.500",
    "0.600",
    "0.640",
    "(0.540",
    "to",
    "0.720)",
    "+4.0",
    "±",
    "1.2",
  ]


def test_thinned_texts_keep_a_part_of_the_first_class_alone(tmp_path):
  (tmp_path / "train").write_text(
    "".join(f"{label} text {label}{i}\n" for label in "ab" for i in range(20))
  )
  path = ablate.thin_first_class(tmp_path / "train", 0.1, tmp_path, [])[0].removeprefix("train=")
  data = classification.read(path)
  assert [data.labels.count((label,)) for label in "ab"] == [2, 20]
  assert data.texts[-1] == "text b19"


def test_an_unknown_experiment_is_one_line():
  done = run_program(
    "ablate", "--train=a", "--dev=b", "--test=c", "--experiments=overfitting,laziness"
  )
  assert done.returncode == 2 and "--experiments has 'laziness'" in done.stderr.splitlines()[-1]


@pytest.mark.slow
def test_a_baseline_and_its_strategies_run_and_balanced_weights_help_a_rare_class(tmp_path):
  rng = random.Random(0)
  words = {label: [f"{label}{i}" for i in range(8)] for label in ("bad", "good")}
  for part in ("train", "dev", "test"):
    lines = [
      f"{label} {rng.choice(words['bad'])} {rng.choice(words[label])} w{rng.randrange(9)}\n"
      for label in ("bad", "good")
      for _ in range(60)
    ]
    (tmp_path / part).write_text("".join(lines))
  every = [*words["bad"], *words["good"], *(f"w{i}" for i in range(9))]
  (tmp_path / "vectors.txt").write_text(
    "".join(
      f"{word} {word.startswith('good') - word.startswith('bad')} {i % 3} 0.5\n"
      for i, word in enumerate(every)
    )
  )
  done = run_program(
    "ablate",
    *(f"--{part}={tmp_path / part}" for part in ("train", "dev", "test")),
    f"--init={tmp_path / 'vectors.txt'}",
    "--experiments=imbalance",
    "--seeds=1",
    f"--json={tmp_path / 'rows.json'}",
    f"--plot={tmp_path / 'plot.png'}",
    "--settings=filters=4,widths=1,epochs=4,learning_rate=0.01,max_train_texts=0",
  )
  assert done.returncode == 0, done.stderr
  baseline, *others = json.loads((tmp_path / "rows.json").read_text())
  assert baseline["strategy"] == "as it is" and {
    len(own) for row in others for own in row["dev"]
  } == {4}
  assert others[0]["test"][0] > baseline["test"][0]
  assert (tmp_path / "plot.png").read_bytes().startswith(b"\x89PNG")
