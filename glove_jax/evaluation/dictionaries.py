"""Reads bilingual dictionaries, a word and its translation a line, as those of MUSE."""

import os

from glove_jax.errors import InputError, quote
from glove_jax.evaluation import set_files

Pair = tuple[str, str]


def read_dictionary(path: str | os.PathLike) -> list[Pair]:
  """Reads pairs of words, separated by a tab, else by spaces; a word may have several lines.

  Raises:
    InputError: naming the line, what was found and what was expected.
  """
  pairs = []
  for number, line in set_files.read_lines(path):
    words = line.split("\t") if "\t" in line else line.split()
    words = [word.strip() for word in words]
    if len(words) != 2 or not all(words):
      found = quote(line)
      raise InputError(f"{path}:{number}: found {found}, expected a word and its translation.")
    pairs.append((words[0], words[1]))
  if not pairs:
    raise InputError(f"{path}: found no words, expected lines of a word and its translation.")
  return pairs
