r"""A recipe of finetune.py with several seeds, and over all folds: scores with their spread.

python experiments/repeat.py --config=experiments/configs/classify.py --config.init=pretrained --workdir=runs/sst2 \
    --config.train=SST2.train.txt --config.dev=SST2.dev.txt --config.test=SST2.test.txt --seeds=5 --json=sst2.json
python experiments/repeat.py ... --folds=10 --jobs=2

Each run has a folder in --workdir, which keeps what JAX compiles for the next ones too. Started again, with more seeds
say, it leaves alone what has ended.
"""

import itertools
import json
import pathlib
import re
import statistics
import sys

from absl import flags

import jobs
from glove_jax import runs as run_folders
from glove_jax.errors import InputError
from glove_jax.files import atomic_write, read_json
from measure import HERE, timed
from tools import program

FLAGS = flags.FLAGS


def define_flags():
  flags.DEFINE_string("workdir", None, "A folder for the runs.", required=True)
  flags.DEFINE_integer("seeds", 5, "Runs with seeds 1, 2, ….", lower_bound=1)
  flags.DEFINE_integer("folds", 0, "Of `train`, each `test` once; 0: `test` is given.", lower_bound=0)
  jobs.define_flag()
  flags.DEFINE_string("json", None, "Writes the rows to this file.")


def main():
  settings = given(sys.argv[1:])
  if FLAGS.folds == 1 or bool(FLAGS.folds) == bool(FLAGS.config.test):
    raise InputError(f"--folds={FLAGS.folds} with test={FLAGS.config.test!r}, expected 2 or more, or test=FILE.")
  folds = [f"{number}/{FLAGS.folds}" for number in range(1, FLAGS.folds + 1)] or [""]
  runs = list(itertools.product(range(1, FLAGS.seeds + 1), folds))
  jobs.share_compiled(pathlib.Path(FLAGS.workdir))
  rows = []
  for row in jobs.run_all(lambda run: measured(settings, *run), runs, FLAGS.jobs):
    rows.append(row)
    print(line(row), flush=True)
  for part in ("dev", "test"):
    if all(part in row for row in rows):
      print(f"{part}: {summary(rows, part)}")
  if FLAGS.json:
    with atomic_write(FLAGS.json) as file:
      json.dump(rows, file, indent=1)


def given(arguments: list[str]) -> list[str]:
  """The settings of finetune.py among the arguments; FLAGS.config has been made, and so checked, from the same."""
  settings = [argument for argument in arguments if re.match(r"--?config\b", argument)]
  if wrong := [setting for setting in settings if "=" not in setting]:
    raise InputError(f"{wrong[0]}: expected {wrong[0]}=….")
  return settings


def measured(settings: list[str], seed: int, fold: str) -> dict:
  """Scores of one run, and the CPU time that it took, where it had not ended before."""
  folder = pathlib.Path(FLAGS.workdir) / (f"{seed}-{fold.partition('/')[0]}" if fold else f"{seed}")
  wanted = json.loads(FLAGS.config.to_json_best_effort()) | {"seed": seed, "fold": fold}
  row = {"seed": seed, "fold": fold, "cpu": None}
  if not (folder / "metrics.json").exists() or run_folders.changed(read_json(folder / "config.json"), wanted):
    more = [f"--config.seed={seed}", f"--config.fold={fold}", f"--workdir={folder}"]
    row["cpu"] = timed([sys.executable, HERE / "finetune.py", *settings, *more]).cpu
  return {**row, **read_json(folder / "metrics.json")}


def line(row: dict) -> str:
  """A run, and of its scores those that count."""
  firsts = [(part, *next(iter(row[part].items()))) for part in ("dev", "test") if part in row]
  scores = [f"{part} {name} {value:.4f}" for part, name, value in firsts]
  time = f"{row['cpu']:.0f} s of CPU time" if row["cpu"] else "ended before"
  return "  ".join([f"seed {row['seed']}", *([f"fold {row['fold']}"] if row["fold"] else []), *scores, time])


def summary(rows: list[dict], part: str) -> str:
  """The mean over seeds, of each the mean over its folds, and the deviation over seeds; the least and most of all."""
  name = next(iter(rows[0][part]))
  values = [row[part][name] for row in rows]
  means = [statistics.mean(row[part][name] for row in own)
           for _, own in itertools.groupby(rows, key=lambda row: row["seed"])]
  spread = f" +- {statistics.stdev(means):.4f}" if len(means) > 1 else ""
  over = f"{len(means)} seed(s), runs {min(values):.4f} to {max(values):.4f}"
  return f"{name} {statistics.mean(means):.4f}{spread} over {over}"


if __name__ == "__main__":
  define_flags()
  program.run(main, config=str(HERE / "configs" / "classify.py"))
