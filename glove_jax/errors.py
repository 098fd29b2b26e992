"""Exceptions that are not bugs: the programs in `experiments/` print them as one line."""

import unicodedata


class InputError(ValueError):
  """An error in the user's input, with a message of one line for the user.

  The message names the file, the line, what was found and what was expected. Programs end with
  exit status 2. Control characters in the message are escaped: it may quote a hostile file.
  """

  def __init__(self, message: str):
    super().__init__(printable(message, limit=1000))


class UnknownWordError(InputError, KeyError):
  """A word has no vector. It is a `KeyError` too, as other libraries raise."""

  def __str__(self) -> str:  # not that of KeyError, which quotes the message
    return self.args[0]


class NonFiniteLoss(ArithmeticError):
  """A metric of a training run became NaN or infinite. Programs end with exit status 1."""


class EngineError(RuntimeError):
  """A program on which work was run, such as Spark, has failed. Programs end with exit status 1."""

  def __init__(self, message: str):
    super().__init__(printable(message, limit=1000))


def printable(text: str, limit: int | None = None) -> str:
  """Returns `text` with control characters escaped, cut in the middle to `limit` characters.

  A word, a label or a line of a user's file may hold terminal escapes, line breaks and lone
  surrogates; a terminal must show them and not obey them.
  """
  text = _cut(text, limit)
  if text.isprintable():
    return text
  return _cut("".join(map(_escaped, text)), limit)  # escaped, it is longer


def printable_lines(text: str) -> str:
  """Returns a text of several lines with control characters other than tabs escaped."""
  lines = []
  for line in text.split("\n"):
    lines.append("\t".join(map(printable, line.split("\t"))))
  return "\n".join(lines)


def quote(value: object, limit: int = 80) -> str:
  """Returns the `repr` of `value`, escaped and cut to `limit` characters, for a message."""
  return printable(repr(value), limit)


def _cut(text: str, limit: int | None) -> str:
  """Returns a text, cut in the middle to `limit` characters."""
  if limit is None or len(text) <= limit:
    return text
  head = (limit - 1) // 2
  tail = limit - 1 - head
  return f"{text[:head]}…{text[len(text) - tail :]}"


def _escaped(character: str) -> str:
  is_text = character.isprintable() or unicodedata.category(character) == "Zs"
  if is_text or character in "\u200c\u200d":  # joiners stand inside words
    return character
  return character.encode("unicode_escape").decode("ascii")
