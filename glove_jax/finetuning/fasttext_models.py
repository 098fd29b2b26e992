"""Classifiers as Facebook's fastText trains them; `model.bin` is in its format."""

import functools
import pathlib
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

import numpy as np
import scipy.special

from glove_jax import early_compilation, temporary_folders
from glove_jax.data import ngrams
from glove_jax.data.labelled import bag_batches, fasttext_bags, feature_rows
from glove_jax.data.labelled.bag_batches import BagBatches
from glove_jax.data.labelled.classification import Labelled
from glove_jax.data.labelled.fasttext_bags import Dictionary, FeatureBags, NgramOptions, Tokens
from glove_jax.data.labelled.feature_rows import FeatureRows
from glove_jax.finetuning import model as model_lib
from glove_jax.finetuning import optimization, preprocessing, scoring, unknown_texts
from glove_jax.finetuning.model import Model, Predictor
from glove_jax.finetuning.settings import FastTextSupervisedSettings
from glove_jax.interop import fasttext
from glove_jax.plan import Plan
from glove_jax.progress import log_stage
from glove_jax.tasks import fasttext_classifier, fasttext_losses
from glove_jax.train import Params

# Up to so many updates, compilation takes longer than they do.
_FEW_UPDATES = 2000


class _Features(NamedTuple):
  """What texts are looked up by, and which rows of the params stand for features."""

  settings: FastTextSupervisedSettings
  words: Sequence[str]  # [V]
  ngrams: NgramOptions
  rows: FeatureRows

  def encode(self, texts: Sequence[str]) -> FeatureBags:
    """Returns the features of each text."""
    split = preprocessing.fasttext_words(self.settings)
    tokens = fasttext_bags.number_words(list(map(split, texts)))
    bags = fasttext_bags.encode(tokens, self.words, self.ngrams)
    unknown_texts.count(self._are_unknown(bags))
    return bags

  def _are_unknown(self, bags: FeatureBags) -> np.ndarray:
    """Returns whether each text has no word of the vocabulary but the end of texts, [N] bool."""
    is_word = (bags.rows < len(self.words)) & (bags.rows != self._end_row())
    counts = np.concatenate([[0], np.cumsum(is_word)])
    return np.diff(counts[bags.indptr]) == 0

  def _end_row(self) -> int:
    return self.words.index(ngrams.EOS) if ngrams.EOS in self.words else -1


def classifier(
  settings: FastTextSupervisedSettings, data: dict[str, Labelled]
) -> tuple[Plan, Model]:
  """Returns the plan and the model of a linear classifier on mean vectors of words and n-grams."""
  preprocessing.check_tokenizer(settings, data["train"].texts)
  split = preprocessing.fasttext_words(settings)
  labels = data["train"].labels
  tokens = fasttext_bags.number_words(list(map(split, data["train"].texts)))
  dictionary = fasttext_bags.build_dictionary(tokens, labels, settings.min_count)
  ngrams = _ngrams(settings, tokens)
  bags = fasttext_bags.encode(tokens, dictionary.words, ngrams)
  rows, row_bags = feature_rows.share(bags, len(dictionary.words) + ngrams.bucket)
  batches = bag_batches.bag_batches(
    row_bags,
    fasttext_classifier.label_ids(labels, dictionary),
    batch_size=settings.batch_size,
    updates_per_step=settings.updates_per_step,
    seed=settings.seed,
    weights=rows.weights,
  )
  paths = _tree_paths(settings.loss, dictionary.label_counts)
  params = fasttext_classifier.init_params(
    len(rows.weights),
    len(dictionary.labels),
    settings.dim,
    seed=settings.seed,
  )
  plan = _make_plan(settings, params, paths, batches)
  features = _Features(settings, dictionary.words, ngrams, rows)
  others = [part for name, part in data.items() if name != "train"]
  predictor = Predictor(
    encode=_encode_once(features.encode, [part.texts for part in others]),
    run=_scores(features.rows, settings.loss, paths),
    save=functools.partial(_save, settings, dictionary, features),
  )
  model = model_lib.make_classifier(dictionary.labels, predictor, _PROBABILITIES[settings.loss])
  return optimization.with_dev_scores(plan, model, data), model


def _encode_once(
  encode: Callable[[Sequence[str]], FeatureBags], kept: Sequence[Sequence[str]]
) -> Callable[[Sequence[str]], FeatureBags]:
  """Returns `encode`, which encodes some texts on their first use only: dev has one each epoch."""
  encodings: dict[int, FeatureBags] = {}

  def encode_once(texts: Sequence[str]) -> FeatureBags:
    for number, others in enumerate(kept):
      if texts is others:
        if number not in encodings:
          encodings[number] = encode(texts)
        return encodings[number]
    return encode(texts)

  return encode_once


def load_classifier(
  settings: FastTextSupervisedSettings, folder: pathlib.Path
) -> tuple[Params, Model]:
  """Returns the params and the classifier of a finished run."""
  loaded = fasttext.load(folder / "model.bin")
  args = loaded.args
  features = _Features(
    settings=settings,
    words=loaded.words,
    ngrams=NgramOptions(args.word_ngrams, args.minn, args.maxn, args.bucket),
    rows=feature_rows.separate(len(loaded.input)),
  )

  def save(params: Params, folder: pathlib.Path) -> None:
    del params  # they are those of the file
    fasttext.save(loaded, folder / "model.bin")

  predictor = Predictor(
    encode=features.encode,
    run=_scores(features.rows, args.loss, _tree_paths(args.loss, loaded.label_counts)),
    save=save,
  )
  labels = [label.removeprefix(fasttext_bags.LABEL_PREFIX) for label in loaded.labels]
  model = model_lib.make_classifier(labels, predictor, _PROBABILITIES[args.loss])
  return {"input": loaded.input, "output": loaded.output}, model


def _make_plan(
  settings: FastTextSupervisedSettings, params: Params, paths: Any, batches: BagBatches
) -> Plan:
  """Returns the plan of training; the learning rate falls linearly to 0."""
  num_steps = settings.epochs * batches.steps_per_epoch
  num_updates = num_steps * batches.updates_per_step
  update = fasttext_classifier.supervised_update(
    settings.loss,
    learning_rate=lambda number: settings.learning_rate * (1 - number / num_updates),
    few_runs=num_updates <= _FEW_UPDATES,
  )
  plan = Plan(
    params=params,
    opt_state=paths,
    update=update,
    batches=batches.batch,
    steps_per_epoch=batches.steps_per_epoch,
    num_steps=num_steps,
  )
  update, batch = early_compilation.start(update, plan.template(), batches.batch)
  return plan._replace(update=update, batches=batch)


def _save(
  settings: FastTextSupervisedSettings,
  dictionary: Dictionary,
  features: _Features,
  params: Params,
  folder: pathlib.Path,
) -> None:
  """Writes `model.bin`."""
  model = fasttext_classifier.to_fasttext(
    params,
    features.rows,
    dictionary,
    features.ngrams,
    settings.loss,
    epoch=settings.epochs,
    min_count=settings.min_count,
  )
  fasttext.save(model, folder / "model.bin")
  if not temporary_folders.contains(folder):
    log_stage("model", f"{folder / 'model.bin'}: fastText's format")


def _scores(
  rows: FeatureRows, loss: str, paths: Any
) -> Callable[[Params, FeatureBags], np.ndarray]:
  """Returns a function from params and texts to scores of classes [N, C]."""

  def scores(params: Params, bags: FeatureBags) -> np.ndarray:
    return fasttext_classifier.predict(params, bags, rows, loss, paths)

  return scores


def _tree_paths(loss: str, label_counts: np.ndarray) -> Any:
  """Returns the path from the root of the Huffman tree to each class; () for other losses."""
  return fasttext_losses.huffman_paths(label_counts) if loss == "hs" else ()


def _ngrams(settings: FastTextSupervisedSettings, tokens: Tokens) -> NgramOptions:
  """Returns which n-grams of words and of characters are hashed, and to how many buckets.

  Args:
    settings: of the run.
    tokens: of the training texts.
  """
  uses_ngrams = settings.word_ngrams > 1 or settings.max_n > 0
  options = NgramOptions(settings.word_ngrams, settings.min_n, settings.max_n)
  if not uses_ngrams:
    return options
  buckets = settings.ngram_buckets
  if buckets is None:
    buckets = fasttext_bags.suitable_buckets(tokens, options)
    log_stage("n-grams", f"{buckets:,} buckets")
  return options._replace(bucket=buckets)


def _normalized_sigmoid(scores: np.ndarray) -> np.ndarray:
  """Returns the probabilities of independent classes [N, C], scaled to a sum of 1."""
  probabilities = scipy.special.expit(np.asarray(scores, np.float64))
  return probabilities / probabilities.sum(1, keepdims=True)


_PROBABILITIES = {
  "softmax": scoring.softmax,
  "hs": scoring.softmax,  # its scores are log probabilities, whose softmax they are themselves
  "ova": _normalized_sigmoid,
}
