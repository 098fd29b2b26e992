"""Settings of training and of what is trained on an encoder: base classes of the dataclasses."""

import dataclasses
from typing import ClassVar

from glove_jax import settings as settings_lib
from glove_jax.finetuning.bounded_keys import amount, default, fraction, positive
from glove_jax.settings import setting

POOLINGS = ("mean", "max", "first", "last", "mean_max")
OPTIMIZERS = ("sgd", "momentum", "adagrad", "adam", "rmsprop", "lion")
SCHEDULES = ("constant", "linear", "cosine", "step")


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
  track: str = settings_lib.track()
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
  # A run of no more updates is over before their better compilation would have paid.
  FEW_UPDATES: ClassVar[int] = 1000

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
class TransformerOptimization(Optimization):
  """Defaults for transformers (Devlin et al. 2019, app. A.3)."""

  LARGEST_BATCH: ClassVar[int] = 32
  SMALLEST_BATCH: ClassVar[int] = 16
  PADDING_PER_LENGTH: ClassVar[int] = 2_700
  FEW_UPDATES: ClassVar[int] = 0  # XLA's older emitters take longer for a transformer

  length_buckets: int = default(6, Optimization, "length_buckets")
  schedule: str = default("linear", Optimization, "schedule")
  warmup_epochs: float = default(0.1, Optimization, "warmup_epochs")
  weight_decay: float = default(0.01, Optimization, "weight_decay")
  clip_norm: float = default(1.0, Optimization, "clip_norm")
