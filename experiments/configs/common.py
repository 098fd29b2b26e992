"""Keys that several recipes have: how a text is read, counted, or cut into windows."""

from ml_collections import ConfigDict, config_dict


def add_text(config: ConfigDict) -> None:
  """What the text is, and which of its words count."""
  config.corpus = "sample"  # a file, a glob, several separated by commas, or sample
  config.encoding = "utf-8"
  config.errors = "strict"  # or replace, ignore: what to do about bytes that are not text
  config.tokenizer = "words"
  config.lowercase = config_dict.placeholder(bool)  # none: as the tokenizer does
  config.vocab = ""         # a file of `word count` lines to use; else counted from the corpus
  config.min_count = 5
  config.max_vocab = 0      # 0: no bound
  config.phrases = 0        # passes that join words into phrases: new_york, then new_york_times
  config.phrase_score = "mikolov"  # or npmi
  config.phrase_threshold = 100.0  # for npmi from -1 to 1
  config.phrase_min_count = 5


def add_counts(config: ConfigDict) -> None:
  """What counts as co-occurrence."""
  config.window = 15
  config.symmetric = True
  config.weighting = "inverse"  # 1 / distance, or flat
  config.memory_gb = 4.0


def add_windows(config: ConfigDict, *, sample: float, block: int) -> None:
  """Windows in blocks of text."""
  config.window = 5
  config.dynamic = True     # windows of 1 to so many words, evenly
  config.sample = sample    # words above this frequency are thinned out; 0: none
  config.block = block      # words that are learnt together, and share their negative samples
  config.shared = 32        # negative samples of a block
