"""Groups of settings that methods of fine-tuning share: base classes of their dataclasses."""

import dataclasses
from typing import Any

from glove_jax.settings import setting

POOLINGS = ("mean", "max", "first", "last", "mean_max")
OPTIMIZERS = ("sgd", "momentum", "adagrad", "adam", "rmsprop", "lion")
SCHEDULES = ("constant", "linear", "cosine", "step")
SCHEMES = ("iob1", "iob2", "bioes", "bmes")
DTYPES = ("float32", "bfloat16")


def fraction(default: float, text: str, **limits: Any) -> Any:
  """Declares a key that is at least 0 and below 1."""
  return setting(default, text, minimum=0, below=1, **limits)


def positive(default: int, text: str, **limits: Any) -> Any:
  """Declares a key that is at least 1."""
  return setting(default, text, minimum=1, **limits)


def amount(default: float, text: str, **limits: Any) -> Any:
  """Declares a key that is at least 0."""
  return setting(default, text, minimum=0, **limits)


def default(value: Any, group: type, key: str) -> Any:
  """Declares a key of a group once more, with another default."""
  field = group.__dataclass_fields__[key]
  return dataclasses.field(default=value, metadata=field.metadata)


@dataclasses.dataclass(frozen=True, kw_only=True)
class Data:
  """The texts of a task and their division into parts."""

  method: str = setting("", "The method.")
  predict: str = setting(
    "",
    "A file of texts, one a line, to label with a finished run.",
    resumable=True,
  )
  train: str = setting("", "A file of training texts, or a folder with a folder for each label.")
  dev: str = setting("", "A file of texts that choose the best epoch; empty: a part of `train`.")
  dev_fraction: float = fraction(0.1, "The part of `train` that stands in for `dev`; 0: none.")
  test: str = setting("", "A file of texts that are scored once, at the end.")
  fold: str = setting("", "Cross-validation: 3/10 makes the third tenth of `train` the test texts.")
  max_train_texts: int = amount(
    0,
    "Training texts to keep, of every class in proportion; 0: all.",
    former=("limit",),
  )
  encoding: str = setting("utf-8", "Encoding of the files.")
  errors: str = setting("strict", "Bytes that are not text: strict (an error), replace or ignore.")


@dataclasses.dataclass(frozen=True, kw_only=True)
class LabelledData(Data):
  """Texts with a label each."""

  format: str = setting(
    "auto",
    "Format: auto, fasttext, jsonl, csv, tsv, label_tab_text, text_tab_label or label_text.",
  )
  label_names: str = setting(
    "",
    "A file of class names, one a line, which the labels 0, 1, … stand for.",
    former=("names",),
  )


@dataclasses.dataclass(frozen=True, kw_only=True)
class TaggedData(Data):
  """Sentences with a tag for each token: a token a line, and an empty line after each sentence."""

  token_column: int = setting(0, "The column of the token, from 0.")
  tag_column: int = setting(-1, "The column of the tag; -1 is the last.")
  tokenizer: str = setting(
    "whitespace", "Tokenizer of texts to label: whitespace, or characters for Chinese."
  )
  scheme: str = setting("iob2", "Tagging scheme of texts that are labelled.", choices=SCHEMES)


@dataclasses.dataclass(frozen=True, kw_only=True)
class Training:
  """What all methods of training have."""

  seed: int = amount(1, "Seed of initial params, dropout, the order of texts and held-out ones.")
  epochs: int = positive(25, "Passes over the training texts.")
  batch_size: int = positive(50, "Texts of a batch.")
  learning_rate: float = setting(1e-3, "The peak learning rate.", above=0)
  log_every: int = positive(50, "Updates between two records of the loss.", resumable=True)
  save_every: int = positive(500, "Updates between two checkpoints.", resumable=True)


@dataclasses.dataclass(frozen=True, kw_only=True)
class Optimization(Training):
  """How an encoder and its task are trained."""

  length_buckets: int = positive(4, "Lengths that texts are padded to.", former=("buckets",))
  optimizer: str = setting("adam", "The optimiser.", choices=OPTIMIZERS)
  schedule: str = setting(
    "constant",
    "The learning rate after the warm-up; all but constant end at or near 0.",
    choices=SCHEDULES,
  )
  warmup_epochs: float = amount(
    0.0,
    "Epochs of linear warm-up of the learning rate.",
    former=("warmup",),
  )
  weight_decay: float = amount(0.0, "Decoupled weight decay (Loshchilov & Hutter 2019).")
  clip_norm: float = amount(0.0, "Bound on the norm of the gradient; 0: none.")
  lr_multipliers: str = setting(
    "",
    "Factors on the learning rate by name of the params: words=0.1,head=2; words=0 freezes.",
    former=("rates",),
  )
  unfreeze_after: str = setting(
    "",
    "Epochs until params begin to be trained, by name: words=2.",
    former=("thaw",),
  )
  ema_decay: float = fraction(
    0.0,
    "Decay of an exponential moving average of the params, which is the result; 0: none.",
    former=("average",),
  )
  patience: int = amount(4, "Epochs without a better score on dev before training stops; 0: never.")


@dataclasses.dataclass(frozen=True, kw_only=True)
class ClassificationHead:
  """What stands between encoded tokens and the scores of classes."""

  pooling: str = setting("max", "Pooling over the tokens of a text.", choices=POOLINGS)
  class_weights: str = setting(
    "",
    "balanced: every class has the same weight in the loss; empty: every text.",
    choices=("", "balanced"),
  )
  mixup: float = amount(
    0.0, "Alpha of the Beta distribution of mixup (Zhang et al. 2018); 0: none."
  )


@dataclasses.dataclass(frozen=True, kw_only=True)
class TaggingHead:
  """What stands between encoded tokens and the scores of tags."""

  use_crf: bool = setting(
    True,
    "A CRF over the tags of a sentence; else a softmax over those of each token.",
    former=("chain",),
  )
  char_dim: int = positive(30, "Size of character embeddings.")
  char_filters: int = amount(
    30, "Filters of the CNN over the characters of a token; 0: no characters."
  )


@dataclasses.dataclass(frozen=True, kw_only=True)
class Regularization:
  """What all encoders are regularised by."""

  word_dropout: float = fraction(0.0, "Share of tokens that are hidden in training.")
  layer_dropout: float = fraction(0.0, "Dropout inside the encoder, between layers.")
  dropout: float = fraction(0.5, "Dropout before the last layer.")
  label_smoothing: float = fraction(
    0.0,
    "Share of the target that is spread over all classes.",
    former=("smoothing",),
  )


@dataclasses.dataclass(frozen=True, kw_only=True)
class WordEncoder(Regularization):
  """An encoder on word vectors."""

  init: str = setting(
    "",
    "A pretraining workdir, a vector file, or pretrained; empty: random vectors.",
  )
  dim: int = positive(50, "Size of random vectors.")
  lowercase: bool = setting(True, "Whether words are lower-cased.")
  word_parts: bool = setting(
    False,
    "Words without a vector have the mean vector of their parts: I'm, #home, BestMusicVideo.",
    former=("parts",),
  )
  clean: str = setting("", "Steps of cleaning: html,nfkc,urls,users,numbers,repeats,spaces.")
  min_count: int = positive(
    1, "Words of `train` that are rarer and have no vector count as unknown."
  )
  widths: str = setting("3,4,5", "cnn: words of a window.")
  filters: int = positive(100, "cnn: filters of each width.")
  lstm_size: int = positive(150, "bilstm: size of the LSTM of each direction.", former=("size",))
  layers: int = positive(1, "bilstm: layers.")
  input_dropout: float = fraction(0.0, "Dropout of word vectors.")
  variational: bool = setting(
    False, "Whether the same dimensions are dropped of all words of a text."
  )
  recurrent_dropout: float = fraction(0.0, "bilstm: dropout of recurrent inputs.")


@dataclasses.dataclass(frozen=True, kw_only=True)
class TransformerEncoder(Regularization):
  """A pretrained transformer, and how much of it is trained."""

  init: str = setting(
    "", "A transformer: a folder of Hugging Face's, a run of bert or gpt, or minilm."
  )
  from_scratch: bool = setting(
    False, "Random params instead of the pretrained ones, for comparison."
  )
  clean: str = setting("", "Steps of cleaning: html,nfkc,urls,users,numbers,repeats,spaces.")
  max_length: int = amount(
    0, "Subword tokens of a text that are read; 0: as many as the model allows."
  )
  dtype: str = setting("float32", "Number format of the computation.", choices=DTYPES)
  remat: bool = setting(False, "Activations are recomputed: less memory, a third more time.")
  layer_dropout: float = fraction(0.1, "Dropout inside the transformer.")
  dropout: float = fraction(0.1, "Dropout before the last layer.")
  layer_decay: float = setting(
    1.0,
    "Factor on the learning rate from each layer to the one below.",
    above=0,
    maximum=1,
  )
  lora_rank: int = amount(
    0, "Rank of adapters that are trained instead of the transformer; 0: none."
  )
  lora_alpha: float = amount(16.0, "Scale of the adapters: alpha / rank.")
  lora_adapt: str = setting(
    r"attention/(qkv|out)/w$", "Regular expression of the adapted matrices."
  )


@dataclasses.dataclass(frozen=True, kw_only=True)
class TransformerOptimization(Optimization):
  """Defaults for transformers (Devlin et al. 2019, app. A.3)."""

  length_buckets: int = default(6, Optimization, "length_buckets")
  schedule: str = default("linear", Optimization, "schedule")
  warmup_epochs: float = default(0.1, Optimization, "warmup_epochs")
  weight_decay: float = default(0.01, Optimization, "weight_decay")
  clip_norm: float = default(1.0, Optimization, "clip_norm")
