"""Runs fine-tuning in this process, and loads what a run has left."""

import numpy as np

from glove_jax import finetuning, runs
from glove_jax.finetuning import optimization


def fit(folder, **values):
  """Trains as finetune.py does; returns (data, params, model)."""
  settings = finetuning.parse(values)
  data = finetuning.read(settings)
  plan, model = finetuning.METHODS[settings.method](settings, data)
  stop = optimization.early_stopping(settings, data, model, steps_per_epoch=plan.steps_per_epoch)
  with runs.open(folder, settings) as run:
    params = run.fit(plan, stop=stop)
    model.save(params, folder)
  return data, params, model


def check_loaded_classifier(folder, params, model, test, texts):
  """The classifier of a finished run is the one that was trained, also of texts with new words."""
  _, loaded_params, loaded = finetuning.load(folder)
  assert loaded.labels == model.labels and loaded.metric == "accuracy"
  assert loaded.score(loaded_params, test) == model.score(params, test)
  assert loaded.predict(loaded_params, texts) == model.predict(params, texts)
  probabilities = model.predict_proba(params, texts)
  np.testing.assert_allclose(probabilities.sum(1), 1, rtol=1e-6)
  np.testing.assert_allclose(loaded.predict_proba(loaded_params, texts), probabilities, rtol=1e-5)
  best = [model.labels[row.argmax()] for row in probabilities]
  assert best == model.predict(params, texts)


def check_loaded_tagger(folder, params, model, test, line):
  """The tagger of a finished run is the one that was trained, also of sentences with new words."""
  _, loaded_params, loaded = finetuning.load(folder)
  assert loaded.labels == model.labels and loaded.metric == "f1"
  assert loaded.score(loaded_params, test) == model.score(params, test)
  sentences = [*test.sentences[:3], line.split()]
  assert loaded.predict(loaded_params, sentences) == model.predict(params, sentences)
