"""Resolves the character references of HTML, such as `&amp;` and `&#65;`."""

import html
import re

# Python refuses to convert numbers of thousands of digits; no character has more than 7.
_LONG_NUMBER = re.compile(r"&#(?:[0-9]{20,}|[xX][0-9a-fA-F]{20,});?")


def unescape(text: str) -> str:
  """Returns a text with character references resolved, those of no character as U+FFFD."""
  return html.unescape(_LONG_NUMBER.sub("\ufffd", text))
