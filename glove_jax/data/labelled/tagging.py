"""Texts whose tokens are tagged with entities, in columns as at CoNLL; all schemes are read and converted alike.

| scheme  | an entity of 1, 2 and 3 tokens      | read too                                    |
|---------|-------------------------------------|---------------------------------------------|
| `iob1`  | `I` / `I I` / `I I I`               | `B` only where one follows another of a kind |
| `iob2`  | `B` / `B I` / `B I I`               | also called BIO                             |
| `bioes` | `S` / `B E` / `B I E`               | BILOU: `U` and `L` for `S` and `E`          |
| `bmes`  | `S` / `B E` / `B M E`               |                                             |

Outside of all entities stands `O`. Tags of any scheme, also broken ones, mean what they mean to conlleval: an entity
is a run of tags of one type that nothing parts; `B`, `S` part before themselves, `E`, `S` after.
"""

import itertools
import os
import re
from collections import Counter
from collections.abc import Iterable, Sequence
from typing import NamedTuple

import numpy as np

from glove_jax.data.labelled import splits
from glove_jax.data.text import corpus
from glove_jax.errors import InputError

# scheme -> what an entity of one token, and the first, inner and last token of a longer one are tagged with
SCHEMES = {"iob1": "IIII", "iob2": "BBII", "bioes": "SBIE", "bmes": "SBME"}
_MEANING = {"B": "B", "I": "I", "M": "I", "E": "E", "L": "E", "S": "S", "U": "S"}
_TAG = re.compile("([BIMELSU])(?:-(.*))?")


class Span(NamedTuple):
  """An entity: the tokens from `start` up to before `end`."""

  start: int
  end: int
  type: str


class Tagged(NamedTuple):
  """N sentences and the entities in them."""

  sentences: list[list[str]]  # tokens
  spans: list[list[Span]]     # of each sentence, from left to right, none over another
  types: tuple[str, ...]      # of all entities, sorted


def read(
  path: str | os.PathLike, *, token: int = 0, tag: int = -1, positions: bool | None = None, encoding: str = "utf-8",
  errors: str = "strict",
) -> Tagged:
  """Reads a line a token, columns set apart by tabs, or else by spaces; an empty line ends a sentence.

  Lines that begin with -DOCSTART- are skipped.

  Args:
    path: plain, .gz, .bz2, .xz or .zst.
    token, tag: which columns they are, from 0; -1 is the last.
    positions: whether tokens end with a digit, the place of a character in its word, that is to be dropped; None:
      where all tokens do, from 0 on in each word.
    encoding, errors: as for `open`.

  Raises:
    InputError: a file cannot be read, a line has too few columns, or a tag is of no scheme.
  """
  sentences, rows = [[]], []
  for number, line in enumerate(corpus.lines(path, encoding=encoding, errors=errors), 1):
    if line.startswith("-DOCSTART-") or not line.strip():
      sentences.append([])
      continue
    row = _columns(f"{path}:{number}", line, token, tag)
    sentences[-1].append(row)
    rows.append(row)
  if not rows:
    raise InputError(f"{path}: no lines; expected a token and its tag on each.")
  if positions or (positions is None and _have_positions([word for word, _ in rows])):
    sentences = [[(word[:-1], own) for word, own in sentence] for sentence in sentences]
  sentences = list(filter(None, sentences))
  return make([[word for word, _ in sentence] for sentence in sentences],
              [spans([own for _, own in sentence]) for sentence in sentences])


def make(sentences: list[list[str]], found: list[list[Span]], types: Sequence[str] | None = None) -> Tagged:
  """Sentences and their entities; the types are those that occur, unless given."""
  occurring = tuple(sorted({span.type for own in found for span in own}))
  return Tagged(sentences, found, occurring if types is None else tuple(types))


def take(data: Tagged, places: Iterable[int]) -> Tagged:
  """The sentences at some places; the types stay those of all."""
  places = list(places)
  return data._replace(sentences=[data.sentences[i] for i in places], spans=[data.spans[i] for i in places])


def split(data: Tagged, fraction: float, *, seed: int) -> tuple[Tagged, Tagged]:
  """(the rest, a `fraction`) of the sentences, chosen by `seed`; of those with the same types of entities alike.

  Raises:
    InputError: the fraction is not between 0 and 1.
  """
  chosen = splits.stratified_mask(_kinds(data), fraction, seed=seed)
  return take(data, np.flatnonzero(~chosen)), take(data, np.flatnonzero(chosen))


def folds(data: Tagged, k: int, *, seed: int) -> list[tuple[Tagged, Tagged]]:
  """k times (the rest, a k-th) for cross-validation: every sentence is in one k-th, chosen as by `split`.

  Raises:
    InputError: k is less than 2 or more than there are sentences.
  """
  fold = splits.stratified_folds(_kinds(data), k, seed=seed, what="sentences")
  return [(take(data, np.flatnonzero(fold != i)), take(data, np.flatnonzero(fold == i))) for i in range(k)]


def _kinds(data: Tagged) -> list[tuple[int, ...]]:
  """The types of the entities of each sentence, the rarest first: sorted, those with the rarest are neighbours."""
  counts = Counter(span.type for own in data.spans for span in own)
  rarity = {type: rank for rank, type in enumerate(sorted(counts, key=lambda type: (counts[type], type)))}
  return [tuple(sorted({rarity[span.type] for span in own})) for own in data.spans]


def spans(tags: Sequence[str]) -> list[Span]:
  """The entities that tags of any scheme mean to conlleval. ValueError for a tag of no scheme."""
  found, start, before = [], None, ("O", "")
  for place, tag in enumerate([*tags, "O"]):
    now = parse(tag)
    parted = before[0] in "ESO" or now[0] in "BSO" or before[1] != now[1]
    if parted and start is not None:
      found.append(Span(start, place, before[1]))
      start = None
    if parted and now[0] != "O":
      start = place
    before = now
  return found


def tags(found: Sequence[Span], length: int, scheme: str) -> list[str]:
  """The tags of a sentence of so many tokens, in one of `SCHEMES`."""
  single, first, inner, last = SCHEMES[scheme]
  result = ["O"] * length
  for span in found:
    size = span.end - span.start
    letters = [single] if size == 1 else [first, *[inner] * (size - 2), last]
    result[span.start : span.end] = [_join(letter, span.type) for letter in letters]
  if scheme == "iob1":
    for one, other in itertools.pairwise(found):
      if one.end == other.start and one.type == other.type:
        result[other.start] = _join("B", other.type)
  return result


def names(types: Sequence[str], scheme: str) -> list[str]:
  """All tags that there are: `O` first, then those of each type."""
  letters = "IB" if scheme == "iob1" else "".join(dict.fromkeys(SCHEMES[scheme]))
  return ["O", *(_join(letter, type) for type in types for letter in letters)]


def _join(letter: str, type: str) -> str:
  return f"{letter}-{type}" if type else letter


def parse(tag: str) -> tuple[str, str]:
  """What a tag of any scheme means: B, I, E, S or O, and the type. ValueError if it is of none."""
  if tag == "O":
    return "O", ""
  found = _TAG.fullmatch(tag)
  if not found:
    raise ValueError(f"{tag!r} is no tag")
  return _MEANING[found[1]], found[2] or ""


def _columns(place: str, line: str, token: int, tag: int) -> tuple[str, str]:
  """The token and the tag of a line. A tab parts columns where there is one, as tokens may hold spaces then."""
  columns = line.rstrip("\r").split("\t" if "\t" in line else " ")
  columns = columns[: len(columns) - 1] if columns[-1] == "" else columns
  need = max(2, *(i + 1 if i >= 0 else -i for i in (token, tag)))
  if len(columns) < need:
    raise InputError(f"{place}: {line[:80]!r} has {len(columns)} columns, expected {need}: a token and its tag.")
  try:
    parse(columns[tag])
  except ValueError as error:
    raise InputError(f"{place}: {str(error)[:80]}; expected O, or B, I, M, E, S, L, U with a type, as B-PER.") from None
  return columns[token], columns[tag]


def _have_positions(tokens: Sequence[str]) -> bool:
  """Whether every token is something with a digit after it, that goes up from 0 in each word, but for slips."""
  if not all(len(token) > 1 and token[-1] in "0123456789" for token in tokens):
    return False
  digits = [int(token[-1]) for token in tokens]
  right = sum(now in (0, min(before + 1, 9)) for before, now in itertools.pairwise([-1, *digits]))
  return right >= 0.99 * len(digits)
