"""Steps by name that clean a text before it is cut into tokens."""

import functools
import html
import re
import unicodedata
from collections.abc import Callable

from glove_jax.errors import InputError

STEPS = {
  "nfkc": functools.partial(unicodedata.normalize, "NFKC"),  # full-width letters and digits become plain ones
  "html": lambda text: re.sub(r"<[^<>]*>", " ", html.unescape(text)),
  "urls": lambda text: re.sub(r"\b(?:https?://|www\.)\S+", "<url>", text),
  "users": lambda text: re.sub(r"(?<!\w)@\w+", "<user>", text),
  "numbers": lambda text: re.sub(r"\d+(?:[.,]\d+)*", "<number>", text),
  "repeats": lambda text: re.sub(r"(.)\1{3,}", r"\1\1\1", text),  # soooooo becomes sooo
  "spaces": lambda text: " ".join(text.split()),
}


def make(names: str) -> Callable[[str], str]:
  """A function of a text that takes the steps in `names`, separated by commas, one after the other.

  Raises:
    InputError: a name is not one of `STEPS`.
  """
  chosen = [name.strip() for name in names.split(",") if name.strip()]
  for name in chosen:
    if name not in STEPS:
      raise InputError(f"clean={names!r}: there is no {name!r}; expected some of {', '.join(STEPS)}.")
  return lambda text: functools.reduce(lambda text, name: STEPS[name](text), chosen, text)
