"""Speeds of training and prediction on the devices of this process, with data made from seeds.

Batches are NumPy's, as in training: their way to the devices is part of a step. A step is timed
after the first, which compiles.
"""

import functools
import itertools
import pathlib
from collections.abc import Sequence
from typing import Any

import jax
import numpy as np
import optax

import glove_jax as gj
from glove_jax import parallel, train
from glove_jax.data.counts import packed_rows
from glove_jax.data.subwords.lm_batches import TokenRows
from glove_jax.data.subwords.masking import MaskedRows
from glove_jax.data.windows import blocks, subword_blocks
from glove_jax.methods import fasttext, glove_als, language_model, word2vec
from glove_jax.models import bert, transformer
from glove_jax.models.transformer import Config
from glove_jax.train import TrainState
from tools.benchmarks import accelerator_data, accelerator_peaks
from tools.benchmarks.accelerator_peaks import Timing
from tools.benchmarks.accelerator_scales import Scale, rows_per_device
from tools.benchmarks.table import Row, make_row

_WINDOW = 5
_BATCHES = 4  # different ones, in turn
_CG_STEPS = 2  # the default of `glove_als`
_MASKED = 0.15  # of the tokens that BERT predicts


def train_steps(
  update: train.Update, state: TrainState, batches: Sequence[Any], *, seconds: float
) -> Timing:
  """Returns how long a step takes that gets the batches in turn."""
  sharded = itertools.cycle([parallel.shard(batch) for batch in batches])
  held = [state]  # an update takes the memory of the state that it gets

  def step():
    held[0], sums = update(held[0], next(sharded))
    return sums

  return accelerator_peaks.measure(step, seconds=seconds)


def word_vectors(model: str, scale: Scale) -> Row:
  """Measures words a second of `skipgram`, `cbow` or `fasttext` in 100 dimensions."""
  ids = accelerator_data.zipf_ids(scale.tokens, scale.vocab_size)
  counts = np.bincount(ids, minlength=scale.vocab_size)
  shape = blocks.BlockShape(_WINDOW, scale.update_words, scale.updates)
  data = blocks.window_batches(ids, counts, shape)
  if model == "fasttext":
    rows = subword_blocks.word_rows(accelerator_data.words(scale.vocab_size), 3, 6, 200_000)
    data = subword_blocks.subword_batches(data, rows, margin=_WINDOW)
    params = fasttext.init_params(jax.random.key(0), scale.vocab_size, 200_000, 100)
    update = fasttext.fasttext_update("skipgram", window=_WINDOW)
  else:
    params = word2vec.init_params(jax.random.key(0), scale.vocab_size, 100)
    update = word2vec.word2vec_update(model, window=_WINDOW)
  batches = [data.batch(step) for step in range(min(_BATCHES, data.steps_per_epoch))]
  timing = train_steps(update, train.init_state(params, ()), batches, seconds=scale.seconds)
  step_words = data.words_per_epoch / data.steps_per_epoch
  return with_timing(make_row(model, step_words / timing.steady, None, unit="words/s"), timing)


def half_sweep(dim: int, scale: Scale, folder: pathlib.Path, copy_bytes: float | None) -> Row:
  """Measures a half sweep of least squares.

  Its traffic is counted as one reading and one writing of a fixed row for each slot, and two
  readings for the residual and for each step of conjugate gradients.

  Args:
    dim: D.
    folder: for the packed counts.
    copy_bytes: a second, of all devices; the bound that the bytes a second are compared with.
  """
  packed = _packed_counts(scale, folder)
  data = packed_rows.row_batches((packed, packed), batch_slots=1 << 20)
  rng = np.random.default_rng(0)
  shape = (scale.vocab_size, dim + 1)
  params = {name: rng.normal(0, 0.1, shape).astype(np.float32) for name in glove_als.SIDES}
  update = glove_als.als_update(cg_steps=_CG_STEPS)
  held = [train.init_state(params, glove_als.init_als(params))]
  batches = [parallel.shard(data.batch(step)) for step in range(data.steps_per_sweep)]
  halves = itertools.cycle([batches[: len(batches) // 2], batches[len(batches) // 2 :]])

  def half():
    in_flight = []
    for batch in next(halves):
      held[0], sums = update(held[0], batch)
      parallel.pace(in_flight, sums)
    return sums

  half()  # the other side's starts and ends are compiled apart
  timing = accelerator_peaks.measure(half, seconds=scale.seconds)
  slots = sum(chunks.cols.size for chunks in packed)
  traffic = (2 + 2 + 2 * _CG_STEPS) * slots * (dim + 1) * 4 / timing.steady
  peer = None if copy_bytes is None else copy_bytes / 1e9
  row = make_row(f"half sweep, {dim}d", traffic / 1e9, peer, unit="GB/s", name="copy")
  nonzeros = sum(int((chunks.counts > 0).sum()) for chunks in packed)
  more = {"half_sweep": timing.steady, "nonzeros": nonzeros, "slots": slots}
  return with_timing(row | more, timing)


@functools.cache
def _packed_counts(scale: Scale, folder: pathlib.Path) -> list[packed_rows.Chunks]:
  store = accelerator_data.counts(scale.nonzeros, scale.vocab_size)
  return packed_rows.pack(store, folder / "packed")


def training(method: str, scale: Scale, flops: float | None, published: float | None) -> Row:
  """Measures tokens a second of the training of a GPT or BERT, beside what the peak would allow.

  Args:
    method: `gpt` or `bert`.
    flops: operations a second of a large product on all devices.
    published: the same by the maker; None: unknown.
  """
  config = scale.gpt if method == "gpt" else scale.bert
  num_rows = rows_per_device(scale) * parallel.device_count()
  if method == "gpt":
    task = language_model.causal_lm(config)
    batches = [_token_rows(config, num_rows, scale.length, seed) for seed in range(_BATCHES)]
  else:
    task = language_model.masked_lm(config)
    batches = [_masked_rows(config, num_rows, scale.length, seed) for seed in range(_BATCHES)]
  tx = optax.adam(1e-4)
  params = task.init(jax.random.key(0))
  per_token = flops_per_token(config, params, scale.length, 1.0 if method == "gpt" else _MASKED)
  state = train.init_state(params, tx.init(params))
  timing = train_steps(train.make_update(task, tx), state, batches, seconds=scale.seconds)
  speed = num_rows * scale.length / timing.steady
  peer = None if flops is None else flops / per_token
  row = make_row(f"{method} training", speed, peer, unit="tokens/s", name="matmul")
  row |= {"rows": num_rows, "length": scale.length, "dtype": config.dtype}
  row["mfu_published"] = None if published is None else speed * per_token / published
  return with_timing(row, timing)


def flops_per_token(config: Config, params, length: int, predicted: float) -> float:
  """Returns the operations of a training step for each token, as in Chowdhery et al. 2022, app. B.

  Args:
    config: the architecture.
    params: of the model.
    length: tokens of a row.
    predicted: the share of tokens whose logits are computed.
  """
  sizes = [np.size(leaf) for leaf in jax.tree.leaves(params["layers"])]
  output = config.vocab_size * config.dim
  attention = 2 * config.layers * config.dim * length
  return 6.0 * (sum(sizes) + predicted * output + attention)


def _token_rows(config: Config, rows: int, length: int, seed: int) -> TokenRows:
  ids = accelerator_data.zipf_ids(rows * (length + 1), config.vocab_size, seed=seed)
  ids = ids.reshape(rows, length + 1)
  return TokenRows(
    ids=ids[:, :-1], documents=np.ones((rows, length), np.int32), targets=ids[:, 1:]
  )


def _masked_rows(config: Config, rows: int, length: int, seed: int) -> MaskedRows:
  token_rows = _token_rows(config, rows, length, seed)
  rng = np.random.default_rng(seed)
  count = int(_MASKED * length)
  order = rng.permuted(np.tile(np.arange(length), (rows, 1)), axis=1)
  positions = np.sort(order[:, :count], axis=1)
  return MaskedRows(
    ids=token_rows.ids,
    documents=token_rows.documents,
    positions=positions.astype(np.int32),
    targets=np.take_along_axis(token_rows.targets, positions, axis=1),
    weight=np.ones((rows, count), np.float32),
  )


def encoding(scale: Scale, flops: float | None) -> Row:
  """Measures texts a second that a BERT reads, from token ids to vectors on the devices.

  Args:
    flops: as of `training`.
  """
  config = scale.bert
  num_rows = rows_per_device(scale) * parallel.device_count()
  batch = _token_rows(config, num_rows, scale.length, 0)

  def mean_vectors(params, batch: TokenRows):
    tokens = transformer.Tokens(batch.ids, batch.documents)
    h = transformer.encode(params, tokens, config=config)
    return parallel.all_gather(transformer.mean_pool(h, batch.documents))

  params = parallel.replicate(bert.init(jax.random.key(0), config))
  encode = parallel.pmap(mean_vectors)
  timing = accelerator_peaks.measure(
    lambda: encode(params, parallel.shard(batch)), seconds=scale.seconds
  )
  per_text = scale.length * flops_per_token(config, params, scale.length, 0.0) / 3
  peer = None if flops is None else flops / per_text
  row = make_row("bert encoding", num_rows / timing.steady, peer, unit="texts/s", name="matmul")
  return with_timing(row | {"length": scale.length, "dtype": config.dtype}, timing)


def prediction(method: str, scale: Scale) -> Row:
  """Measures texts a second that a trained classifier labels, from strings to probabilities."""
  texts, labels = accelerator_data.reviews(60)
  classifier = gj.finetune((texts, labels), method=method, dim=50, epochs=1, verbose=False)
  new_texts, _ = accelerator_data.reviews(scale.texts, seed=1)
  timing = accelerator_peaks.measure(
    functools.partial(classifier.predict_proba, new_texts), seconds=scale.seconds
  )
  row = make_row(f"prediction, {method}", len(new_texts) / timing.steady, None, unit="texts/s")
  return with_timing(row, timing)


def with_timing(row: Row, timing: Timing) -> Row:
  """Returns a row with the seconds of the first call, which compiles, and of a later one."""
  return row | {"first_seconds": timing.first, "seconds": timing.steady}
