r"""Trains several methods on one text with one vocabulary and several seeds, and prints one table of what they give.

python experiments/compare.py --corpus='wiki/*.txt' --dim=100 --seeds=3 --json=compare.json --plot=compare.png

Each method is its recipe in configs/, at its own defaults but for what the flags say: all see the same tokens.
"""

import json
import pathlib
import statistics
import tempfile

from absl import flags

from glove_jax.errors import InputError
from glove_jax.files import atomic_write
from measure import RECIPES, check_plot, scored_runs
from tools import program

FLAGS = flags.FLAGS


def define_flags():
  flags.DEFINE_string("corpus", None, "As for pretrain.py.")
  flags.DEFINE_list("methods", ["glove_als", "glove", "skipgram", "cbow", "ppmi_svd"], f"Of {', '.join(RECIPES)}.")
  flags.DEFINE_integer("dim", 100, "Dimensions.", lower_bound=1)
  flags.DEFINE_integer("seeds", 3, "Runs of each.", lower_bound=1)
  flags.DEFINE_list("settings", [], "More for all, such as window=5,min_count=10.")
  flags.DEFINE_string("json", None, "Writes the rows to this file.")
  flags.DEFINE_string("plot", None, "Draws the scores to this file (needs matplotlib).")
  flags.DEFINE_string("scratch", None, "A folder for the runs; default: a temporary one.")
  flags.mark_flag_as_required("corpus")


def main():
  unknown = [name for name in FLAGS.methods if name not in RECIPES]
  if unknown:
    raise InputError(f"method {unknown[0]!r} is unknown; expected some of {', '.join(RECIPES)}.")
  check_plot(FLAGS.plot)
  print(f"{'method':<12}  {'wall s':>7}  {'CPU s':>6}  {'GB':>5}  scores: mean (least to most)")
  with tempfile.TemporaryDirectory(dir=FLAGS.scratch) as folder:
    rows = [measured(name, pathlib.Path(folder)) for name in FLAGS.methods]
  if FLAGS.json:
    with atomic_write(FLAGS.json) as file:
      json.dump(rows, file, indent=1)
  if FLAGS.plot:
    plot(rows, FLAGS.plot)


def measured(name: str, folder: pathlib.Path) -> dict:
  """All seeds of a method: medians of time and memory, every score."""
  done = scored_runs(name, FLAGS.corpus, folder, FLAGS.seeds, f"dim={FLAGS.dim}", *FLAGS.settings)
  row = {key: statistics.median(getattr(found, key) for found in done) for key in ("wall", "cpu", "peak_gb")}
  row |= {"method": name, "tokens": done[0].tokens, "dim": FLAGS.dim,
          "scores": {key: [found.scores[key] for found in done] for key in done[0].scores}}
  shown = ", ".join(f"{key} {statistics.mean(values):.3f} ({min(values):.3f} to {max(values):.3f})"
                    for key, values in row["scores"].items())
  print(f"{name:<12}  {row['wall']:>7.1f}  {row['cpu']:>6.0f}  {row['peak_gb']:>5.2f}  {shown}", flush=True)
  return row


def plot(rows: list[dict], path: str) -> None:
  """Draws every seed's scores, a panel a score, a line a method; and the time of each."""
  import matplotlib.pyplot as plt
  kinds = list(rows[0]["scores"])
  figure, axes = plt.subplots(1, len(kinds) + 1, figsize=(3 * len(kinds) + 3, 0.35 * len(rows) + 1.2), sharey=True,
                              layout="constrained")
  for axis, kind in zip(axes, [*kinds, "wall"], strict=True):
    for place, row in enumerate(rows):
      values = [row["wall"]] if kind == "wall" else row["scores"][kind]
      axis.plot(values, [place] * len(values), "o", color="#0072B2", alpha=0.6)
    axis.set(xlabel="raw text to vectors (s)" if kind == "wall" else kind)
    axis.grid(axis="y", color="#dddddd")
    axis.spines[["top", "right"]].set_visible(False)
  axes[-1].set_xlim(0, 1.1 * max(row["wall"] for row in rows))
  axes[0].set_yticks(range(len(rows)), [row["method"] for row in rows])
  axes[0].invert_yaxis()
  figure.savefig(path, dpi=110)


if __name__ == "__main__":
  define_flags()
  program.run(main)
