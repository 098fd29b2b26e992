"""Cleans a text, by named steps, before it is split into tokens."""

import functools
import re
from collections.abc import Callable

from glove_jax.data.text import entities, word_characters
from glove_jax.errors import InputError

_TAG = re.compile(r"<[^<>]*>")


def _remove_html(text: str) -> str:
  return _TAG.sub(" ", entities.unescape(text))


def _collapse_spaces(text: str) -> str:
  return " ".join(text.split())


def _replacing(pattern: str, replacement: str) -> Callable[[str], str]:
  return functools.partial(re.compile(pattern).sub, replacement)


STEPS = {
  # Full-width letters become plain ones.
  "nfkc": functools.partial(word_characters.normalize, "NFKC"),
  "html": _remove_html,
  "urls": _replacing(r"\b(?:https?://|www\.)\S+", "<url>"),
  "users": _replacing(r"(?<!\w)@\w+", "<user>"),
  "numbers": _replacing(r"\d+(?:[.,]\d+)*", "<number>"),
  "repeats": _replacing(r"(.)\1{3,}", r"\1\1\1"),  # soooooo becomes sooo
  "spaces": _collapse_spaces,
}


def make(names: str) -> Callable[[str], str]:
  """Returns a function that applies cleaning steps to a text, in the given order.

  Args:
    names: keys of `STEPS`, separated by commas.

  Raises:
    InputError: a name is not in `STEPS`.
  """
  steps = []
  for name in filter(None, map(str.strip, names.split(","))):
    if name not in STEPS:
      expected = ", ".join(STEPS)
      raise InputError(f"clean={names!r}: there is no {name!r}, expected some of {expected}.")
    steps.append(STEPS[name])

  def clean(text: str) -> str:
    for step in steps:
      text = step(text)
    return text

  return clean
