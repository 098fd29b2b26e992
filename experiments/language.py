"""Language models for pretrain.py: a corpus in pieces, packed into rows, and a BERT or a GPT that learns from them."""

import hashlib
import json
import pathlib
import time
from collections.abc import Iterator

import jax
import numpy as np
import starts
import workdir
from recipes import Method
from texts import say

from glove_jax import checkpoint, optimizers, train
from glove_jax.data.subwords import lm_batches, masking, subword_tokenizers, units
from glove_jax.data.text import corpus
from glove_jax.data.windows import blocks, subsampling
from glove_jax.errors import InputError
from glove_jax.interop import huggingface
from glove_jax.methods import language_model
from glove_jax.models import bert, gpt2, transformer


def bert_method(config, paths, folder: pathlib.Path) -> Method:
  """Masked words, in rows that texts share."""
  start, model = begin(config, bert.CONFIG)
  tokenizer, ids, dev = read(config, paths, folder)
  special = subword_tokenizers.special_tokens(tokenizer)
  if special.mask is None:
    raise InputError(f"tokenizer={config.tokenizer!r} has no [MASK]; expected wordpiece, or a vocabulary of BERT's.")
  model = with_pieces(config, model, tokenizer)
  known = masking.masking_vocabulary(tokenizer)
  weighted = known
  if config.sample:
    weighted = known._replace(weights=subsampling.keep_rates(lm_batches.token_counts(ids, model.vocab_size), config.sample))
  def masked(rows: lm_batches.TokenRows, known: masking.MaskingVocabulary, step: int, seed: int) -> masking.MaskedRows:
    return masking.mask(rows, known, rate=config.mask_rate, whole_words=config.whole_words, seed=seed, step=step)
  data = row_batches(config, ids, special)
  def batch(step: int) -> masking.MaskedRows:
    return masked(data.batch(step), weighted, step, config.seed)
  def dev_batches() -> Iterator[masking.MaskedRows]:  # the same masks, whatever `seed` and `sample`
    return (masked(rows, known, number, 0) for number, rows in enumerate(row_batches(config, dev, special).in_order()))
  return method(config, folder, start, tokenizer, model, language_model.masked_lm(model), batch, data.steps_per_epoch,
                dev_batches if dev is not None else None)


def gpt_method(config, paths, folder: pathlib.Path) -> Method:
  """The next token, in rows that texts share; writes some text at the end."""
  start, model = begin(config, gpt2.CONFIG)
  tokenizer, ids, dev = read(config, paths, folder)
  special = subword_tokenizers.special_tokens(tokenizer)
  model = with_pieces(config, model, tokenizer)
  data = row_batches(config, ids, special)
  prompt = [special.start, *tokenizer.encode(config.prompt).ids]
  new = max(0, min(config.write, config.window - len(prompt)))
  sampling = gpt2.Sampling(config.temperature, config.top_k, config.top_p)
  gpt2.check([prompt], model, new, sampling)  # now: it is used at the end
  task = language_model.causal_lm(model, units.unit_counts(tokenizer))
  made = method(config, folder, start, tokenizer, model, task, data.batch, data.steps_per_epoch,
                row_batches(config, dev, special).in_order if dev is not None else None)
  def finish(params) -> None:
    made.finish(params)
    written = gpt2.generate(params, [prompt], config=model, max_new=new, stop=special.end, seed=config.seed,
                            sampling=sampling)
    print("\n" + config.prompt + tokenizer.decode(written[0]))
  return made._replace(finish=finish)


def method(config, folder: pathlib.Path, start, tokenizer, model, task, batch, steps_per_epoch: int, dev) -> Method:
  """A `Method` of a task; at its end the model lies in `model/`, as transformers keeps it."""
  params = task.init(jax.random.key(config.seed))
  if config.init:
    params = checkpoint.transfer(start.params, params)
  elif config.vectors:
    params = starts.go_on_from_words(params, start, config.vectors, tokenizer)
  num_steps = config.steps or config.epochs * steps_per_epoch
  rate = optimizers.schedule(
    config.schedule, config.learning_rate, num_steps=num_steps, warmup_steps=config.warmup_steps)
  tx = optimizers.make(config.optimizer, rate, weight_decay=config.weight_decay, clip_norm=config.clip_norm)
  count = sum(leaf.size for leaf in jax.tree.leaves(params))
  say("model", f"{model.layers} layers of {model.dim}, {count:,} numbers; {steps_per_epoch:,} steps an epoch")
  measure = train.make_evaluate(task)
  def evaluate(state: train.TrainState) -> dict[str, float]:
    means = language_model.with_perplexity(measure(state.params, dev()))
    return {"held_out_loss": means.pop("loss"), **{f"held_out_{name}": value for name, value in means.items()}}
  def finish(params) -> None:
    huggingface.save(folder / "model", jax.device_get(params), model)
    subword_tokenizers.save_beside_model(tokenizer, folder / "model")
    say("saved", f"{folder / 'model'}: for transformers, or init={folder}")
  return Method(params, tx.init(params), train.make_update(task, tx, seed=config.seed), batch, steps_per_epoch,
                evaluate if dev else None, None, finish)


def begin(config, like: transformer.Config):
  """(what to go on from or None, the model by the settings, the rest as there or as in `like`).

  InputError, before any text is read, for what cannot be.
  """
  start = starts.read_start(config, like)
  model = (start.config if config.init else like)._replace(
    dim=config.dim, layers=config.layers, heads=config.heads, hidden=config.hidden or 4 * config.dim,
    positions=config.window, dropout=config.dropout, dtype=config.dtype, remat=config.remat)
  transformer.check(model)
  return start, model


def with_pieces(config, model: transformer.Config, tokenizer) -> transformer.Config:
  """The model with a row for each piece; one to go on from may have more rows."""
  size = tokenizer.get_vocab_size()
  if config.init and size > model.vocab_size:
    raise InputError(f"{config.init}: has rows for {model.vocab_size:,} pieces, expected for {size:,} at least.")
  return model if config.init else model._replace(vocab_size=size)


def row_batches(config, ids: np.ndarray, special: subword_tokenizers.SpecialTokens) -> lm_batches.RowBatches:
  if special.start is None:
    raise InputError(f"tokenizer={config.tokenizer!r} has no piece to begin a text with; expected [CLS] or "
                     f"{subword_tokenizers.END_OF_TEXT}.")
  return lm_batches.row_batches(ids, length=config.window, batch_size=config.batch_size, start=special.start,
                                end=special.end, seed=config.seed)


def read(config, paths, folder: pathlib.Path):
  """(tokenizer, ids, ids of `dev` or None): those in the workdir where they belong to the texts, else made now."""
  about, fingerprint = folder / "corpus.json", corpus.fingerprint(paths)
  if about.exists() and workdir.read_json(about)["fingerprint"] != fingerprint:
    raise InputError(f"{corpus.describe(paths)}: the text has changed since the run in {folder} began; "
                     "use another --workdir.")
  start = time.monotonic()
  if about.exists():
    tokenizer = subword_tokenizers.load(folder / "tokenizer.json")
  elif config.init:
    tokenizer = pieces_of_start(config)
  elif config.tokenizer in subword_tokenizers.KINDS:
    tokenizer = subword_tokenizers.train(config.tokenizer, lambda: documents(config, paths), vocab_size=config.max_vocab,
                                 lowercase=config.lowercase, min_count=config.min_count)
  else:
    tokenizer = subword_tokenizers.load(config.tokenizer, lowercase=config.lowercase)
  source = config.init if config.init and config.tokenizer in subword_tokenizers.KINDS else config.tokenizer
  subword_tokenizers.check_ids(tokenizer, source)
  if not about.exists():
    subword_tokenizers.save(tokenizer, folder / "tokenizer.json")
    workdir.write_json(about, {"files": [str(path) for path in paths], "fingerprint": fingerprint})
  say("pieces", f"{tokenizer.get_vocab_size():,} of {source}", start)
  ids = numbered(config, paths, fingerprint, tokenizer, folder / "ids")
  if not config.dev:
    return tokenizer, ids, None
  dev = corpus.find(config.dev)
  return tokenizer, ids, numbered(config, dev, corpus.fingerprint(dev), tokenizer, folder / "dev_ids")


def pieces_of_start(config) -> subword_tokenizers.Tokenizer:
  """The pieces of the model to go on from: its params are of those, so none are learnt anew."""
  folder, given = huggingface.find(config.init), None
  if config.tokenizer not in subword_tokenizers.KINDS:
    given = subword_tokenizers.load(config.tokenizer, lowercase=config.lowercase)
    if not subword_tokenizers.has_files(folder):
      return given
  theirs = subword_tokenizers.load(folder, lowercase=config.lowercase)
  if given is not None and given.get_vocab() != theirs.get_vocab():
    raise InputError(f"tokenizer={config.tokenizer}: has other pieces than init={config.init}; expected the same.")
  return theirs if given is None else given


def numbered(config, paths, fingerprint: str, tokenizer, folder: pathlib.Path) -> np.ndarray:
  """A text as ids on disk."""
  start = time.monotonic()
  parts = [fingerprint, tokenizer.to_str(), config.documents, config.encoding, config.errors]
  key = hashlib.blake2b(json.dumps(parts).encode(), digest_size=16).hexdigest()
  ids = blocks.open_ids(folder, key=key)
  if ids is None:
    special = subword_tokenizers.special_tokens(tokenizer)
    end = special.end if special.end != special.start else None
    ids = blocks.write_ids(lm_batches.encode(documents(config, paths), tokenizer, end=end), folder, key=key)
  if not len(ids):
    raise InputError(f"{corpus.describe(paths)}: has no text.")
  say("numbered", f"{len(ids):,} pieces of {corpus.describe(paths)}", start)
  return ids


def documents(config, paths) -> Iterator[str]:
  """The texts of a corpus, one by one."""
  for path in paths:
    yield from lm_batches.documents(
      corpus.lines(path, encoding=config.encoding, errors=config.errors), by=config.documents)


METHODS = {"bert": bert_method, "gpt": gpt_method}
