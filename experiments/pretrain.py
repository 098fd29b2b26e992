"""Pretrains word vectors from raw text: corpus -> vocabulary -> counts -> vectors -> scores.

  python experiments/pretrain.py --config=experiments/configs/glove.py --workdir=runs/glove --config.corpus=wiki.txt

Killed and started again, a run goes on from its last checkpoint and ends with the same bytes.
"""

import contextlib
import hashlib
import json
import pathlib
import time
from collections.abc import Callable
from typing import Any, NamedTuple

import cli
import jax
import numpy as np
import workdir
from absl import flags
from tqdm import tqdm

from glove_jax import checkpoint, intrinsic, optimizers, train, vector_files
from glove_jax.data import batches, cooccurrence, corpus, tokenizers, vocab
from glove_jax.files import InputError
from glove_jax.methods import glove
from glove_jax.vectors import WordVectors

# What may differ when a run is started again: nothing that its result depends on.
FREE = ("memory_gb", "log_every", "save_every", "evaluate", "neighbours", "epochs")


POSITIVE = ("dim", "window", "epochs", "batch_size", "memory_gb", "x_max", "learning_rate", "average",
            "log_every", "save_every")

# Words whose neighbours are shown unless others are asked for: those that the vocabulary has.
SHOWN = ("king", "france", "water", "music", "war", "river", "seven", "physics",
         "国家", "经济", "系统", "文件", "宝玉", "曹操", "水", "王")


class Text(NamedTuple):
  """A corpus ready to be read: its files, their hash, how to read them, and the words that count."""

  paths: list[pathlib.Path]
  fingerprint: str
  tokenizer: tokenizers.Tokenizer
  reading: dict  # encoding, errors
  vocabulary: vocab.Vocabulary


class Method(NamedTuple):
  """What `main` needs of a method of pretraining."""

  params: Any
  opt_state: Any
  update: Callable      # (state, batch) -> (state, sums)
  batch: Callable       # step -> batch
  steps_per_epoch: int
  evaluate: Callable | None  # state -> {"held_out_loss": value}
  vectors: Callable     # params -> [V, D]


def main():
  config = flags.FLAGS.config
  settings = json.loads(config.to_json_best_effort())
  free = FREE if config.schedule == "constant" else FREE[:-1]
  check(config)
  paths = corpus.find(config.corpus)
  tokenizer = tokenizers.make(config.tokenizer, config.lowercase)
  folder = workdir.claim(flags.FLAGS.workdir, settings, free=free)
  text = read_text(config, paths, tokenizer, folder)
  method = METHODS[config.method](config, text, folder)
  state = fit(config, method, folder)
  result = WordVectors(list(text.vocabulary.words), method.vectors(state.params))
  vector_files.save(result, folder / "vectors.txt")
  say("vectors", f"{len(result):,} words x {result.dim}: {folder / 'vectors.txt'}")
  if config.evaluate:
    report(result, config.neighbours)


def check(config) -> None:
  """InputError for settings that make no sense, before anything is written."""
  if config.method not in METHODS:
    raise InputError(f"method={config.method!r} is unknown; expected one of {', '.join(METHODS)}.")
  for key in POSITIVE:
    if not config[key] > 0:
      raise InputError(f"{key}={config[key]}, expected more than 0.")
  if not 0 <= config.held_out < 1:
    raise InputError(f"held_out={config.held_out}, expected a fraction from 0 to below 1.")
  if config.patience and not config.held_out:
    raise InputError("patience needs a held-out loss; set config.held_out, to 0.01 say.")
  if config.output not in glove.OUTPUTS:
    raise InputError(f"output={config.output!r}, expected one of {', '.join(glove.OUTPUTS)}.")


def read_text(config, paths, tokenizer, folder: pathlib.Path) -> Text:
  """The corpus with its vocabulary, which is taken from the workdir where it has been counted before."""
  start = time.monotonic()
  reading = {"encoding": config.encoding, "errors": config.errors}
  fingerprint, about = corpus.fingerprint(paths), folder / "corpus.json"
  if about.exists() and workdir.read_json(about)["fingerprint"] != fingerprint:
    raise InputError(f"{corpus.describe(paths)}: the text has changed since the run in {folder} began; "
                     "use another --workdir.")
  if about.exists():
    words = vocab.load(folder / "vocab.txt")
  elif config.vocab:
    words = vocab.load(config.vocab)
  else:
    with bar("reading") as progress:
      counter = vocab.count(paths, tokenizer, **reading, progress=progress)
    words = vocab.build(counter, min_count=config.min_count, max_vocab=config.max_vocab)
  if not about.exists():
    vocab.save(words, folder / "vocab.txt")
    workdir.write_json(about, {"files": [str(path) for path in paths], "fingerprint": fingerprint})
  say("vocabulary", f"{len(words):,} words, {words.counts.sum():,} tokens of {config.corpus}", start)
  return Text(paths, fingerprint, tokenizer, reading, words)


def count(config, text: Text, folder: pathlib.Path) -> cooccurrence.Store:
  """The co-occurrence counts of a text: those in the workdir where they belong to it, else counted now."""
  start = time.monotonic()
  keys = ("tokenizer", "lowercase", "encoding", "errors", "window", "symmetric", "weighting")
  parts = [text.fingerprint, text.vocabulary.words, [config[key] for key in keys]]
  key = hashlib.blake2b(json.dumps(parts).encode(), digest_size=16).hexdigest()
  store = cooccurrence.open_store(folder / "cooccurrence", key=key)
  if store is None:
    with bar("counting") as progress:
      ids = corpus.encode(text.paths, text.vocabulary.index, text.tokenizer, **text.reading, progress=progress)
      store = cooccurrence.count(
        ids, folder / "cooccurrence", vocab_size=len(text.vocabulary), window=config.window,
        symmetric=config.symmetric, weighting=config.weighting, memory_gb=config.memory_gb, key=key)
  say("counts", f"{store.nonzeros:,} non-zeros, window {config.window}", start)
  if not store.nonzeros:
    raise InputError(f"{corpus.describe(text.paths)}: no two words of the vocabulary stand in one document.")
  return store


def glove_method(config, text: Text, folder: pathlib.Path) -> Method:
  """GloVe, by row-wise AdaGrad or by any optax optimiser."""
  store = count(config, text, folder)
  records = batches.count_batches(store, batch_size=config.batch_size, seed=config.seed, held_out=config.held_out)
  model = {"x_max": config.x_max, "alpha": config.alpha}
  task = glove.glove(len(text.vocabulary), config.dim, **model)
  params = task.init(jax.random.key(config.seed))
  if config.init:
    params = start_from(params, config, text.vocabulary)
  if config.optimizer == "row_adagrad":
    update = glove.adagrad_update(
      **model, learning_rate=config.learning_rate, clip=config.clip, bias_rule=config.bias_rule)
    opt_state = glove.init_adagrad(params)
  else:
    rate = optimizers.schedule(
      config.schedule, config.learning_rate, num_steps=config.epochs * records.steps_per_epoch,
      warmup_steps=config.warmup_steps)
    tx = optimizers.make(config.optimizer, rate, weight_decay=config.weight_decay)
    update, opt_state = train.make_update(task, tx, seed=config.seed), tx.init(params)
  held_out = [glove.Records(*batch) for batch in records.held_out()]
  measure = train.make_evaluate(task)
  def evaluate(state):
    return {"held_out_loss": measure(state.params, held_out)["loss"]}
  return Method(
    params, opt_state, update, lambda step: glove.Records(*records.batch(step)), records.steps_per_epoch,
    evaluate if held_out else None, lambda params: glove.vectors(params, config.output))


METHODS = {"glove": glove_method}


def start_from(params, config, words: vocab.Vocabulary):
  """Params that begin with the vectors of an earlier run or of a file, where they know the word."""
  given = vector_files.load(config.init)
  if given.dim != config.dim:
    raise InputError(f"{config.init}: vectors of {given.dim} numbers, expected dim={config.dim}.")
  known = np.array([word in given for word in words.words])
  start = np.zeros((len(words), given.dim), np.float32)
  start[known] = given[[word for word in words.words if word in given]]
  say("start", "; ".join([f"{known.sum():,} of {len(words):,} words from {config.init}", *given.notes]))
  return glove.start_from(params, known, start)


def fit(config, method: Method, folder: pathlib.Path) -> train.TrainState:
  """Trains from the last checkpoint, or from the start, to the end.

  Returns the best state where there is patience, else one whose params are the mean over the last epochs' ends.
  """
  state = train.init_state(method.params, method.opt_state)
  saved = checkpoint.restore(folder / "checkpoints", state)
  if saved is not None:
    state = train.init_state(saved.params, saved.opt_state, saved.step)
    say("resumed", f"step {int(state.step):,}")
  records, log = workdir.metrics_log(folder / "metrics.jsonl", step=int(state.step))
  start = time.monotonic()
  def save(state):
    checkpoint.save(folder / "checkpoints", state)
  def end_of_epoch(state):
    checkpoint.save(folder / "epochs", state._replace(opt_state=()), keep=config.average)
  state = train.fit(
    state, method.update, batches=method.batch, num_steps=config.epochs * method.steps_per_epoch,
    log_every=config.log_every, on_log=log, evaluate=method.evaluate,
    evaluate_every=method.steps_per_epoch if method.evaluate else 0,
    every=[(method.steps_per_epoch, end_of_epoch), (config.save_every, save)],
    save_best=(lambda state: checkpoint.save(folder / "best", state, keep=1)) if config.patience else None,
    patience=config.patience, history=[r["held_out_loss"] for r in records if "held_out_loss" in r], progress=True)
  if config.patience:
    state = checkpoint.restore(folder / "best", state)
  elif config.average > 1:
    state = checkpoint.average(folder / "epochs", state._replace(opt_state=()), last=config.average)
  say("training", f"{int(state.step):,} steps on {jax.local_device_count()} {jax.default_backend()} device(s)", start)
  return state


def report(vectors: WordVectors, words: str) -> None:
  """Prints scores on the evaluation sets that are here, and the neighbours of some words."""
  print("\n" + intrinsic.format_table(intrinsic.evaluate(vectors)))
  asked = [word for word in words.split(",") if word]
  shown = asked or [word for word in SHOWN if word in vectors][:8]
  if shown:
    print("\nneighbours\n" + intrinsic.format_neighbours(vectors, shown, topn=6))


@contextlib.contextmanager
def bar(label: str):
  """A progress bar over bytes: gives a function of the bytes done and in all."""
  with tqdm(desc=label, unit="B", unit_scale=True, leave=False) as shown:
    def progress(done: int, total: int) -> None:
      shown.total = total
      shown.update(done - shown.n)
    yield progress


def say(what: str, text: str, start: float | None = None) -> None:
  """Prints a line of the run's story."""
  print(f"{what:<11}{text}" + (f"  ({time.monotonic() - start:.1f} s)" if start is not None else ""), flush=True)


if __name__ == "__main__":
  flags.DEFINE_string("workdir", None, "The folder of the run.")
  flags.mark_flag_as_required("workdir")
  cli.run(main, config=str(pathlib.Path(__file__).parent / "configs" / "glove.py"))
