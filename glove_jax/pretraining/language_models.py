"""Language models: a BERT that predicts masked tokens, and a GPT that predicts the next one."""

import functools
import json
import pathlib
from collections.abc import Callable, Iterator

import jax
import numpy as np
import optax

from glove_jax import (
  checkpoint,
  optimizers,
  parallel,
  runs,
  temporary_folders,
  text_generation,
  train,
)
from glove_jax.data.subwords import lm_batches, masking, subword_tokenizers, units
from glove_jax.data.subwords.subword_tokenizers import Tokenizer
from glove_jax.data.windows import subsampling
from glove_jax.interop import huggingface
from glove_jax.methods import language_model
from glove_jax.models import gpt2
from glove_jax.pretraining import initialization
from glove_jax.pretraining.export import Export
from glove_jax.pretraining.language_model_settings import (
  BertSettings,
  GptSettings,
  LanguageModelSettings,
)
from glove_jax.pretraining.subword_corpus import SubwordCorpus
from glove_jax.progress import log_stage, track
from glove_jax.shares import WHOLE, Share
from glove_jax.train import Batch, Params, Task, TrainState

# What to evaluate on: gives all batches once, in the order of the text.
DevBatches = Callable[[], Iterator[Batch]]


def plan_bert(settings: BertSettings, corpus: SubwordCorpus) -> tuple[runs.Plan, Export]:
  """Plans a BERT that learns masked tokens, in rows that texts share."""
  data = _row_batches(settings, corpus, corpus.token_ids)
  vocabulary = masking.masking_vocabulary(corpus.tokenizer)
  weighted = vocabulary
  if settings.mask_subsample:
    counts = lm_batches.token_counts(corpus.token_ids, corpus.model.vocab_size)
    rates = subsampling.keep_rates(counts, settings.mask_subsample)
    weighted = vocabulary._replace(weights=rates)
  options = {"rate": settings.mask_rate, "whole_words": settings.whole_words}

  def batches(step: int, share: Share = WHOLE) -> masking.MaskedRows:
    # Masks are drawn for all rows, so that they do not depend on who makes the batch.
    masked = masking.mask(data.batch(step), weighted, **options, seed=settings.seed, step=step)
    return masking.MaskedRows(*map(share.take, masked))

  dev_batches = None
  if corpus.dev_token_ids is not None:
    dev = _row_batches(settings, corpus, corpus.dev_token_ids)

    def dev_batches() -> Iterator[masking.MaskedRows]:
      # The same masks whatever `seed` and `mask_subsample`, so that runs can be compared.
      for number, rows in enumerate(_tracked(dev)):
        yield masking.mask(rows, vocabulary, **options, seed=0, step=number)

  task = language_model.masked_lm(corpus.model)
  plan = _plan(settings, corpus, task, data._replace(batch=batches), dev_batches)
  return plan, _export(corpus)


def plan_gpt(settings: GptSettings, corpus: SubwordCorpus) -> tuple[runs.Plan, Export]:
  """Plans a GPT that learns the next token, in rows that texts share."""
  prompt = _prompt(settings, corpus)
  # Now, not after hours of training: the settings of the text that is written at the end.
  gpt2.check_prompts([prompt], corpus.model, _max_new_tokens(settings, prompt), _sampling(settings))
  data = _row_batches(settings, corpus, corpus.token_ids)
  dev_batches = None
  if corpus.dev_token_ids is not None:
    dev = _row_batches(settings, corpus, corpus.dev_token_ids)
    dev_batches = functools.partial(_tracked, dev)
  task = language_model.causal_lm(corpus.model, _measures(corpus.tokenizer))
  plan = _plan(settings, corpus, task, data, dev_batches)
  save_model = _export(corpus)

  def export(params: Params, folder: pathlib.Path) -> None:
    save_model(params, folder)
    log_stage("sample", settings.prompt + _generate(settings, corpus, params))

  return plan, export


def _measures(tokenizer: Tokenizer) -> units.UnitCounts | None:
  """Returns what losses per word and per character are of; None where tokens do not tell.

  Pieces of words, as of a GPT-2 with BERT's vocabulary, do not keep the white space of a text.
  """
  if subword_tokenizers.is_byte_level(tokenizer):
    return units.unit_counts(tokenizer)
  log_stage("tokenizer", "pieces of words, not bytes: losses are per token alone")
  return None


def _tracked(data: lm_batches.RowBatches) -> Iterator[lm_batches.TokenRows]:
  """Yields all batches of a text once, with a progress bar."""
  return track(data.in_order(), "evaluating", total=data.steps_per_epoch, unit="batch")


def report_held_out(folder: pathlib.Path) -> None:
  """Prints the last held-out figures of a run; the last loss, if it has no held-out text."""
  records = []
  for line in (folder / "metrics.jsonl").read_text(encoding="utf-8").splitlines():
    records.append(json.loads(line))
  held_out = [record for record in records if "held_out_loss" in record]
  latest = (held_out or records)[-1:]
  for record in latest:
    numbers = []
    for name, value in record.items():
      if name not in ("step", "time_s"):
        numbers.append(f"{name.removeprefix('held_out_')} {value:.5g}")
    stage = "held out" if held_out else "train"
    log_stage(stage, f"{'  '.join(numbers)}  (step {record['step']:,})")


def _plan(
  settings: LanguageModelSettings,
  corpus: SubwordCorpus,
  task: Task,
  data: lm_batches.RowBatches,
  dev_batches: DevBatches | None,
) -> runs.Plan:
  """Returns the plan of a task, from scratch or from what the corpus was opened with."""
  params = task.init(jax.random.key(settings.seed))
  if corpus.pretrained:
    pretrained = corpus.pretrained.params
    if "pooler" in params and "pooler" not in pretrained:
      # Predicting masked tokens does not use it, and files with that head alone do without.
      params = {name: part for name, part in params.items() if name != "pooler"}
    params = checkpoint.transfer(pretrained, params)
  elif corpus.vectors:
    params = initialization.initialize_token_embeddings(
      params, corpus.vectors, settings.vectors, corpus.tokenizer
    )
  num_steps = settings.steps or settings.epochs * data.steps_per_epoch
  tx = _optimizer(settings, num_steps)
  count = sum(leaf.size for leaf in jax.tree.leaves(params))
  model = corpus.model
  log_stage(
    "model",
    f"{model.layers} layers of {model.dim}, {count:,} parameters;"
    f" {data.steps_per_epoch:,} steps an epoch",
  )
  return runs.Plan(
    params=params,
    opt_state=tx.init(params),
    update=train.make_update(task, tx, seed=settings.seed),
    batches=parallel.own_rows(data.batch),
    steps_per_epoch=data.steps_per_epoch,
    num_steps=num_steps,
    evaluate=_held_out_metrics(task, dev_batches) if dev_batches else None,
  )


def _optimizer(settings: LanguageModelSettings, num_steps: int) -> optax.GradientTransformation:
  learning_rate = optimizers.schedule(
    settings.schedule,
    settings.learning_rate,
    num_steps=num_steps,
    warmup_steps=settings.warmup_steps,
  )
  return optimizers.make(
    settings.optimizer,
    learning_rate,
    weight_decay=settings.weight_decay,
    clip_norm=settings.clip_norm,
  )


def _held_out_metrics(
  task: Task, dev_batches: DevBatches
) -> Callable[[TrainState], dict[str, float]]:
  """Returns the evaluation on `dev`; `held_out_loss` comes first."""
  evaluate_batches = train.make_evaluate(task)

  def evaluate(state: TrainState) -> dict[str, float]:
    means = language_model.with_perplexity(evaluate_batches(state.params, dev_batches()))
    metrics = {"held_out_loss": means.pop("loss")}
    for name, value in means.items():
      metrics[f"held_out_{name}"] = value
    return metrics

  return evaluate


def _export(corpus: SubwordCorpus) -> Export:
  """Returns a function that writes `model/`, which transformers loads."""
  def export(params: Params, folder: pathlib.Path) -> None:
    path = folder / "model"
    huggingface.save(path, jax.device_get(params), corpus.model)
    subword_tokenizers.save_beside_model(corpus.tokenizer, path)
    if not temporary_folders.contains(path):
      log_stage("saved", f"{path}: for transformers, or init={folder}")

  return export


def _row_batches(
  settings: LanguageModelSettings, corpus: SubwordCorpus, token_ids: np.ndarray
) -> lm_batches.RowBatches:
  return lm_batches.row_batches(
    token_ids,
    length=settings.context_length,
    batch_size=settings.batch_size,
    start=corpus.special.start,
    end=corpus.special.end,
    seed=settings.seed,
  )


def _prompt(settings: GptSettings, corpus: SubwordCorpus) -> list[int]:
  return text_generation.prompt_ids(corpus.tokenizer, settings.prompt)


def _max_new_tokens(settings: GptSettings, prompt: list[int]) -> int:
  return max(0, min(settings.max_new_tokens, settings.context_length - len(prompt)))


def _sampling(settings: GptSettings) -> gpt2.Sampling:
  return gpt2.Sampling(settings.temperature, settings.top_k, settings.top_p)


def _generate(settings: GptSettings, corpus: SubwordCorpus, params: Params) -> str:
  """Returns the text that the model writes after the prompt."""
  (text,) = text_generation.generate(
    params,
    [settings.prompt],
    config=corpus.model,
    tokenizer=corpus.tokenizer,
    max_new_tokens=_max_new_tokens(settings, _prompt(settings, corpus)),
    sampling=_sampling(settings),
    seed=settings.seed,
  )
  return text
