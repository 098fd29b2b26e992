"""Methods that learn from co-occurrence counts: GloVe by AdaGrad or least squares, and PPMI-SVD."""

import math
import pathlib
import time
from collections.abc import Callable

import jax
import numpy as np
import optax

from glove_jax import optimizers, parallel, runs, table_layouts, train, vector_files
from glove_jax.data.counts import cooccurrence, dense_rows, packed_rows, record_batches
from glove_jax.errors import InputError
from glove_jax.file_progress import reading
from glove_jax.methods import als_fold_in, dense_start, glove, glove_als, spectral_init
from glove_jax.pretraining import cached_counts, initialization
from glove_jax.pretraining.cached_corpus import Corpus
from glove_jax.pretraining.export import Export, save_vectors
from glove_jax.pretraining.initialization import InitialVectors
from glove_jax.pretraining.settings import GloveAlsSettings, GloveSettings, PpmiSvdSettings
from glove_jax.progress import count_bar, log_stage, track
from glove_jax.shares import WHOLE, Share
from glove_jax.train import Params, Task, TrainState, Update
from glove_jax.word_vectors import WordVectors

# With initial vectors no sweeps among frequent words come first: one sweep has a longer way to go.
_STEPS_FROM_INIT = 3
_EVALUATED = 8192  # counts of a batch of held-out pairs


def plan_glove(settings: GloveSettings, corpus: Corpus) -> tuple[runs.Plan, Export]:
  """Plans GloVe by row-wise AdaGrad, or by any optax optimizer."""
  store = cached_counts.count_cooccurrences(settings, corpus)
  vocabulary = corpus.vocabulary
  data = record_batches.count_batches(
    store, batch_size=settings.batch_size, seed=settings.seed, held_out=settings.held_out
  )
  task = _task(settings, len(vocabulary))
  with parallel.on_host():
    params = task.init(jax.random.key(settings.seed))
  if settings.init:
    initial = initialization.read_vectors(settings, vocabulary)
    params = glove.start_from(params, initial.mask, initial.vectors)
  num_steps = settings.epochs * data.steps_per_epoch
  update, opt_state = _glove_update(settings, task, params, num_steps)

  def batches(step: int, share: Share = WHOLE) -> glove.Records:
    return glove.Records(*data.batch(step, share))

  plan = runs.Plan(
    params=params,
    opt_state=opt_state,
    update=update,
    batches=parallel.own_rows(batches),
    steps_per_epoch=data.steps_per_epoch,
    num_steps=num_steps,
    evaluate=_held_out_loss(settings, task, store),
    layout=table_layouts.state_layout(table_layouts.of(settings.shard_tables)),
  )
  return plan, _glove_export(settings, corpus)


def _task(settings: GloveSettings | GloveAlsSettings, vocab_size: int) -> Task:
  return glove.glove(
    vocab_size,
    settings.dim,
    x_max=settings.x_max,
    alpha=settings.alpha,
    layout=table_layouts.of(settings.shard_tables),
  )


def _glove_update(
  settings: GloveSettings, task: Task, params: Params, num_steps: int
) -> tuple[Update, optax.OptState]:
  """Returns the update of the optimizer in the settings, and its first state."""
  if settings.optimizer == "row_adagrad":
    update = glove.adagrad_update(
      x_max=settings.x_max,
      alpha=settings.alpha,
      learning_rate=settings.learning_rate,
      clip=settings.clip,
      bias_rule=settings.bias_rule,
      layout=table_layouts.of(settings.shard_tables),
    )
    with parallel.on_host():
      return update, glove.init_adagrad(params)
  learning_rate = optimizers.schedule(
    settings.schedule,
    settings.learning_rate,
    num_steps=num_steps,
    warmup_steps=settings.warmup_steps,
  )
  tx = optimizers.make(settings.optimizer, learning_rate, weight_decay=settings.weight_decay)
  return train.make_update(task, tx, seed=settings.seed), tx.init(params)


def _glove_export(settings: GloveSettings | GloveAlsSettings, corpus: Corpus) -> Export:
  """Returns the export of vectors that are made of words' and contexts' params."""
  words = list(corpus.vocabulary.words)

  def export(params: Params, folder: pathlib.Path) -> WordVectors:
    vectors = WordVectors(words, glove.vectors(params, settings.output))
    if getattr(settings, "anchor", 0):
      vectors = _compare_with_initial(settings, vectors)
    return save_vectors(vectors, folder)

  return export


def plan_glove_als(settings: GloveAlsSettings, corpus: Corpus) -> tuple[runs.Plan, Export]:
  """Plans GloVe by alternating least squares; an epoch is a sweep over words and contexts."""
  vocabulary = corpus.vocabulary
  initial = initialization.read_vectors(settings, vocabulary) if settings.init else None
  store = cached_counts.count_cooccurrences(settings, corpus)
  num_frequent = 0 if settings.init else _num_frequent(settings, store)
  packed = cached_counts.pack(settings, store, corpus.folder, num_frequent)
  data = packed_rows.row_batches(packed.all_rows, batch_slots=settings.batch_size)
  sizes = _sizes(settings, store)
  params = _als_params(settings, store, initial, num_frequent)
  if num_frequent:
    params = _fold_in(settings, packed, params, sizes, num_frequent)
  anchors = None
  if settings.anchor:
    strength = np.float32(settings.anchor) * initial.mask
    anchors = glove_als.Anchors(initial.vectors, strength)
  layout = table_layouts.of(settings.shard_tables)
  update = _als_update(settings, layout)
  plan = runs.Plan(
    params=params,
    opt_state=glove_als.init_als(params, anchors, sizes),
    update=update,
    batches=parallel.own_rows(data.batch),
    steps_per_epoch=data.steps_per_sweep,
    num_steps=settings.epochs * data.steps_per_sweep,
    evaluate=_held_out_loss(settings, _task(settings, len(vocabulary)), store),
    layout=glove_als.state_layout(layout),
  )
  return plan, _glove_export(settings, corpus)


def _als_update(settings: GloveAlsSettings, layout: table_layouts.Layout) -> Update:
  cg_steps = settings.cg_steps
  if settings.init:
    cg_steps *= _STEPS_FROM_INIT
  return glove_als.als_update(**_objective(settings), cg_steps=cg_steps, layout=layout)


def _objective(settings: GloveAlsSettings) -> dict[str, float]:
  names = ("x_max", "alpha", "ridge", "ridge_power", "bias_ridge")
  return {name: getattr(settings, name) for name in names}


def _num_frequent(settings: GloveAlsSettings, store: cooccurrence.Store) -> int:
  """Returns the number of words of the dense start; 0: none is made."""
  if not settings.dense_epochs:
    return 0
  # With more cells than counts, the dense matrix would take as long as all the counts.
  return min(settings.dense_words, store.vocab_size, math.isqrt(store.nonzeros))


def _sizes(settings: GloveAlsSettings, store: cooccurrence.Store) -> dict[str, np.ndarray]:
  """Returns the number of counts of each word and of each context, [V] float32."""
  words = contexts = np.diff(store.indptr)
  if not settings.symmetric:
    contexts = np.bincount(store.cols, minlength=store.vocab_size)
  sizes = {"word": words, "context": contexts}
  return {side: values.astype(np.float32) for side, values in sizes.items()}


def _als_params(
  settings: GloveAlsSettings, store: cooccurrence.Store, initial: InitialVectors | None,
  num_frequent: int,
) -> Params:
  """Returns params from the counts among frequent words, or from initial vectors."""
  start = time.monotonic()
  with count_bar(
    "initial vectors (SVD, matrix products)", spectral_init.NUM_PRODUCTS, unit="product"
  ) as advance:
    params = spectral_init.init_params(
      store,
      settings.dim,
      x_max=settings.x_max,
      alpha=settings.alpha,
      seed=settings.seed,
      held_out=settings.held_out,
      advance=advance,
    )
  log_stage("start", "initial vectors: an SVD of the counts among frequent words", start)
  if num_frequent:
    return _dense_start(settings, store, params, num_frequent)
  if initial is None:
    return params
  # The initial vectors have another basis than those of the counts: only the biases are kept.
  is_bias = np.arange(settings.dim + 1) == settings.dim
  biases = {side: np.where(is_bias, table, 0) for side, table in params.items()}
  return glove.start_from(biases, initial.mask, initial.vectors)


def _dense_start(
  settings: GloveAlsSettings, store: cooccurrence.Store, params: Params, num_frequent: int
) -> Params:
  """Improves params by sweeps among the most frequent words."""
  start = time.monotonic()
  counts = dense_rows.dense_counts(
    store, num_frequent, seed=settings.seed, held_out=settings.held_out
  )
  num_updates = dense_start.num_updates(num_frequent, settings.dense_epochs)
  with count_bar("frequent words", num_updates, unit="step") as advance:
    params = dense_start.improve(
      params,
      counts,
      _als_update(settings, table_layouts.REPLICATED),
      symmetric=settings.symmetric,
      sweeps=settings.dense_epochs,
      advance=advance,
    )
  log_stage(
    "start", f"{settings.dense_epochs} sweeps among {num_frequent:,} frequent words", start
  )
  return params


def _fold_in(
  settings: GloveAlsSettings, packed: cached_counts.PackedCounts, params: Params,
  sizes: dict[str, np.ndarray], num_frequent: int,
) -> Params:
  """Solves the other words from their counts with frequent words."""
  sides = packed.other_rows
  if not all(sides):  # no other words, or none with such counts
    return params
  start = time.monotonic()
  num_updates = dense_start.num_fold_in_updates(sides, settings.batch_size)
  with count_bar("other words", num_updates, unit="step") as advance:
    params = dense_start.fold_in(
      params,
      sizes,
      num_frequent,
      sides,
      als_fold_in.fold_in(**_objective(settings), cg_steps=_fold_in_steps(settings.dim)),
      batch_slots=settings.batch_size,
      advance=advance,
    )
  num_others = len(params["word"]) - num_frequent
  log_stage("start", f"{num_others:,} other words, from their counts with these", start)
  return params


def _fold_in_steps(dim: int) -> int:
  """Returns the conjugate-gradient steps for words that start from zero: 4 at 50, 6 at 300.

  More unknowns need more steps: with 4 at 300 dimensions, WS-353 is .593 and not .609.
  """
  return 4 + dim // 150


def _compare_with_initial(settings: GloveAlsSettings, adapted: WordVectors) -> WordVectors:
  """Reports how far anchored vectors have moved; adds words that the corpus lacks if set so."""
  with reading(settings.init):
    initial = vector_files.load(settings.init)
  shared = [word for word in adapted.words if word in initial]
  products = initial.normalized()[shared] * adapted.normalized()[shared]
  cosine = np.sum(products, axis=1).mean()
  log_stage(
    "adapted", f"{len(shared):,} words, cosine to their initial vectors {cosine:.3f} (mean)"
  )
  if not settings.keep_unseen:
    return adapted
  rows = [row for row, word in enumerate(initial.words) if word not in adapted]
  log_stage("unseen", f"{len(rows):,} words that the text lacks keep their initial vectors")
  words = adapted.words + [initial.words[row] for row in rows]
  return WordVectors(words, np.concatenate([adapted.vectors, initial.vectors[rows]]))


def plan_ppmi_svd(settings: PpmiSvdSettings, corpus: Corpus) -> tuple[runs.Plan, Export]:
  """Computes singular vectors of PPMI: the counting baseline, which needs no training."""
  from glove_jax.methods import ppmi_svd  # imported late: other methods do without SciPy
  store = cached_counts.count_cooccurrences(settings, corpus)
  start = time.monotonic()
  products = ppmi_svd.expected_products(settings.dim)
  with count_bar("SVD (matrix products)", products, unit="product") as advance:
    table = ppmi_svd.ppmi_svd(
      store,
      settings.dim,
      shift=settings.shift,
      context_smoothing=settings.context_smoothing,
      power=settings.power,
      seed=settings.seed,
      advance=advance,
    )
  log_stage("svd", f"{table.shape[0]:,} words x {settings.dim}", start)
  words = list(corpus.vocabulary.words)

  def export(params: Params, folder: pathlib.Path) -> WordVectors:
    return save_vectors(WordVectors(words, params["word"]), folder)

  plan = runs.Plan(
    params={"word": table},
    opt_state=(),
    update=None,
    batches=None,
    steps_per_epoch=0,
    num_steps=0,
  )
  return plan, export


def _held_out_loss(
  settings: GloveSettings | GloveAlsSettings, task: Task, store: cooccurrence.Store
) -> Callable[[TrainState], dict[str, float]] | None:
  """Returns the evaluation on the word pairs that are held out; None if none are."""
  if not settings.held_out:
    return None
  data = record_batches.count_batches(
    store, batch_size=_EVALUATED, seed=settings.seed, held_out=settings.held_out
  )
  held_out = [glove.Records(*batch) for batch in data.held_out()]
  if not held_out:
    raise InputError(
      f"held_out={settings.held_out} keeps none of {store.nonzeros:,} counts;"
      " expected a larger fraction."
    )
  layout = table_layouts.of(settings.shard_tables)
  evaluate_batches = train.make_evaluate(task, layout=layout.spec)

  def evaluate(state: TrainState) -> dict[str, float]:
    batches = track(held_out, "evaluating", unit="batch")
    return {"held_out_loss": evaluate_batches(state.params, batches)["loss"]}

  return evaluate
