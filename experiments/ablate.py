"""Shows what each strategy of training does against overfitting, underfitting and slow convergence.

  python experiments/ablate.py --train=SST2.train.txt --dev=SST2.dev.txt --test=SST2.test.txt \\
      --seeds=3 --json=ablate.json --plot=ablate.png

Every run is finetune.py with settings of `tools/ablations.py`: a baseline that is bad on purpose,
or the baseline with one strategy. The last epoch counts, but for early stopping. A gain is over
the baseline of the same seed, which has the same labels. The training loss is the one minimised:
with dropout, and with smoothed, mixed or weighted targets.
"""

import json
import math
import pathlib
import statistics
import tempfile
from collections.abc import Iterable, Sequence

from absl import flags

from glove_jax.data.labelled import classification
from glove_jax.errors import InputError
from glove_jax.files import read_json, write_json
from tools import jobs, measure, plots, program, training_runs
from tools.ablations import BASELINE, EXPERIMENTS, Experiment
from tools.tables import format_spread, paired_gains

FLAGS = flags.FLAGS


def define_flags():
  for part in ("train", "dev", "test"):
    flags.DEFINE_string(part, None, f"The {part} texts, as for finetune.py.", required=True)
  flags.DEFINE_string("init", "pretrained", "Initial vectors, as config.init.")
  flags.DEFINE_list("experiments", list(EXPERIMENTS), f"Some of {', '.join(EXPERIMENTS)}.")
  flags.DEFINE_integer("seeds", 3, "Runs of each strategy.", lower_bound=1)
  flags.DEFINE_list(
    "settings", [], "Settings of all baselines, such as encoding=latin-1,epochs=5."
  )
  flags.DEFINE_string("json", None, "Writes the rows, with all learning curves, to this file.")
  flags.DEFINE_string("plot", None, "Draws gains and curves to this file (needs matplotlib).")


def main():
  for name in FLAGS.experiments:
    if name not in EXPERIMENTS:
      expected = ", ".join(EXPERIMENTS)
      raise InputError(f"--experiments has {name!r}, expected some of {expected}.")
  plots.check(FLAGS.plot)
  rows = []
  with tempfile.TemporaryDirectory() as folder:
    jobs.share_compiled_code(pathlib.Path(folder))
    for name in FLAGS.experiments:
      rows += run_experiment(name, EXPERIMENTS[name], pathlib.Path(folder))
      if FLAGS.json:
        write_json(FLAGS.json, rows)  # now: a later experiment may fail
  if FLAGS.plot:
    plots.draw_ablations(rows, FLAGS.plot)


def run_experiment(name: str, experiment: Experiment, folder: pathlib.Path) -> list[dict]:
  """Returns a row for the baseline and for each strategy; prints each as soon as it is finished."""
  print(f"\n{name}: {experiment.about}")
  print(f"  {'':<29}  {'training':>8}  {'best':>5}  test {experiment.score}:")
  header = f"  {'strategy':<29}  {'loss':>8}  {'dev':>5}"
  print(f"{header}  mean (lowest to highest)  gain, in points of 100", flush=True)
  baseline_settings = [*experiment.baseline.split(), *FLAGS.settings]
  if experiment.rare:
    baseline_settings += thin_first_class(FLAGS.train, experiment.rare, folder, FLAGS.settings)
  rows = []
  for strategy, changes in {BASELINE: "", **experiment.strategies}.items():
    settings = [*baseline_settings, *changes.split()]
    row = {
      "experiment": name,
      "about": experiment.about,
      "strategy": strategy,
      "score": experiment.score,
      "settings": settings,
      **run_seeds(settings, experiment.score, folder),
    }
    rows.append(row)
    print("  " + format_row(row, rows[0]), flush=True)
  return rows


def run_seeds(settings: Sequence[str], score: str, folder: pathlib.Path) -> dict:
  """Returns the test score of each seed, and its loss and score on `dev` after every epoch."""
  results = {"test": [], "loss": [], "dev": []}
  for seed in range(1, FLAGS.seeds + 1):
    workdir = pathlib.Path(tempfile.mkdtemp(dir=folder))
    run_settings = [
      f"train={FLAGS.train}",
      f"dev={FLAGS.dev}",
      f"test={FLAGS.test}",
      f"init={FLAGS.init}",
      f"seed={seed}",
      "log_every=1",
      *settings,
    ]
    measure.run_timed(training_runs.command("finetune", "classify", workdir, run_settings))
    losses, dev_scores = epoch_curves(training_runs.read_records(workdir), f"dev_{score}")
    results["test"].append(read_json(workdir / "metrics.json")["test"][score])
    results["loss"].append(losses)
    results["dev"].append(dev_scores)
  return results


def epoch_curves(records: Iterable[dict], score: str) -> tuple[list[float], list[float]]:
  """Returns the mean loss of each epoch and the score at its end, of records of metrics.jsonl."""
  losses = []
  scores = []
  step_losses = []
  for record in records:
    if "loss" in record:
      step_losses.append(record["loss"])
    if score in record:
      losses.append(statistics.mean(step_losses))
      scores.append(record[score])
      step_losses = []
  return losses, scores


def format_row(row: dict, baseline: dict) -> str:
  """Returns a line of the table."""
  loss = statistics.mean(curve[-1] for curve in row["loss"])
  best = statistics.mean(max(curve) for curve in row["dev"])
  gain = "" if row is baseline else format_gain(row["test"], baseline["test"])
  scores = format_spread(row["test"])
  return f"{row['strategy']:<29}  {loss:>8.3f}  {best:>5.3f}  {scores:<24}  {gain}"


def format_gain(scores: Sequence[float], baseline_scores: Sequence[float]) -> str:
  """Returns the mean gain over the baseline, seed by seed, with its standard error."""
  gains = paired_gains(scores, baseline_scores)
  text = f"{statistics.mean(gains):+.1f}"
  if len(gains) > 1:
    text += f" ± {statistics.stdev(gains) / math.sqrt(len(gains)):.1f}"
  return text


def thin_first_class(
  path: str, share: float, folder: pathlib.Path, settings: Sequence[str]
) -> list[str]:
  """Writes training texts of which the first class has lost most; returns the settings for them.

  Args:
    path: the file of training texts.
    share: of the texts of the first class that are kept.
    folder: where to write them.
    settings: `key=value`, among which may be the format of the file.
  """
  options = {}
  for setting in settings:
    key, _, value = setting.partition("=")
    if key in ("format", "encoding", "errors"):
      options[key] = value
  data = classification.read(path, **options)
  first_class = data.classes[0]
  positions = [i for i, labels in enumerate(data.labels) if first_class in labels]
  dropped = set(positions[max(1, round(share * len(positions))) :])
  lines = []
  for i, (text, labels) in enumerate(zip(data.texts, data.labels, strict=True)):
    if i not in dropped:
      lines.append(json.dumps({"text": text, "label": labels[0]}) + "\n")
  thinned = folder / "thinned.jsonl"
  thinned.write_text("".join(lines))
  return [f"train={thinned}", "format=auto"]


if __name__ == "__main__":
  define_flags()
  program.run(main)
