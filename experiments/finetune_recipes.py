"""The methods that `finetune.py` trains, by name: each reads its texts and makes a `Method` of them."""

import functools
import itertools
import pathlib
import time
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

import numpy as np
from texts import say

from glove_jax import metrics
from glove_jax.data.labelled import bag_batches, classification, fasttext_bags
from glove_jax.data.labelled.classification import Labelled
from glove_jax.data.text import cleaning, word_tokenizers
from glove_jax.errors import InputError
from glove_jax.interop import fasttext
from glove_jax.tasks import fasttext_classifier

PARTS = ("train", "dev", "test")
SHOWN = 20  # classes whose table is printed; that of more is in metrics.json alone


class Method(NamedTuple):
  """What `finetune.py` needs of a method."""

  params: Any
  opt_state: Any
  update: Callable   # (state, batch) -> (state, sums)
  batch: Callable    # step -> batch
  steps_per_epoch: int
  scores: Callable   # (params, "dev" or "test") -> {name: value}, the one that counts first
  save: Callable     # (params, folder): leaves the model
  report: Callable   # (params, part) -> (scores and more for metrics.json, a table to print)
  used: Callable = lambda state: state.params  # which params of a state are scored and saved


def read_labelled(config) -> dict[str, Labelled]:
  """`train`, and `dev` and `test` where there are any, as `divide` gives them."""
  start = time.monotonic()
  reading = {key: config[key] for key in ("format", "encoding", "errors")} | {"names": config.names or None}
  data = divide(config, functools.partial(classification.read, **reading), classification)
  say("texts", f"{', '.join(f'{len(own.texts):,} to {part}' for part, own in data.items())}; "
               f"{len(data['train'].classes)} classes", start)
  say_leaks({part: own.texts for part, own in data.items()})
  return data


def divide(config, read: Callable, kind) -> dict[str, Any]:
  """Reads the parts; takes from `train` a fold for `test` and a part for `dev`, if need be; keeps `limit` of the rest.

  Args:
    read: of a file.
    kind: `labelled` or `tagged`, whose `split` and `folds` divide.
  """
  data = {part: read(config[part]) for part in PARTS if config[part]}
  if fold := config.get("fold"):
    number, _, of = fold.partition("/")
    if not (number.isdigit() and of.isdigit() and 0 < int(number) <= int(of)) or "test" in data:
      raise InputError(f"fold={fold!r} with test={config.test!r}, expected a fold as 1/10, and no test.")
    # The folds are the same whatever the seed: seeds then differ in what is learnt alone.
    data["train"], data["test"] = kind.folds(data["train"], int(of), seed=0)[int(number) - 1]
  if "dev" not in data and config.dev_fraction:
    data["train"], data["dev"] = kind.split(data["train"], config.dev_fraction, seed=config.seed)
  if 0 < config.get("limit", 0) < len(data["train"][0]):
    data["train"] = kind.split(data["train"], config.limit / len(data["train"][0]), seed=config.seed)[1]
  data = {part: data[part] for part in PARTS if part in data and data[part][0]}
  if "train" not in data:
    raise InputError(f"{config.train}: dev_fraction={config.dev_fraction} leaves no texts to learn from.")
  return data


def say_leaks(texts: dict[str, list[str]]) -> None:
  """Says how many texts of each part are in one before it too: in train, or in dev, by which is chosen."""
  for before, part in itertools.combinations(texts, 2):
    if leaked := classification.count_duplicates(texts[part], texts[before]):
      say("leak", f"{leaked:,} of {len(texts[part]):,} texts of {part} are in {before} too")


def label_measures(best: Callable, data: dict[str, Labelled]) -> tuple[Callable, Callable]:
  """A classifier's `scores` and `report`, as `Method` has them; best: (params, part) -> the label of each text."""
  def scores(params, part: str) -> dict[str, float]:
    return metrics.label_scores(best(params, part), data[part].labels)
  def report(params, part: str) -> tuple[dict, str]:
    found, labels = best(params, part), data[part].labels
    true = [label if label in own else own[0] for label, own in zip(found, labels, strict=True)]
    table = metrics.confusion(found, true)
    shown = metrics.format_confusion(table) if len(data[part].classes) <= SHOWN else ""
    return metrics.label_scores(found, labels) | {"confusion": table}, shown
  return scores, report


def label_lines(labels: Sequence[str], lines: Sequence[str]) -> list[str]:
  """A line `label TAB text` for each text."""
  return [f"{label}\t{line}\n" for label, line in zip(labels, lines, strict=True)]


def fasttext_method(config, data: dict[str, Labelled]) -> Method:
  """A linear layer on the mean of a text's rows; `model.bin` is what Facebook's fastText loads."""
  hashed = config.word_ngrams > 1 or config.max_n > 0
  if hashed and not config.buckets:
    raise InputError("buckets=0, expected some for word_ngrams above 1 or max_n above 0.")
  pieces = fasttext_bags.NgramOptions(config.word_ngrams, config.min_n, config.max_n, config.buckets if hashed else 0)
  cut = fasttext_words(config)
  split = functools.cache(lambda part: list(map(cut, data[part].texts)))
  dictionary = fasttext_bags.build_dictionary(split("train"), data["train"].labels, config.min_count)
  encoded = functools.cache(lambda part: fasttext_bags.encode(split(part), dictionary.words, pieces))
  rows, places = np.unique(encoded("train").rows, return_inverse=True)
  batches = bag_batches.bag_batches(
    encoded("train")._replace(rows=places), fasttext_classifier.numbered(data["train"].labels, dictionary),
    batch_size=config.batch_size, updates_per_step=config.turns, seed=config.seed)
  total = config.epochs * batches.steps_per_epoch * batches.updates_per_step
  ways = fasttext_classifier.ways(dictionary.label_counts) if config.loss == "hs" else ()

  def best(params, part: str) -> list[str]:
    found = fasttext_classifier.predict(params, encoded(part), rows, config.loss, ways).argmax(1)
    return [dictionary.labels[label] for label in found]

  scores, report = label_measures(best, data)

  def save(params, folder: pathlib.Path) -> None:
    fasttext.save(fasttext_classifier.to_facebook(
      params, rows, dictionary, pieces, config.loss, epoch=config.epochs, min_count=config.min_count),
      folder / "model.bin")
    say("model", f"{folder / 'model.bin'}: fastText's format")

  return Method(
    fasttext_classifier.init_params(len(rows), len(dictionary.labels), config.dim, seed=config.seed), ways,
    fasttext_classifier.supervised_update(
      config.loss, learning_rate=lambda turn: config.learning_rate * (1 - turn / total)),
    batches.batch, batches.steps_per_epoch, scores, save, report)


def fasttext_words(config) -> Callable[[str], list[str]]:
  """A text's words as `bags` takes them."""
  clean, tokens = cleaning.make(config.get("clean", "")), word_tokenizers.make(config.tokenizer, config.lowercase).tokens
  return lambda text: fasttext_bags.split_words(tokens(clean(text)))


def fasttext_labels(config, folder: pathlib.Path, lines: Sequence[str]) -> list[str]:
  """As `label_lines`, by the model that a run has left."""
  model = fasttext.load(folder / "model.bin")
  args = model.args
  texts = fasttext_bags.encode(list(map(fasttext_words(config), lines)), model.words,
                      fasttext_bags.NgramOptions(args.word_ngrams, args.minn, args.maxn, args.bucket))
  ways = fasttext_classifier.ways(model.label_counts) if args.loss == "hs" else None
  found = fasttext_classifier.predict(
    {"input": model.input, "output": model.output}, texts, np.arange(len(model.input)), args.loss, ways).argmax(1)
  return label_lines([model.labels[label].removeprefix(fasttext_bags.LABEL_PREFIX) for label in found], lines)


class Recipe(NamedTuple):
  """A method, and what tells a good configuration of it from others."""

  read: Callable            # config -> {"train": texts, ...}
  make: Callable            # (config, texts) -> Method
  keys: tuple[str, ...]     # that together only this method's own config has
  choices: dict[str, tuple[str, ...]]  # key -> the values that it may have
  config: str               # the configuration that is meant
  predict: Callable         # (config, folder, lines) -> lines with what they are labelled
  left: str = "lexicon.json"  # what a run has left when it has ended


METHODS = {
  "fasttext_supervised": Recipe(
    read_labelled, fasttext_method, ("word_ngrams",), {"loss": fasttext_classifier.LOSSES}, "fasttext_supervised",
    fasttext_labels, "model.bin"),
}
