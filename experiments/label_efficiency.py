r"""What pretraining brings: test scores against the number of labels, from random and from pretrained vectors.

python experiments/label_efficiency.py --train=SST2.train.txt --dev=SST2.dev.txt --test=SST2.test.txt \
    --inits=random,pretrained --labels=10,30,100,300,1000,0 --seeds=5 --json=labels.json --plot=labels.png

Every run is finetune.py with one recipe; runs differ by vectors, labels and seed alone. `dev` picks the epoch.
"""

import json
import pathlib
import statistics
import sys
import tempfile

from absl import flags

import jobs
from glove_jax.errors import InputError
from glove_jax.files import atomic_write
from learning_curves import draw_curves
from measure import HERE, check_plot, timed
from tools import program

FLAGS = flags.FLAGS


def define_flags():
  for part in ("train", "dev", "test"):
    flags.DEFINE_string(part, None, "As for finetune.py.")
    flags.mark_flag_as_required(part)
  flags.DEFINE_string("config", "classify", "A recipe in configs/.")
  flags.DEFINE_list("inits", ["random", "pretrained"], "Vectors to start from, as config.init; random: none.")
  flags.DEFINE_list("labels", ["10", "30", "100", "300", "1000", "0"], "Numbers of texts to learn from; 0: all.")
  flags.DEFINE_integer("seeds", 5, "Runs of each.", lower_bound=1)
  jobs.define_flag()
  flags.DEFINE_integer("updates", 300, "How many a run has at least, however few its labels.", lower_bound=1)
  flags.DEFINE_list("settings", [], "More for all, such as dim=50,method=bilstm.")
  flags.DEFINE_string("json", None, "Writes the rows to this file.")
  flags.DEFINE_string("plot", None, "Draws the scores to this file (needs matplotlib).")


def main():
  if bad := [number for number in FLAGS.labels if not number.isdigit()]:
    raise InputError(f"--labels has {bad[0]!r}, expected numbers of texts.")
  check_plot(FLAGS.plot)
  print(f"{'vectors':<16}  {'labels':>6}  test score: mean (least to most); epoch that was best: median")
  with tempfile.TemporaryDirectory() as folder:
    jobs.share_compiled(pathlib.Path(folder))
    rows = [measured(init, int(labels), pathlib.Path(folder)) for init in FLAGS.inits for labels in FLAGS.labels]
  if FLAGS.json:
    with atomic_write(FLAGS.json) as file:
      json.dump(rows, file, indent=1)
  if FLAGS.plot:
    plot(rows, FLAGS.plot)


def measured(init: str, labels: int, folder: pathlib.Path) -> dict:
  """All seeds from some vectors with so many labels: every test score, and `dev` after every epoch."""
  def one(seed: int):
    workdir = folder / f"{FLAGS.inits.index(init)}-{labels}-{seed}"
    timed(command(init, labels, seed, workdir))
    records = map(json.loads, (workdir / "metrics.jsonl").read_text().splitlines())
    return (next(iter(json.loads((workdir / "metrics.json").read_text())["test"].values())),
            [1 - record["dev_error"] for record in records if "dev_error" in record])
  scores, dev = map(list, zip(*jobs.run_all(one, range(1, FLAGS.seeds + 1), FLAGS.jobs), strict=True))
  best = statistics.median(1 + curve.index(max(curve)) for curve in dev)
  shown = f"{statistics.mean(scores):.3f} ({min(scores):.3f} to {max(scores):.3f})"
  print(f"{init[-16:]:<16}  {labels or 'all':>6}  {shown}; {best:g}", flush=True)
  return {"init": init, "labels": labels, "scores": scores, "dev": dev}


def command(init: str, labels: int, seed: int, workdir: pathlib.Path) -> list:
  """finetune.py with these settings; of few labels more epochs, and smaller batches."""
  settings = {"train": FLAGS.train, "dev": FLAGS.dev, "test": FLAGS.test, "seed": seed, "limit": labels,
              "init": "" if init == "random" else init}
  if labels:
    batch = max(4, min(50, labels // 5))
    epochs = max(15, -(-FLAGS.updates * batch // labels))
    settings |= {"batch_size": batch, "epochs": epochs, "patience": max(4, epochs // 3), "buckets": 2}
  return [sys.executable, HERE / "finetune.py", f"--config={HERE / 'configs' / FLAGS.config}.py",
          f"--workdir={workdir}", *(f"--config.{key}={value}" for key, value in settings.items()),
          *(f"--config.{setting}" for setting in FLAGS.settings)]


def plot(rows: list[dict], path: str) -> None:
  """Two panels: test scores against labels, every seed a dot; and `dev` against epochs with the most labels."""
  import matplotlib.pyplot as plt
  figure, (left, right) = plt.subplots(1, 2, figsize=(9, 3.2), layout="constrained")
  names = list(dict.fromkeys(str(row["labels"] or "all") for row in rows))
  for init, color in zip(dict.fromkeys(row["init"] for row in rows), ("#0072B2", "#D55E00", "#009E73", "#CC79A7"),
                         strict=False):
    own = [row for row in rows if row["init"] == init]
    places = [names.index(str(row["labels"] or "all")) for row in own]
    left.plot(places, [statistics.mean(row["scores"]) for row in own], color=color, label=init)
    for place, row in zip(places, own, strict=True):
      left.plot([place] * len(row["scores"]), row["scores"], "o", color=color, alpha=0.4, markersize=4)
    draw_curves(right, own[-1]["dev"], color)
  left.set_xticks(range(len(names)), names)
  left.set(xlabel="labels", ylabel="test score")
  right.set(xlabel=f"epoch, {names[-1]} labels", ylabel="dev score")
  left.legend(frameon=False)
  for axis in (left, right):
    axis.spines[["top", "right"]].set_visible(False)
  figure.savefig(path, dpi=110)


if __name__ == "__main__":
  define_flags()
  program.run(main)
