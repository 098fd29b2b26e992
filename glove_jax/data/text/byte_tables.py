"""What the bytes of UTF-8 are to a word tokenizer, as tables for `bytes.translate`.

A space parts words, a newline ends a document, and other bytes are those of words. OTHER is a byte
whose effect depends on its neighbours, or one of a character beyond ASCII.
"""

import string

OTHER = 0xFF

_LETTERS = string.ascii_letters + string.digits
# Other control characters are parts of words to Stanford's tools.
_WHITESPACE = " \t\v\f"


def of_letters(lowercase: bool) -> bytes:
  """Returns the table of tokenizers whose words are letters, digits and apostrophes."""
  spaces = {chr(code) for code in range(128)} - set(_LETTERS + "'\n")
  return _make(_LETTERS, "".join(spaces), lowercase)


def of_whitespace(lowercase: bool) -> bytes:
  """Returns the table of the tokenizer whose words are what white space separates."""
  printable = "".join(map(chr, range(33, 127)))
  return _make(printable, _WHITESPACE, lowercase)


def _make(letters: str, spaces: str, lowercase: bool) -> bytes:
  table = bytearray([OTHER] * 256)
  table[ord("\n")] = ord("\n")
  for letter in letters:
    table[ord(letter)] = ord(letter.lower() if lowercase else letter)
  for space in spaces:
    table[ord(space)] = ord(" ")
  return bytes(table)
