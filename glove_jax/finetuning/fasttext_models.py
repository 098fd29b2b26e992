"""Classifiers as Facebook's fastText trains them; `model.bin` is in its format."""

import pathlib
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

import numpy as np
import scipy.special

from glove_jax.data.labelled import fasttext_bags
from glove_jax.data.labelled.classification import Labelled
from glove_jax.data.labelled.fasttext_bags import Bags, Pieces
from glove_jax.finetuning import model as model_lib
from glove_jax.finetuning import optimization, preprocessing, scoring
from glove_jax.finetuning.model import Model
from glove_jax.interop import fasttext
from glove_jax.progress import log_stage
from glove_jax.runs import Plan
from glove_jax.tasks import fasttext_classifier
from glove_jax.train import Params


class _Features(NamedTuple):
  """What a text is looked up by, and which rows of the whole table the params hold."""

  words: Sequence[str]  # [V]
  ngrams: Pieces
  rows: np.ndarray  # [R], ascending


def classifier(settings: Any, data: dict[str, Labelled]) -> tuple[Plan, Model]:
  """Returns the plan and the model of a linear classifier on the mean of the vectors of words and n-grams."""
  split = preprocessing.fasttext_words(settings)
  words = {name: list(map(split, part.texts)) for name, part in data.items()}
  labels = data["train"].labels
  dictionary = fasttext_bags.count(words["train"], labels, settings.min_count)
  ngrams = _ngrams(settings)
  bags = {name: fasttext_bags.encode(texts, dictionary.words, ngrams) for name, texts in words.items()}
  rows, positions = np.unique(bags["train"].rows, return_inverse=True)
  batches = fasttext_bags.bag_batches(
    bags["train"]._replace(rows=positions),
    fasttext_classifier.numbered(labels, dictionary),
    batch_size=settings.batch_size,
    turns=settings.updates_per_step,
    seed=settings.seed,
  )
  num_steps = settings.epochs * batches.steps_per_epoch
  uses_tree = settings.loss == "hs"
  paths = fasttext_classifier.ways(dictionary.label_counts) if uses_tree else ()
  plan = Plan(
    params=fasttext_classifier.init_params(
      len(rows),
      len(dictionary.labels),
      settings.dim,
      seed=settings.seed,
    ),
    opt_state=paths,
    update=fasttext_classifier.supervised_update(
      settings.loss,
      learning_rate=_linear_decay(settings.learning_rate, num_steps * batches.turns),
    ),
    batches=batches.batch,
    steps_per_epoch=batches.steps_per_epoch,
    num_steps=num_steps,
  )

  def save(params: Params, folder: pathlib.Path) -> None:
    model = fasttext_classifier.to_facebook(
      params,
      rows,
      dictionary,
      ngrams,
      settings.loss,
      epoch=settings.epochs,
      min_count=settings.min_count,
    )
    fasttext.save(model, folder / "model.bin")
    log_stage("model", f"{folder / 'model.bin'}: fastText's format")

  model = _make_model(
    dictionary.labels,
    _Features(dictionary.words, ngrams, rows),
    settings,
    loss=settings.loss,
    paths=paths,
    save=save,
    encoded=[(data[name], bags[name]) for name in data],
  )
  return optimization.with_dev_scores(plan, model, data), model


def load_classifier(settings: Any, folder: pathlib.Path) -> tuple[Params, Model]:
  """Returns the params and the classifier of a finished run."""
  loaded = fasttext.load(folder / "model.bin")
  args = loaded.args
  uses_tree = args.loss == "hs"
  paths = fasttext_classifier.ways(loaded.label_counts) if uses_tree else ()

  def save(params: Params, folder: pathlib.Path) -> None:
    del params  # those of the file
    fasttext.save(loaded, folder / "model.bin")

  model = _make_model(
    [label.removeprefix(fasttext_bags.LABEL) for label in loaded.labels],
    _Features(
      words=loaded.words,
      ngrams=Pieces(args.word_ngrams, args.minn, args.maxn, args.bucket),
      rows=np.arange(len(loaded.input)),
    ),
    settings,
    loss=args.loss,
    paths=paths,
    save=save,
  )
  return {"input": loaded.input, "output": loaded.output}, model


def _make_model(
  labels: Sequence[str],
  features: _Features,
  settings: Any,
  *,
  loss: str,
  paths: Any,
  save: Callable[[Params, pathlib.Path], None],
  encoded: Sequence = (),
) -> Model:
  """Returns a classifier as functions of its params."""
  split = preprocessing.fasttext_words(settings)

  def encode(texts: Sequence[str]) -> Bags:
    return fasttext_bags.encode(list(map(split, texts)), features.words, features.ngrams)

  def run(params: Params, bags: Bags) -> np.ndarray:
    return fasttext_classifier.predict(params, bags, features.rows, loss, paths)

  return model_lib.make_classifier(
    labels,
    encode=encode,
    run=run,
    save=save,
    encoded=encoded,
    to_probabilities=_TO_PROBABILITIES[loss],
  )


def _normalized_sigmoid(logits: np.ndarray) -> np.ndarray:
  """Returns the probabilities of independent classes [N, C], scaled so that they add up to 1 for each text."""
  probabilities = scipy.special.expit(np.asarray(logits, np.float64))
  return probabilities / probabilities.sum(1, keepdims=True)


_TO_PROBABILITIES = {
  "softmax": scoring.softmax,
  "hs": scoring.softmax,  # of log probabilities, which these are
  "ova": _normalized_sigmoid,
}


def _ngrams(settings: Any) -> Pieces:
  """Returns which n-grams of words and of characters are hashed."""
  uses_ngrams = settings.word_ngrams > 1 or settings.max_n > 0
  return Pieces(
    word_ngrams=settings.word_ngrams,
    minn=settings.min_n,
    maxn=settings.max_n,
    bucket=settings.ngram_buckets if uses_ngrams else 0,
  )


def _linear_decay(learning_rate: float, num_updates: int) -> Callable[[Any], Any]:
  """Returns a learning rate that falls linearly to 0."""
  return lambda update: learning_rate * (1 - update / num_updates)
