"""Words that a format cannot hold: they are refused, or left out and counted."""

import re
from typing import NamedTuple

import numpy as np

from glove_jax.errors import InputError, quote
from glove_jax.exports import vector_table
from glove_jax.exports.vector_table import VectorTable

_SHOWN = 3  # words in a message


class WordRule(NamedTuple):
  """Which words a format cannot hold, and why."""

  reason: str
  pattern: re.Pattern


NO_SPACES = WordRule("is empty or has white space", re.compile(r"[ \t\n\r\v\f]|\A\Z"))
NO_COLUMNS = WordRule("is blank or has a tab or a line end", re.compile(r"[\t\n\r]|\A\s*\Z"))
NO_NULLS = WordRule("is empty or has a null character", re.compile(r"\0|\A\Z"))
NO_LAST_NULL = WordRule("ends with a null character", re.compile(r"\0\Z"))
NOT_EMPTY = WordRule("is empty", re.compile(r"\A\Z"))
ANY_TEXT = WordRule("", re.compile(r"(?!)"))

_SURROGATES = WordRule("is not valid Unicode", re.compile("[\ud800-\udfff]"))


def check(
  table: VectorTable, rule: WordRule, format: str, *, skip: bool = False
) -> VectorTable:
  """Returns the table with the words that a format can hold.

  Args:
    table: words and vectors.
    rule: of the format.
    format: its name, for messages.
    skip: whether to leave out the other words, with a note.

  Raises:
    InputError: there are other words and `skip` is False, or no word is left.
  """
  for each in (_SURROGATES, rule):
    bad_rows = [row for row, word in enumerate(table.words) if each.pattern.search(word)]
    if bad_rows:
      table = _without(table, bad_rows, f"{each.reason}, which {format} cannot hold", skip=skip)
  if not table.words:
    raise InputError(f"No word is left to export to {format}.")
  return table


def _without(table: VectorTable, rows: list[int], reason: str, *, skip: bool) -> VectorTable:
  words = [quote(table.words[row], 40) for row in rows[:_SHOWN]]
  if not skip:
    more = f" (and {len(rows) - 1:,} more)" if len(rows) > 1 else ""
    raise InputError(
      f"The word {words[0]}{more} {reason}; skip_words=True leaves such words out."
    )
  more = " …" if len(rows) > _SHOWN else ""
  note = f"left out {len(rows):,} of {len(table.words):,} words: {', '.join(words)}{more} {reason}"
  is_kept = np.ones(len(table.words), bool)
  is_kept[rows] = False
  kept = vector_table.select(table, is_kept)
  return kept._replace(notes=(*table.notes, note))
