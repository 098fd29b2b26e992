"""What the bytes of UTF-8 are to a word tokenizer, as tables for `bytes.translate`.

A space parts words, a newline ends a document, and other bytes are those of words, or of characters
whose meaning depends on their neighbours: apostrophes, control characters, all beyond ASCII. Texts
may be split at the spaces, and equal bytes between them are the same words.
"""

import string

_LETTERS = string.ascii_letters + string.digits
_WHITESPACE = " \t\v\f"


def of_letters(lowercase: bool) -> bytes:
  """Returns the table of tokenizers whose words are letters, digits and apostrophes."""
  spaces = {chr(code) for code in range(128)} - set(_LETTERS + "'\n")
  return _make("".join(spaces), lowercase)


def of_whitespace(lowercase: bool) -> bytes:
  """Returns the table of the tokenizer whose words are what white space separates."""
  return _make(_WHITESPACE, lowercase)


def _make(spaces: str, lowercase: bool) -> bytes:
  table = bytearray(range(256))
  if lowercase:
    table = bytearray(bytes(table).lower())
  for space in spaces:
    table[ord(space)] = ord(" ")
  return bytes(table)
