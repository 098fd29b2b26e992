"""Facebook's fastText as a classifier, with the settings of a run of fasttext_supervised.py."""

import json
import os
import pathlib
import sys

from glove_jax.data import ngrams
from glove_jax.data.labelled import classification, fasttext_bags
from glove_jax.finetuning import preprocessing
from glove_jax.finetuning.settings import FastTextSupervisedSettings
from tools.measure import Measurement, printed_number
from tools.peers import fasttext_process

PEERS = ("fasttext",)

_WORKER = pathlib.Path(__file__).with_name("fasttext_classifier_worker.py")

# Our keys -> fastText's.
_KEYS = {
  "dim": "dim",
  "epochs": "epoch",
  "learning_rate": "lr",
  "word_ngrams": "wordNgrams",
  "ngram_buckets": "bucket",
  "min_n": "minn",
  "max_n": "maxn",
  "min_count": "minCount",
  "loss": "loss",
  "seed": "seed",
}


def train(
  settings: FastTextSupervisedSettings, folder: pathlib.Path, *, test: str
) -> Measurement:
  """Measures fastText on the training texts of a run of ours and on a test file, on all cores."""
  options = {
    "train": str(write_texts(settings, settings.train, folder / "fasttext.train")),
    "test": str(write_texts(settings, test, folder / "fasttext.test")),
    "model": str(folder / "fasttext.bin"),
    "threads": os.cpu_count(),
    "settings": _peer_settings(settings),
  }
  run = fasttext_process.run([sys.executable, _WORKER, json.dumps(options)])
  return run._replace(
    stages={"training": printed_number(run.output, "training")},
    scores={"accuracy": printed_number(run.output, "accuracy")},
  )


def _peer_settings(settings: FastTextSupervisedSettings) -> dict:
  values = {theirs: getattr(settings, ours) for ours, theirs in _KEYS.items()}
  if values["bucket"] is None:  # ours follows the text, fastText's default does not
    values["bucket"] = ngrams.MAX_BUCKETS
  return values


def write_texts(
  settings: FastTextSupervisedSettings, source: str, path: pathlib.Path
) -> pathlib.Path:
  """Writes labelled texts in fastText's format, with the words of our run; first labels count."""
  data = classification.read(
    source, settings.format, encoding=settings.encoding, errors=settings.errors
  )
  split = preprocessing.fasttext_words(settings)
  with open(path, "w", encoding="utf-8", newline="\n") as file:
    for text, labels in zip(data.texts, data.labels, strict=True):
      words = split(text)[:-1]  # the last is </s>, which fastText adds itself
      file.write(" ".join([f"{fasttext_bags.LABEL_PREFIX}{labels[0]}", *words]) + "\n")
  return path
