"""Small fastText models, the same on every machine, and copies of golden models of transformers."""

import shutil

import numpy as np
import pytest
from huggingface_folders import GOLDEN

from glove_jax.interop import fasttext

WORDS = ["</s>", "sun", "moon", "étoile", "日"]
LABELS = ["__label__day", "__label__night", "__label__dawn", "__label__dusk"]


def make(
  model="supervised",
  loss="softmax",
  *,
  words=tuple(WORDS),
  labels=tuple(LABELS),
  prune=None,
  **args,
):
  """Returns a model of 5 words and 30 buckets of dimension 4, with 4 labels if supervised."""
  defaults = {"dim": 4, "bucket": 30, "minn": 2, "maxn": 3, "word_ngrams": 2}
  args = fasttext.Args(model=model, loss=loss, **{**defaults, **args})
  labels = labels if model == "supervised" else ()
  rows = len(words) + (args.bucket if prune is None else len(prune))
  outputs = len(labels) if model == "supervised" else len(words)
  wave = np.sin(np.arange((rows + outputs) * args.dim)).reshape(-1, args.dim)
  return fasttext.Model(
    args,
    list(words),
    10 * np.arange(len(words), 0, -1),
    list(labels),
    np.array([9, 5, 5, 1])[: len(labels)],
    150,
    prune,
    wave[:rows],
    4 * wave[rows:],
  )


@pytest.fixture
def tiny():
  """A function that makes a small model; see `make`."""
  return make


@pytest.fixture
def folder(tmp_path):
  """A copy of a golden model, to be spoiled."""

  def copy(kind="bert"):
    shutil.copytree(GOLDEN / kind, tmp_path / "model")
    return tmp_path / "model"

  return copy
