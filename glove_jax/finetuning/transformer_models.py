"""Models on a pretrained transformer: classifiers of texts or pairs, taggers of words."""

import functools
import pathlib
from collections.abc import Sequence

import jax
import numpy as np

from glove_jax.data.labelled import lexicon as lexicon_lib
from glove_jax.data.labelled import padded_batches
from glove_jax.data.labelled.classification import Labelled
from glove_jax.data.labelled.lexicon import Lexicon
from glove_jax.data.labelled.padded_batches import Examples
from glove_jax.data.labelled.tagging import Tagged
from glove_jax.finetuning import datasets, optimization, preprocessing, transformer_tasks
from glove_jax.finetuning import model as model_lib
from glove_jax.finetuning import pretrained_transformers as transformers
from glove_jax.finetuning.baseline import Baseline
from glove_jax.finetuning.model import Model
from glove_jax.finetuning.pretrained_transformers import Pretrained
from glove_jax.finetuning.settings import BertClassifySettings, BertTagSettings
from glove_jax.finetuning.transformer_tasks import TextTask
from glove_jax.plan import Plan
from glove_jax.progress import log_stage
from glove_jax.train import Params, Task


def classifier(settings: BertClassifySettings, data: dict[str, Labelled]) -> tuple[Plan, Model]:
  """Returns the plan and the model of a classifier of texts, or of pairs with a tab between."""
  pretrained = transformers.read_init(settings)
  targets = datasets.class_targets(settings, data)
  examples = {}
  for name, part in data.items():
    examples[name], truncated = transformers.encode_texts(settings, pretrained, part.texts)
    _log_lengths(name, examples[name], f"{truncated:,} texts" if truncated else "", pretrained)
  lexicon = Lexicon(
    words=(),
    characters=(),
    labels=data["train"].classes,
    lengths=_padded_lengths(settings, examples["train"], pretrained.max_length),
    dim=pretrained.config.dim,
  )
  task = transformer_tasks.make_classifier(settings, pretrained, lexicon, targets["train"])
  task = transformers.with_adapters(settings, task)
  text_task = transformer_tasks.make_text_task(settings, pretrained, lexicon, task)
  encoded = [(data[name], examples[name]) for name in data]
  model = transformer_tasks.classifier_model(text_task, encoded)
  baseline = functools.partial(_baseline, text_task, examples, targets["train"])
  model = model._replace(baseline=baseline)
  train_examples = examples["train"]._replace(target=targets["train"])
  plan = _make_plan(settings, pretrained, task, train_examples, lexicon.lengths)
  return optimization.with_dev_scores(plan, model, data), model


def load_classifier(settings: BertClassifySettings, folder: pathlib.Path) -> tuple[Params, Model]:
  """Returns the params and the classifier of a finished run."""
  pretrained = transformers.read(settings, folder / "encoder")
  lexicon = lexicon_lib.load(folder / "lexicon.json")
  task = transformer_tasks.make_classifier(settings, pretrained, lexicon)
  text_task = transformer_tasks.make_text_task(settings, pretrained, lexicon, task)
  return _load_params(pretrained, task, folder), transformer_tasks.classifier_model(text_task)


def tagger(settings: BertTagSettings, data: dict[str, Tagged]) -> tuple[Plan, Model]:
  """Returns the plan and the model of a tagger of words, by their first subword tokens."""
  pretrained = transformers.read_init(settings)
  tags = datasets.tag_names(data)
  sentences = {
    name: preprocessing.clean_tokens(settings, part.sentences) for name, part in data.items()
  }
  characters = ()
  if settings.char_filters:
    characters = padded_batches.character_vocabulary(sentences["train"])
  lexicon = Lexicon(
    words=(),
    characters=tuple(characters),
    labels=tuple(tags),
    lengths=(),
    dim=pretrained.config.dim,
  )
  examples = {}
  for name, part in data.items():
    targets = datasets.tag_targets(tags, part)
    examples[name], truncated = transformers.encode_words(
      settings, pretrained, lexicon, sentences[name], targets
    )
    _log_lengths(name, examples[name], f"{truncated:,} words" if truncated else "", pretrained)
  lengths = _padded_lengths(settings, examples["train"], pretrained.max_length)
  lexicon = lexicon._replace(lengths=lengths)
  task = transformer_tasks.make_tagger(settings, pretrained, lexicon)
  task = transformers.with_adapters(settings, task)
  text_task = transformer_tasks.make_text_task(settings, pretrained, lexicon, task)
  encoded = [(data[name], examples[name]) for name in data]
  model = transformer_tasks.tagger_model(text_task, encoded)
  plan = _make_plan(settings, pretrained, task, examples["train"], lexicon.lengths)
  return optimization.with_dev_scores(plan, model, data), model


def load_tagger(settings: BertTagSettings, folder: pathlib.Path) -> tuple[Params, Model]:
  """Returns the params and the tagger of a finished run."""
  pretrained = transformers.read(settings, folder / "encoder")
  lexicon = lexicon_lib.load(folder / "lexicon.json")
  task = transformer_tasks.make_tagger(settings, pretrained, lexicon)
  text_task = transformer_tasks.make_text_task(settings, pretrained, lexicon, task)
  return _load_params(pretrained, task, folder), transformer_tasks.tagger_model(text_task)


def _baseline(
  text_task: TextTask, examples: dict[str, Examples], targets: Sequence[int]
) -> Baseline:
  """Returns logistic regression on the mean token embedding of each text."""
  ids = {name: part.ids for name, part in examples.items()}
  embeddings = np.array(text_task.pretrained.params["embed"]["token"], np.float32)
  embeddings /= max(embeddings.std(), 1e-12)  # the penalty of the baseline suits such numbers
  return Baseline(ids, embeddings, targets, text_task.lexicon.labels)


def _log_lengths(part: str, examples: Examples, truncated: str, pretrained: Pretrained) -> None:
  """Reports how many subword tokens the texts of a part have."""
  sizes = list(map(len, examples.ids))
  text = f"{sum(sizes):,} of {part}, {max(sizes, default=0)} at most"
  if examples.types:
    pairs = sum(bool(types.any()) for types in examples.types)
    text += f"; {pairs:,} pairs"
  if truncated:
    text += f"; {truncated} truncated at {pretrained.max_length} tokens"
  log_stage("tokens", text)


def _padded_lengths(
  settings: BertClassifySettings | BertTagSettings, examples: Examples, longest: int
) -> tuple[int, ...]:
  """Returns the lengths to pad to: those of training texts, then doubled up to the longest."""
  lengths = list(optimization.padded_lengths(settings, examples))
  longest_padded = -(-longest // 4) * 4
  while lengths[-1] < longest:
    lengths.append(min(2 * lengths[-1], longest_padded))
  return tuple(lengths)


def _make_plan(
  settings: BertClassifySettings | BertTagSettings,
  pretrained: Pretrained,
  task: Task,
  examples: Examples,
  lengths: Sequence[int],
) -> Plan:
  """Returns the plan that trains a task from the pretrained params."""
  return optimization.make_plan(
    settings,
    task,
    examples,
    lengths=lengths,
    lr_multipliers=transformers.lr_multipliers(settings, pretrained.config.layers),
    params=_initial_params(settings, pretrained, task),
  )


def _initial_params(
  settings: BertClassifySettings | BertTagSettings, pretrained: Pretrained, task: Task
) -> Params:
  """Returns the params of the pretrained transformer, and random ones for the rest."""
  if settings.from_scratch:
    return optimization.initial_params(settings, task.init)

  def init_rest(rng: jax.Array) -> Params:
    return transformers.with_transformer(task.init(rng), {})

  rest = optimization.initial_params(settings, init_rest)
  template = jax.eval_shape(task.init, jax.random.key(0))
  expected = transformers.transformer_of(template)
  return transformers.transfer(pretrained, transformers.with_transformer(rest, expected))


def _load_params(pretrained: Pretrained, task: Task, folder: pathlib.Path) -> Params:
  """Returns the params of a finished run; `model/` holds only the heads."""
  template = jax.eval_shape(task.init, jax.random.key(0))
  rest = model_lib.load_params(transformers.with_transformer(template, {}), folder)
  return transformers.with_transformer(rest, pretrained.params)
