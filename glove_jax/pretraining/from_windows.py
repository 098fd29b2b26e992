"""Methods that learn from windows of text: word2vec and fastText."""

import dataclasses
import pathlib
import time
from collections.abc import Callable, Sequence
from typing import Any

import jax
import numpy as np
import optax

from glove_jax import (
  early_compilation,
  huge_pages,
  optimizers,
  parallel,
  processes,
  runs,
  table_layouts,
  temporary_folders,
)
from glove_jax.data import ngrams
from glove_jax.data.windows import blocks, huffman, subword_blocks
from glove_jax.errors import InputError
from glove_jax.interop import fasttext_model
from glove_jax.methods import fasttext, word2vec
from glove_jax.pretraining import cached_corpus, initialization
from glove_jax.pretraining.cached_corpus import Corpus
from glove_jax.pretraining.export import Export, save_vectors
from glove_jax.pretraining.setting_groups import WindowSettings
from glove_jax.pretraining.settings import FastTextSettings, Word2VecSettings
from glove_jax.progress import byte_bar, log_stage
from glove_jax.train import Params, TrainState, Update
from glove_jax.word_vectors import WordVectors


def plan_word2vec(settings: Word2VecSettings, corpus: Corpus) -> tuple[runs.Plan, Export]:
  """Plans skip-gram or CBOW, with negative samples or hierarchical softmax."""
  data = _window_batches(settings, corpus)
  vocabulary = corpus.vocabulary
  layout = table_layouts.of(settings.shard_tables)
  update = word2vec.word2vec_update(
    settings.model,
    settings.loss,
    window=settings.window,
    learning_rate=_learning_rate(settings, data.steps_per_epoch),
    negatives=settings.negatives,
    layout=layout,
  )
  paths = huffman.huffman_paths(vocabulary.counts) if settings.loss == "hs" else ()

  def init_params() -> Params:
    key = jax.random.key(settings.seed)
    return word2vec.init_params(key, len(vocabulary), settings.dim, settings.loss)

  batches = parallel.own_rows(data.batch)
  update, batches = _compile_early(settings, update, init_params, paths, batches)
  with parallel.on_host():
    params = init_params()
  if settings.init:
    params = initialization.initialize_word2vec(params, settings, vocabulary)
  plan = runs.Plan(
    params=params,
    opt_state=paths,
    update=update,
    batches=batches,
    steps_per_epoch=data.steps_per_epoch,
    num_steps=settings.epochs * data.steps_per_epoch,
    layout=table_layouts.state_layout(layout),
  )
  words = list(vocabulary.words)

  def export(params: Params, folder: pathlib.Path) -> WordVectors:
    table = word2vec.vectors(params, settings.output)
    return save_vectors(WordVectors(words, table), folder)

  return plan, export


def plan_fasttext(settings: FastTextSettings, corpus: Corpus) -> tuple[runs.Plan, Export]:
  """Plans skip-gram or CBOW of words that are the means of their n-grams."""
  vocabulary = corpus.vocabulary
  initial = initialization.load_fasttext(settings)
  settings = _with_buckets(settings, initial, vocabulary.words)
  rows = subword_blocks.word_rows(
    vocabulary.words, settings.min_n, settings.max_n, settings.ngram_buckets
  )
  # Words in the margins of a block are only predicted by skip-gram: they need no n-grams.
  margin = settings.window if settings.model == "skipgram" else 0
  data = _window_batches(settings, corpus)
  data = subword_blocks.subword_batches(data, rows, margin=margin)
  layout = table_layouts.of(settings.shard_tables)
  update = fasttext.fasttext_update(
    settings.model,
    window=settings.window,
    learning_rate=_learning_rate(settings, data.steps_per_epoch),
    negatives=settings.negatives,
    layout=layout,
  )

  def init_params() -> Params:
    key = jax.random.key(settings.seed)
    return fasttext.init_params(key, len(vocabulary), settings.ngram_buckets, settings.dim)

  update, batches = _compile_early(settings, update, init_params, (), data.batch)
  with parallel.on_host():
    params = init_params()
  if initial:
    initialization.check_fasttext_coverage(settings, initial, vocabulary)
    params = initialization.initialize_fasttext(params, initial, settings.init, vocabulary)
  plan = runs.Plan(
    params=params,
    opt_state=(),
    update=huge_pages.with_huge_pages(update),
    batches=batches,
    steps_per_epoch=data.steps_per_epoch,
    num_steps=settings.epochs * data.steps_per_epoch,
    layout=table_layouts.state_layout(layout),
  )
  words = list(vocabulary.words)

  def export(params: Params, folder: pathlib.Path) -> WordVectors:
    vectors = save_vectors(WordVectors(words, fasttext.vectors(params, rows)), folder)
    _save_fasttext_model(settings, corpus, params, folder)
    return vectors

  return plan, export


def _compile_early(
  settings: WindowSettings,
  update: Update,
  init_params: Callable[[], Params],
  opt_state: optax.OptState,
  batches: Callable[[int], Any],
) -> tuple[Update, Callable[[int], Any]]:
  """Returns an update and batches of `early_compilation.start`, but for tables that are split."""
  if settings.shard_tables:
    return update, batches
  state = jax.eval_shape(lambda: TrainState(np.int32(0), init_params(), opt_state))
  return early_compilation.start(update, state, batches)


def _with_buckets(
  settings: FastTextSettings, initial: fasttext_model.Model | None, words: Sequence[str]
) -> FastTextSettings:
  """Returns settings with the buckets of the model to start from, else those that suit the text."""
  if settings.ngram_buckets is not None:
    return settings
  if initial:
    return dataclasses.replace(settings, ngram_buckets=initial.args.bucket)
  num_ngrams = ngrams.count_distinct(words, settings.min_n, settings.max_n)
  buckets = ngrams.suitable_buckets(num_ngrams)
  log_stage("n-grams", f"{num_ngrams:,} distinct, {buckets:,} buckets")
  return dataclasses.replace(settings, ngram_buckets=buckets)


def _save_fasttext_model(
  settings: FastTextSettings, corpus: Corpus, params: Params, folder: pathlib.Path
) -> None:
  """Writes `model.bin` in fastText's format, which has vectors for unseen words."""
  from glove_jax.interop import fasttext as fasttext_files  # imported late: it takes SciPy
  vocabulary = corpus.vocabulary
  args = fasttext_files.Args(
    dim=settings.dim,
    ws=settings.window,
    epoch=settings.epochs,
    min_count=settings.min_count,
    neg=settings.negatives,
    loss="ns",
    model=settings.model,
    bucket=settings.ngram_buckets,
    minn=settings.min_n,
    maxn=settings.max_n,
    t=settings.sample,
  )
  model = fasttext_files.Model(
    args=args,
    words=list(vocabulary.words),
    counts=vocabulary.counts,
    labels=[],
    label_counts=np.zeros(0, np.int64),
    tokens=int(vocabulary.counts.sum()),
    prune=None,
    input=np.asarray(params["input"]),
    output=np.asarray(params["context"]),
  )
  path = folder / "model.bin"
  fasttext_files.save(model, path)
  if not temporary_folders.contains(path):
    log_stage("model", f"{path}: fastText's format, for words that the text does not have")


def _learning_rate(
  settings: Word2VecSettings | FastTextSettings, steps_per_epoch: int
) -> optax.Schedule:
  num_steps = settings.epochs * steps_per_epoch
  return optimizers.schedule(settings.schedule, settings.learning_rate, num_steps=num_steps)


def _window_batches(settings: WindowSettings, corpus: Corpus) -> blocks.WindowBatches:
  """Returns batches of a corpus whose ids are on disk: those in its folder, else written now."""
  start = time.monotonic()
  token_ids = _token_ids(settings, corpus)
  data = blocks.window_batches(
    token_ids,
    corpus.vocabulary.counts,
    blocks.BlockShape(
      window=settings.window,
      batch_size=settings.batch_size,
      updates_per_step=settings.updates_per_step,
      block_size=settings.block_size,
    ),
    sample=settings.sample,
    shared_negatives=settings.shared_negatives,
    power=settings.power,
    dynamic_window=settings.dynamic_window,
    seed=settings.seed,
  )
  if not data.words_per_epoch:
    raise InputError(f"{corpus}: sample={settings.sample} keeps no word, expected a larger one.")
  text = f"{data.words_per_epoch:,} words an epoch are kept, {data.steps_per_epoch:,} steps"
  log_stage("thinned", text, start)
  return data


def _token_ids(settings: WindowSettings, corpus: Corpus) -> np.ndarray:
  folder = corpus.folder / "ids"
  key = cached_corpus.cache_key(settings, corpus)
  with processes.first_alone():
    token_ids = blocks.open_ids(folder, key=key)
    if token_ids is None:
      with byte_bar("numbering") as progress:
        token_ids = blocks.write_ids(cached_corpus.token_ids(corpus, progress), folder, key=key)
  cached_corpus.release_tokens(corpus)
  return token_ids
