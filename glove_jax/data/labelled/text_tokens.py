"""Sentences of tokens and entities, from texts whose entities are spans of characters."""

from collections.abc import Iterable, Sequence

from glove_jax.data.labelled.tag_schemes import Span
from glove_jax.data.text import token_offsets, word_tokenizers
from glove_jax.data.text.token_offsets import Offsets

TextSpan = tuple[int, int, str]  # offsets and type


def offsets(text: str, tokenizer: str = "punctuation") -> list[Offsets]:
  """Returns the offsets of the tokens of a text.

  Args:
    text: of one or more lines.
    tokenizer: a name of `word_tokenizers`.
  """
  if tokenizer == "punctuation":
    return token_offsets.split(text)
  split = word_tokenizers.make(tokenizer, lowercase=False).tokens
  distinct: list[Offsets] = []
  for token, (start, end) in zip(*token_offsets.align(text, split), strict=True):
    if token != "\n" and (not distinct or start >= distinct[-1][1]):
      distinct.append((start, end))
  return distinct


def sentences(
  text: str, spans: Sequence[TextSpan], tokenizer: str = "punctuation"
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
    while span_index < len(spans) and spans[span_index][1] <= start:
      span_index += 1  # of characters that the tokenizer drops
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
