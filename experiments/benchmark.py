r"""Measures this project beside its peers on one text, in turn and on the same machine, and prints one table.

python experiments/benchmark.py --corpus='wiki/*.txt' --peers=stanford:GloVe/build --dims=50,300 --json=rows.json
python experiments/benchmark.py --corpus='wiki/*.txt' --models=skipgram,cbow --peers=gensim,fasttext --dims=100
python experiments/benchmark.py --corpus='wiki/*.txt' --tokens=1,4,9,18,27 --dims=50,100,200,300 --json=scaling.json \
  --plot=scaling.png
python experiments/benchmark.py --train=SST2.train.txt --test=SST2.test.txt --peers=fasttext --dims=100
python experiments/benchmark.py --corpus='wiki/*.txt' --language=gpt --peers=transformers --settings=batch_size=8

Peers of GloVe: `stanford:FOLDER`, where vocab_count, cooccur, shuffle and glove have been built. Peers of --models:
`gensim` and `fasttext`, where installed (`pip install -e '.[peers]'`): 5 epochs, window 5, 5 negatives. The peer of a
classifier, given --train and --test: `fasttext`, at the same settings. That of --language: `transformers` with torch
(`pip install -e '.[torch]'`), from the same weights, on the same batches. All use all cores.
"""

import functools
import itertools
import json
import pathlib
import shutil
import statistics
import tempfile

from absl import flags

import language_benchmark
import peers
from glove_jax.errors import InputError
from glove_jax.files import atomic_write
from measure import Measured, check_plot, scored_runs, sweep_seconds, timed_finetune, timed_pretrain, write_prefix
from tools import program

FLAGS = flags.FLAGS
MODELS = ("skipgram", "cbow", "fasttext")


def define_flags():
  flags.DEFINE_string("corpus", None, "As for pretrain.py.")
  flags.DEFINE_string("train", None, "Measure a classifier instead: a file of labelled texts to learn from.")
  flags.DEFINE_string("test", None, "The labelled texts that it is scored on.")
  flags.DEFINE_list("settings", [], "More for classifiers or language models, ours and the peer's, as epochs=5,dim=64.")
  flags.DEFINE_enum("language", None, ["gpt"], "Measure the training of a language model instead.")
  flags.DEFINE_list("peers", [], "stanford:FOLDER, gensim, fasttext, transformers.")
  flags.DEFINE_list("dims", ["50"], "Dimensions; at all but the first, peers are timed for one iteration.")
  flags.DEFINE_list("models", [], "Measure these instead: skipgram, cbow, fasttext.")
  flags.DEFINE_list("tokens", [], "Measure scaling instead: over so many millions of tokens, and over --dims.")
  flags.DEFINE_integer("seeds", 3, "Runs of ours, of which the median counts.", lower_bound=1)
  flags.DEFINE_integer("iterations", 15, "Of Stanford's program.", lower_bound=1)
  flags.DEFINE_integer("extrapolate", 0, "Run only so many of them, and multiply; 0: run all.", lower_bound=0)
  flags.DEFINE_integer("adagrad_epochs", 1, "Epochs for which our AdaGrad recipe is timed.", lower_bound=0)
  flags.DEFINE_string("json", None, "Writes the rows to this file.")
  flags.DEFINE_string("plot", None, "Draws the scaling to this file (needs matplotlib).")
  flags.DEFINE_string("scratch", None, "A folder for the runs; default: a temporary one.")


def main():
  if not all(dim.isdigit() and int(dim) for dim in FLAGS.dims):
    raise InputError(f"--dims={','.join(FLAGS.dims)}; expected whole numbers, such as 50,300.")
  dims = [int(dim) for dim in FLAGS.dims]
  if bool(FLAGS.corpus) == bool(FLAGS.train) or bool(FLAGS.train) != bool(FLAGS.test):
    raise InputError("expected --corpus=…, or both --train=… and --test=….")
  unknown = [model for model in FLAGS.models if model not in MODELS]
  if unknown:
    raise InputError(f"--models={unknown[0]}; expected some of {', '.join(MODELS)}.")
  if FLAGS.plot and not FLAGS.tokens:
    raise InputError("--plot draws scaling; give --tokens too.")
  check_plot(FLAGS.plot)
  with tempfile.TemporaryDirectory(dir=FLAGS.scratch) as name:
    folder = pathlib.Path(name)
    measure = (classified if FLAGS.train else languages if FLAGS.language else scaling if FLAGS.tokens
               else windowed if FLAGS.models else comparison)
    rows = measure(dims, folder)
  if FLAGS.json:
    with atomic_write(FLAGS.json) as file:
      json.dump(rows, file, indent=1)
  if FLAGS.plot:
    plot(rows, FLAGS.plot)


def comparison(dims: list[int], folder: pathlib.Path) -> list[dict]:
  """Ours and each peer, from raw text to vectors, and stage by stage."""
  rows = []
  def add(work, ours, peer=None, unit="s", **more):
    rows.append({"work": work, "ours": ours, "peer": peer, "ratio": peer and ours / peer, "unit": unit, **more})
    show(rows[-1])
  table = [peers.make(name, "stanford") for name in FLAGS.peers]  # a peer that is not there is told now, not in an hour
  runs = {dim: middle(scored_runs("glove_als", FLAGS.corpus, folder, FLAGS.seeds, f"dim={dim}", "memory_gb=1"))
          for dim in dims}
  adagrad = FLAGS.adagrad_epochs and timed_pretrain(
    "glove", FLAGS.corpus, folder / "adagrad", f"epochs={FLAGS.adagrad_epochs}", f"dim={dims[0]}", "average_epochs=1",
    "save_every=1000000000")
  text = peers.write_text(FLAGS.corpus, folder / "text.txt") if table else None
  for peer in table:
    first = peer(text, folder, dims[0], FLAGS.iterations, FLAGS.extrapolate or FLAGS.iterations)
    for dim in dims:
      theirs = first if dim == dims[0] else peer(text, folder, dim, FLAGS.iterations, 1)
      add(f"raw text to vectors, {dim}d", runs[dim].wall, theirs.wall, name=peers.name(peer), **both(runs[dim], theirs))
    stages = first.stages
    if "cooccur" in stages:
      counting = stages["cooccur"] + stages["shuffle"]
      add("counting", runs[dims[0]].stages["counts"], counting, name=peers.name(peer))
      reading = runs[dims[0]].stages["vocabulary"] + runs[dims[0]].stages["counts"]
      add("reading and counting", reading, stages["vocab_count"] + counting, name=peers.name(peer))
      if adagrad:
        rate = adagrad.nonzeros * FLAGS.adagrad_epochs / adagrad.stages["training"] / 1e6
        add(f"AdaGrad, {dims[0]}d", rate, adagrad.nonzeros / first.iteration / 1e6, "M counts/s", name=peers.name(peer))
  if not table:
    for dim in dims:
      add(f"raw text to vectors, {dim}d", runs[dim].wall, **both(runs[dim], None))
  return rows


def windowed(dims: list[int], folder: pathlib.Path) -> list[dict]:
  """word2vec, ours and each peer's: words of the text that training passes over in a second, all cores."""
  rows, text = [], folder / "text.txt"
  table = [peers.make(name, "gensim", "fasttext") for name in FLAGS.peers]
  if table:
    peers.write_text(FLAGS.corpus, text)
  for model, dim in itertools.product(FLAGS.models, dims):
    settings = (f"dim={dim}", "epochs=5", "save_every=1000000000")
    mine = middle(scored_runs(model, FLAGS.corpus, folder, FLAGS.seeds, *settings))
    for peer in table or [None]:
      theirs = peer and middle([peer(text, folder, dim, model=model, seed=seed + 1) for seed in range(FLAGS.seeds)])
      passed = 5 * mine.tokens / 1e6
      rate, given = passed / mine.stages["training"], theirs and passed / theirs.stages["training"]
      rows.append({"work": f"{model}, {dim}d", "ours": rate, "peer": given, "ratio": given and rate / given,
                   "unit": "M words/s", "name": peers.name(peer) if peer else "", **both(mine, theirs)})
      show(rows[-1])
  return rows


def classified(dims: list[int], folder: pathlib.Path) -> list[dict]:
  """A classifier, ours and the peer's: from labelled texts to a model in memory; no imports, no files of models."""
  rows, workdir = [], folder / "run"
  table = [peers.make(name, "fasttext") for name in FLAGS.peers]
  for dim in dims:
    mine, theirs = [], []
    for seed in range(1, FLAGS.seeds + 1):
      settings = (f"dim={dim}", *FLAGS.settings, f"seed={seed}")
      mine.append(timed_finetune("fasttext_supervised", FLAGS.train, FLAGS.test, workdir, *settings))
      if table:
        theirs.append(peers.classify(json.loads((workdir / "config.json").read_text()), folder))
      shutil.rmtree(workdir)
    ours, peer = middle(mine), middle(theirs) if theirs else None
    spent, given = sum(ours.stages[name] for name in ("texts", "model", "training")), peer and peer.stages["training"]
    rows.append({"work": f"classifier, {dim}d", "ours": spent, "peer": given, "ratio": given and spent / given,
                 "unit": "s", "name": "fasttext" if peer else "", **both(ours, peer),
                 "accuracies": [done.scores["accuracy"] for done in mine],
                 "peer_accuracies": [done.scores["accuracy"] for done in theirs]})
    show(rows[-1])
  return rows


def languages(dims: list[int], folder: pathlib.Path) -> list[dict]:
  """A GPT, ours and that of transformers and torch: tokens a second, and how far the losses of a step are apart."""
  del dims  # of word vectors
  for name in FLAGS.peers:
    peers.make(name, "transformers")
  row = language_benchmark.measure(FLAGS.corpus, folder, FLAGS.settings, peer=bool(FLAGS.peers))
  show(row)
  return [row]


def middle(found: list[Measured]) -> Measured:
  """The median run by wall time, with the median of each score."""
  median = sorted(found, key=lambda done: done.wall)[len(found) // 2]
  return median._replace(scores={key: statistics.median(done.scores[key] for done in found) for key in median.scores})


def both(ours: Measured, theirs: Measured | None) -> dict:
  """What else is known of a run, for the table and the file."""
  more = {"cpu": ours.cpu, "peak_gb": ours.peak_gb, "scores": ours.scores, "stages": ours.stages,
          "memory_bound_gb": ours.memory_bound_gb}
  if theirs:
    more |= {"peer_cpu": theirs.cpu, "peer_peak_gb": theirs.peak_gb, "peer_scores": theirs.scores,
             "peer_stages": theirs.stages, "extrapolated": theirs.extrapolated}
  return more


def scaling(dims: list[int], folder: pathlib.Path) -> list[dict]:
  """Time and memory of our default recipe against the tokens, and at the most tokens but one against the dimension."""
  rows, sizes = [], sorted(float(size) for size in FLAGS.tokens)
  middle = sizes[max(0, len(sizes) - 2)]
  for tokens, dim in [(size, dims[0]) for size in sizes] + [(middle, dim) for dim in dims[1:]]:
    text = folder / "text.txt"
    number = write_prefix(FLAGS.corpus, text, tokens * 1e6)
    workdir = folder / "run"
    done = timed_pretrain("glove_als", str(text), workdir, f"dim={dim}", "memory_gb=1", "log_every=1")
    rows.append({"work": f"{number / 1e6:.1f} M tokens, {dim}d", "ours": done.wall, "peer": None, "ratio": None,
                 "unit": "s", "tokens": number, "dim": dim, "nonzeros": done.nonzeros,
                 "half_sweep": sweep_seconds(workdir) / 2, **both(done, None)})
    show(rows[-1])
    shutil.rmtree(workdir)
  return rows


def show(row: dict) -> None:
  """Prints a row, above the first of them a heading."""
  heading("    counts  half sweep s" if FLAGS.tokens else "  greatest difference of losses" if FLAGS.language else
          f"  ours: {'accuracy / macro F1' if FLAGS.train else 'analogies / WS-353 / SimLex'}   theirs")
  def number(value, form):
    return "-" if value is None else format(value, form)
  cells = [f"{row['work']:<28}", f"{row.get('name', ''):<9}", f"{row['ours']:>8.2f}",
           f"{number(row['peer'], '8.2f'):>8}", f"{row['unit']:<10}", f"{number(row['ratio'], '6.3f'):>6}",
           f"{number(row.get('cpu'), '.0f'):>6}",
           f"{number(row.get('peak_gb'), '.2f'):>6}"]
  if FLAGS.tokens:
    cells.append(f"{row['nonzeros'] / 1e6:>8.1f} M {row['half_sweep']:>8.2f}")
  if "difference" in row:
    cells.append(f"{row['difference']:.5f}")
  for scored in (row.get("scores"), row.get("peer_scores")):
    if scored:
      cells.append(" / ".join(f"{value:.3f}" for value in scored.values()))
  print("  ".join(cells), flush=True)


@functools.cache
def heading(more: str) -> None:
  columns = "  ".join([f"{'work':<28}", f"{'peer':<9}", f"{'ours':>8}", f"{'theirs':>8}", f"{'unit':<10}",
                       f"{'ratio':>6}", f"{'CPU s':>6}", f"{'GB':>6}"])
  print(columns + more)


def plot(rows: list[dict], path: str) -> None:
  """Draws time and memory against tokens, and time against the dimension."""
  import matplotlib.pyplot as plt
  first = rows[0]["dim"]
  by_tokens = [row for row in rows if row["dim"] == first]
  most = rows[-1]["tokens"]
  by_dim = sorted((row for row in rows if abs(row["tokens"] - most) < 1), key=lambda row: row["dim"])
  figure, axes = plt.subplots(1, 3, figsize=(11, 3.2), layout="constrained")
  drawings = (
    (by_tokens, lambda row: row["tokens"] / 1e6, "tokens (M)", lambda row: row["ours"], "raw text to vectors (s)"),
    (by_tokens, lambda row: row["tokens"] / 1e6, "tokens (M)", lambda row: row["peak_gb"], "peak memory (GB)"),
    (by_dim, lambda row: row["dim"], "dimension", lambda row: row["half_sweep"], "a half sweep (s)"))
  for axis, (shown, x, x_label, y, y_label) in zip(axes, drawings, strict=True):
    axis.plot([x(row) for row in shown], [y(row) for row in shown], "o-", color="#0072B2")
    axis.set(xlabel=x_label, ylabel=y_label, xlim=(0, None), ylim=(0, None))
    axis.spines[["top", "right"]].set_visible(False)
  figure.savefig(path, dpi=110)


if __name__ == "__main__":
  define_flags()
  program.run(main)
