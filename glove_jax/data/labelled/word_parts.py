"""The parts of words, to give those a vector that have none: of BestMusicVideo, of #home, of I'm."""

import html
import re
from collections.abc import Callable

import numpy as np


def mark(word: str) -> str:
  """In lower case, with a space wherever lower case turned to upper: BestMusicVideo becomes `best music video`."""
  pairs = zip(" " + word, word, strict=False)  # each character with the one before
  return "".join(" " + one if before.islower() and one.isupper() else one for before, one in pairs).lower()


def unmark(word: str) -> str:
  """Without the spaces of `mark`."""
  return word.replace(" ", "")


def split(word: str) -> list[str]:
  """The parts of a word, marked or not: of `#home` # and home, of `i'm` i and 'm, of `don't` do and n't; &lt; is <."""
  return [part for part in re.split(r"(n't\b|'\w+|\d+|\W|_)", html.unescape(word)) if part.strip()]


def compose(word: str, find: Callable[[str], np.ndarray | None]) -> np.ndarray | None:
  """The mean of the vectors [D] of a word's parts, of those that have one; none without any."""
  found = [vector for vector in map(find, split(word)) if vector is not None]
  return np.mean(found, 0) if found else None
