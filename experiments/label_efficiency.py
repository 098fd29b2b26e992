"""Measures what pretraining brings: test scores by number of labels, from several initial vectors.

  python experiments/label_efficiency.py --train=SST2.train.txt --dev=SST2.dev.txt \\
      --test=SST2.test.txt --inits=random,pretrained --labels=10,30,100,300,1000,0 --seeds=5 \\
      --json=labels.json --plot=labels.png

Every run is finetune.py with one config; runs differ in initial vectors, labels and seed alone.
`dev` chooses the epoch.
"""

import itertools
import pathlib
import statistics
import tempfile

from absl import flags

from glove_jax.errors import InputError
from glove_jax.files import read_json, write_json
from tools import jobs, measure, plots, program, training_runs
from tools.tables import format_spread

FLAGS = flags.FLAGS
LABELS = ["10", "30", "100", "300", "1000", "0"]


def define_flags():
  for part in ("train", "dev", "test"):
    flags.DEFINE_string(part, None, f"The {part} texts, as for finetune.py.", required=True)
  flags.DEFINE_string("config", "classify", "The name of a config in configs/.")
  flags.DEFINE_list(
    "inits", ["random", "pretrained"], "What to start from, as config.init; random: nothing."
  )
  flags.DEFINE_list("labels", LABELS, "Numbers of training texts; 0: all.")
  flags.DEFINE_integer("seeds", 5, "Runs of each.", lower_bound=1)
  jobs.define_flag()
  flags.DEFINE_integer(
    "updates", 300, "Updates that a run has at least, however few its labels.", lower_bound=1
  )
  flags.DEFINE_list("settings", [], "Settings of all runs, such as dim=50,method=bilstm.")
  flags.DEFINE_string("json", None, "Writes the rows to this file.")
  flags.DEFINE_string("plot", None, "Draws the scores to this file (needs matplotlib).")


def main():
  for number in FLAGS.labels:
    if not number.isdigit():
      raise InputError(f"--labels has {number!r}, expected numbers of texts.")
  plots.check(FLAGS.plot)
  rows = []
  print(f"{'vectors':<16}  {'labels':>6}  test score: mean (lowest to highest); median best epoch")
  with tempfile.TemporaryDirectory() as folder:
    jobs.share_compiled_code(pathlib.Path(folder))
    for init, number in itertools.product(FLAGS.inits, FLAGS.labels):
      row = measure_point(init, int(number), pathlib.Path(folder))
      rows.append(row)
      if FLAGS.json:
        write_json(FLAGS.json, rows)  # now: a later run may fail
      print(format_row(row), flush=True)
  if FLAGS.plot:
    plots.draw_label_efficiency(rows, FLAGS.plot)


def measure_point(init: str, num_labels: int, folder: pathlib.Path) -> dict:
  """Returns the test score of each seed, and its score on `dev` after every epoch."""

  def run(seed: int) -> tuple[float, list[float]]:
    workdir = folder / f"{FLAGS.inits.index(init)}-{num_labels}-{seed}"
    settings = run_settings(init, num_labels, seed)
    measure.run_timed(training_runs.command("finetune", FLAGS.config, workdir, settings))
    return read_scores(workdir)

  scores = []
  dev_curves = []
  for score, curve in jobs.run_all(run, range(1, FLAGS.seeds + 1), FLAGS.jobs):
    scores.append(score)
    dev_curves.append(curve)
  return {"init": init, "labels": num_labels, "scores": scores, "dev": dev_curves}


def run_settings(init: str, num_labels: int, seed: int) -> list[str]:
  """Returns the settings of a run; with few labels it has more epochs and smaller batches."""
  settings = [
    f"train={FLAGS.train}",
    f"dev={FLAGS.dev}",
    f"test={FLAGS.test}",
    f"seed={seed}",
    f"max_train_texts={num_labels}",
    f"init={'' if init == 'random' else init}",
  ]
  if num_labels:
    # Not the defaults of today, which are other numbers for few labels (batches of 4, not 20, for
    # 100 labels): the tables of docs/results/finetuning.md were measured with these.
    batch_size = max(4, min(50, num_labels // 5))
    epochs = max(15, -(-FLAGS.updates * batch_size // num_labels))
    patience = max(4, epochs // 3)
    settings += [f"batch_size={batch_size}", f"epochs={epochs}", f"patience={patience}"]
    settings.append("length_buckets=2")
  return [*settings, *FLAGS.settings]


def read_scores(workdir: pathlib.Path) -> tuple[float, list[float]]:
  """Returns the test score of a run, and the same score on `dev` after each epoch."""
  test_scores = read_json(workdir / "metrics.json")["test"]
  name, score = next(iter(test_scores.items()))
  dev_curve = []
  for record in training_runs.read_records(workdir):
    if f"dev_{name}" in record:
      dev_curve.append(record[f"dev_{name}"])
  return score, dev_curve


def format_row(row: dict) -> str:
  """Returns a line of the table."""
  best_epochs = [1 + curve.index(max(curve)) for curve in row["dev"] if curve]
  epoch = f"{statistics.median(best_epochs):g}" if best_epochs else "-"
  labels = row["labels"] or "all"
  return f"{row['init'][-16:]:<16}  {labels:>6}  {format_spread(row['scores'])}; {epoch}"


if __name__ == "__main__":
  define_flags()
  program.run(main)
