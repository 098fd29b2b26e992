"""The settings of each pretraining method: a frozen dataclass with a default and a text per key."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from ml_collections import ConfigDict

from glove_jax import settings as settings_lib
from glove_jax.errors import InputError
from glove_jax.pretraining import setting_groups as groups
from glove_jax.pretraining.count_settings import CountSettings
from glove_jax.pretraining.language_model_settings import (
  BertSettings,
  GptSettings,
  LanguageModelSettings,
  with_sizes,
)
from glove_jax.settings import setting


@dataclass(frozen=True, kw_only=True)
class GloveSettings(CountSettings):
  """GloVe by row-wise AdaGrad, or by any optax optimizer."""

  method: str = setting("glove", groups.METHOD)
  init: str = setting(
    "", "A pretraining workdir or a file of vectors to start from.", names_files="source"
  )
  min_coverage: float = groups.min_coverage()
  dim: int = groups.dim(50)
  x_max: float = groups.x_max()
  alpha: float = groups.alpha()
  output: str = groups.glove_output()
  seed: int = groups.seed()
  epochs: int = groups.epochs(15, "Passes over the counts.")
  batch_size: int = setting(8192, "Counts in a batch.", minimum=1)
  optimizer: str = setting(
    "row_adagrad",
    "row_adagrad, the rule of Stanford's program, or an optax optimizer.",
    choices=("row_adagrad", *groups.OPTIMIZERS),
  )
  learning_rate: float = groups.learning_rate(0.05)
  clip: float = setting(
    100.0, "row_adagrad: largest absolute value of an entry of a vector's gradient."
  )
  bias_rule: str = setting(
    "head",
    "row_adagrad: whether the learning rate scales the gradients of biases (v1.2) or not (head), as"
    " in two versions of Stanford's program.",
    choices=("v1.2", "head"),
  )
  schedule: str = groups.schedule("constant")
  warmup_steps: int = setting(
    0, "optax optimizers: steps over which the learning rate rises from 0."
  )
  weight_decay: float = setting(0.0, "optax optimizers: decoupled weight decay.")
  average_epochs: int = setting(
    8,
    "Average the parameters after this many last epochs, at most half of all; 1: no averaging.",
    minimum=1,
    former=("average",),
  )
  shard_tables: bool = groups.shard_tables()
  held_out: float = groups.held_out()
  patience: int = groups.patience()
  log_every: int = groups.log_every(500)
  save_every: int = groups.save_every(5000)
  save_every_minutes: float = groups.save_every_minutes()
  keep_checkpoints: bool = groups.keep_checkpoints()
  evaluate: bool = groups.evaluate()
  neighbours: str = groups.neighbours()

  def __post_init__(self):
    super().__post_init__()
    if self.shard_tables and self.optimizer != "row_adagrad":
      raise InputError(
        f"optimizer={self.optimizer!r} with shard_tables=True: expected optimizer=row_adagrad,"
        " which updates the rows of a batch alone."
      )


@dataclass(frozen=True, kw_only=True)
class GloveAlsSettings(CountSettings):
  """GloVe by alternating least squares, without a learning rate."""

  method: str = setting("glove_als", groups.METHOD)
  init: str = setting(
    "",
    "A pretraining workdir, a file of vectors, or pretrained, to start from.",
    names_files="source",
  )
  min_coverage: float = groups.min_coverage()
  anchor: float = setting(
    0.0,
    "How strongly words are held to their vectors in `init`, to adapt these to the corpus; 0: not "
    "at all.",
    minimum=0,
  )
  keep_unseen: bool = setting(
    True, "With `anchor`: also write the vectors in `init` of words that the corpus lacks."
  )
  dim: int = groups.dim(50)
  x_max: float = groups.x_max()
  alpha: float = groups.alpha()
  output: str = groups.glove_output()
  ridge: float = setting(
    0.1, "Ridge penalty of a word with n non-zero counts: ridge * n^ridge_power.", above=0
  )
  ridge_power: float = setting(0.5, "Exponent in the ridge penalty; see `ridge`.")
  bias_ridge: float = setting(
    0.01, "Ridge penalty of biases, as a fraction of that of vectors.", above=0
  )
  seed: int = groups.seed()
  epochs: int = groups.epochs(1, "Sweeps: each solves for all words, then for all contexts.")
  dense_words: int = setting(
    8192,
    "Most frequent words among which the first sweeps are made, without `init`; at most the square "
    "root of the number of counts. Other words then start from their counts with these.",
    minimum=0,
  )
  dense_epochs: int = setting(3, "Sweeps among the `dense_words` before all others.", minimum=0)
  cg_steps: int = setting(
    2,
    "Conjugate-gradient steps for each word in a sweep; with `init`, three times as many.",
    minimum=1,
  )
  batch_size: int = setting(1 << 20, "Counts in a batch, padding included.", minimum=1)
  device_per_core: bool = groups.device_per_core(True)
  shard_tables: bool = groups.shard_tables()
  held_out: float = groups.held_out()
  patience: int = groups.patience()
  log_every: int = groups.log_every(20)
  save_every: int = groups.save_every(200)
  save_every_minutes: float = groups.save_every_minutes()
  keep_checkpoints: bool = groups.keep_checkpoints()
  evaluate: bool = groups.evaluate()
  neighbours: str = groups.neighbours()

  def __post_init__(self):
    super().__post_init__()
    if self.anchor and not self.init:
      raise InputError(
        f"anchor={self.anchor} needs pretrained vectors: set init to a file,"
        " a pretraining workdir, or pretrained."
      )
    if self.anchor and self.output != "sum":
      raise InputError(
        f"output={self.output!r}, expected sum, which anchor={self.anchor} constrains."
      )


@dataclass(frozen=True, kw_only=True)
class PpmiSvdSettings(CountSettings):
  """Singular vectors of PPMI: nothing is trained, so `epochs` and `save_every` have no effect."""

  method: str = setting("ppmi_svd", groups.METHOD)
  dim: int = groups.dim(100)
  shift: float = setting(
    1.0,
    "The logarithm of this is subtracted from PMI; it corresponds to word2vec's number of negative "
    "samples.",
  )
  context_smoothing: float = setting(
    0.75,
    "Context probabilities are proportional to count^context_smoothing.",
    former=("smoothing",),
  )
  power: float = setting(0.5, "Exponent of the singular values.")
  seed: int = groups.seed()
  epochs: int = groups.epochs(1, "Has no effect: nothing is trained.")
  log_every: int = groups.log_every(1)
  save_every: int = groups.save_every(1)
  save_every_minutes: float = groups.save_every_minutes()
  keep_checkpoints: bool = groups.keep_checkpoints()
  evaluate: bool = groups.evaluate()
  neighbours: str = groups.neighbours()


@dataclass(frozen=True, kw_only=True)
class Word2VecSettings(groups.WindowSettings):
  """Skip-gram or CBOW, with negative samples or hierarchical softmax."""

  method: str = setting("word2vec", groups.METHOD)
  init: str = setting(
    "", "A run to continue on new text, or a file of vectors to start from.", names_files="source"
  )
  loss: str = setting(
    "ns", "ns: negative sampling; hs: hierarchical softmax.", choices=("ns", "hs")
  )
  dim: int = groups.dim(100)
  output: str = setting(
    "word", "Which vectors are written: word (W) or sum (W + C).", choices=("word", "sum")
  )
  seed: int = groups.seed()
  epochs: int = groups.epochs(4)
  batch_size: int = setting(2048, "Words whose gradients are summed before an update.", minimum=1)
  updates_per_step: int = groups.updates_per_step(16)
  learning_rate: float = groups.learning_rate(0.1)
  schedule: str = groups.schedule("linear")
  device_per_core: bool = groups.device_per_core(False)
  shard_tables: bool = groups.shard_tables()
  log_every: int = groups.log_every(20)
  save_every: int = groups.save_every(200)
  save_every_minutes: float = groups.save_every_minutes()
  keep_checkpoints: bool = groups.keep_checkpoints()
  evaluate: bool = groups.evaluate()
  neighbours: str = groups.neighbours()

  def __post_init__(self):
    super().__post_init__()
    if self.loss == "hs" and self.output == "sum":
      raise InputError(
        "output='sum' with loss='hs', which has no context vectors: expected output=word."
      )


@dataclass(frozen=True, kw_only=True)
class FastTextSettings(groups.WindowSettings):
  """Skip-gram or CBOW of words that are the means of their character n-grams."""

  method: str = setting("fasttext", groups.METHOD)
  init: str = setting(
    "", "A run, or a .bin file of fastText, to continue on new text.", names_files="source"
  )
  dim: int = groups.dim(100)
  min_n: int = setting(3, "Shortest n-gram, in characters; < and > around the word count.")
  max_n: int = setting(6, "Longest n-gram, in characters.")
  ngram_buckets: int | None = setting(
    None,
    "Number of vectors that n-grams share by hashing, 4 * dim bytes each; None: three times the "
    "distinct n-grams, rounded up to a power of two, at most 2,000,000 (Facebook's default).",
    minimum=1,
    former=("buckets",),
  )
  seed: int = groups.seed()
  epochs: int = groups.epochs(4)
  batch_size: int = setting(2048, "Words whose gradients are summed before an update.", minimum=1)
  updates_per_step: int = groups.updates_per_step(16)
  learning_rate: float = groups.learning_rate(0.075)
  schedule: str = groups.schedule("linear")
  device_per_core: bool = groups.device_per_core(False)
  shard_tables: bool = groups.shard_tables()
  log_every: int = groups.log_every(20)
  save_every: int = groups.save_every(200)
  save_every_minutes: float = groups.save_every_minutes()
  keep_checkpoints: bool = groups.keep_checkpoints()
  evaluate: bool = groups.evaluate()
  neighbours: str = groups.neighbours()


SETTINGS = {
  "glove": GloveSettings,
  "glove_als": GloveAlsSettings,
  "ppmi_svd": PpmiSvdSettings,
  "word2vec": Word2VecSettings,
  "fasttext": FastTextSettings,
  "bert": BertSettings,
  "gpt": GptSettings,
}


def parse(
  values: ConfigDict | Mapping[str, Any], *, notify: Callable[[str], None] = lambda line: None
) -> Any:
  """Returns the settings dataclass of a config or of key -> value; missing keys have defaults.

  Args:
    values: with `method`, glove_als by default; old spellings of keys are accepted.
    notify: called with one line for each key in its old spelling.

  Raises:
    InputError: the method or a key is unknown, a value is bad, or values do not go together.
  """
  values = dict(values.items())
  method = values.get("method", "glove_als")
  if method not in SETTINGS:
    raise InputError(f"method={method!r} is unknown, expected one of {', '.join(SETTINGS)}.")
  cls = SETTINGS[method]
  if _is_config_of_another_method(values, cls):
    raise InputError(f"method={method!r} needs --config=experiments/configs/{method}.py.")
  settings = settings_lib.make(cls, values, notify=notify)
  if isinstance(settings, LanguageModelSettings):
    return with_sizes(settings)
  return settings


def config(method: str, **changes: Any) -> ConfigDict:
  """Returns the defaults of a method, with some changed, for a config file."""
  return settings_lib.config(SETTINGS[method], **changes)


def _is_config_of_another_method(values: Mapping[str, Any], cls: type) -> bool:
  """Returns whether the keys are all those of another method than `cls` is of."""
  others = [other for other in SETTINGS.values() if other is not cls]
  return any(settings_lib.field_names(other) <= set(values) for other in others)
