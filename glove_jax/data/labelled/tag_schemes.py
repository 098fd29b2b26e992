"""Tagging schemes of entities: their tags become spans, and spans become tags.

| scheme  | an entity of 1, 2 and 3 tokens | also read                                            |
|---------|--------------------------------|------------------------------------------------------|
| `iob1`  | `I` / `I I` / `I I I`          | `B` where an entity follows another of the same type |
| `iob2`  | `B` / `B I` / `B I I`          | also called BIO                                      |
| `bioes` | `S` / `B E` / `B I E`          | BILOU: `U` and `L` for `S` and `E`                   |
| `bmes`  | `S` / `B E` / `B M E`          |                                                      |

Tokens outside of entities are tagged `O`. Tags of any scheme, even inconsistent ones, mean what
they mean to conlleval: an entity is a run of tags of one type; `B` and `S` begin a new entity, and
after `E` and `S` an entity ends.
"""

import functools
import itertools
import re
from collections.abc import Sequence
from typing import NamedTuple

from glove_jax.errors import quote

# scheme -> the tags of an entity of one token, and of the first, inner and last of several
SCHEMES = {"iob1": "IIII", "iob2": "BBII", "bioes": "SBIE", "bmes": "SBME"}
_MEANING = {"B": "B", "I": "I", "M": "I", "E": "E", "L": "E", "S": "S", "U": "S"}
_TAG = re.compile("([BIMELSU])(?:-(.*))?")


class Span(NamedTuple):
  """An entity: the tokens `start` to `end` - 1."""

  start: int
  end: int
  type: str


def spans(tags: Sequence[str]) -> list[Span]:
  """Returns the entities that tags of any scheme mean to conlleval.

  Raises:
    ValueError: a tag is of no scheme.
  """
  entities = []
  start = None
  last_letter = "O"
  last_type = ""
  for position, tag in enumerate([*tags, "O"]):
    letter, type = parse(tag)
    if last_letter in "ESO" or letter in "BSO" or last_type != type:  # an entity may end or begin
      if start is not None:
        entities.append(Span(start, position, last_type))
      start = None if letter == "O" else position
    last_letter = letter
    last_type = type
  return entities


def tags(spans: Sequence[Span], length: int, scheme: str) -> list[str]:
  """Returns the tags of a sentence.

  Args:
    spans: its entities, from left to right.
    length: its number of tokens.
    scheme: one of SCHEMES.
  """
  single, first, inner, last = SCHEMES[scheme]
  sentence_tags = ["O"] * length
  for span in spans:
    sentence_tags[span.start] = _join(first, span.type)
    for position in range(span.start + 1, span.end - 1):
      sentence_tags[position] = _join(inner, span.type)
    if span.end == span.start + 1:
      sentence_tags[span.start] = _join(single, span.type)
    else:
      sentence_tags[span.end - 1] = _join(last, span.type)
  if scheme == "iob1":
    for before, span in itertools.pairwise(spans):
      if before.end == span.start and before.type == span.type:
        sentence_tags[span.start] = _join("B", span.type)
  return sentence_tags


def names(types: Sequence[str], scheme: str) -> list[str]:
  """Returns all tags of a scheme for these types of entities: `O`, then those of each type."""
  letters = "IB" if scheme == "iob1" else dict.fromkeys(SCHEMES[scheme])
  all_tags = ["O"]
  for type in types:
    for letter in letters:
      all_tags.append(_join(letter, type))
  return all_tags


def _join(letter: str, type: str) -> str:
  return f"{letter}-{type}" if type else letter


@functools.lru_cache(maxsize=10_000)  # a file has few different tags
def parse(tag: str) -> tuple[str, str]:
  """Returns the meaning of a tag of any scheme: (B, I, E, S or O, the type of the entity).

  Raises:
    ValueError: the tag is of no scheme.
  """
  if tag == "O":
    return "O", ""
  match = _TAG.fullmatch(tag)
  if not match:
    raise ValueError(f"{quote(tag)} is no tag")
  return _MEANING[match[1]], match[2] or ""
