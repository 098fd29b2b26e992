r"""Overfitting, underfitting and slow convergence on purpose, then what each strategy does to them.

python experiments/ablate.py --train=SST2.train.txt --dev=SST2.dev.txt --test=SST2.test.txt \
    --seeds=3 --json=ablate.json --plot=ablate.png

Every run is finetune.py with the settings of `ablations.py`: a start that is bad on purpose, and the same start with
one strategy. The last epoch counts, save for early stopping. A gain is over the start of the same seed, hence of
the same labels. The training loss is what is minimised: with dropout, and with smoothed, mixed or weighted targets.
"""

import json
import math
import pathlib
import statistics
import sys
import tempfile
from collections.abc import Iterable

from absl import flags

import jobs
import learning_curves
from ablations import EXPERIMENTS, Experiment
from glove_jax.data.labelled import classification
from glove_jax.errors import InputError
from glove_jax.files import atomic_write
from measure import HERE, check_plot, timed
from tools import program

FLAGS = flags.FLAGS
START = "as it is"


def define_flags():
  for part in ("train", "dev", "test"):
    flags.DEFINE_string(part, None, "As for finetune.py.")
    flags.mark_flag_as_required(part)
  flags.DEFINE_string("init", "pretrained", "Vectors to start from, as config.init.")
  flags.DEFINE_list("experiments", list(EXPERIMENTS), f"Some of {', '.join(EXPERIMENTS)}.")
  flags.DEFINE_integer("seeds", 3, "Runs of each.", lower_bound=1)
  flags.DEFINE_list("settings", [], "Settings of all starts, such as encoding=latin-1,epochs=5.")
  flags.DEFINE_string("json", None, "Writes the rows, with all learning curves, to this file.")
  flags.DEFINE_string("plot", None, "Draws the learning curves to this file (needs matplotlib).")


def main():
  if unknown := [name for name in FLAGS.experiments if name not in EXPERIMENTS]:
    raise InputError(f"--experiments has {unknown[0]!r}, expected some of {', '.join(EXPERIMENTS)}.")
  check_plot(FLAGS.plot)
  with tempfile.TemporaryDirectory() as folder:
    jobs.share_compiled(pathlib.Path(folder))
    rows = [row for name in FLAGS.experiments for row in measured(name, EXPERIMENTS[name], pathlib.Path(folder))]
  if FLAGS.json:
    with atomic_write(FLAGS.json) as file:
      json.dump(rows, file, indent=1)
  if FLAGS.plot:
    learning_curves.plot(rows, FLAGS.plot)


def measured(name: str, experiment: Experiment, folder: pathlib.Path) -> list[dict]:
  """A row for the start and for each strategy, printed as soon as it is there."""
  print(f"\n{name}: {experiment.about}")
  print(f"  {'':<29}  {'training':>8}  {'best':>5}  test {experiment.score}:")
  print(f"  {'strategy':<29}  {'loss':>8}  {'dev':>5}  mean (least to most)      gain, in points of 100", flush=True)
  train = thinned(FLAGS.train, experiment.rare, folder, FLAGS.settings) if experiment.rare else []
  rows = []
  for strategy, settings in {START: "", **experiment.strategies}.items():
    settings = [*experiment.start.split(), *FLAGS.settings, *train, *settings.split()]
    runs = [one_run(settings, experiment.score, seed, folder) for seed in range(1, FLAGS.seeds + 1)]
    row = {"experiment": name, "about": experiment.about, "strategy": strategy, "score": experiment.score,
           "settings": settings}
    rows.append(row | {key: [found[key] for found in runs] for key in runs[0]})
    print("  " + described(rows[-1], rows[0]), flush=True)
  return rows


def one_run(settings: list[str], score: str, seed: int, folder: pathlib.Path) -> dict:
  """finetune.py with these settings: its test score, and the loss and the score on `dev` after every epoch."""
  workdir = pathlib.Path(tempfile.mkdtemp(dir=folder))
  parts = [f"{part}={FLAGS[part].value}" for part in ("train", "dev", "test")]
  settings = [*parts, f"init={FLAGS.init}", f"seed={seed}", "log_every=1", *settings]
  timed([sys.executable, HERE / "finetune.py", f"--config={HERE / 'configs' / 'classify.py'}", f"--workdir={workdir}",
         *(f"--config.{setting}" for setting in settings)])
  loss, dev = curves(map(json.loads, (workdir / "metrics.jsonl").read_text().splitlines()), f"dev_{score}")
  return {"test": json.loads((workdir / "metrics.json").read_text())["test"][score], "loss": loss, "dev": dev}


def curves(records: Iterable[dict], score: str) -> tuple[list[float], list[float]]:
  """(the mean loss of each epoch's steps, `score` at its end) of the records of metrics.jsonl."""
  losses, scores, epoch = [], [], []
  for record in records:
    if "loss" in record:
      epoch.append(record["loss"])
    if score in record:
      losses.append(statistics.mean(epoch))
      scores.append(record[score])
      epoch = []
  return losses, scores


def described(row: dict, start: dict) -> str:
  """A row of the table."""
  loss = statistics.mean(curve[-1] for curve in row["loss"])
  best = statistics.mean(max(curve) for curve in row["dev"])
  shown = f"{statistics.mean(row['test']):.3f} ({min(row['test']):.3f} to {max(row['test']):.3f})"
  return f"{row['strategy']:<29}  {loss:>8.3f}  {best:>5.3f}  {shown:<24}  {'' if row is start else gain(row, start)}"


def gain(row: dict, start: dict) -> str:
  """How much better than the start, seed by seed, and the standard error of that mean."""
  gains = [100 * (ours - theirs) for ours, theirs in zip(row["test"], start["test"], strict=True)]
  error = f" ± {statistics.stdev(gains) / math.sqrt(len(gains)):.1f}" if len(gains) > 1 else ""
  return f"{statistics.mean(gains):+.1f}{error}"


def thinned(path: str, rare: float, folder: pathlib.Path, settings: list[str]) -> list[str]:
  """Settings that train on a file where the first class has only so many of its texts."""
  given = dict(setting.split("=", 1) for setting in settings)
  data = classification.read(path, **{key: given[key] for key in ("format", "encoding", "errors") if key in given})
  own = [place for place, labels in enumerate(data.labels) if data.classes[0] in labels]
  gone = set(own[max(1, round(rare * len(own))):])
  kept = [place for place in range(len(data.texts)) if place not in gone]
  lines = [json.dumps({"text": data.texts[place], "label": data.labels[place][0]}) + "\n" for place in kept]
  (folder / "thinned.jsonl").write_text("".join(lines))
  return [f"train={folder / 'thinned.jsonl'}", "format=auto"]


if __name__ == "__main__":
  define_flags()
  program.run(main)
