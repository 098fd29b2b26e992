"""Groups of settings that methods of fine-tuning share: base classes of their dataclasses."""

import dataclasses
from typing import Any, ClassVar

from glove_jax import settings as settings_lib
from glove_jax.data.text import tokenization
from glove_jax.settings import setting

POOLINGS = ("mean", "max", "first", "last", "mean_max")
OPTIMIZERS = ("sgd", "momentum", "adagrad", "adam", "rmsprop", "lion")
SCHEDULES = ("constant", "linear", "cosine", "step")
SCHEMES = ("iob1", "iob2", "bioes", "bmes")
DTYPES = ("float32", "bfloat16")
CLEANING = "Cleaning steps, in their order, of html,nfkc,urls,users,numbers,repeats,spaces."


def fraction(default: float, text: str, **limits: Any) -> Any:
  """Declares a key that is at least 0 and below 1."""
  return setting(default, text, minimum=0, below=1, **limits)


def positive(default: int, text: str, **limits: Any) -> Any:
  """Declares a key that is at least 1."""
  return setting(default, text, minimum=1, **limits)


def amount(default: float | None, text: str, **limits: Any) -> Any:
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
    "Texts to label with a finished run: a file of a text a line, or as `train`; - is stdin.",
    resumable=True,
  )
  train: str = setting(
    "",
    "Training texts: a file, a folder with a subfolder for each label, or sample (a toy).",
    names_files="fingerprinted",
  )
  dev: str = setting(
    "",
    "A file of texts on which the best epoch is chosen; empty: a part of `train` is held out.",
    names_files="fingerprinted",
  )
  dev_fraction: float = fraction(0.1, "Fraction of `train` that is held out without `dev`.")
  test: str = setting(
    "",
    "A file of texts that are scored once, at the end, read as `train` is.",
    names_files="fingerprinted",
  )
  fold: str = setting("", "Cross-validation: 3/10 makes the third tenth of `train` the test texts.")
  max_train_texts: int = amount(
    0, "Number of training texts to keep, of each class in proportion; 0: all.", former=("limit",)
  )
  encoding: str = setting("utf-8", "Encoding of the files.")
  errors: str = setting(
    "strict", "What to do with bytes that cannot be decoded: strict (stop), replace, or ignore."
  )
  predict_format: str = setting(
    "auto",
    "What is a text in `predict`: auto detects the format; lines: each line; tokens (taggers): a "
    "token a line.",
    choices=("auto", "lines", "tokens"),
    resumable=True,
  )
  predictions: str = setting(
    "",
    "File for the predictions: .txt, .tsv, .csv, .jsonl or .conll; - is stdout; empty: "
    "predicted.txt in the workdir.",
    resumable=True,
  )
  predictions_format: str = setting(
    "",
    "Format of `predictions`; empty: by the suffix of the file, else txt.",
    choices=("", "txt", "tsv", "csv", "jsonl", "conll"),
    resumable=True,
  )
  probabilities: bool = setting(
    False, "Whether predictions have the probability of each class too.", resumable=True
  )
  score: str = setting(
    "",
    "Labelled files to score a finished run on, separated by commas; - is stdin.",
    resumable=True,
  )
  export: str = setting(
    "",
    "Folder to write a finished run to, for transformers or sentence-transformers.",
    resumable=True,
  )


@dataclasses.dataclass(frozen=True, kw_only=True)
class LabelledData(Data):
  """Texts with a label each."""

  format: str = setting(
    "auto",
    "File format: auto, fasttext, json, jsonl, parquet, csv, tsv, label_tab_text, text_tab_label "
    "or label_text.",
  )
  label_column: str = setting(
    "", "The column of the label, by name or by number from 0; empty: detected."
  )
  text_column: str = setting(
    "",
    "The column of the text, by name or number; FIRST,SECOND is a pair of texts; empty: detected.",
  )
  header: bool | None = setting(
    None, "Whether the first line of a table names its columns; None: detected."
  )
  delimiter: str = setting(
    "", "What separates the columns of a table: a character, or tab; empty: detected."
  )
  label_names: str = setting(
    "",
    "A file of class names, one a line, where labels are numbers 0, 1, ….",
    former=("names",),
    names_files="source",
  )


@dataclasses.dataclass(frozen=True, kw_only=True)
class TaggedData(Data):
  """Sentences with a tag for each token: a token a line, and an empty line after each sentence."""

  token_column: int = setting(
    0, "The column of the token, from 0; if that numbers the tokens, the next one."
  )
  tag_column: int = setting(
    -1, "The column of the tag; -1 is the last, or the only one that has tags."
  )
  label_names: str = setting(
    "", "A file of tags, one a line, where JSON has numbers 0, 1, … for them."
  )
  tokenizer: str = setting(
    "punctuation",
    "Tokenizer of raw texts: punctuation (words, and the signs around them), whitespace, or "
    "characters for Chinese.",
  )
  scheme: str = setting("iob2", "Tagging scheme of predictions.", choices=SCHEMES)


@dataclasses.dataclass(frozen=True, kw_only=True)
class Training:
  """What all methods of training have."""

  seed: int = amount(1, "Random seed; the part of `train` that is held out depends on it too.")
  epochs: int = positive(25, "Passes over the training texts.", resumable=True)
  batch_size: int = positive(50, "Texts in a batch.")
  learning_rate: float = setting(1e-3, "Highest learning rate; see `schedule`.", above=0)
  log_every: int = positive(50, "Steps between records in metrics.jsonl.", resumable=True)
  save_every: int = positive(500, "Steps between checkpoints.", resumable=True)
  save_every_minutes: float = amount(
    5.0, "Minutes between checkpoints, beside those of `save_every`; 0: by steps only.",
    resumable=True,
  )
  compilation_cache: str = settings_lib.compilation_cache()
  keep_checkpoints: bool = setting(
    False,
    "Keep the checkpoints when the run has ended; else the parameters alone, or the last checkpoint"
    " where more epochs may follow.",
    resumable=True,
  )


@dataclasses.dataclass(frozen=True, kw_only=True)
class Optimization(Training):
  """How an encoder and its task are trained."""

  # Of `batch_size=None`: a small batch costs a transformer as much memory traffic as a large one.
  LARGEST_BATCH: ClassVar[int] = 50
  SMALLEST_BATCH: ClassVar[int] = 4
  # A further length must save this many tokens of padding an epoch: some 25 epochs of them take as
  # long as its compilation.
  PADDING_PER_LENGTH: ClassVar[int] = 8_000

  batch_size: int | None = setting(
    None,
    "Texts in a batch; None: as many as make 25 updates an epoch, within bounds of the method.",
    minimum=1,
  )
  length_buckets: int = positive(
    4,
    "Number of lengths that texts are padded to, at most; fewer where a further compilation would "
    "take longer than it saves.",
    former=("buckets",),
  )
  optimizer: str = setting("adam", "The optimizer.", choices=OPTIMIZERS)
  schedule: str = setting(
    "constant",
    "How the learning rate falls after warm-up; step: to a tenth at 1/2 and at 3/4 of the steps.",
    choices=SCHEDULES,
  )
  warmup_epochs: float = amount(
    0.0, "Epochs of linear warm-up of the learning rate.", former=("warmup",)
  )
  weight_decay: float = amount(0.0, "Decoupled weight decay (Loshchilov & Hutter 2019).")
  clip_norm: float = amount(0.0, "Largest norm of the gradient; 0: no clipping.")
  lr_multipliers: str = setting(
    "",
    "Factors on the learning rate by name of parameters, such as words=0.1,head=2; 0 freezes them.",
    former=("rates",),
  )
  unfreeze_after: str = setting(
    "", "Epochs for which parameters are frozen, by name, such as words=2.", former=("thaw",)
  )
  ema_decay: float = fraction(
    0.0,
    "Decay of a moving average of the parameters, which is used in their place; 0: no average.",
    former=("average",),
  )
  patience: int = amount(
    4,
    "Stop after this many epochs, and 300 updates, without a better score on dev; the first 300 "
    "updates do not count. 0: never.",
  )


@dataclasses.dataclass(frozen=True, kw_only=True)
class ClassificationHead:
  """What stands between encoded tokens and the scores of classes."""

  pooling: str = setting("max", "Pooling over the tokens of a text.", choices=POOLINGS)
  class_weights: str = setting(
    "", "balanced: each class has the same weight; empty: each text has.", choices=("", "balanced")
  )
  mixup: float = amount(0.0, "Parameter alpha of mixup (Zhang et al. 2018); 0: no mixup.")


@dataclasses.dataclass(frozen=True, kw_only=True)
class TaggingHead:
  """What stands between encoded tokens and the scores of tags."""

  use_crf: bool = setting(
    True, "Predict tags by a CRF; False: by a softmax for each token.", former=("chain",)
  )
  char_dim: int = positive(30, "Dimensions of character embeddings.")
  char_filters: int = amount(30, "Filters of the CNN over a token's characters; 0: no such CNN.")


@dataclasses.dataclass(frozen=True, kw_only=True)
class Regularization:
  """What all encoders are regularised by."""

  word_dropout: float = fraction(0.0, "Fraction of tokens that are hidden in training.")
  layer_dropout: float = fraction(0.0, "Dropout between the layers of the encoder.")
  dropout: float = fraction(0.5, "Dropout before the output layer.")
  label_smoothing: float = fraction(
    0.0, "Fraction of the target that is spread over all classes.", former=("smoothing",)
  )


@dataclasses.dataclass(frozen=True, kw_only=True)
class WordEncoder(Regularization):
  """An encoder on word vectors."""

  init: str = setting(
    "",
    "Vectors to start from: a pretraining workdir, a file, or pretrained; empty: random vectors.",
    names_files="source",
  )
  keep_vectors_mb: int = amount(
    100,
    "MB of the vectors of `init` that the run keeps for new texts, the most frequent words first; "
    "those of its own texts are always kept.",
    resumable=True,
  )
  dim: int = positive(50, "Dimensions of random vectors, without `init`.")
  lowercase: bool | None = setting(
    None, "Whether to lower-case words; None: as the run in `init` did, else True."
  )
  min_coverage: float = setting(
    0.2,
    "With `init`: stop if it has vectors of a smaller share of the training tokens; 0: go on.",
    minimum=0,
    maximum=1,
  )
  word_parts: bool = setting(
    False,
    "Words without a vector take the mean vector of their parts: I'm, #home, BestMusicVideo.",
    former=("parts",),
  )
  clean: str = setting("", CLEANING)
  min_count: int = positive(
    1, "Words with fewer occurrences in `train` and without a vector count as unknown."
  )
  widths: str = setting("3,4,5", "cnn: sizes of the windows, in words.")
  filters: int = positive(100, "cnn: filters of each window size.")
  lstm_size: int = positive(150, "bilstm: hidden units in each direction.", former=("size",))
  layers: int = positive(1, "bilstm: number of layers.")
  input_dropout: float = fraction(0.0, "Dropout of word vectors.")
  variational: bool = setting(False, "Whether dropout is the same for all words of a text.")
  recurrent_dropout: float = fraction(0.0, "bilstm: dropout of recurrent inputs.")

  def __post_init__(self):
    initial = tokenization.of_source(self.init)
    resolved = {"tokenizer": "whitespace", "lowercase": True, "phrases": ""}
    if initial:
      tokenizer, lowercase, phrases_file, _ = initial
      resolved = {"tokenizer": tokenizer, "lowercase": lowercase, "phrases": phrases_file}
    for key, value in resolved.items():
      if getattr(self, key, value) is None:
        object.__setattr__(self, key, value)


@dataclasses.dataclass(frozen=True, kw_only=True)
class TransformerEncoder(Regularization):
  """A pretrained transformer, and how much of it is trained."""

  init: str = setting(
    "",
    "Transformer to start from: a Hugging Face folder, a run of bert or gpt, or minilm.",
    names_files="source",
  )
  from_scratch: bool = setting(
    False, "Start from random parameters in place of the pretrained ones, for comparison."
  )
  clean: str = setting("", CLEANING)
  max_length: int = amount(
    0, "Longer texts are truncated to this many subword tokens; 0: as many as the model allows."
  )
  dtype: str = setting(
    "float32",
    "Number format of the computation; bfloat16 suits accelerators and CPUs with AVX-512 BF16 or "
    "AMX.",
    choices=DTYPES,
  )
  remat: bool = setting(
    False, "Recompute activations in the backward pass: less memory, a third more time."
  )
  layer_dropout: float = fraction(0.1, "Dropout inside the transformer.")
  dropout: float = fraction(0.1, "Dropout before the output layer.")
  head: str = setting(
    "",
    "dense: a dense layer and an activation before the output layer, as the family's classifiers "
    "in transformers have (BERT: the pooler, with its pretrained weights); empty: none.",
    choices=("", "dense"),
  )
  layer_decay: float = setting(
    1.0, "Factor on the learning rate from each layer to the one below.", above=0, maximum=1
  )
  lora_rank: int = amount(
    0, "Rank of low-rank adapters (LoRA) that are trained in place of the transformer; 0: none."
  )
  lora_alpha: float = amount(16.0, "Adapters are scaled by lora_alpha / lora_rank.")
  lora_adapt: str = setting(
    r"attention/(qkv|out)/w$", "Regular expression of the weight matrices that have adapters."
  )


@dataclasses.dataclass(frozen=True, kw_only=True)
class TransformerOptimization(Optimization):
  """Defaults for transformers (Devlin et al. 2019, app. A.3)."""

  LARGEST_BATCH: ClassVar[int] = 32
  SMALLEST_BATCH: ClassVar[int] = 16
  PADDING_PER_LENGTH: ClassVar[int] = 2_700

  length_buckets: int = default(6, Optimization, "length_buckets")
  schedule: str = default("linear", Optimization, "schedule")
  warmup_epochs: float = default(0.1, Optimization, "warmup_epochs")
  weight_decay: float = default(0.01, Optimization, "weight_decay")
  clip_norm: float = default(1.0, Optimization, "clip_norm")
