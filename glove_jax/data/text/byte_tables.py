"""Tables for `bytes.translate` that replace the separators of a word tokenizer by spaces.

A table is applied to the UTF-8 bytes of a text. It lower-cases ASCII letters if the tokenizer does,
and leaves newlines. After that, the text may be split at its spaces, and the tokenizer finds
the same words in equal runs of bytes between them. Bytes whose meaning depends on their neighbours
are not changed: apostrophes, control characters, and all bytes beyond ASCII.
"""

import string

_LETTERS = string.ascii_letters + string.digits
_WHITESPACE = " \t\v\f"


def of_letters(lowercase: bool) -> bytes:
  """Returns the table, 256 bytes, for words of letters, digits and apostrophes."""
  spaces = {chr(code) for code in range(128)} - set(_LETTERS + "'\n")
  return _make("".join(spaces), lowercase)


def of_whitespace(lowercase: bool) -> bytes:
  """Returns the table, 256 bytes, for words that white space separates."""
  return _make(_WHITESPACE, lowercase)


def _make(spaces: str, lowercase: bool) -> bytes:
  table = bytearray(range(256))
  if lowercase:
    table = bytearray(bytes(table).lower())
  for space in spaces:
    table[ord(space)] = ord(" ")
  return bytes(table)
