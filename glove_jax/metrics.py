"""Measures of quality: means of weighted sums, accuracy, F1 scores and rank correlation."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence

import numpy as np

from glove_jax.errors import printable

_LONGEST_NAME = 60  # characters of a label in a table


def means(sums: Mapping[str, tuple]) -> dict[str, float]:
  """Divides each sum by its weight: `{name: (sum, weight)}` -> `{name: mean}`.

  Args:
    sums: scalars of NumPy or JAX, as a loss returns them, added up over batches and devices. All
      scalars on a device are fetched together.

  Returns:
    NaN where the weight is 0, because nothing was measured.
  """
  import jax  # Imported late: evaluating vectors needs no JAX, whose import takes a second.

  result = {}
  for name, (total, weight) in jax.device_get(dict(sums)).items():
    weight = float(weight)
    result[name] = float(total) / weight if weight else float("nan")
  return result


def accuracy(logits, labels, weights):
  """Counts the rows whose largest logit is that of their label; NumPy or (traced) JAX arrays.

  Args:
    logits: [B, C], a score for each class.
    labels: [B] integers, the gold classes.
    weights: [B] floats: 1 for a row that counts, 0 for padding.

  Returns:
    Two scalars: the weighted number of correct rows, and the total weight.
  """
  correct = logits.argmax(-1) == labels
  return (correct * weights).sum(), weights.sum()


def confusion_matrix(
  predictions: Sequence[str], gold: Sequence[str]
) -> dict[str, dict[str, int]]:
  """Counts pairs of classes: {gold class: {predicted class: count}}, sorted, without zeros."""
  counts = Counter(zip(gold, predictions, strict=True))
  table: dict[str, dict[str, int]] = {}
  for (gold_class, predicted_class), count in sorted(counts.items()):
    row = table.setdefault(gold_class, {})
    row[predicted_class] = count
  return table


def format_confusion_matrix(table: dict[str, dict[str, int]]) -> str:
  """Formats a confusion matrix with a row for each gold class, a column for each predicted one."""
  classes = set(table)
  for row in table.values():
    classes.update(row)
  names = sorted(classes)
  rows = [[r"true\predicted", *names]]
  for gold_class in names:
    counts = table.get(gold_class, {})
    cells = [str(counts.get(predicted_class, 0)) for predicted_class in names]
    rows.append([gold_class, *cells])
  return _format_columns(rows)


def _format_columns(rows: Sequence[Sequence[str]]) -> str:
  """Aligns cells to the right: the names of rows in the first column, and equally wide others.

  Names, which are labels of the user's files, are escaped, and cut if they are very long.
  """
  rows = [[printable(cell, _LONGEST_NAME) for cell in row] for row in rows]
  first_width = max(8, *(len(row[0]) for row in rows))
  width = max(8, *map(len, rows[0][1:]))
  lines = []
  for name, *cells in rows:
    aligned = [name.rjust(first_width), *(cell.rjust(width) for cell in cells)]
    lines.append(" ".join(aligned))
  return "\n".join(lines)


def entity_scores(
  predictions: Sequence[Iterable], gold: Sequence[Iterable]
) -> dict[str, dict[str, float]]:
  """Returns precision, recall and F1 of entities, counted as by conlleval.

  An entity is correct if its start, end and type are.

  Args:
    predictions: for each sentence its predicted entities, (start, end, type) each.
    gold: the same of its gold entities.

  Returns:
    {type: {"precision", "recall", "f1", "entities"}}, sorted, after the same over all types named
    "all". "entities" is the number of gold entities. Precision is 0 without predictions, and so is
    recall without gold entities.
  """
  predicted_counts: Counter[str] = Counter()
  gold_counts: Counter[str] = Counter()
  correct_counts: Counter[str] = Counter()
  for predicted_entities, gold_entities in zip(predictions, gold, strict=True):
    predicted_set = set(map(tuple, predicted_entities))
    gold_set = set(map(tuple, gold_entities))
    predicted_counts.update(_types(predicted_set))
    gold_counts.update(_types(gold_set))
    correct_counts.update(_types(predicted_set & gold_set))
  scores = {}
  scores["all"] = _precision_recall_f1(
    predicted=predicted_counts.total(),
    gold=gold_counts.total(),
    correct=correct_counts.total(),
  )
  for type in sorted(predicted_counts.keys() | gold_counts.keys()):
    scores[type] = _precision_recall_f1(
      predicted=predicted_counts[type],
      gold=gold_counts[type],
      correct=correct_counts[type],
    )
  return scores


def _types(entities: Iterable[tuple]) -> list[str]:
  return [entity[-1] for entity in entities]


def _precision_recall_f1(predicted: int, gold: int, correct: int) -> dict[str, float]:
  return {
    "precision": correct / max(1, predicted),
    "recall": correct / max(1, gold),
    "f1": 2 * correct / max(1, predicted + gold),
    "entities": gold,
  }


def format_entity_scores(scores: dict[str, dict[str, float]]) -> str:
  """Formats the result of `entity_scores` as a table with a row for each type."""
  names = ("precision", "recall", "f1")
  rows = [["type", *names, "entities"]]
  for type, by_name in scores.items():
    cells = [f"{by_name[name]:.4f}" for name in names]
    rows.append([type, *cells, str(by_name["entities"])])
  return _format_columns(rows)


def label_scores(predictions: Sequence[str], gold: Sequence[Sequence[str]]) -> dict[str, float]:
  """Returns the accuracy and the macro-averaged F1 of labels.

  Args:
    predictions: N labels, one for each text.
    gold: N sequences of gold labels, one or more for each text.

  Returns:
    {"accuracy": fraction of texts whose prediction is among their gold labels, "macro_f1": mean
    over labels of their F1}.
  """
  correct_counts: Counter[str] = Counter()
  gold_counts: Counter[str] = Counter()
  for prediction, labels in zip(predictions, gold, strict=True):
    gold_counts.update(labels)
    if prediction in labels:
      correct_counts[prediction] += 1
  predicted_counts = Counter(predictions)
  f1 = []
  for label in sorted(predicted_counts.keys() | gold_counts.keys()):
    total = predicted_counts[label] + gold_counts[label]
    f1.append(2 * correct_counts[label] / total)
  accuracy = correct_counts.total() / len(predictions)
  macro_f1 = sum(f1) / len(f1)
  return {"accuracy": accuracy, "macro_f1": macro_f1}


def spearman(x, y) -> float:
  """Returns Spearman's rank correlation of two vectors; tied values share their mean rank.

  Args:
    x: values, [N].
    y: values, [N].

  Returns:
    A float in [-1, 1]; NaN for fewer than two values, or if either vector is constant or has a
    NaN.

  Raises:
    ValueError: the lengths differ.
  """
  x = np.asarray(x, np.float64)
  y = np.asarray(y, np.float64)
  if x.shape != y.shape or x.ndim != 1:
    raise ValueError(
      f"spearman got shapes {x.shape} and {y.shape}, expected two vectors of one length."
    )
  has_nan = np.isnan(x).any() or np.isnan(y).any()
  if len(x) < 2 or has_nan:
    return float("nan")
  x = _ranks(x)
  y = _ranks(y)
  x = x - x.mean()
  y = y - y.mean()
  scale = np.sqrt((x @ x) * (y @ y))
  return float(x @ y / scale) if scale else float("nan")


def _ranks(values):  # [N] -> [N], from 1 for the smallest
  _, inverse, counts = np.unique(values, return_inverse=True, return_counts=True)
  last_ranks = np.cumsum(counts)
  mean_ranks = last_ranks - (counts - 1) / 2
  return mean_ranks[inverse]
