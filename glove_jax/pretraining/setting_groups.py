"""Keys that several pretraining methods share: how text is read, counted and split into windows."""

from dataclasses import dataclass
from typing import Any

from glove_jax.errors import InputError
from glove_jax.settings import setting

SCHEDULES = ("constant", "linear", "cosine", "step")
METHOD = "The training method; each has its config file."
OPTIMIZERS = ("sgd", "momentum", "adagrad", "adam", "rmsprop", "lion")


def dim(default: int) -> Any:
  """Declares the key `dim`."""
  return setting(default, "Numbers of a vector.", minimum=1)


def seed() -> Any:
  """Declares the key `seed`."""
  return setting(1, "Seed of all random draws.", minimum=0)


def epochs(default: int, text: str = "Passes over the corpus.") -> Any:
  """Declares the key `epochs`; `runs` lets it change only where the learning rate is constant."""
  return setting(default, text, minimum=1, resumable=True)


def learning_rate(default: float) -> Any:
  """Declares the key `learning_rate`."""
  return setting(default, "Learning rate, before its schedule.", above=0)


def schedule(default: str) -> Any:
  """Declares the key `schedule`."""
  text = "How the learning rate falls to 0 over all epochs; constant: it does not."
  return setting(default, text, choices=SCHEDULES)


def sample(default: float) -> Any:
  """Declares the key `sample`."""
  text = "Frequency above which words are randomly dropped; 0: none."
  return setting(default, text, minimum=0)


def shared_negatives(default: int) -> Any:
  """Declares the key `shared_negatives`."""
  text = "Negative samples that a block shares."
  return setting(default, text, minimum=1, former=("shared",))


def device_per_core(default: bool) -> Any:
  """Declares the key `device_per_core`."""
  text = "Without an accelerator, make each CPU core a device and split the work over them."
  return setting(default, text, former=("device_a_core",))


def updates_per_step(default: int) -> Any:
  """Declares the key `updates_per_step`."""
  text = "Batches that one compiled step learns from, one after another."
  return setting(default, text, minimum=1, former=("turns",))


def held_out() -> Any:
  """Declares the key `held_out`."""
  text = "Fraction of the word pairs that is kept out of training, for a held-out loss."
  return setting(0.0, text, minimum=0, below=1)


def patience() -> Any:
  """Declares the key `patience`."""
  text = "Epochs without a better held-out loss after which to stop; 0: never."
  return setting(0, text, minimum=0)


def glove_output() -> Any:
  """Declares the key `output` of GloVe's methods."""
  text = (
    "What a word's vector is: sum W + C, word W, concat [W; C], or aligned, W + C with C rotated"
    " towards W."
  )
  return setting("sum", text, choices=("sum", "word", "concat", "aligned"))


def x_max() -> Any:
  """Declares the key `x_max`."""
  text = "Counts from this one on have weight 1; 100 suits billions of words."
  return setting(10.0, text, above=0)


def alpha() -> Any:
  """Declares the key `alpha`."""
  return setting(0.75, "Exponent of the weight (count / x_max)^alpha of smaller counts.")


def log_every(default: int) -> Any:
  """Declares the key `log_every`."""
  return setting(default, "Steps between records in metrics.jsonl.", minimum=1, resumable=True)


def save_every(default: int) -> Any:
  """Declares the key `save_every`."""
  return setting(default, "Steps between checkpoints.", minimum=1, resumable=True)


def evaluate() -> Any:
  """Declares the key `evaluate`."""
  return setting(True, "Print scores and neighbours at the end.", resumable=True)


def neighbours() -> Any:
  """Declares the key `neighbours`."""
  text = "Words to show the neighbours of, separated by commas; empty: some frequent ones."
  return setting("", text, resumable=True)


@dataclass(frozen=True, kw_only=True)
class TextSettings:
  """How a corpus is read."""

  method: str = setting("", METHOD)
  corpus: str = setting("sample", "A file, a glob, several separated by commas, or sample.")
  encoding: str = setting("utf-8", "Encoding of the corpus.")
  errors: str = setting(
    "strict", "What to do about bytes that are not text: strict (stop), replace, or ignore."
  )


@dataclass(frozen=True, kw_only=True)
class WordTextSettings(TextSettings):
  """How a corpus is split into words, and which words have a vector."""

  tokenizer: str = setting(
    "words", "How text is split into words: words, unicode, whitespace, characters, or jieba."
  )
  lowercase: bool | None = setting(None, "Lower the case; None: as the tokenizer does.")
  vocab: str = setting("", "A file of `word count` lines; empty: counted from the corpus.")
  min_count: int = setting(5, "Occurrences that a word needs to have a vector.")
  max_vocab: int = setting(0, "Most words of the vocabulary; 0: no bound.", minimum=0)
  phrases: int = setting(
    0, "Passes that join words into phrases: new_york, then new_york_times.", minimum=0
  )
  phrase_score: str = setting("mikolov", "Score of a pair of words: mikolov or npmi.")
  phrase_threshold: float = setting(
    100.0, "Score from which a pair is a phrase; for npmi from -1 to 1."
  )
  phrase_min_count: int = setting(5, "Occurrences that a phrase needs.")

  def __post_init__(self):
    if self.phrases:
      from glove_jax.data.text import phrases  # imported late: few runs have phrases
      scoring = phrases.Scoring(
        score=self.phrase_score,
        threshold=self.phrase_threshold,
        min_count=self.phrase_min_count,
      )
      phrases.check(scoring)


@dataclass(frozen=True, kw_only=True)
class CountSettings(WordTextSettings):
  """What counts as co-occurrence."""

  window: int = setting(15, "Greatest distance of two words that co-occur.", minimum=1)
  symmetric: bool = setting(True, "Count contexts on both sides; else those on the left only.")
  weighting: str = setting(
    "inverse", "What a pair at distance d counts: inverse 1 / d, or flat 1.",
    choices=("inverse", "flat"),
  )
  memory_gb: float = setting(
    4.0, "Memory for counting; what does not fit goes to disk.", above=0, resumable=True
  )

  def __post_init__(self):
    super().__post_init__()
    if getattr(self, "patience", 0) and not getattr(self, "held_out", 0):
      raise InputError("patience needs a held-out loss; set held_out, for example to 0.01.")


@dataclass(frozen=True, kw_only=True)
class WindowSettings(WordTextSettings):
  """Windows of words in blocks of text, and negative samples."""

  init: str = setting("", "A run to continue on new text, or what else the method starts from.")
  grow: bool = setting(False, "Keep the words of the run in `init` that the new text lacks too.")
  window: int = setting(5, "Greatest distance of a context word.", minimum=1)
  dynamic_window: bool = setting(
    True, "Draw each window's size from 1 to `window`.", former=("dynamic",)
  )
  sample: float = sample(1e-3)
  block_size: int = setting(
    64, "Neighbouring words that are learnt together and share negative samples.",
    minimum=1, former=("block",),
  )
  shared_negatives: int = shared_negatives(32)
  model: str = setting("skipgram", "skipgram or cbow.", choices=("skipgram", "cbow"))
  negatives: int = setting(
    5, "Negative samples that a pair counts for; those of its block are weighted so.", minimum=1
  )
  power: float = setting(0.75, "Negative samples are drawn in proportion to count^power.")
