"""Tokens of raw text with their character offsets, for entities that are spans of characters."""

import functools
import unicodedata
from collections.abc import Iterable, Sequence

from glove_jax.data.labelled.tag_schemes import Span
from glove_jax.data.text import token_offsets

_JOINING = "'’-_@/&"  # inside of a word: don't, New-York, AT&T
_DIGIT_JOINING = ",:"  # between digits: 1,000 and 10:30
_KINDS = {"P": "mark", "S": "mark", "Z": "space", "C": "letter"}

Offsets = tuple[int, int]  # first character, character after the last
TextSpan = tuple[int, int, str]  # offsets and type


def offsets(text: str, tokenizer: str = "whitespace") -> list[Offsets]:
  """Returns the offsets of the tokens of a text: words, and each punctuation mark alone.

  Args:
    text: of any length.
    tokenizer: `characters`: each character that is no space is a token; `punctuation`: as raw
      texts are tokenized that a tagger labels later.
  """
  if tokenizer == "punctuation":
    return token_offsets.split(text)
  tokens = []
  start = None
  for position, character in enumerate(text):
    kind = _kind(character)
    if kind == "mark" and tokenizer != "characters" and _joins(text, position):
      kind = "letter"
    if start is not None and (kind != "letter" or tokenizer == "characters"):
      tokens.append((start, position))
      start = None
    if kind == "mark":
      tokens.append((position, position + 1))
    elif kind == "letter" and start is None:
      start = position
  if start is not None:
    tokens.append((start, len(text)))
  return tokens


def sentences(
  text: str, spans: Sequence[TextSpan], tokenizer: str = "whitespace"
) -> list[tuple[list[str], list[Span]]]:
  """Returns the tokens and the entities of each line of a text.

  Tokens are divided where a span begins or ends, so that no entity is lost. A newline within a
  span does not end a sentence.

  Args:
    text: of one or more lines.
    spans: not overlapping, from left to right.
    tokenizer: as for `offsets`.
  """
  tokens = _divide(offsets(text, tokenizer), spans)
  newlines = [position for position, character in enumerate(text) if character == "\n"]
  result = []
  words: list[str] = []
  entities: list[Span] = []
  span_index = newline_index = 0
  open_start = None
  for start, end in tokens:
    while newline_index < len(newlines) and newlines[newline_index] < start:
      if open_start is None and words:
        result.append((words, entities))
        words, entities = [], []
      newline_index += 1
    if span_index < len(spans) and start >= spans[span_index][0] and open_start is None:
      open_start = len(words)
    words.append(text[start:end])
    if open_start is not None and end >= spans[span_index][1]:
      entities.append(Span(open_start, len(words), spans[span_index][2]))
      span_index += 1
      open_start = None
  if words:
    result.append((words, entities))
  return result


def without_overlaps(spans: Iterable[TextSpan]) -> tuple[list[TextSpan], int]:
  """Returns spans from left to right, the longer of those that overlap, and how many are left out.

  Of equal ones the first is kept.
  """
  kept: list[TextSpan] = []
  left_out = 0
  for span in sorted(spans, key=lambda span: (span[0], -span[1])):
    if kept and span[0] < kept[-1][1]:
      left_out += 1
      if span[1] - span[0] > kept[-1][1] - kept[-1][0]:
        kept[-1] = span
    else:
      kept.append(span)
  return kept, left_out


@functools.cache
def _kind(character: str) -> str:
  if character.isspace():
    return "space"
  return _KINDS.get(unicodedata.category(character)[0], "letter")


def _joins(text: str, position: int) -> bool:
  """Returns whether a mark stands inside of a word."""
  if not 0 < position < len(text) - 1:
    return False
  character, before, after = text[position], text[position - 1], text[position + 1]
  if _kind(before) != "letter" or _kind(after) != "letter":
    return False
  if character in _DIGIT_JOINING:
    return before.isdigit() and after.isdigit()
  return character in _JOINING or character == "."


def _divide(tokens: Sequence[Offsets], spans: Sequence[TextSpan]) -> list[Offsets]:
  """Returns the tokens, divided where a span begins or ends inside of one."""
  borders = sorted({border for start, end, _ in spans for border in (start, end)})
  divided = []
  index = 0
  for start, end in tokens:
    while index < len(borders) and borders[index] <= start:
      index += 1
    while index < len(borders) and borders[index] < end:
      divided.append((start, borders[index]))
      start = borders[index]
      index += 1
    divided.append((start, end))
  return divided
