"""The classic baseline: logistic regression on the mean of a text's word vectors."""

import itertools
import pathlib
import time
from collections.abc import Sequence

import jax
import numpy as np

from glove_jax.data.labelled import lexicon as lexicon_lib
from glove_jax.data.labelled.classification import Labelled
from glove_jax.data.labelled.lexicon import Lexicon
from glove_jax.finetuning import datasets, preprocessing, stored_vectors, unknown_texts, word_lookup
from glove_jax.finetuning import model as model_lib
from glove_jax.finetuning.model import Model, Predictor
from glove_jax.finetuning.settings import ClassifySettings
from glove_jax.finetuning.word_lookup import Pretrained, Words
from glove_jax.plan import Plan
from glove_jax.progress import log_stage
from glove_jax.tasks import logistic_regression
from glove_jax.tasks.logistic_regression import Logistic
from glove_jax.train import Params

_TEXTS_AT_A_TIME = 1 << 14  # whose different words' vectors are in memory at once


def classifier(settings: ClassifySettings, data: dict[str, Labelled]) -> tuple[Plan, Model]:
  """Returns the plan, which has no updates, and the model: logistic regression, fitted here."""
  preprocessing.check_tokenizer(settings, data["train"].texts)
  targets = datasets.class_targets(settings, data)
  words = {name: preprocessing.words_of_texts(settings, part.texts) for name, part in data.items()}
  pretrained = word_lookup.require_pretrained(settings)
  lexicon = word_lookup.make_lexicon(settings, words, data["train"].classes, pretrained)
  word_lookup.initial_table(
    settings, lexicon, pretrained, words
  )  # reports the coverage, and refuses none
  start = time.monotonic()
  features = {name: mean_vectors(texts, pretrained) for name, texts in words.items()}
  regression = logistic_regression.fit(
    features["train"],
    np.array(targets["train"]),
    len(lexicon.labels),
    l2=settings.l2,
  )
  log_stage("regression", f"l2 {settings.l2:g}", start)
  plan = Plan(
    params={name: np.float32(value) for name, value in regression._asdict().items()},
    opt_state=(),
    update=None,
    batches=None,
    steps_per_epoch=0,
    num_steps=0,
  )
  encoded = [(data[name], features[name]) for name in data]
  return plan, _model(settings, lexicon._replace(words=()), pretrained, encoded)


def load_classifier(settings: ClassifySettings, folder: pathlib.Path) -> tuple[Params, Model]:
  """Returns the params and the classifier of a finished run."""
  lexicon = lexicon_lib.load(folder / "lexicon.json")
  num_classes = len(lexicon.labels)
  template = Logistic(
    w=np.zeros((lexicon.dim, num_classes), np.float32),
    b=np.zeros(num_classes, np.float32),
  )
  params = model_lib.load_params(template._asdict(), folder)
  pretrained = stored_vectors.require(settings, folder, dim=lexicon.dim)
  return params, _model(settings, lexicon, pretrained)


def mean_vectors(texts: Words, pretrained: Pretrained) -> np.ndarray:
  """Returns the mean vector of each text's words [N, D]; zeros where none has a vector."""
  means = np.zeros((len(texts), pretrained.vectors.dim))
  for start in range(0, len(texts), _TEXTS_AT_A_TIME):
    block = texts[start : start + _TEXTS_AT_A_TIME]
    means[start : start + len(block)] = _block_means(block, pretrained)
  return means


def _block_means(texts: Words, pretrained: Pretrained) -> np.ndarray:  # -> [N, D] float32
  words = list(itertools.chain.from_iterable(texts))
  table = []
  rows = {}
  for word in dict.fromkeys(words):
    vector = pretrained.find(word)
    rows[word] = -1 if vector is None else len(table)
    if vector is not None:
      table.append(vector)
  if not table:
    return np.zeros((len(texts), pretrained.vectors.dim), np.float32)
  from scipy import sparse  # imported late: it takes long

  row_of_word = np.fromiter(map(rows.__getitem__, words), np.int64, len(words))
  text_of_word = np.repeat(np.arange(len(texts)), list(map(len, texts)))
  has_vector = row_of_word >= 0
  counts = np.bincount(text_of_word[has_vector], minlength=len(texts))
  # Not `reduceat`, which rounds otherwise than one addition after another.
  occurrences = sparse.csr_array(
    (np.ones(counts.sum(), np.float32), row_of_word[has_vector], np.append(0, np.cumsum(counts))),
    shape=(len(texts), len(table)),
  )
  means = occurrences @ np.stack(table)
  return means / np.maximum(counts, 1).astype(np.float32)[:, None]


def _model(
  settings: ClassifySettings, lexicon: Lexicon, pretrained: Pretrained, encoded: Sequence = ()
) -> Model:
  """Returns the classifier as functions of its params."""

  def encode(texts: Sequence[str]) -> np.ndarray:
    features = mean_vectors(preprocessing.words_of_texts(settings, texts), pretrained)
    pretrained.report()
    unknown_texts.count(~features.any(axis=1))
    return features

  def run(params: Params, features: np.ndarray) -> np.ndarray:
    regression = Logistic(**jax.device_get(params))
    return logistic_regression.log_probabilities(regression, features)

  def save(params: Params, folder: pathlib.Path) -> None:
    stored_vectors.save(settings, pretrained, folder)
    model_lib.save_with_lexicon(lexicon, params, folder)

  predictor = Predictor(
    encode=encode,
    run=run,
    save=save,
    encoded=encoded,
  )
  return model_lib.make_classifier(lexicon.labels, predictor)
