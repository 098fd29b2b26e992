"""Parts of words that have no vector, such as BestMusicVideo, #home or I'm."""

import html
import re
from collections.abc import Callable

import numpy as np

_PARTS = re.compile(r"(n't\b|'\w+|\d+|\W|_)")


def mark(word: str) -> str:
  """Returns a word in lower case, with a space wherever lower case turned to upper.

  BestMusicVideo becomes `best music video`.
  """
  letters = []
  after_lower = False
  for letter in word:
    if after_lower and letter.isupper():
      letters.append(" ")
    letters.append(letter)
    after_lower = letter.islower()
  return "".join(letters).lower()


def unmark(word: str) -> str:
  """Removes the spaces that `mark` put in."""
  return word.replace(" ", "")


def split(word: str) -> list[str]:
  """Splits a word, marked or not, into its parts.

  `#home` gives # and home, `i'm` gives i and 'm, `don't` gives do and n't. HTML entities are
  decoded: &lt; gives <.
  """
  parts = _PARTS.split(html.unescape(word))
  return [part for part in parts if part.strip()]


def compose(word: str, find: Callable[[str], np.ndarray | None]) -> np.ndarray | None:
  """Returns the mean vector [D] of the parts of a word that have one; None if none has.

  Args:
    word: marked or not.
    find: returns the vector of a part, None if it has none.
  """
  vectors = []
  for part in split(word):
    vector = find(part)
    if vector is not None:
      vectors.append(vector)
  if not vectors:
    return None
  return np.mean(vectors, 0)
