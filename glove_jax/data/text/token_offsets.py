"""Tokens of raw text with their offsets: where each begins and ends, in characters.

`split` separates words from the punctuation around them, as tagged texts do (CoNLL, WNUT, Universal
Dependencies): `Berlin.` are two tokens; `U.S.`, `3.14`, `don't`, `@user` and an address are one.
Every Han or Kana character is a token, in languages that do not write spaces.
"""

import functools
import re
import unicodedata
from collections.abc import Callable, Iterator, Sequence

Offsets = tuple[int, int]  # of the first character, and of the one after the last

_PIECE = re.compile(r"\S+")
_SPACED_PIECE = re.compile(r"([^ \t\n]+)[ \t\n]?")
# Repetitions are bounded where a pattern may fail at its end: the time stays linear.
_ADDRESS = re.compile(
  r"(?:https?://|www\.)\S+|[\w.+-]{1,64}@[\w-]{1,64}(?:\.[\w-]{1,64}){1,9}", re.IGNORECASE
)
_CLOSING = ".,;:!?…)]}>\"'”’»"  # after an address
_LETTERS_WITH_DOTS = re.compile(r"(?:[^\W\d_]\.){2,}")
_INITIAL = re.compile(r"[A-Z]\.(?=[ \t])")  # not at the end of a text
_ABBREVIATION = re.compile(
  r"(?:Mrs?|Ms|Drs?|Profs?|Sr|Jr|St|vs|No|Gen|Sen|Rep|Gov|Lt|Col|Capt|Sgt|Rev|Hon|Inc|Ltd|Co|Corp"
  r"|Bros|Jan|Feb|Mar|Apr|Jun|Jul|Aug|Sept?|Oct|Nov|Dec|bzw|usw|approx|etc)\.(?!\w)"
)
_NUMBER = re.compile(r"\d{1,30}(?:[.,:/-]\d{1,30}){0,9}(?:st|nd|rd|th|s|%)?(?!\w)")
_POSSESSIVE = re.compile(r"['’]s(?!\w)", re.IGNORECASE)
_REPEATED = re.compile(r"([.!?*_=~-])\1+")
_HAN_OR_KANA = "\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"
_HAN = re.compile(f"[{_HAN_OR_KANA}]")
_INNER = "-'’.&_/·‐‑"  # between the letters of a word
_LAST_SCRIPT = 0x1F000  # symbols and ideographs follow
_JOINERS = "\u00ad\u200c\u200d"


def split(text: str) -> list[Offsets]:
  """Returns the offsets of the tokens of a text; see above."""
  offsets = []
  for piece in _PIECE.finditer(text):
    offsets += _split_piece(text, *piece.span())
  return offsets


def align(text: str, split_text: Callable[[str], list[str]]) -> tuple[list[str], list[Offsets]]:
  """Returns the tokens that a tokenizer makes of a text, and their offsets.

  A token that is written otherwise in the text, such as one in composed letters, has the offsets of
  the piece between spaces that it is made of.

  Args:
    text: any text.
    split_text: returns the tokens of a text; spaces, tabs and newlines part them.
  """
  tokens = split_text(text)
  offsets = _find(text, tokens)
  if offsets is not None:
    return tokens, offsets
  tokens = []
  offsets = []
  for piece in _SPACED_PIECE.finditer(text):
    piece_tokens = split_text(piece[0])
    piece_offsets = _find(piece[0], piece_tokens)
    start, end = piece.span(1)
    for number, token in enumerate(piece_tokens):
      tokens.append(token)
      if piece_offsets is None:
        offsets.append((start, end))
      else:
        first, last = piece_offsets[number]
        offsets.append((start + first, start + last))
  return tokens, offsets


def _find(text: str, tokens: Sequence[str]) -> list[Offsets] | None:
  """Returns where tokens stand in a text, one after another; None if one does not."""
  offsets = []
  end = 0
  for token in tokens:
    start = text.find(token, end)
    if start < 0:
      return None
    end = start + len(token)
    offsets.append((start, end))
  return offsets


def _split_piece(text: str, start: int, end: int) -> Iterator[Offsets]:
  """Yields the offsets of the tokens between two offsets, which have no white space between."""
  while start < end:
    stop = min(_token_end(text, start), end)
    yield start, stop
    start = stop


def _token_end(text: str, start: int) -> int:
  """Returns where the token ends that begins at an offset."""
  address = _ADDRESS.match(text, start)
  if address:
    return start + max(1, len(address[0].rstrip(_CLOSING)))
  for pattern in (_LETTERS_WITH_DOTS, _INITIAL, _ABBREVIATION, _NUMBER, _POSSESSIVE, _HAN):
    match = pattern.match(text, start)
    if match:
      return match.end()
  if text[start] in "@#" and _word().match(text, start + 1):
    return _word_end(text, start + 1)
  if _word().match(text, start):
    return _word_end(text, start)
  repeated = _REPEATED.match(text, start)
  return repeated.end() if repeated else start + 1


def _word_end(text: str, start: int) -> int:
  """Returns where a word ends: letters, and single signs between letters, as in `don't`."""
  end = _word().match(text, start).end()
  while end < len(text) and text[end] in _INNER and not _POSSESSIVE.match(text, end):
    following = _word().match(text, end + 1)
    if following is None:
      break
    end = following.end()
  return end


@functools.cache
def _word() -> re.Pattern:
  """Returns the pattern of letters, digits, combining marks and joiners, Han and Kana excepted."""
  letters = f"\\w{_JOINERS}{_combining_marks()}"
  return re.compile(f"(?:(?![{_HAN_OR_KANA}_])[{letters}])+")


def _combining_marks() -> str:
  """Returns the ranges of combining marks, as in a class of a regular expression."""
  ranges = []
  for code in range(0x300, _LAST_SCRIPT):
    if unicodedata.category(chr(code)).startswith("M"):
      if ranges and ranges[-1][1] == code - 1:
        ranges[-1][1] = code
      else:
        ranges.append([code, code])
  return "".join(f"{chr(first)}-{chr(last)}" for first, last in ranges)
