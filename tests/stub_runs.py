"""Finished runs without training, for tests of what is done with a run."""

import numpy as np

from glove_jax.finetuning import settings
from glove_jax.finetuning.finished_runs import FinishedRun
from glove_jax.finetuning.model import Predictor, make_classifier, make_tagger


def save(params, folder):
  del params, folder


def classifier(**values):
  """A run that calls texts with a `g` good."""

  def run(params, texts):
    return [np.array([0.5, float("g" in text)]) for text in texts]

  model = make_classifier(["bad", "good"], Predictor(encode=list, run=run, save=save))
  return FinishedRun(settings.ClassifySettings(train="x", **values), None, model)


def tagger():
  """A run by which capitalised tokens are persons."""

  def run(params, sentences):
    return [np.array([int(token.istitle()) for token in tokens]) for tokens in sentences]

  model = make_tagger(["O", "B-PER"], Predictor(encode=list, run=run, save=save))
  return FinishedRun(settings.TagSettings(train="x"), None, model)
