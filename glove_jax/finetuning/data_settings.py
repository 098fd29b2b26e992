"""Settings of the texts of a task: base classes of the dataclasses of methods."""

import dataclasses

from glove_jax.finetuning.bounded_keys import amount, fraction
from glove_jax.settings import setting

SCHEMES = ("iob1", "iob2", "bioes", "bmes")


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
