"""Keys that several pretraining methods share: how text is read, counted and split into windows."""

from dataclasses import dataclass
from typing import Any

from glove_jax import settings as settings_lib
from glove_jax.data.text import tokenization, word_tokenizers
from glove_jax.settings import setting

SCHEDULES = ("constant", "linear", "cosine", "step")
METHOD = "The pretraining method; each has a config file."
OPTIMIZERS = ("sgd", "momentum", "adagrad", "adam", "rmsprop", "lion")


def dim(default: int) -> Any:
  """Declares the key `dim`."""
  return setting(default, "Dimensions of a vector.", minimum=1)


def seed() -> Any:
  """Declares the key `seed`."""
  return setting(1, "Random seed.", minimum=0)


def epochs(default: int, text: str = "Passes over the corpus.") -> Any:
  """Declares the key `epochs`; `runs` lets it change only where the learning rate is constant."""
  return setting(default, text, minimum=1, resumable=True)


def learning_rate(default: float) -> Any:
  """Declares the key `learning_rate`."""
  return setting(default, "Highest learning rate; see `schedule`.", above=0)


def schedule(default: str) -> Any:
  """Declares the key `schedule`."""
  text = (
    "How the learning rate falls during training; step: to a tenth at 1/2 and at 3/4 of the steps."
  )
  return setting(default, text, choices=SCHEDULES)


def sample(default: float) -> Any:
  """Declares the key `sample`."""
  text = "Words more frequent than this fraction of the text are randomly dropped; 0: none."
  return setting(default, text, minimum=0)


def shared_negatives(default: int) -> Any:
  """Declares the key `shared_negatives`."""
  text = "Negative samples that are drawn for a block and shared by its words."
  return setting(default, text, minimum=1, former=("shared",))


def device_per_core(default: bool) -> Any:
  """Declares the key `device_per_core`."""
  text = "Without an accelerator: make a JAX device of each CPU core and split batches over them."
  return setting(default, text, former=("device_a_core",))


def shard_tables() -> Any:
  """Declares the key `shard_tables`."""
  text = (
    "Split the rows of the tables of vectors over the devices, for tables that one device cannot"
    " hold; else each device has all rows."
  )
  return setting(False, text, resumable=True)


def updates_per_step(default: int) -> Any:
  """Declares the key `updates_per_step`."""
  text = "Batches that one compiled step processes, one after another."
  return setting(default, text, minimum=1, former=("turns",))


def held_out() -> Any:
  """Declares the key `held_out`."""
  text = "Fraction of the word pairs that is kept out of training, to measure a held-out loss."
  return setting(0.0, text, minimum=0, below=1)


def patience() -> Any:
  """Declares the key `patience`."""
  text = "Stop after this many epochs without a lower held-out loss; 0: never."
  return setting(0, text, minimum=0)


def glove_output() -> Any:
  """Declares the key `output` of GloVe's methods."""
  text = (
    "Which vectors are written: sum (W + C), word (W), concat ([W; C]), or aligned (W + C, with"
    " C first rotated towards W)."
  )
  return setting("sum", text, choices=("sum", "word", "concat", "aligned"))


def x_max() -> Any:
  """Declares the key `x_max`."""
  text = "Counts of at least this have weight 1; 100 suits billions of words."
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


def save_every_minutes() -> Any:
  """Declares the key `save_every_minutes`."""
  text = "Minutes between checkpoints, beside those of `save_every`; 0: by steps only."
  return setting(5.0, text, minimum=0, resumable=True)


def keep_checkpoints() -> Any:
  """Declares the key `keep_checkpoints`."""
  text = (
    "Keep the checkpoints when the run has ended; else the parameters alone, or the last checkpoint"
    " where more epochs may follow."
  )
  return setting(False, text, resumable=True)


def evaluate() -> Any:
  """Declares the key `evaluate`."""
  return setting(True, "Print scores and neighbours at the end.", resumable=True)


def neighbours() -> Any:
  """Declares the key `neighbours`."""
  text = "Words whose neighbours are printed, separated by commas; empty: some common words."
  return setting("", text, resumable=True)


def min_coverage() -> Any:
  """Declares the key `min_coverage`."""
  text = "With `init`: stop if it has vectors of a smaller share of the tokens; 0: go on."
  return setting(0.2, text, minimum=0, maximum=1)


@dataclass(frozen=True, kw_only=True)
class TextSettings:
  """How a corpus is read."""

  method: str = setting("", METHOD)
  compilation_cache: str = settings_lib.compilation_cache()
  track: str = settings_lib.track()
  corpus: str = setting(
    "sample",
    "Text to read: a file, a glob, several separated by commas, or sample (a small extract of "
    "Wikipedia).",
    names_files="fingerprinted",
  )
  encoding: str = setting("utf-8", "Encoding of the corpus.")
  errors: str = setting(
    "strict", "What to do with bytes that cannot be decoded: strict (stop), replace, or ignore."
  )


@dataclass(frozen=True, kw_only=True)
class WordTextSettings(TextSettings):
  """How a corpus is split into words, and which words have a vector."""

  tokenizer: str | None = setting(
    None,
    "How text is split into words: words, unicode, whitespace, characters, or jieba; None: as by "
    "the run in `init`, else words.",
  )
  lowercase: bool | None = setting(
    None,
    "Whether to lower-case the text; None: as the run in `init` did if it has the same tokenizer, "
    "else as the tokenizer does by default.",
  )
  vocab: str = setting(
    "", "Vocabulary file with a line `word count` for each word; empty: counted from the corpus.",
    names_files="source",
  )
  min_count: int = setting(5, "Words with fewer occurrences are left out.")
  max_vocab: int = setting(0, "Largest size of the vocabulary; 0: no limit.", minimum=0)
  phrases: int | None = setting(
    None,
    "Passes that join pairs of words into phrases: new_york, then new_york_times; 0: none; None: "
    "join the phrases of the run in `init`, if it has any.",
    minimum=0,
  )
  phrase_score: str = setting("mikolov", "Score of a pair of words: mikolov or npmi.")
  phrase_threshold: float = setting(
    100.0, "Pairs with a higher score become phrases; for npmi from -1 to below 1."
  )
  phrase_min_count: int = setting(5, "Pairs with fewer occurrences do not become phrases.")

  def __post_init__(self):
    self._resolve(tokenization.of_source(getattr(self, "init", "")))
    if self.phrases:
      from glove_jax.data.text import phrases  # imported late: few runs have phrases
      scoring = phrases.Scoring(
        score=self.phrase_score,
        threshold=self.phrase_threshold,
        min_count=self.phrase_min_count,
      )
      phrases.check(scoring)

  def _resolve(self, initial: tokenization.Tokenization | None) -> None:
    """Gives keys that are None their values; `phrases` stays None where those of `init` count."""
    if self.tokenizer is None:
      object.__setattr__(self, "tokenizer", initial.tokenizer if initial else "words")
    is_same = initial is not None and self.tokenizer == initial.tokenizer
    if self.lowercase is None and is_same and initial.lowercase != _lowercase(self.tokenizer):
      object.__setattr__(self, "lowercase", initial.lowercase)
    if self.phrases is None and not (is_same and initial.phrases_file):
      object.__setattr__(self, "phrases", 0)


def _lowercase(tokenizer: str) -> bool:
  """Returns whether a tokenizer lower-cases by default."""
  return word_tokenizers.TOKENIZERS[tokenizer].lowercase


@dataclass(frozen=True, kw_only=True)
class WindowSettings(WordTextSettings):
  """Windows of words in blocks of text, and negative samples."""

  init: str = setting(
    "", "A run to continue on new text, or vectors to start from.", names_files="source"
  )
  min_coverage: float = min_coverage()
  grow: bool = setting(False, "With a run in `init`: keep its words that the new text lacks.")
  window: int = setting(5, "Largest distance of a context word, in words.", minimum=1)
  dynamic_window: bool = setting(
    True, "Draw the size of each window from 1 to `window`.", former=("dynamic",)
  )
  sample: float = sample(1e-4)
  block_size: int = setting(
    64,
    "Consecutive words that are processed together and share negative samples.",
    minimum=1,
    former=("block",),
  )
  shared_negatives: int = shared_negatives(64)
  model: str = setting("skipgram", "skipgram or cbow.", choices=("skipgram", "cbow"))
  negatives: int = setting(
    5,
    "Negative samples for each pair; those of a block are weighted to count as this many.",
    minimum=1,
  )
  power: float = setting(0.75, "Negative samples are drawn in proportion to count^power.")
