"""What `pretrain.py` trains: a text with its vocabulary and counts, and the methods by name."""

import contextlib
import hashlib
import json
import pathlib
import shutil
import time
from collections.abc import Callable
from typing import Any, NamedTuple

import jax
import numpy as np
import workdir
from tqdm import tqdm

from glove_jax import optimizers, train, vector_files
from glove_jax.data import batches, cooccurrence, corpus, numbering, packing, tokenizers, vocab
from glove_jax.files import InputError
from glove_jax.methods import glove, glove_als


class Text(NamedTuple):
  """A corpus ready to be read: its files, their hash, how to read them, and the words that count."""

  paths: list[pathlib.Path]
  fingerprint: str
  tokenizer: tokenizers.Tokenizer
  reading: dict  # encoding, errors
  vocabulary: vocab.Vocabulary
  numbered: numbering.NumberedText | None  # as it was read for the vocabulary: it need not be read again


class Method(NamedTuple):
  """What `pretrain.py` needs of a method."""

  params: Any
  opt_state: Any
  update: Callable      # (state, batch) -> (state, sums)
  batch: Callable       # step -> batch
  steps_per_epoch: int
  evaluate: Callable | None  # state -> {"held_out_loss": value}
  vectors: Callable     # params -> [V, D]


def read_text(config, paths, tokenizer, folder: pathlib.Path) -> Text:
  """The corpus with its vocabulary, which is taken from the workdir where it has been counted before."""
  start = time.monotonic()
  reading = {"encoding": config.encoding, "errors": config.errors}
  fingerprint, about = corpus.fingerprint(paths), folder / "corpus.json"
  if about.exists() and workdir.read_json(about)["fingerprint"] != fingerprint:
    raise InputError(f"{corpus.describe(paths)}: the text has changed since the run in {folder} began; "
                     "use another --workdir.")
  numbered = None
  if about.exists():
    words = vocab.load(folder / "vocab.txt")
  elif config.vocab:
    words = vocab.load(config.vocab)
  else:
    with bar("reading") as progress:
      numbered = numbering.read(paths, tokenizer, folder, **reading, progress=progress)
    words = vocab.build(numbering.counter(numbered), min_count=config.min_count, max_vocab=config.max_vocab)
  if not about.exists():
    vocab.save(words, folder / "vocab.txt")
    workdir.write_json(about, {"files": [str(path) for path in paths], "fingerprint": fingerprint})
  say("vocabulary", f"{len(words):,} words, {words.counts.sum():,} tokens of {config.corpus}", start)
  return Text(paths, fingerprint, tokenizer, reading, words, numbered)


def count(config, text: Text, folder: pathlib.Path) -> cooccurrence.Store:
  """The co-occurrence counts of a text: those in the workdir where they belong to it, else counted now."""
  start = time.monotonic()
  keys = ("tokenizer", "lowercase", "encoding", "errors", "window", "symmetric", "weighting")
  parts = [text.fingerprint, text.vocabulary.words, [config[key] for key in keys]]
  key = hashlib.blake2b(json.dumps(parts).encode(), digest_size=16).hexdigest()
  store = cooccurrence.open_store(folder / "cooccurrence", key=key)
  if store is None:
    with bar("counting") as progress:
      if text.numbered:
        ids = numbering.encode(text.numbered, text.vocabulary.index, progress=progress)
      else:
        ids = corpus.encode(text.paths, text.vocabulary.index, text.tokenizer, **text.reading, progress=progress)
      store = cooccurrence.count(
        ids, folder / "cooccurrence", vocab_size=len(text.vocabulary), window=config.window,
        symmetric=config.symmetric, weighting=config.weighting, memory_gb=config.memory_gb,
        tokens=None if config.vocab else int(text.vocabulary.counts.sum()), key=key)
  if text.numbered:
    text.numbered.file.close()  # and so deleted
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
  return Method(
    params, opt_state, update, lambda step: glove.Records(*records.batch(step)), records.steps_per_epoch,
    held_out_loss(config, text, store), lambda params: glove.vectors(params, config.output))


def glove_als_method(config, text: Text, folder: pathlib.Path) -> Method:
  """GloVe by alternating least squares; an epoch is a sweep over words and contexts."""
  store = count(config, text, folder)
  model = {"x_max": config.x_max, "alpha": config.alpha}
  sides = pack(config, store, folder)
  data = packing.row_batches(sides, batch_slots=config.batch_size)
  start = time.monotonic()
  params = glove_als.spectral_start(store, config.dim, **model, seed=config.seed, held_out=config.held_out)
  say("start", "contexts from the counts among frequent words", start)
  if config.init:  # given vectors and those of the counts are of different bases: only the biases are kept
    params = {side: np.where(np.arange(config.dim + 1) < config.dim, 0, table) for side, table in params.items()}
    params = start_from(params, config, text.vocabulary)
  update = glove_als.als_update(
    **model, ridge=config.ridge, ridge_power=config.ridge_power, bias_ridge=config.bias_ridge, cg_steps=config.cg_steps)
  return Method(
    params, glove_als.init_als(params), update, data.batch, data.steps_per_sweep, held_out_loss(config, text, store),
    lambda params: glove.vectors(params, config.output))


def pack(config, store: cooccurrence.Store, folder: pathlib.Path) -> list[list[packing.Chunks]]:
  """The counts packed by rows for the words and for the contexts: those in the workdir, else made now."""
  start = time.monotonic()
  how = {"seed": config.seed, "held_out": config.held_out}
  def packed(source: Callable[[], cooccurrence.Store], name: str) -> list[packing.Chunks]:
    found = packing.open_packed(folder / name, key=store.key)
    return packing.pack(source(), folder / name, **how, key=store.key) if found is None else found
  words = packed(lambda: store, "packed")
  contexts = words
  if not config.symmetric:
    def transposed() -> cooccurrence.Store:
      return cooccurrence.transpose(store, folder / "transposed", memory_gb=config.memory_gb)
    contexts = packed(transposed, "packed_contexts")
    shutil.rmtree(folder / "transposed", ignore_errors=True)
  slots = sum(chunks.counts.size for chunks in words)
  say("packed", f"{slots:,} slots, {1 - store.nonzeros / slots:.0%} of them padding", start)
  return [words, contexts]


def held_out_loss(config, text: Text, store: cooccurrence.Store) -> Callable | None:
  """`evaluate(state)` on the pairs that are held out; None if none are."""
  if not config.held_out:
    return None  # and keep no hold of the store: its pages count as this process's memory
  records = batches.count_batches(store, batch_size=8192, seed=config.seed, held_out=config.held_out)
  held_out = [glove.Records(*batch) for batch in records.held_out()]
  if not held_out:
    raise InputError(f"held_out={config.held_out} keeps none of {store.nonzeros:,} counts; expected a larger fraction.")
  measure = train.make_evaluate(glove.glove(len(text.vocabulary), config.dim, x_max=config.x_max, alpha=config.alpha))
  def evaluate(state: train.TrainState) -> dict[str, float]:
    return {"held_out_loss": measure(state.params, held_out)["loss"]}
  return evaluate


METHODS = {"glove": glove_method, "glove_als": glove_als_method}


def start_from(params, config, words: vocab.Vocabulary):
  """Params that begin with the vectors of an earlier run or of a file, where they know the word."""
  given = vector_files.load(config.init)
  if given.dim != config.dim:
    raise InputError(f"{config.init}: vectors of {given.dim} numbers, expected dim={config.dim}.")
  known = np.array([word in given for word in words.words])
  start = np.zeros((len(words), given.dim), np.float32)
  start[known] = given[[word for word in words.words if word in given]]
  if not known.any():
    raise InputError(f"{config.init}: knows none of the {len(words):,} words; expected vectors of the same language.")
  say("start", "; ".join([f"{known.sum():,} of {len(words):,} words from {config.init}", *given.notes]))
  return glove.start_from(params, known, start)


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
