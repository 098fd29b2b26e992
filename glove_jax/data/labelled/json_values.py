"""Values of JSON and the lines where they begin: a value a line, or values that span lines."""

import itertools
import json
from collections.abc import Iterator, Sequence
from typing import Any

from glove_jax.errors import InputError, quote

NumberedValue = tuple[int, Any]  # the line where it begins, the value

_DECODER = json.JSONDecoder()
_BLOCK = 100  # lines that are decoded at once
_SPACE = " \t\r\n"


def is_value(line: str) -> bool:
  """Returns whether a line is a value."""
  try:
    json.loads(line)
  except (ValueError, RecursionError):
    return False
  return True


def begins_with_value(text: str) -> bool:
  """Returns whether a text begins with a value."""
  try:
    _DECODER.raw_decode(text)
  except (ValueError, RecursionError):
    return False
  return True


def read_lines(path, lines: Sequence[str]) -> Iterator[NumberedValue]:
  """Yields the value of each line that is not blank; empties those of a list once decoded.

  Raises:
    InputError: a line is not a value.
  """
  has_values = False
  iterator = iter(lines)
  start = 0
  while block := list(itertools.islice(iterator, _BLOCK)):
    full = [(number, line) for number, line in enumerate(block, start + 1) if line.strip()]
    values = _decode_block([line for _, line in full])
    # A single value is needed again, to number the lines of what it holds.
    if has_values and isinstance(lines, list):
      lines[start : start + len(block)] = [""] * len(block)
    has_values = has_values or bool(full)
    if values is None:
      yield from _read_each_line(path, block, start + 1)
    else:
      for (number, _), value in zip(full, values, strict=True):
        yield number, value
    start += len(block)


def _decode_block(lines: Sequence[str]) -> list[Any] | None:
  """Returns the values of lines, decoded at once; None if a line is not a value.

  That is faster than line by line, and records share the strings of their keys. Marks between the
  lines show that none goes on in the next.
  """
  mark = "end of line"
  joined = f',"{mark}",'.join(lines)
  try:
    values = json.loads(f"[{joined}]")
  except (ValueError, RecursionError):
    return None
  is_whole = values[1::2] == [mark] * (len(lines) - 1) and len(values) == 2 * len(lines) - 1
  return values[::2] if is_whole else None


def _read_each_line(path, lines: Sequence[str], first: int) -> Iterator[NumberedValue]:
  for number, line in enumerate(lines, first):
    if line.strip():
      try:
        yield number, json.loads(line)
      except (ValueError, RecursionError) as error:
        message = f"not JSON ({_reason(error)}) in {quote(line)}"
        raise InputError(f"{path}:{number}: {message}, expected one object a line.") from None


def read_values(path, text: str) -> Iterator[NumberedValue]:
  """Yields the values of a text that may span lines, one after another."""
  position = skip_space(text, 0)
  line = 1 + text.count("\n", 0, position)
  while position < len(text):
    value, end = _decode(path, text, position)
    yield line, value
    start = position
    position = skip_space(text, end)
    line += text.count("\n", start, position)


def _decode(path, text: str, position: int) -> tuple[Any, int]:
  try:
    return _DECODER.raw_decode(text, position)
  except json.JSONDecodeError as error:
    number = text.count("\n", 0, error.pos) + 1
    raise InputError(f"{path}:{number}: not JSON ({_reason(error)}), expected records.") from None
  except ValueError as error:  # an integer of too many digits
    number = text.count("\n", 0, position) + 1
    raise InputError(f"{path}:{number}: not JSON ({_reason(error)}), expected records.") from None


def _reason(error: ValueError) -> str:
  return error.msg if isinstance(error, json.JSONDecodeError) else str(error)[:60]


def skip_space(text: str, position: int) -> int:
  """Returns the next position that is no white space."""
  while position < len(text) and text[position] in _SPACE:
    position += 1
  return position


def member_start(path, text: str, key: str) -> int:
  """Returns where the value of a member of the top-level object begins."""
  position = skip_space(text, 0) + 1
  while True:
    position = skip_space(text, position)
    name, position = _decode(path, text, position)
    position = skip_space(text, skip_space(text, position) + 1)  # past the colon
    if name == key:
      return position
    _, position = _decode(path, text, position)
    position = skip_space(text, position) + 1  # past the comma


def number_elements(path, text: str, position: int, values: Sequence[Any]) -> list[NumberedValue]:
  """Returns the values of the array that begins at a position, with their lines."""
  line = 1 + text.count("\n", 0, position)
  elements = []
  end = position + 1
  for value in values:
    start = skip_space(text, end)
    line += text.count("\n", position, start)
    elements.append((line, value))
    position = start
    _, end = _decode(path, text, start)
    end = skip_space(text, end) + 1  # past the comma or the bracket
  return elements
