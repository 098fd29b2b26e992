"""Numbers that say how well something works: means of sums and weights, accuracy, F1, rank correlation."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence

import numpy as np


def means(sums: Mapping[str, tuple]) -> dict[str, float]:
  """Turns `{name: (sum, weight)}`, as a loss returns it and devices add it up, into `{name: sum / weight}`.

  Args:
    sums: scalars of NumPy or JAX; those on a device are fetched together.

  Returns:
    One float a name; nan where the weight is 0, as nothing was measured there.
  """
  import jax  # Here, as evaluating vectors needs no JAX and its import takes a second.

  return {
    name: float(total) / float(weight) if float(weight) else float("nan")
    for name, (total, weight) in jax.device_get(dict(sums)).items()
  }


def accuracy(logits, labels, weights):
  """Counts the rows whose largest logit is at their label; for NumPy and JAX arrays, traced ones too.

  Args:
    logits: [B, C], any floats that rank the classes.
    labels: [B] integers, the right classes.
    weights: [B] floats: 1 for a row that counts, 0 for padding.

  Returns:
    (sum, weight), two scalars: the weighted number of hits, and the weight of all rows.
  """
  hits = logits.argmax(-1) == labels
  return (hits * weights).sum(), weights.sum()


def confusion_matrix(found: Sequence[str], wanted: Sequence[str]) -> dict[str, dict[str, int]]:
  """{true class: {class found: how often}}, sorted, of what occurs."""
  table: dict[str, dict[str, int]] = {}
  for (true, own), count in sorted(Counter(zip(wanted, found, strict=True)).items()):
    table.setdefault(true, {})[own] = count
  return table


def format_confusion_matrix(table: dict[str, dict[str, int]]) -> str:
  """What `confusion` gives as text: a row a true class, a column a class found."""
  names = sorted({*table, *(own for row in table.values() for own in row)})
  return _columns([["true", *names],
                   *([true, *(str(table.get(true, {}).get(own, 0)) for own in names)] for true in names)])


def _columns(rows: Sequence[Sequence[str]]) -> str:
  width = max(8, *(len(cell) for cell in rows[0]), *(len(row[0]) for row in rows))
  return "\n".join(" ".join(f"{cell:>{width}}" for cell in row) for row in rows)


def entity_scores(found: Sequence[Iterable], wanted: Sequence[Iterable]) -> dict[str, dict[str, float]]:
  """Precision, recall and F1 of entities, as conlleval counts: right is what has the right place and type.

  Args:
    found, wanted: for each sentence its entities, (start, end, type) each.

  Returns:
    {type: {"precision", "recall", "f1", "entities"}}, sorted, and the same over all types under the name "all".
    Of nothing found the precision is 0, and so is the recall of nothing wanted.
  """
  pairs = [(set(map(tuple, ours)), set(map(tuple, theirs))) for ours, theirs in zip(found, wanted, strict=True)]
  counts = [Counter(type for spans in group for *_, type in spans)
            for group in ([ours for ours, _ in pairs], [theirs for _, theirs in pairs],
                          [ours & theirs for ours, theirs in pairs])]
  types = sorted({type for counter in counts for type in counter})
  scores = {type: _f1(*(counter[type] for counter in counts)) for type in types}
  return {"all": _f1(*(counter.total() for counter in counts)), **scores}


def format_entity_scores(scores: dict[str, dict[str, float]]) -> str:
  """What `entities` gives as text: a row a type, and all."""
  names = ("precision", "recall", "f1")
  rows = [[type, *(f"{own[name]:.4f}" for name in names), str(own["entities"])] for type, own in scores.items()]
  return _columns([["type", *names, "entities"], *rows])


def _f1(found: int, wanted: int, right: int) -> dict[str, float]:
  return {"precision": right / max(1, found), "recall": right / max(1, wanted),
          "f1": 2 * right / max(1, found + wanted), "entities": wanted}


def label_scores(found: Sequence[str], labels: Sequence[Sequence[str]]) -> dict[str, float]:
  """`accuracy`, how often the label found is one of a text's own, and `macro_f1`, the mean over labels of their F1.

  Args:
    found: N labels, one a text.
    labels: N times one label or more, the right ones.
  """
  right = Counter(label for label, own in zip(found, labels, strict=True) if label in own)
  chosen, wanted = Counter(found), Counter(label for own in labels for label in own)
  f1 = [2 * right[label] / (chosen[label] + wanted[label]) for label in sorted({*chosen, *wanted})]
  return {"accuracy": right.total() / len(found), "macro_f1": sum(f1) / len(f1)}


def spearman(x, y) -> float:
  """Spearman's rank correlation: Pearson's of the ranks, where tied values share the mean of their ranks.

  Args:
    x, y: [N] numbers each.

  Returns:
    A float in [-1, 1]; nan for fewer than two numbers, or where one side is constant or holds a nan.

  Raises:
    ValueError: if the lengths differ.
  """
  x, y = np.asarray(x, np.float64), np.asarray(y, np.float64)
  if x.shape != y.shape or x.ndim != 1:
    raise ValueError(f"spearman takes two vectors of one length, got shapes {x.shape} and {y.shape}.")
  if len(x) < 2 or np.isnan(x).any() or np.isnan(y).any():
    return float("nan")
  x, y = _ranks(x), _ranks(y)
  x, y = x - x.mean(), y - y.mean()
  spread = np.sqrt((x @ x) * (y @ y))
  return float(x @ y / spread) if spread else float("nan")


def _ranks(values):  # values: [N] -> [N], from 1 for the smallest
  _, inverse, counts = np.unique(values, return_inverse=True, return_counts=True)
  return (np.cumsum(counts) - (counts - 1) / 2)[inverse]
