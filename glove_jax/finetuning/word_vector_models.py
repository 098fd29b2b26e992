"""Models on word vectors: classifiers and taggers with any encoder."""

import functools
import pathlib
from collections.abc import Callable, Sequence
from typing import NamedTuple

import numpy as np

from glove_jax import train
from glove_jax.data.labelled import lexicon as lexicon_lib
from glove_jax.data.labelled.classification import Labelled
from glove_jax.data.labelled.lexicon import Lexicon
from glove_jax.data.labelled.padded_batches import UNKNOWN, Examples
from glove_jax.data.labelled.tagging import Tagged
from glove_jax.errors import InputError
from glove_jax.finetuning import (
  architectures,
  augment,
  datasets,
  optimization,
  preprocessing,
  stored_vectors,
  unknown_texts,
  word_lookup,
)
from glove_jax.finetuning import model as model_lib
from glove_jax.finetuning.baseline import Baseline
from glove_jax.finetuning.model import Model, Predictor
from glove_jax.finetuning.settings import ClassifySettings, TagSettings
from glove_jax.finetuning.word_lookup import Pretrained, Words
from glove_jax.plan import Plan
from glove_jax.train import Params, Task


class _Encoded(NamedTuple):
  """Texts as ids, and the vectors of those words that the model has no row for."""

  examples: Examples
  new_vectors: np.ndarray | None  # [N, D]; their ids follow those of the lexicon


class _WordTask(NamedTuple):
  """A task, with the functions that convert words into its batches."""

  settings: ClassifySettings | TagSettings
  lexicon: Lexicon
  pretrained: Pretrained | None
  predict: Callable  # of `train.make_predict`

  def encode(self, words: Words, tokens: Words | None = None) -> _Encoded:
    """Returns texts as ids; words that the model has not seen have their pretrained vectors.

    Args:
      words: of each text, as they are looked up.
      tokens: the same words as they are written, for a tagger.
    """
    characters = _characters(self.settings, tokens)
    new_words = word_lookup.new_words(self.lexicon, words, self.pretrained)
    if self.pretrained is not None:
      self.pretrained.report()
    lexicon = self.lexicon._replace(words=(*self.lexicon.words, *new_words))
    targets = [0] * len(words)
    examples = lexicon_lib.encode_examples(lexicon, words, targets, original_tokens=characters)
    if not new_words:
      return _Encoded(examples, None)
    vectors = [self.pretrained.find(word) for word in new_words]
    return _Encoded(examples, np.array(vectors, np.float32))

  def run(self, params: Params, encoded: _Encoded) -> list[np.ndarray]:
    """Returns what the task predicts of each text."""
    if encoded.new_vectors is not None:
      params = word_lookup.append_vectors(params, encoded.new_vectors)
    return model_lib.run_batches(
      self.predict,
      params,
      encoded.examples,
      lengths=self.lexicon.lengths,
    )

  def save(self, params: Params, folder: pathlib.Path) -> None:
    """Writes the model, and the vectors that it looks up, into the folder of a run."""
    stored_vectors.save(self.settings, self.pretrained, folder)
    model_lib.save_with_lexicon(self.lexicon, params, folder)


def classifier(settings: ClassifySettings, data: dict[str, Labelled]) -> tuple[Plan, Model]:
  """Returns the plan and the model of a classifier of texts: any encoder on word vectors."""
  preprocessing.check_tokenizer(settings, data["train"].texts)
  targets = datasets.class_targets(settings, data)
  words = {name: preprocessing.words_of_texts(settings, part.texts) for name, part in data.items()}
  pretrained = word_lookup.read_pretrained(settings)
  lexicon = word_lookup.make_lexicon(settings, words, data["train"].classes, pretrained)
  table = word_lookup.initial_table(settings, lexicon, pretrained, words)
  examples = lexicon_lib.encode_examples(lexicon, words["train"], targets["train"])
  lexicon = lexicon._replace(lengths=optimization.padded_lengths(settings, examples))
  task = architectures.word_classifier(settings, lexicon, table, targets["train"])
  word_task = _word_task(settings, lexicon, pretrained, task, num_texts=len(examples.ids))
  encoded = {name: word_task.encode(words[name]) for name in data if name != "train"}
  model = _classifier_model(word_task, [(data[name], encoded[name]) for name in encoded])
  ids = {"train": examples.ids, **{name: part.examples.ids for name, part in encoded.items()}}
  baseline = functools.partial(_baseline, word_task, ids, targets["train"])
  model = model._replace(baseline=baseline)
  augmentation = _augmentation(settings, lexicon, pretrained)
  plan = optimization.make_plan(
    settings, task, examples, lengths=lexicon.lengths, augment=augmentation
  )
  return optimization.with_dev_scores(plan, model, data), model


def _word_task(
  settings: ClassifySettings | TagSettings,
  lexicon: Lexicon,
  pretrained: Pretrained | None,
  task: Task,
  *,
  num_texts: int,
) -> _WordTask:
  """Returns a task to be trained on some texts."""
  few_runs = optimization.makes_few_updates(settings, num_texts)
  return _WordTask(settings, lexicon, pretrained, train.make_predict(task, few_runs=few_runs))


def load_classifier(settings: ClassifySettings, folder: pathlib.Path) -> tuple[Params, Model]:
  """Returns the params and the classifier of a finished run."""
  lexicon = lexicon_lib.load(folder / "lexicon.json")
  task = architectures.word_classifier(settings, lexicon, _zeros(lexicon))
  params = model_lib.load_task_params(task, folder)
  pretrained = stored_vectors.load(settings, folder, dim=lexicon.dim)
  word_task = _WordTask(settings, lexicon, pretrained, train.make_predict(task))
  return params, _classifier_model(word_task)


def tagger(settings: TagSettings, data: dict[str, Tagged]) -> tuple[Plan, Model]:
  """Returns the plan and the model of a tagger: any encoder on word vectors and characters."""
  tags = datasets.tag_names(data)
  tokens = {
    name: preprocessing.clean_tokens(settings, part.sentences) for name, part in data.items()
  }
  words = {name: preprocessing.lookup_words(settings, part) for name, part in tokens.items()}
  pretrained = word_lookup.read_pretrained(settings)
  train_tokens = tokens["train"]
  lexicon = word_lookup.make_lexicon(settings, words, tags, pretrained, characters=train_tokens)
  table = word_lookup.initial_table(settings, lexicon, pretrained, words)
  examples = lexicon_lib.encode_examples(
    lexicon,
    words["train"],
    datasets.tag_targets(tags, data["train"]),
    original_tokens=_characters(settings, train_tokens),
  )
  lexicon = lexicon._replace(lengths=optimization.padded_lengths(settings, examples))
  task = architectures.word_tagger(settings, lexicon, table)
  word_task = _word_task(settings, lexicon, pretrained, task, num_texts=len(examples.ids))
  others = [name for name in data if name != "train"]
  encoded = [(data[name], word_task.encode(words[name], tokens[name])) for name in others]
  model = _tagger_model(word_task, encoded)
  plan = optimization.make_plan(settings, task, examples, lengths=lexicon.lengths)
  return optimization.with_dev_scores(plan, model, data), model


def load_tagger(settings: TagSettings, folder: pathlib.Path) -> tuple[Params, Model]:
  """Returns the params and the tagger of a finished run."""
  lexicon = lexicon_lib.load(folder / "lexicon.json")
  task = architectures.word_tagger(settings, lexicon, _zeros(lexicon))
  params = model_lib.load_task_params(task, folder)
  pretrained = stored_vectors.load(settings, folder, dim=lexicon.dim)
  word_task = _WordTask(settings, lexicon, pretrained, train.make_predict(task))
  return params, _tagger_model(word_task)


def _classifier_model(word_task: _WordTask, encoded: Sequence = ()) -> Model:
  """Returns a classifier as functions of its params."""
  settings = word_task.settings

  def encode(texts: Sequence[str]) -> _Encoded:
    encoded = word_task.encode(preprocessing.words_of_texts(settings, texts))
    unknown_texts.count(_are_unknown(encoded.examples))
    return encoded

  predictor = Predictor(
    encode=encode,
    run=word_task.run,
    save=word_task.save,
    encoded=encoded,
  )
  return model_lib.make_classifier(word_task.lexicon.labels, predictor)


def _are_unknown(examples: Examples) -> np.ndarray:
  """Returns whether each text has no word of the vocabulary, [N] bool."""
  return np.array([ids.max(initial=UNKNOWN) == UNKNOWN for ids in examples.ids], bool)


def _baseline(
  word_task: _WordTask, ids: dict[str, list[np.ndarray]], targets: Sequence[int]
) -> Baseline:
  """Returns logistic regression on mean pretrained vectors, without any on tf-idf."""
  lexicon, pretrained = word_task.lexicon, word_task.pretrained
  vectors = None
  if pretrained is not None:
    vectors = np.zeros((len(lexicon.words) + 2, lexicon.dim), np.float32)
    for row, word in enumerate(lexicon.words, 2):
      vector = pretrained.find(word)
      if vector is not None:
        vectors[row] = vector
  return Baseline(ids, vectors, targets, lexicon.labels)


def _tagger_model(word_task: _WordTask, encoded: Sequence = ()) -> Model:
  """Returns a tagger as functions of its params."""
  settings = word_task.settings

  def encode(sentences: Words) -> _Encoded:
    tokens = preprocessing.clean_tokens(settings, sentences)
    words = preprocessing.lookup_words(settings, tokens)
    return word_task.encode(words, tokens)

  predictor = Predictor(
    encode=encode,
    run=word_task.run,
    save=word_task.save,
    encoded=encoded,
  )
  return model_lib.make_tagger(word_task.lexicon.labels, predictor)


def _characters(settings: ClassifySettings | TagSettings, tokens: Words | None) -> Words | None:
  """Returns tokens whose characters a model reads; None if it reads none."""
  reads_characters = tokens is not None and settings.char_filters
  return tokens if reads_characters else None


def _zeros(lexicon: Lexicon) -> np.ndarray:
  """Returns a table of the size of a lexicon, for params that are loaded."""
  return np.zeros((len(lexicon.words) + 2, lexicon.dim), np.float32)


def _augmentation(
  settings: ClassifySettings, lexicon: Lexicon, pretrained: Pretrained | None
) -> Callable | None:
  """Returns EDA by the neighbours of words, if the settings ask for it."""
  if not settings.eda:
    return None
  if pretrained is None:
    raise InputError(f"eda={settings.eda} takes near words from vectors, expected init=.")
  near = augment.neighbours(["", "", *lexicon.words], pretrained.vectors)
  return functools.partial(augment.eda, near=near, rate=settings.eda)
