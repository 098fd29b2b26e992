"""Entities in brackets, a column of CoNLL-2012: `(PERSON*`, `*`, `*)` and `(GPE)`."""

import re
from collections.abc import Collection, Sequence

from glove_jax.data.labelled.tag_schemes import Span
from glove_jax.errors import InputError, quote

_VALUE = re.compile(r"((?:\([^()*\s]+)*)(\*?)(\)*)")


def are_brackets(values: Collection[str]) -> bool:
  """Returns whether the values of a column are brackets; one of them at least is `*`."""
  if "*" not in values and not any(value.startswith("(") for value in values):
    return False
  return all(value and _VALUE.fullmatch(value) for value in values)


def spans(path, sentence: Sequence[tuple[int, str, str]]) -> list[Span]:
  """Returns the entities of a sentence; of nested ones the outermost.

  Args:
    path: for error messages.
    sentence: (line, token, value) of each token.

  Raises:
    InputError: a bracket is closed that is not open, or stays open.
  """
  entities = []
  types: list[str] = []  # of the open brackets
  start = 0
  opened = 0  # line
  for position, (line, _, value) in enumerate(sentence):
    match = _VALUE.fullmatch(value)
    if not match or not value:
      expected = "expected (TYPE*, *, *) or (TYPE)"
      raise InputError(f"{path}:{line}: {quote(value)} is no tag, {expected}.")
    opening = match[1].split("(")[1:]
    if opening and not types:
      start = position
      opened = line
    types += opening
    closing = len(match[3])
    if closing > len(types):
      raise InputError(f"{path}:{line}: {quote(value)} closes no bracket, expected (TYPE before.")
    if closing and closing == len(types):
      entities.append(Span(start, position + 1, types[0]))
    del types[len(types) - closing :]
  if types:
    raise InputError(f"{path}:{opened}: the bracket ({quote(types[0])} stays open, expected *).")
  return entities
