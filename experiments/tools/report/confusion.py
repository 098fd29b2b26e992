"""Tables of confused classes: of metrics.json, added over runs, and by rows."""

from collections.abc import Iterable
from typing import Any, NamedTuple

Counts = dict[str, dict[str, int]]  # gold class -> predicted class -> texts


class Table(NamedTuple):
  """A confusion matrix.

  Fields:
    classes: C names.
    counts: [C, C], a row for each gold class.
    shares: [C, C], the counts divided by the sum of their rows; 0 in an empty row.
  """

  classes: list[str]
  counts: list[list[int]]
  shares: list[list[float]]

  @property
  def size(self) -> int:
    """The number of texts."""
    return sum(map(sum, self.counts))

  @property
  def num_correct(self) -> int:
    return sum(self.counts[index][index] for index in range(len(self.classes)))


class Pair(NamedTuple):
  """Texts of one class that were taken for another."""

  gold: str
  predicted: str
  count: int


def is_counts(value: Any) -> bool:
  """Returns whether a value of JSON is a confusion matrix."""
  if not isinstance(value, dict) or not value:
    return False
  rows = list(value.values())
  if not all(isinstance(row, dict) for row in rows):
    return False
  return all(type(count) is int and count >= 0 for row in rows for count in row.values())


def add(tables: Iterable[Counts]) -> Counts:
  """Returns the sum of confusion matrices, of several runs."""
  total: Counts = {}
  for table in tables:
    for gold, row in table.items():
      sums = total.setdefault(gold, {})
      for predicted, count in row.items():
        sums[predicted] = sums.get(predicted, 0) + count
  return total


def table(counts: Counts) -> Table:
  """Returns a confusion matrix with a row and a column for each class, sorted by name."""
  classes = sorted(set(counts).union(*counts.values()))
  rows = []
  shares = []
  for gold in classes:
    row = [counts.get(gold, {}).get(predicted, 0) for predicted in classes]
    size = sum(row)
    rows.append(row)
    shares.append([count / size if size else 0.0 for count in row])
  return Table(classes, rows, shares)


def confused_pairs(counts: Counts) -> list[Pair]:
  """Returns the pairs of different classes that occur, the most frequent first."""
  pairs = []
  for gold, row in counts.items():
    for predicted, count in row.items():
      if predicted != gold and count:
        pairs.append(Pair(gold, predicted, count))
  return sorted(pairs, key=lambda pair: (-pair.count, pair.gold, pair.predicted))
