"""Short trainings by every method that computes on devices, for comparison with golden results.

Each check returns numbers that do not depend on the sign or rotation of a singular vector. The
golden values were made on one CPU device by

  JAX_PLATFORMS=cpu JAX_NUM_CPU_DEVICES=1 python experiments/benchmark.py accelerator --write_golden
"""

import functools
import pathlib
from collections.abc import Callable
from typing import Any

import jax
import numpy as np

import glove_jax as gj
from glove_jax import sentence_vectors
from glove_jax.files import read_json, write_json
from tools.benchmarks import accelerator_data

TOLERANCE = 1e-3  # of the largest golden number
GOLDEN = pathlib.Path(__file__).with_name("accelerator_golden.json")
_WORD_VECTORS = {"dim": 8, "min_count": 1, "epochs": 1, "verbose": False}
# Several updates: output vectors are zero at first, so that the first leaves input vectors alone.
_WINDOWS = {"epochs": 3, "batch_size": 64, "sample": 1.0, "learning_rate": 0.075}
_WORD2VEC = {"method": "word2vec", "updates_per_step": 64, **_WINDOWS}
_FASTTEXT = {"method": "fasttext", "buckets": 50, "shared_negatives": 32, **_WINDOWS}
_LANGUAGE_MODEL = {
  "dim": 16, "layers": 1, "heads": 2, "context_length": 32, "max_vocab": 300, "batch_size": 4,
  "steps": 3, "warmup_steps": 0, "verbose": False,
}
_PRETRAINING: dict[str, dict[str, Any]] = {
  "glove_als": {"method": "glove_als", "dense_words": 20},
  "glove": {"method": "glove"},
  "glove, adam": {"method": "glove", "optimizer": "adam"},
  "skip-gram": _WORD2VEC,
  "CBOW": {"model": "cbow", **_WORD2VEC},
  "skip-gram, hs": {"loss": "hs", **_WORD2VEC},
  "CBOW, hs": {"model": "cbow", "loss": "hs", **_WORD2VEC},
  "fasttext": _FASTTEXT,
  "fasttext, CBOW": {"model": "cbow", **_FASTTEXT},
}
# Dropout differs by device: with it, the golden results would be those of one device alone.
_NO_DROPOUT = {"dropout": 0.0, "input_dropout": 0.0, "word_dropout": 0.0}
_CLASSIFICATION: dict[str, dict[str, Any]] = {
  "cnn": {"method": "cnn", **_NO_DROPOUT},
  "bilstm": {"method": "bilstm", **_NO_DROPOUT},
  "bag": {"method": "bag", **_NO_DROPOUT},
  "fasttext_supervised": {"method": "fasttext_supervised", "buckets": 50},
  "fasttext_supervised, hs": {"method": "fasttext_supervised", "buckets": 50, "loss": "hs"},
}


def all_checks() -> dict[str, Callable[[], np.ndarray]]:
  """Returns the checks by name; each trains and returns a few numbers."""
  checks: dict[str, Callable[[], np.ndarray]] = {}
  for name, settings in _PRETRAINING.items():
    checks[name] = functools.partial(_similarities, settings)
  for name, settings in _CLASSIFICATION.items():
    checks[name] = functools.partial(_class_probabilities, settings)
  checks["tagging"] = _tag_scores
  for method in ("bert", "gpt"):
    checks[method] = functools.partial(_hidden_states, method)
  return checks


def run(check: Callable[[], np.ndarray]) -> np.ndarray:
  """Returns the numbers of a check, whose products are in full float32.

  Recent GPUs multiply float32 with 10 bits by default, TPUs with 8.
  """
  with jax.default_matmul_precision("highest"):
    return np.asarray(check(), np.float64).ravel()


def read_golden() -> dict[str, list[float]]:
  """Returns the golden numbers by name."""
  return read_json(GOLDEN)


def write_golden() -> None:
  """Runs all checks and writes their numbers."""
  golden = {}
  for name, check in all_checks().items():
    golden[name] = [float(f"{number:.6g}") for number in run(check)]
  write_json(GOLDEN, golden)


def difference(numbers: np.ndarray, golden: list[float]) -> float:
  """Returns the largest difference, as a share of the largest golden number."""
  expected = np.asarray(golden)
  if numbers.shape != expected.shape:
    return float("inf")
  largest = np.abs(numbers - expected).max() / np.abs(expected).max()
  return float(np.nan_to_num(largest, nan=np.inf))


def _similarities(settings: dict[str, Any]) -> np.ndarray:
  """Returns the products of the vectors of frequent words with each other."""
  texts, _ = accelerator_data.reviews(60)
  vectors = gj.pretrain(texts, **_WORD_VECTORS | settings)
  frequent = vectors.vectors[:6]
  return (frequent @ frequent.T)[np.triu_indices(6)]


def _class_probabilities(settings: dict[str, Any]) -> np.ndarray:
  texts, labels = accelerator_data.reviews(60)
  classifier = gj.finetune((texts, labels), dim=8, epochs=1, verbose=False, **settings)
  return classifier.predict_proba(texts[:6])


def _tag_scores() -> np.ndarray:
  """Returns the scores of pairs of tags, which the CRF has learnt."""
  sentences, tags = accelerator_data.sentences(60)
  tagger = gj.finetune(
    (sentences, tags), task="tag", dim=8, epochs=1, verbose=False, **_NO_DROPOUT
  )
  tagger.predict(sentences[:2])
  return tagger.params["crf"]["transitions"]


def _hidden_states(method: str) -> np.ndarray:
  """Returns a part of the mean hidden states of some texts."""
  texts, _ = accelerator_data.reviews(60)
  model = gj.pretrain(texts, method, **_LANGUAGE_MODEL)
  vectors = sentence_vectors.encode(
    model.params, texts[:3], config=model.config, tokenizer=model.tokenizer
  )
  return vectors[:, :8]
