"""Repeats a run of finetune.py with several seeds, and over all folds: scores with their spread.

  python experiments/repeat.py --config=experiments/configs/classify.py --workdir=runs/sst2 \\
      --config.init=pretrained --config.train=SST2.train.txt --config.dev=SST2.dev.txt \\
      --config.test=SST2.test.txt --seeds=5 --json=sst2.json
  python experiments/repeat.py … --folds=10 --jobs=2

Each run has a folder in --workdir. Started again, with more seeds say, the program skips the runs
that are finished.
"""

from tools import checked_environment  # noqa: F401  before JAX is imported

# isort: split
import collections
import dataclasses
import functools
import itertools
import pathlib
import re
import statistics
import sys
from collections.abc import Sequence
from typing import Any

from absl import flags

from glove_jax import finetuning, run_folder
from glove_jax import settings as settings_lib
from glove_jax.errors import InputError
from glove_jax.files import read_json, write_json
from tools import jobs, measure, plots, program

FLAGS = flags.FLAGS


def define_flags():
  flags.DEFINE_string("workdir", None, "A folder for the runs.", required=True)
  flags.DEFINE_integer("seeds", 5, "Runs with seeds 1, 2, ….", lower_bound=1)
  flags.DEFINE_integer(
    "folds", 0, "Folds of `train`, each of which is `test` once; 0: none.", lower_bound=0
  )
  jobs.define_flag()
  flags.DEFINE_string("json", None, "Writes the rows to this file.")
  flags.DEFINE_string("plot", None, "Draws the scores to this file (needs matplotlib).")


def main():
  arguments = config_arguments(sys.argv[1:])
  check_test()
  plots.check(FLAGS.plot)
  settings = finetuning.parse(FLAGS.config)
  jobs.share_compiled_code(pathlib.Path(FLAGS.workdir))
  variants = list_variants(settings)
  run_variant = functools.partial(run, arguments)
  rows = []
  for row in jobs.run_all(run_variant, variants, FLAGS.jobs):
    rows.append(row)
    if FLAGS.json:
      write_json(FLAGS.json, rows)  # now: a later run may fail
    print(format_row(row), flush=True)
  for part in ("dev", "test"):
    if all(part in row for row in rows):
      print(f"{part}: {summarize(rows, part)}")
  if FLAGS.plot:
    plots.draw_repeats(rows, FLAGS.plot)


def check_test() -> None:
  """Raises InputError unless there is either a file of test texts or several folds."""
  has_folds = FLAGS.folds > 0
  has_file = bool(FLAGS.config.test)
  if FLAGS.folds == 1 or has_folds == has_file:
    raise InputError(
      f"--folds={FLAGS.folds} with test={FLAGS.config.test!r}, expected either two or more folds"
      " or test=FILE."
    )


def config_arguments(arguments: Sequence[str]) -> list[str]:
  """Returns those of the arguments that finetune.py takes: --config=FILE and --config.KEY=VALUE."""
  chosen = list(filter(re.compile(r"--?(no)?config\b").match, arguments))
  for argument in chosen:
    if "=" not in argument and not argument.lstrip("-").startswith("no"):
      raise InputError(f"{argument}: expected {argument}=….")
  return chosen


def list_variants(settings: Any) -> list[Any]:
  """Returns the settings of all runs: each seed with each fold."""
  folds = [f"{number}/{FLAGS.folds}" for number in range(1, FLAGS.folds + 1)]
  seeds = range(1, FLAGS.seeds + 1)
  variants = []
  for seed, fold in itertools.product(seeds, folds or [""]):
    variants.append(dataclasses.replace(settings, seed=seed, fold=fold))
  return variants


def run(arguments: Sequence[str], settings: Any) -> dict:
  """Returns the scores of a run, and its CPU time unless it was finished before."""
  number, _, _ = settings.fold.partition("/")
  name = f"{settings.seed}-{number}" if number else f"{settings.seed}"
  folder = pathlib.Path(FLAGS.workdir) / name
  row = {"seed": settings.seed, "fold": settings.fold, "cpu": None}
  if not is_finished(folder, settings):
    command = [
      sys.executable,
      program.PROJECT / "experiments" / "finetune.py",
      *arguments,
      f"--config.seed={settings.seed}",
      f"--config.fold={settings.fold}",
      f"--workdir={folder}",
    ]
    row["cpu"] = measure.run_timed(command).cpu
  return {**row, **read_json(folder / "metrics.json")}


def is_finished(folder: pathlib.Path, settings: Any) -> bool:
  """Returns whether a folder holds a finished run of these settings."""
  if not (folder / "metrics.json").exists():
    return False
  before = settings_lib.translate(type(settings), read_json(folder / "config.json"))
  return not run_folder.changed(before, dataclasses.asdict(settings))


def format_row(row: dict) -> str:
  """Returns a line about a run: the first score of each part, and the time."""
  cells = [f"seed {row['seed']}"]
  if row["fold"]:
    cells.append(f"fold {row['fold']}")
  for part in ("dev", "test"):
    if part in row:
      name = main_score(row[part])
      cells.append(f"{part} {name} {row[part][name]:.4f}")
  cells.append(f"{row['cpu']:.0f} s of CPU time" if row["cpu"] else "finished before")
  return "  ".join(cells)


def main_score(scores: dict) -> str:
  """Returns the name of the score that counts, which is the first."""
  return next(iter(scores))


def summarize(rows: list[dict], part: str) -> str:
  """Returns the mean over seeds, each the mean over its folds, and the deviation over seeds."""
  name = main_score(rows[0][part])
  by_seed = collections.defaultdict(list)
  for row in rows:
    by_seed[row["seed"]].append(row[part][name])
  values = list(itertools.chain(*by_seed.values()))
  means = list(map(statistics.mean, by_seed.values()))
  text = f"{name} {statistics.mean(means):.4f}"
  if len(means) > 1:
    text += f" +- {statistics.stdev(means):.4f}"
  return f"{text} over {len(means)} seed(s), runs {min(values):.4f} to {max(values):.4f}"


if __name__ == "__main__":
  define_flags()
  program.run(main, config=program.CONFIGS / "classify.py", settings=finetuning.SETTINGS)
