"""Compares methods of pretraining on one corpus: time, memory and scores of several seeds.

  python experiments/compare.py --corpus='wiki/*.txt' --dim=100 --seeds=3 \\
      --json=compare.json --plot=compare.png

Each method has the settings of its config but for those in the flags, and sees the same tokens.
"""

import pathlib
import statistics
import tempfile

from absl import flags

from glove_jax.errors import InputError
from glove_jax.files import write_json
from tools import plots, program, training_runs
from tools.tables import format_spread

FLAGS = flags.FLAGS
METHODS = ", ".join(training_runs.RECIPES)
DEFAULT_METHODS = ["glove_als", "glove", "skipgram", "cbow", "ppmi_svd"]


def define_flags():
  flags.DEFINE_string("corpus", None, "The corpus, as for pretrain.py.", required=True)
  flags.DEFINE_list("methods", DEFAULT_METHODS, f"The methods: some of {METHODS}.")
  flags.DEFINE_integer("dim", 100, "Numbers of a vector.", lower_bound=1)
  flags.DEFINE_integer("seeds", 3, "Runs of each method.", lower_bound=1)
  flags.DEFINE_list("settings", [], "Settings of all runs, such as window=5,min_count=10.")
  flags.DEFINE_string("json", None, "Writes the rows to this file.")
  flags.DEFINE_string("plot", None, "Draws the scores to this file (needs matplotlib).")
  flags.DEFINE_string("scratch", None, "A folder for the runs; default: a temporary one.")


def main():
  for method in FLAGS.methods:
    if method not in training_runs.RECIPES:
      raise InputError(f"method {method!r} is unknown; expected some of {METHODS}.")
  plots.check(FLAGS.plot)
  rows = []
  print(f"{'method':<12}  {'wall s':>7}  {'CPU s':>6}  {'GB':>5}  scores: mean (lowest to highest)")
  with tempfile.TemporaryDirectory(dir=FLAGS.scratch) as folder:
    for method in FLAGS.methods:
      row = measure(method, pathlib.Path(folder))
      rows.append(row)
      if FLAGS.json:
        write_json(FLAGS.json, rows)  # now: a later method may fail
      print(format_row(row), flush=True)
  if FLAGS.plot:
    plots.draw_comparison(rows, FLAGS.plot)


def measure(method: str, folder: pathlib.Path) -> dict:
  """Runs a method with all seeds; returns the medians of time and memory, and every score."""
  settings = [f"dim={FLAGS.dim}", *FLAGS.settings]
  runs = training_runs.scored_runs(
    method, FLAGS.corpus, folder, seeds=FLAGS.seeds, settings=settings
  )
  scores = {}
  for name in runs[0].scores:
    scores[name] = [run.scores[name] for run in runs]
  return {
    "wall": statistics.median(run.wall for run in runs),
    "cpu": statistics.median(run.cpu for run in runs),
    "peak_gb": statistics.median(run.peak_gb for run in runs),
    "method": method,
    "tokens": runs[0].tokens,
    "dim": FLAGS.dim,
    "scores": scores,
  }


def format_row(row: dict) -> str:
  """Returns a line of the table."""
  scores = [f"{name} {format_spread(values)}" for name, values in row["scores"].items()]
  cells = [
    f"{row['method']:<12}",
    f"{row['wall']:>7.1f}",
    f"{row['cpu']:>6.0f}",
    f"{row['peak_gb']:>5.2f}",
    ", ".join(scores),
  ]
  return "  ".join(cells)


if __name__ == "__main__":
  define_flags()
  program.run(main)
