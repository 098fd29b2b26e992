"""Scores of predicted labels and entities."""

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np

from glove_jax import metrics
from glove_jax.data.labelled import tagging
from glove_jax.data.labelled.classification import Labelled
from glove_jax.data.labelled.tagging import Span, Tagged
from glove_jax.progress import log_stage

_LARGEST_TABLE = 20  # classes; the confusion of more is not printed


class Scores(NamedTuple):
  """How well a model does on labelled texts."""

  values: dict[str, Any]  # as in metrics.json
  table: str  # to be printed; empty if it would be too large

  @property
  def overall(self) -> dict[str, float]:
    """The scores over all texts, without those of single classes or types."""
    return {name: value for name, value in self.values.items() if isinstance(value, float)}


def log_scores(part: str, scores: Scores, prefix: str = "") -> None:
  """Prints a line with the scores of a part or a file, and the first one of the baseline."""
  numbers = [f"{name} {value:.4f}" for name, value in scores.overall.items()]
  for name, value in list(scores.values.get("baseline", {}).items())[:1]:
    numbers.append(f"(baseline: {name} {value:.4f})")
  log_stage(part, prefix + "  ".join(numbers))


def score_labels(predictions: Sequence[str], texts: Labelled) -> Scores:
  """Scores predicted labels: accuracy, macro F1, and the confusion of classes.

  Of several labels of a text each is right; a wrong prediction is confused with the first.
  """
  gold = []
  for prediction, labels in zip(predictions, texts.labels, strict=True):
    gold.append(prediction if prediction in labels else labels[0])
  confusion = metrics.confusion_matrix(predictions, gold)
  values = metrics.label_scores(predictions, texts.labels)
  table = ""
  if len(texts.classes) <= _LARGEST_TABLE:
    table = metrics.format_confusion_matrix(confusion)
  return Scores({**values, "confusion": confusion}, table)


def score_spans(predictions: Sequence[Sequence[Span]], texts: Tagged) -> Scores:
  """Scores predicted entities: F1, precision and recall, over all and of each type."""
  scores = metrics.entity_scores(predictions, texts.spans)
  table = metrics.format_entity_scores(scores)
  overall = scores.pop("all")
  values = {
    "f1": overall["f1"],
    "precision": overall["precision"],
    "recall": overall["recall"],
    "types": scores,
  }
  return Scores(values, table)


def decode_labels(names: Sequence[str], scores: Sequence[np.ndarray]) -> list[str]:
  """Returns the label of the highest score of each text. scores: of each text [C]."""
  if isinstance(scores, np.ndarray):
    return [names[best] for best in scores.argmax(axis=1).tolist()]
  return [names[row.argmax()] for row in scores]


def decode_spans(
  names: Sequence[str], tags: Sequence[np.ndarray], sentences: Sequence[Sequence[str]]
) -> list[list[Span]]:
  """Returns the entities of each sentence.

  Args:
    names: of the tags.
    tags: of each sentence [T], padded, as indices.
    sentences: their tokens.
  """
  spans = []
  for row, sentence in zip(tags, sentences, strict=True):
    decoded = [names[tag] for tag in row[: len(sentence)]]
    spans.append(tagging.spans(decoded))
  return spans


def softmax(logits: np.ndarray) -> np.ndarray:
  """Returns the probabilities of logits [N, C], in float64."""
  logits = np.asarray(logits, np.float64)
  powers = np.exp(logits - logits.max(1, keepdims=True))
  return powers / powers.sum(1, keepdims=True)
