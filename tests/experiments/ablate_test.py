"""ablate.py: what it sets, what it makes of runs, its table and picture; and whole, on few texts."""

import json
import random
import subprocess
import sys

import pytest
from running import ENV, ROOT

from glove_jax.data.labelled import classification

STRATEGIES = {
  "rates", "thaw", "warmup", "schedule", "input_dropout", "variational", "word_dropout", "recurrent_dropout",
  "layer_dropout", "dropout", "weight_decay", "smoothing", "patience", "class_weights", "eda", "mixup", "average"}


def ablate(*arguments):
  return subprocess.run([sys.executable, ROOT / "experiments" / "ablate.py", *arguments], env=ENV,
                        capture_output=True, text=True)


def keyed(settings):
  return dict(setting.split("=", 1) for setting in settings.split())


def row(strategy, test, loss=((0.9, 0.5),), dev=((0.5, 0.6),), experiment="slow"):
  return {"experiment": experiment, "about": "bad", "strategy": strategy, "score": "accuracy", "settings": [],
          "test": list(test), "loss": list(map(list, loss)), "dev": list(map(list, dev))}


def test_every_strategy_is_a_key_that_is_tried_and_changes_the_start():
  import ablations
  from configs import classify
  config, tried = classify.get_config(), set()
  for name, experiment in ablations.EXPERIMENTS.items():
    start = keyed(experiment.start)
    for strategy, settings in experiment.strategies.items():
      changed = {key for key, value in keyed(settings).items() if start.get(key) != value}
      assert changed == set(keyed(settings)), (name, strategy)
      tried |= changed
    assert {*start, *tried} <= set(config), name
  assert tried >= STRATEGIES


def test_curves_are_the_mean_loss_and_the_score_of_each_epoch():
  import ablate
  records = [{"loss": 3.0}, {"loss": 1.0}, {"dev_error": 0.6, "dev_accuracy": 0.4}, {"loss": 0.5},
             {"dev_accuracy": 0.7}]
  assert ablate.curves(records, "dev_accuracy") == ([2.0, 0.5], [0.4, 0.7])


def test_a_gain_is_seed_by_seed_with_the_standard_error_of_its_mean():
  import ablate
  start, other = row("as it is", [0.5, 0.7, 0.6]), row("dropout", [0.54, 0.72, 0.66])
  assert ablate.gain(other, start) == "+4.0 ± 1.2"  # 4, 2 and 6 points: 2 / sqrt(3)
  assert ablate.gain(row("dropout", [0.48]), row("as it is", [0.5])) == "-2.0"
  assert ablate.described(other, start).split() == [
    "dropout", "0.500", "0.600", "0.640", "(0.540", "to", "0.720)", "+4.0", "±", "1.2"]


def test_the_picture_has_the_curves_of_a_strategy_and_of_its_start_in_each_panel(tmp_path):
  plt = pytest.importorskip("matplotlib.pyplot")
  import learning_curves
  rows = [row("as it is", [0.5], loss=[(3, 2, 1)], dev=[(0.1, 0.2, 0.3)]), row("Adam", [0.5]), row("momentum", [0.5])]
  figure = plt.figure()
  learning_curves.draw(figure, rows)
  shown = [axis for axis in figure.axes if axis.lines]
  assert [axis.get_title() for axis in shown] == ["Adam", "momentum", "", ""]
  for axis, start, own in zip(shown, [[3, 2, 1]] * 2 + [[0.1, 0.2, 0.3]] * 2, [[0.9, 0.5]] * 2 + [[0.5, 0.6]] * 2,
                              strict=True):
    drawn = [line.get_ydata().tolist() for line in axis.lines]
    assert start in drawn and own in drawn
  learning_curves.plot([*rows, row("as it is", [0.5], experiment="imbalance"),
                        row("weights", [0.5], experiment="imbalance")], tmp_path / "curves.png")
  assert (tmp_path / "curves.png").read_bytes().startswith(b"\x89PNG")


def test_thinned_texts_keep_a_part_of_the_first_class_alone(tmp_path):
  import ablate
  (tmp_path / "train").write_text("".join(f"{label} text {label}{i}\n" for label in "ab" for i in range(20)))
  path = ablate.thinned(tmp_path / "train", 0.1, tmp_path, [])[0].removeprefix("train=")
  data = classification.read(path)
  assert [data.labels.count((label,)) for label in "ab"] == [2, 20]
  assert data.texts[-1] == "text b19"


def test_an_unknown_experiment_is_one_line():
  done = ablate("--train=a", "--dev=b", "--test=c", "--experiments=overfitting,laziness")
  assert done.returncode == 2 and "--experiments has 'laziness'" in done.stderr.splitlines()[-1]


@pytest.mark.slow
def test_a_start_and_its_strategies_run_and_balanced_weights_help_a_rare_class(tmp_path):
  rng = random.Random(0)
  words = {label: [f"{label}{i}" for i in range(8)] for label in ("bad", "good")}
  for part in ("train", "dev", "test"):
    lines = [f"{label} {rng.choice(words['bad'])} {rng.choice(words[label])} w{rng.randrange(9)}\n"
             for label in ("bad", "good") for _ in range(60)]
    (tmp_path / part).write_text("".join(lines))
  every = [*words["bad"], *words["good"], *(f"w{i}" for i in range(9))]
  (tmp_path / "vectors.txt").write_text("".join(
    f"{word} {word.startswith('good') - word.startswith('bad')} {i % 3} 0.5\n" for i, word in enumerate(every)))
  done = ablate(
    *(f"--{part}={tmp_path / part}" for part in ("train", "dev", "test")), f"--init={tmp_path / 'vectors.txt'}",
    "--experiments=imbalance", "--seeds=1", f"--json={tmp_path / 'rows.json'}", f"--plot={tmp_path / 'plot.png'}",
    "--settings=filters=4,widths=1,epochs=4,learning_rate=0.01,limit=0")
  assert done.returncode == 0, done.stderr
  start, *others = json.loads((tmp_path / "rows.json").read_text())
  assert start["strategy"] == "as it is" and {len(own) for row in others for own in row["dev"]} == {4}
  assert others[0]["test"][0] > start["test"][0]
  assert (tmp_path / "plot.png").read_bytes().startswith(b"\x89PNG")
