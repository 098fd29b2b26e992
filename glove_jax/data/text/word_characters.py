"""Prepares a text for splitting into words: what stands inside words, and what cannot be seen.

Joiners (U+200C, U+200D) are letters of a kind in Persian and in Indic scripts: they stay between
letters and go elsewhere. Soft hyphens, word joiners and marks of writing direction part no word
(Unicode Standard Annex 29, rule WB4), and are dropped: `co\\u00adoperate` is `cooperate`.
"""

import re
import unicodedata
from collections.abc import Iterable

from glove_jax.data.text import byte_tables

JOINERS = "\u200c\u200d"
_DOT_ABOVE = "\u0307"  # "İ".lower() is an i with this mark
_INNER = frozenset(JOINERS + _DOT_ABOVE)
_MAX_MARKS = 30  # in a row, as in the Stream-Safe Text Format of Unicode Standard Annex 15
_MANY = 64  # a pass for each character is cheap for fewer
_REPEATED_JOINERS = re.compile(f"([{JOINERS}])[{JOINERS}]+")
_ASCII_TO_SPACES = byte_tables.of_letters(lowercase=False)
_OTHER_DOT_ABOVE = re.compile(f"(?<![iI]){_DOT_ABOVE}")


def _characters(*ranges: tuple[int, int]) -> frozenset[str]:
  """Returns the characters in ranges (first, last)."""
  return frozenset(chr(code) for first, last in ranges for code in range(first, last + 1))


# Soft hyphen, grapheme joiner, variation selectors, word joiner, byte order mark, directions. Not
# the zero width space U+200B, which parts words.
INVISIBLE = _characters(
  (0xAD, 0xAD), (0x34F, 0x34F), (0x61C, 0x61C), (0x180B, 0x180F), (0x200E, 0x200F),
  (0x202A, 0x202E), (0x2060, 0x2064), (0x2066, 0x206F), (0xFE00, 0xFE0F), (0xFEFF, 0xFEFF),
  (0xE0100, 0xE01EF))


def distinct(text: str) -> list[str]:
  """Returns the distinct characters beyond ASCII in a text, sorted."""
  if text.isascii():
    return []
  encoded = text.encode("utf-8", "surrogatepass")
  non_ascii = encoded.translate(None, bytes(range(128)))
  return sorted(set(non_ascii.decode("utf-8", "surrogatepass")))


def inner_characters(characters: Iterable[str]) -> str:
  """Returns the joiners, and the mark of a lower-cased `İ`, that are among some characters."""
  return "".join(filter(_INNER.__contains__, characters))


def combining_marks(characters: Iterable[str]) -> str:
  """Returns the combining marks that are among some characters."""
  marks = [mark for mark in characters if unicodedata.category(mark).startswith("M")]
  return "".join(marks)


def normalize(form: str, text: str) -> str:
  """Returns the normal form of a text, in linear time.

  Python sorts a run of marks by insertion: a run without end would take quadratic time.
  """
  marks = combining_marks(distinct(text))
  if marks:
    text = re.sub(rf"([{marks}]{{{_MAX_MARKS}}})[{marks}]+", r"\1", text)
  return unicodedata.normalize(form, text)


def keep_letters(text: str, characters: Iterable[str], inner: str = "") -> str:
  """Replaces all but letters, digits, apostrophes, newlines and `inner` by spaces.

  Characters of `INVISIBLE` are dropped.

  Args:
    text: any text.
    characters: `distinct(text)`.
    inner: other characters to keep.
  """
  spaces = []
  dropped = []
  for character in characters:
    if character.isalnum() or character in inner:
      continue
    if character in INVISIBLE:
      dropped.append(character)
    else:
      spaces.append(character)
  text = _replace_all(text, spaces, " ")
  text = _replace_all(text, dropped, "")
  return text.encode().translate(_ASCII_TO_SPACES).decode()


def without_loose_characters(text: str, inner: str) -> str:
  """Drops joiners that do not stand between letters, and dots that are not those of an `i`.

  Args:
    text: of `keep_letters`.
    inner: of `inner_characters`.
  """
  text = _OTHER_DOT_ABOVE.sub(" ", text)
  return without_loose_joiners(text, inner)


def without_loose_joiners(text: str, inner: str) -> str:
  """Drops joiners that do not stand between letters, digits or characters of `inner`."""
  letter = rf"[\w{re.sub(f'[{JOINERS}]', '', inner)}]"
  text = _REPEATED_JOINERS.sub(r"\1", text)
  return re.sub(rf"(?<!{letter})[{JOINERS}]|[{JOINERS}](?!{letter})", "", text)


def _replace_all(text: str, characters: list[str], replacement: str) -> str:
  if len(characters) > _MANY:
    return text.translate(dict.fromkeys(map(ord, characters), replacement))
  for character in characters:
    text = text.replace(character, replacement)
  return text
