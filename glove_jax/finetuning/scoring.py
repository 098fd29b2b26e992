"""Scores of predicted labels and entities, and the lines that predictions are written in."""

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np

from glove_jax import metrics
from glove_jax.data.labelled import tagging
from glove_jax.data.labelled.classification import Labelled
from glove_jax.data.labelled.tagging import Span, Tagged

_LARGEST_TABLE = 20  # classes; the confusion of more is not printed


class Scores(NamedTuple):
  """How well a model does on labelled texts."""

  values: dict[str, Any]  # as in metrics.json
  table: str  # to be printed; empty if it would be too large


def score_labels(predictions: Sequence[str], texts: Labelled) -> Scores:
  """Scores predicted labels: accuracy, macro F1, and the confusion of classes.

  Of several labels of a text, each is right; in the confusion a wrong prediction counts against the first.
  """
  gold = []
  for prediction, labels in zip(predictions, texts.labels, strict=True):
    gold.append(prediction if prediction in labels else labels[0])
  confusion = metrics.confusion(predictions, gold)
  values = metrics.label_scores(predictions, texts.labels)
  small = len(texts.classes) <= _LARGEST_TABLE
  return Scores(
    values={**values, "confusion": confusion},
    table=metrics.format_confusion(confusion) if small else "",
  )


def score_spans(predictions: Sequence[Sequence[Span]], texts: Tagged) -> Scores:
  """Scores predicted entities: F1, precision and recall, over all and of each type."""
  by_type = metrics.entities(predictions, texts.spans)
  values = {name: by_type["all"][name] for name in ("f1", "precision", "recall")}
  values["types"] = {name: scores for name, scores in by_type.items() if name != "all"}
  return Scores(values, table=metrics.format_entities(by_type))


def decode_labels(names: Sequence[str], logits: Sequence[np.ndarray]) -> list[str]:
  """Returns the label of the greatest logit of each text."""
  return [names[row.argmax()] for row in logits]


def decode_spans(names: Sequence[str], tags: Sequence[np.ndarray], lengths: Sequence[int]) -> list[list[Span]]:
  """Returns the entities of each sentence.

  Args:
    names: of the tags.
    tags: of each sentence [T], padded.
    lengths: tokens of each sentence.
  """
  spans = []
  for row, length in zip(tags, lengths, strict=True):
    spans.append(tagging.spans([names[tag] for tag in row[:length]]))
  return spans


def softmax(logits: np.ndarray) -> np.ndarray:
  """Returns the probabilities of logits [N, C], in float64."""
  logits = np.asarray(logits, np.float64)
  powers = np.exp(logits - logits.max(1, keepdims=True))
  return powers / powers.sum(1, keepdims=True)


def label_lines(labels: Sequence[str], texts: Sequence[str]) -> list[str]:
  """Returns a line `label TAB text` for each text."""
  return [f"{label}\t{text}\n" for label, text in zip(labels, texts, strict=True)]


def tag_lines(sentences: Sequence[Sequence[str]], spans: Sequence[Sequence[Span]], scheme: str) -> list[str]:
  """Returns a line `token TAB tag` for each token and an empty line after each sentence, joined by sentence."""
  lines = []
  for sentence, entities in zip(sentences, spans, strict=True):
    tags = tagging.tags(entities, len(sentence), scheme)
    rows = [f"{token}\t{tag}\n" for token, tag in zip(sentence, tags, strict=True)]
    lines.append("".join(rows) + "\n")
  return lines
