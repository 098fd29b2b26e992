"""The methods that `pretrain.py` trains, by name: each makes a `Method` of a configuration and a text."""

import functools
import pathlib
import shutil
import time
from collections.abc import Callable
from typing import Any, NamedTuple

import jax
import numpy as np
import starts
import texts
from texts import Text, bar, say

from glove_jax import optimizers, train, vector_files
from glove_jax.data.counts import cooccurrence, packed_rows, record_batches
from glove_jax.data.text import corpus
from glove_jax.data.windows import blocks, subword_blocks
from glove_jax.errors import InputError
from glove_jax.methods import fasttext, glove, glove_als, word2vec
from glove_jax.word_vectors import WordVectors


class Method(NamedTuple):
  """What `pretrain.py` needs of a method."""

  params: Any
  opt_state: Any
  update: Callable      # (state, batch) -> (state, sums)
  batch: Callable       # step -> batch
  steps_per_epoch: int
  evaluate: Callable | None  # state -> {"held_out_loss": value}
  vectors: Callable     # params -> [V, D]
  finish: Callable = lambda params: None  # leaves more in the workdir
  complete: Callable = lambda vectors: vectors  # WordVectors of the text's words -> those that are written


def count(config, text: Text, folder: pathlib.Path) -> cooccurrence.Store:
  """The co-occurrence counts of a text: those in the workdir where they belong to it, else counted now."""
  start = time.monotonic()
  key = texts.key(config, text, "window", "symmetric", "weighting")
  store = cooccurrence.open_store(folder / "cooccurrence", key=key)
  if store is None:
    with bar("counting") as progress:
      store = cooccurrence.count(
        texts.ids(text, folder, progress), folder / "cooccurrence", vocab_size=len(text.vocabulary),
        window=config.window, symmetric=config.symmetric, weighting=config.weighting, memory_gb=config.memory_gb,
        tokens=None if config.vocab else int(text.vocabulary.counts.sum()), key=key)
  texts.done(text)
  say("counts", f"{store.nonzeros:,} non-zeros, window {config.window}", start)
  if not store.nonzeros:
    raise InputError(f"{corpus.describe(text.paths)}: no two words of the vocabulary stand in one document.")
  return store


def glove_method(config, text: Text, folder: pathlib.Path) -> Method:
  """GloVe, by row-wise AdaGrad or by any optax optimiser."""
  store = count(config, text, folder)
  records = record_batches.count_batches(store, batch_size=config.batch_size, seed=config.seed, held_out=config.held_out)
  model = {"x_max": config.x_max, "alpha": config.alpha}
  task = glove.glove(len(text.vocabulary), config.dim, **model)
  params = task.init(jax.random.key(config.seed))
  if config.init:
    params = glove.start_from(params, *starts.given_vectors(config, text.vocabulary))
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
  given = starts.given_vectors(config, text.vocabulary) if config.init else None
  store = count(config, text, folder)
  model = {"x_max": config.x_max, "alpha": config.alpha}
  sides = pack(config, store, folder)
  data = packed_rows.row_batches(sides, batch_slots=config.batch_size)
  start = time.monotonic()
  params = glove_als.spectral_start(store, config.dim, **model, seed=config.seed, held_out=config.held_out)
  say("start", "contexts from the counts among frequent words", start)
  if given:  # their basis is another than that of the counts: only the biases are kept
    params = {side: np.where(np.arange(config.dim + 1) < config.dim, 0, table) for side, table in params.items()}
    params = glove.start_from(params, *given)
  update = glove_als.als_update(
    **model, ridge=config.ridge, ridge_power=config.ridge_power, bias_ridge=config.bias_ridge, cg_steps=config.cg_steps)
  method = Method(
    params, glove_als.init_als(params), update, data.batch, data.steps_per_sweep, held_out_loss(config, text, store),
    lambda params: glove.vectors(params, config.output))
  return anchored(method, config, *given) if config.anchor else method


def anchored(method: Method, config, known: np.ndarray, given: np.ndarray) -> Method:
  """The same with words held to the given vectors: known, given as of `starts.given_vectors`."""
  anchors = glove_als.Anchors(given, np.float32(config.anchor) * known)
  return method._replace(
    opt_state=glove_als.init_als(method.params, anchors), complete=functools.partial(adapted, config))


def adapted(config, own: WordVectors) -> WordVectors:
  """Tells how far the given vectors have moved; adds those of the words that the text lacks, if so configured."""
  given = vector_files.load(config.init)
  words = [word for word in own.words if word in given]
  cosines = np.sum(given.normalised()[words] * own.normalised()[words], axis=1)
  say("adapted", f"{len(words):,} words, cosine to their given vectors {cosines.mean():.3f} (mean)")
  if not config.keep_unseen:
    return own
  rows = [row for row, word in enumerate(given.words) if word not in own]
  say("unseen", f"{len(rows):,} words that the text lacks keep their given vectors")
  return WordVectors(own.words + [given.words[row] for row in rows], np.concatenate([own.vectors, given.vectors[rows]]))


def pack(config, store: cooccurrence.Store, folder: pathlib.Path) -> list[list[packed_rows.Chunks]]:
  """The counts packed by rows for the words and for the contexts: those in the workdir, else made now."""
  start = time.monotonic()
  how = {"seed": config.seed, "held_out": config.held_out}
  def packed(source: Callable[[], cooccurrence.Store], name: str) -> list[packed_rows.Chunks]:
    found = packed_rows.open_packed(folder / name, key=store.key)
    return packed_rows.pack(source(), folder / name, **how, key=store.key) if found is None else found
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
  records = record_batches.count_batches(store, batch_size=8192, seed=config.seed, held_out=config.held_out)
  held_out = [glove.Records(*batch) for batch in records.held_out()]
  if not held_out:
    raise InputError(f"held_out={config.held_out} keeps none of {store.nonzeros:,} counts; expected a larger fraction.")
  measure = train.make_evaluate(glove.glove(len(text.vocabulary), config.dim, x_max=config.x_max, alpha=config.alpha))
  def evaluate(state: train.TrainState) -> dict[str, float]:
    return {"held_out_loss": measure(state.params, held_out)["loss"]}
  return evaluate


def ppmi_svd_method(config, text: Text, folder: pathlib.Path) -> Method:
  """Singular vectors of PPMI: the counting baseline, done in one go and without an epoch."""
  from glove_jax.methods import ppmi_svd  # imported late: other methods do without SciPy
  store, start = count(config, text, folder), time.monotonic()
  table = ppmi_svd.ppmi_svd(store, config.dim, shift=config.shift, smoothing=config.smoothing, power=config.power,
                            seed=config.seed)
  say("svd", f"{table.shape[0]:,} words x {config.dim}", start)
  return Method({"word": table}, (), None, None, 0, None, lambda params: np.asarray(params["word"]))


def word2vec_method(config, text: Text, folder: pathlib.Path) -> Method:
  """Skip-gram or CBOW, with negative samples or hierarchical softmax."""
  data = window_batches(config, text, folder)
  vocabulary, steps = text.vocabulary, data.steps_per_epoch
  params = word2vec.init_params(jax.random.key(config.seed), len(vocabulary), config.dim, config.loss)
  if config.init:
    params = starts.go_on_from(params, config, vocabulary)
  tree = word2vec.huffman(vocabulary.counts) if config.loss == "hs" else ()
  rate = optimizers.schedule(config.schedule, config.learning_rate, num_steps=config.epochs * steps)
  update = word2vec.word2vec_update(
    config.model, config.loss, window=config.window, learning_rate=rate, negatives=config.negatives)
  return Method(params, tree, update, data.batch, steps, None, lambda params: word2vec.vectors(params, config.output))


def fasttext_method(config, text: Text, folder: pathlib.Path) -> Method:
  """Skip-gram or CBOW of words that are the means of their n-grams; leaves `model.bin` too, for unseen words."""
  vocabulary = text.vocabulary
  rows = subword_blocks.word_rows(vocabulary.words, config.min_n, config.max_n, config.buckets)
  data = subword_blocks.subword_batches(
    window_batches(config, text, folder), rows, margin=config.window if config.model == "skipgram" else 0)
  params = fasttext.init_params(jax.random.key(config.seed), len(vocabulary), config.buckets, config.dim)
  if config.init:
    params = starts.go_on_from_model(params, config, vocabulary)
  rate = optimizers.schedule(
    config.schedule, config.learning_rate, num_steps=config.epochs * data.steps_per_epoch)
  update = fasttext.fasttext_update(
    config.model, window=config.window, learning_rate=rate, negatives=config.negatives)
  def finish(params) -> None:
    from glove_jax.interop import fasttext as facebook  # imported late: other methods do without SciPy
    args = facebook.Args(
      dim=config.dim, ws=config.window, epoch=config.epochs, min_count=config.min_count, neg=config.negatives,
      loss="ns", model=config.model, bucket=config.buckets, minn=config.min_n, maxn=config.max_n, t=config.sample)
    table, context = (np.asarray(params[name]) for name in ("input", "context"))
    facebook.save(facebook.Model(
      args, list(vocabulary.words), vocabulary.counts, [], np.zeros(0, np.int64), int(vocabulary.counts.sum()), None,
      table, context), folder / "model.bin")
    say("model", f"{folder / 'model.bin'}: fastText's format, for words that the text does not have")
  return Method(params, (), update, data.batch, data.steps_per_epoch, None,
                lambda params: fasttext.vectors(params, rows), finish)


def window_batches(config, text: Text, folder: pathlib.Path) -> blocks.WindowBatches:
  """The text as ids on disk, those in the workdir where they belong to it, and its blocks."""
  start = time.monotonic()
  key = texts.key(config, text)
  ids = blocks.open_ids(folder / "ids", key=key)
  if ids is None:
    with bar("numbering") as progress:
      ids = blocks.write_ids(texts.ids(text, folder, progress), folder / "ids", key=key)
  texts.done(text)
  shape = blocks.BlockShape(
    window=config.window, batch_size=config.batch_size, updates_per_step=config.turns, block_size=config.block)
  data = blocks.window_batches(
    ids, text.vocabulary.counts, shape, sample=config.sample, shared_negatives=config.shared, power=config.power,
    dynamic_window=config.dynamic, seed=config.seed)
  if not data.words_per_epoch:
    raise InputError(f"{corpus.describe(text.paths)}: sample={config.sample} keeps no word; expected a larger one.")
  say("thinned", f"{data.words_per_epoch:,} words an epoch are kept, {data.steps_per_epoch:,} steps", start)
  return data


def language_method(config, paths, folder: pathlib.Path) -> Method:
  """A BERT or a GPT, of the text as it lies in files."""
  import language  # imported late: other methods do without tokenizers
  return language.METHODS[config.method](config, paths, folder)


class Recipe(NamedTuple):
  """A method, and what tells a good configuration of it from others."""

  make: Callable            # (config, text, folder) -> Method; of LANGUAGE_MODELS (config, paths, folder)
  key: str                  # that only this method's own config has
  choices: dict[str, tuple[str, ...]]  # key -> the values that it may have


_COUNTS = {"weighting": cooccurrence.WEIGHTINGS}
_GLOVE = {"output": glove.OUTPUTS, **_COUNTS}
_SCHEDULE = {"schedule": optimizers.SCHEDULES}
_WINDOWS = {"model": word2vec.MODELS, **_SCHEDULE}
_LANGUAGE = {"documents": ("lines", "blocks"), "dtype": ("float32", "bfloat16"),
             "optimizer": tuple(optimizers.OPTIMIZERS), **_SCHEDULE}
METHODS = {
  "glove": Recipe(glove_method, "optimizer", {
    "optimizer": ("row_adagrad", *optimizers.OPTIMIZERS), "bias_rule": glove.BIAS_RULES, **_GLOVE, **_SCHEDULE}),
  "glove_als": Recipe(glove_als_method, "ridge", _GLOVE),
  "word2vec": Recipe(word2vec_method, "power", {"loss": word2vec.LOSSES, "output": word2vec.OUTPUTS, **_WINDOWS}),
  "fasttext": Recipe(fasttext_method, "buckets", _WINDOWS),
  "ppmi_svd": Recipe(ppmi_svd_method, "smoothing", _COUNTS),
  "bert": Recipe(language_method, "whole_words", _LANGUAGE),
  "gpt": Recipe(language_method, "top_p", _LANGUAGE),
}
LANGUAGE_MODELS = ("bert", "gpt")
