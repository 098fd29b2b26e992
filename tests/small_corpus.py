"""A small corpus, settings and plans of it, for the tests of pretraining."""

import random

from glove_jax import pretraining, runs
from glove_jax.pretraining import methods


def write_text(path, words=30, documents=40, seed=0):
  """Writes a text whose words w0, w1, ... are ever rarer; returns its path."""
  rng = random.Random(seed)
  names = [f"w{i}" for i in range(words)]
  weights = [1 / (i + 1) for i in range(words)]
  lines = [" ".join(rng.choices(names, weights, k=20)) + "\n" for _ in range(documents)]
  path.write_text("".join(lines))
  return path


def open_corpus(folder, **values):
  """Returns (settings, corpus) of a run in a folder, made if need be."""
  folder.mkdir(parents=True, exist_ok=True)
  settings = pretraining.parse({"min_count": 1, "dim": 6, **values})
  return settings, pretraining.open_corpus(settings, folder)


def make_plan(folder, **values):
  """Returns (plan, export) of a run in a folder."""
  settings, corpus = open_corpus(folder, **values)
  return pretraining.METHODS[settings.method](settings, corpus)


def train(folder, **values):
  """Returns (the vectors, the params) of a finished run in a folder."""
  settings = pretraining.parse({"min_count": 1, "dim": 6, **values})
  with runs.open(folder, settings) as run:
    corpus = pretraining.open_corpus(settings, run.folder)
    plan, export = pretraining.METHODS[settings.method](settings, corpus)
    params = run.fit(
      plan,
      average_epochs=methods.averaged_epochs(settings),
      stop=methods.early_stopping(settings),
    )
    return export(params, run.folder), params
