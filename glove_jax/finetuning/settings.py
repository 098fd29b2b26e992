"""The settings of each method of fine-tuning: made of a config or a mapping, checked once."""

import dataclasses
import pathlib
from collections.abc import Callable, Mapping
from typing import Any, ClassVar

from ml_collections import ConfigDict

from glove_jax import run_record
from glove_jax import settings as settings_lib
from glove_jax.errors import InputError
from glove_jax.finetuning.bounded_keys import amount, default, fraction, positive
from glove_jax.finetuning.data_settings import LabelledData, TaggedData
from glove_jax.finetuning.encoder_settings import CLEANING, TransformerEncoder, WordEncoder
from glove_jax.finetuning.training_settings import (
  ClassificationHead,
  Optimization,
  TaggingHead,
  Training,
  TransformerOptimization,
)
from glove_jax.settings import setting

ENCODERS = ("cnn", "bilstm", "bag")
FASTTEXT_LOSSES = ("softmax", "ova", "hs")


@dataclasses.dataclass(frozen=True, kw_only=True)
class ClassifySettings(Optimization, ClassificationHead, WordEncoder, LabelledData):
  """Classification of texts by word vectors."""

  method: str = setting(
    "cnn",
    "The encoder of a text; averaged: logistic regression on mean vectors.",
    choices=(*ENCODERS, "averaged"),
  )
  tokenizer: str | None = setting(
    None,
    "Tokenizer: whitespace, words (drops punctuation), unicode; characters or jieba for Chinese; "
    "None: that of the run in `init`, else whitespace.",
  )
  phrases: str | None = setting(
    None,
    "File of phrases to join, phrases.txt of a pretraining run; None: those of the run in `init`; "
    "empty: none.",
    names_files="source",
  )
  max_words: int = amount(
    400, "Longer texts are truncated to this many words; 0: no limit.", former=("max_length",)
  )
  l2: float = amount(1.0, "averaged: weight of the L2 penalty.")
  eda: float = fraction(
    0.0, "Fraction of words that data augmentation changes (EDA, Wei & Zou 2019); 0: none."
  )
  input_dropout: float = default(0.3, WordEncoder, "input_dropout")
  word_dropout: float = default(0.1, WordEncoder, "word_dropout")


@dataclasses.dataclass(frozen=True, kw_only=True)
class TagSettings(Optimization, TaggingHead, WordEncoder, TaggedData):
  """Tagging of tokens by word vectors and characters."""

  LARGEST_BATCH: ClassVar[int] = 16

  method: str = setting("tagger", "The method.", choices=("tagger",))
  encoder: str = setting("bilstm", "The encoder of a sentence.", choices=ENCODERS)
  word_parts: bool = default(True, WordEncoder, "word_parts")
  widths: str = default("3,5", WordEncoder, "widths")
  lstm_size: int = default(100, WordEncoder, "lstm_size")
  variational: bool = default(True, WordEncoder, "variational")
  input_dropout: float = default(0.5, WordEncoder, "input_dropout")
  word_dropout: float = default(0.05, WordEncoder, "word_dropout")
  ema_decay: float = default(0.99, Optimization, "ema_decay")
  learning_rate: float = default(3e-3, Optimization, "learning_rate")
  schedule: str = default("cosine", Optimization, "schedule")
  clip_norm: float = default(5.0, Optimization, "clip_norm")
  patience: int = default(10, Optimization, "patience")


@dataclasses.dataclass(frozen=True, kw_only=True)
class BertClassifySettings(
  TransformerOptimization,
  ClassificationHead,
  TransformerEncoder,
  LabelledData,
):
  """Classification of texts, or of pairs of texts, by a pretrained transformer."""

  method: str = setting("transformer", "The method.", choices=("transformer",))
  pooling: str = default("mean", ClassificationHead, "pooling")
  epochs: int = default(3, Training, "epochs")
  learning_rate: float = default(5e-5, Training, "learning_rate")
  patience: int = default(3, Optimization, "patience")


@dataclasses.dataclass(frozen=True, kw_only=True)
class BertTagSettings(TransformerOptimization, TaggingHead, TransformerEncoder, TaggedData):
  """Tagging of words by a pretrained transformer."""

  LARGEST_BATCH: ClassVar[int] = 16
  SMALLEST_BATCH: ClassVar[int] = 8

  method: str = setting("transformer_tagger", "The method.", choices=("transformer_tagger",))
  char_filters: int = default(0, TaggingHead, "char_filters")
  epochs: int = default(5, Training, "epochs")
  learning_rate: float = default(1e-4, Training, "learning_rate")
  lr_multipliers: str = default("head|crf|chars=10", Optimization, "lr_multipliers")
  patience: int = default(5, Optimization, "patience")


@dataclasses.dataclass(frozen=True, kw_only=True)
class FastTextSupervisedSettings(Training, LabelledData):
  """Classification of texts as by Facebook's fastText."""

  method: str = setting("fasttext_supervised", "The method.", choices=("fasttext_supervised",))
  tokenizer: str = setting(
    "whitespace", "Tokenizer: whitespace, words, unicode; characters or jieba for Chinese."
  )
  lowercase: bool | None = setting(
    None, "Whether to lower-case words; None: as the tokenizer does by default."
  )
  clean: str = setting("", CLEANING)
  min_count: int = positive(1, "Words with fewer occurrences in `train` are left out.")
  dim: int = positive(100, "Dimensions of a vector.")
  loss: str = setting(
    "softmax",
    "The loss: softmax, ova (one against all), or hs (hierarchical softmax).",
    choices=FASTTEXT_LOSSES,
  )
  word_ngrams: int = positive(2, "Longest n-gram, in words; 1: none.")
  min_n: int = amount(0, "Shortest n-gram, in characters.")
  max_n: int = amount(0, "Longest n-gram, in characters; 0: none.")
  ngram_buckets: int | None = amount(
    None,
    "Number of vectors that n-grams share by hashing, 4 * dim bytes each; None: three times the "
    "distinct n-grams, rounded up to a power of two, at most 2,000,000 (Facebook's default).",
    former=("buckets",),
  )
  updates_per_step: int = positive(
    128, "Batches that one compiled step processes, one after another.", former=("turns",)
  )
  epochs: int = positive(10, "Passes over the training texts.")
  batch_size: int = default(8, Training, "batch_size")
  learning_rate: float = setting(0.5, "Initial learning rate; it falls linearly to 0.", above=0)
  log_every: int = default(10, Training, "log_every")
  save_every: int = default(1000, Training, "save_every")


SETTINGS = {
  "fasttext_supervised": FastTextSupervisedSettings,
  "bag": ClassifySettings,
  "cnn": ClassifySettings,
  "bilstm": ClassifySettings,
  "averaged": ClassifySettings,
  "tagger": TagSettings,
  "transformer": BertClassifySettings,
  "transformer_tagger": BertTagSettings,
}

CONFIGS = {  # file of experiments/configs -> settings
  "classify": ClassifySettings,
  "tag": TagSettings,
  "bert_classify": BertClassifySettings,
  "bert_tag": BertTagSettings,
  "fasttext_supervised": FastTextSupervisedSettings,
}


def config(name: str, **changes: Any) -> ConfigDict:
  """Returns the config of a file of experiments/configs: the defaults, but for some changes."""
  return settings_lib.config(CONFIGS[name], **changes)


def parse(
  values: ConfigDict | Mapping[str, Any], *, notify: Callable[[str], None] = lambda line: None
) -> Any:
  """Returns the settings of the method that `values["method"]` names.

  Args:
    values: a config of a program, or a mapping; missing keys have their defaults. Old spellings
      are accepted.
    notify: called with one line for each key in its old spelling.

  Raises:
    InputError: the method or a key is unknown, a value is out of bounds, or the config is that of
      another method.
  """
  values = dict(values.items())
  cls = _class_of(values)
  settings = settings_lib.make(cls, values, notify=notify)
  _check(settings)
  return settings


def read(folder: pathlib.Path) -> Any:
  """Returns the settings of an earlier run, from its `config.json`.

  Raises:
    InputError: the folder holds no fine-tuning run.
  """
  values = run_record.read_settings(folder) or {}
  cls = SETTINGS.get(values.get("method"))
  if cls is None:
    raise InputError(
      f"{folder}: no finished run that can label texts, expected a folder of finetune.py."
    )
  values = settings_lib.translate(cls, values)
  if "word_parts" in settings_lib.field_names(cls):
    values.setdefault("word_parts", False)  # runs from before there was this key did without
  if "phrases" in settings_lib.field_names(cls):
    values.setdefault("phrases", "")
  return settings_lib.make(cls, values)


def _class_of(values: Mapping[str, Any]) -> type:
  """Returns the dataclass of a method; refuses the config of another method."""
  method = values.get("method")
  if method not in SETTINGS:
    raise InputError(f"method={method!r} is unknown, expected one of {', '.join(SETTINGS)}.")
  cls = SETTINGS[method]
  matching = [other for other in CONFIGS.values() if _has_keys(other, values)]
  if matching and cls not in matching:
    name = next(name for name, other in CONFIGS.items() if other is cls)
    raise InputError(f"method={method!r} needs --config=experiments/configs/{name}.py.")
  return cls


def _has_keys(cls: type, values: Mapping[str, Any]) -> bool:
  """Returns whether these are exactly the keys of a dataclass."""
  return set(settings_lib.translate(cls, values)) == settings_lib.field_names(cls)


def _check(settings: Any) -> None:
  """Raises InputError for values that do not go together."""
  if not settings.train:
    raise InputError("train is empty, expected a file of labelled texts: --config.train=FILE.")
  if isinstance(settings, FastTextSupervisedSettings):
    uses_ngrams = settings.word_ngrams > 1 or settings.max_n > 0
    if uses_ngrams and settings.ngram_buckets == 0:
      raise InputError(
        "ngram_buckets=0, expected more than 0 for word_ngrams above 1 or max_n above 0."
      )
