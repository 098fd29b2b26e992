"""Which columns of a table are the label and the texts: by settings, by name, or by values."""

import functools
import re
from collections import Counter
from collections.abc import Sequence
from typing import NamedTuple

from glove_jax.errors import InputError, quote

INTEGER = re.compile("-?[0-9]{1,18}")
_NUMBER = re.compile(r"[-+]?[0-9]*\.?[0-9]+(?:[eE][-+]?[0-9]+)?")

# Names of columns, in lower case; of several labels the first in this order counts.
LABELS = (
  "label", "labels", "gold_label", "class", "category", "sentiment", "target", "polarity",
  "intent", "is_duplicate", "quality", "coarse_label", "topic", "标签", "类别", "情感",
)  # fmt: skip
TEXTS = (
  "text", "review", "sentence", "content", "question", "title", "description", "headline",
  "summary", "comment", "comment_text", "tweet", "message", "body", "document", "utterance",
  "reviewtext", "review_text", "article", "abstract", "query", "passage", "context", "answer",
  "sentence1", "sentence2", "question1", "question2", "premise", "hypothesis",
  "text1", "text2", "text_a", "text_b", "#1 string", "#2 string", "文本", "内容", "评论", "标题",
)  # fmt: skip
_KEYS = ("", "id", "idx", "index", "guid", "unnamed: 0", "row_id")  # number the rows
_HINT = "--config.label_column=NAME and --config.text_column=NAME (or FIRST,SECOND)"


class Columns(NamedTuple):
  """The columns of a table that are read."""

  label: int
  texts: tuple[int, ...]  # one, or those of a pair

  def names(self, all_names: Sequence[str]) -> tuple[str, tuple[str, ...]]:
    """Returns the names of the label and of the texts."""
    return all_names[self.label], tuple(all_names[i] for i in self.texts)

  def unused(self, all_names: Sequence[str]) -> tuple[str, ...]:
    """Returns the names of the other columns."""
    read = (self.label, *self.texts)
    return tuple(name for i, name in enumerate(all_names) if i not in read and name.strip())


def describe(names: Sequence[str], count: int = 12) -> str:
  """Returns the first columns of a table for a message, with their numbers."""
  shown = [f"{number}: {quote(name, 30)}" for number, name in enumerate(names[:count])]
  if len(names) > count:
    shown.append(f"{len(names) - count} more")
  return ", ".join(shown)


@functools.lru_cache(maxsize=10_000)  # each record has its keys
def normalize(name: str) -> str:
  """Returns a name as names are compared: without outer spaces, in lower case."""
  return str(name).strip().strip('"').strip().lower()


def find(names: Sequence[str], column: str, location: str) -> int:
  """Returns the column with a name, or of a number from 0 (negative: from the end).

  Raises:
    InputError: there is no such column.
  """
  exact = [i for i, name in enumerate(names) if name.strip() == column.strip()]
  similar = [i for i, name in enumerate(names) if normalize(name) == normalize(column)]
  matches = exact or similar
  if not matches and INTEGER.fullmatch(column.strip()):
    number = int(column)
    if -len(names) <= number < len(names):
      return number % len(names)
  if len(matches) != 1:
    count = "several columns" if matches else "no column"
    raise InputError(f"{location}: found {count} {quote(column)} among {describe(names)}.")
  return matches[0]


def find_texts(names: Sequence[str], setting: str, location: str) -> tuple[int, ...]:
  """Returns the columns that `text_column` names: one, or two separated by a comma."""
  if normalize(setting) in map(normalize, names):
    return (find(names, setting, location),)
  parts = setting.split(",")
  if len(parts) > 2:
    raise InputError(f"text_column={quote(setting)} has {len(parts)} columns, expected 1 or 2.")
  return tuple(find(names, part, location) for part in parts)


def by_name(
  names: Sequence[str], location: str, *, label_column: str = "", text_column: str = ""
) -> Columns:
  """Chooses the columns of a table by their names.

  Settings count first, then the usual names; a column that is the only other one needs none.

  Raises:
    InputError: a setting names no column, or the usual names leave a choice.
  """
  label = find(names, label_column, location) if label_column else None
  texts = find_texts(names, text_column, location) if text_column else ()
  if label is None:
    label = _label_by_name(names, set(texts))
  if not texts:
    texts = _texts_by_name(names, label)
  others = [i for i, name in enumerate(names) if normalize(name) not in _KEYS]
  if label is None and texts:
    label = _only([i for i in others if i not in texts])
  if label is not None and not texts:
    texts = _only_tuple([i for i in others if i != label])
  if label is None or label in texts or not 1 <= len(texts) <= 2:
    raise InputError(
      f"{location}: found the columns {describe(names)}; expected a label and one text or two: "
      f"{_HINT}."
    )
  return Columns(label, texts)


def has_usual_names(names: Sequence[str]) -> bool:
  """Returns whether a row holds the usual names of a label or a text, beside other columns."""
  normalized = list(map(normalize, names))
  if len(normalized) < 2 or any(len(name) > 60 for name in normalized):
    return False
  return any(name in LABELS for name in normalized) or (
    sum(name in TEXTS for name in normalized) >= 1 and len(normalized) == 2
  )


def has_all_names(names: Sequence[str]) -> bool:
  """Returns whether a row holds usual names of both a label and a text."""
  normalized = set(map(normalize, names))
  return bool(normalized & set(LABELS)) and bool(normalized & set(TEXTS))


def _label_by_name(names: Sequence[str], texts: set[int]) -> int | None:
  normalized = list(map(normalize, names))
  for usual in LABELS:
    matches = [i for i, name in enumerate(normalized) if name == usual and i not in texts]
    if matches:
      return _only(matches)
  return None


def _texts_by_name(names: Sequence[str], label: int | None) -> tuple[int, ...]:
  return tuple(i for i, name in enumerate(names) if normalize(name) in TEXTS and i != label)


def _only(indices: Sequence[int]) -> int | None:
  return indices[0] if len(indices) == 1 else None


def _only_tuple(indices: Sequence[int]) -> tuple[int, ...]:
  return tuple(indices) if len(indices) == 1 else ()


def by_value(rows: Sequence[Sequence[str]]) -> list[Columns]:
  """Returns the choices of columns that the values of a table allow.

  A label looks like one (`look_like_labels`); a text has words. In a table of two columns the one
  that is no label is the text; of more columns, those that are neither must be numbers.
  """
  columns = list(map(list, zip(*rows, strict=True)))
  choices = []
  for label, values in enumerate(columns):
    if not look_like_labels(values):
      continue
    others = [i for i in range(len(columns)) if i != label]
    if len(others) > 1:
      others = [i for i in others if not all(map(_is_number, columns[i]))]
      if not all(_has_words(columns[i]) for i in others):
        continue
    if 1 <= len(others) <= 2:
      choices.append(Columns(label, tuple(others)))
  return choices


def look_like_labels(values: Sequence[str]) -> bool:
  """Returns whether values repeat as labels do; a few may be rare.

  Texts, and the first words of texts, repeat too, but many of them occur only once.
  """
  stripped = list(filter(None, map(str.strip, values)))
  counts = Counter(stripped)
  rare = int(len(values) ** 0.5 / 3)
  if not counts or len(values) - len(stripped) > rare:
    return False
  few = len(counts) <= len(stripped) / 2
  if all(map(INTEGER.fullmatch, counts)):
    return few or (len(stripped) <= 20 and not _count_up(stripped))
  if max(map(len, counts)) > 100:
    return False
  single = sum(count == 1 for count in counts.values())
  return few and single <= rare


def _count_up(values: Sequence[str]) -> bool:
  """Returns whether integers number the rows."""
  first = int(values[0])
  return len(values) > 2 and all(int(value) == first + i for i, value in enumerate(values))


def _is_number(value: str) -> bool:
  stripped = value.strip()
  return not stripped or bool(_NUMBER.fullmatch(stripped))


def _has_words(values: Sequence[str]) -> bool:
  """Returns whether values are texts: letters with spaces, or of a script without these."""
  texts = 0
  for value in values:
    stripped = value.strip()
    has_letter = any(map(str.isalpha, stripped[:200]))
    texts += has_letter and (" " in stripped or not stripped.isascii())
  return texts > len(values) / 5
