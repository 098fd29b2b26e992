"""Sentences with tagged entities, read from columns as of CoNLL; all tagging schemes are converted.

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

# scheme -> the tags of an entity of one token, and of the first, inner and last of several
SCHEMES = {"iob1": "IIII", "iob2": "BBII", "bioes": "SBIE", "bmes": "SBME"}
_MEANING = {"B": "B", "I": "I", "M": "I", "E": "E", "L": "E", "S": "S", "U": "S"}
_TAG = re.compile("([BIMELSU])(?:-(.*))?")
_DIGITS = "0123456789"


class Span(NamedTuple):
  """An entity: the tokens `start` to `end` - 1."""

  start: int
  end: int
  type: str


class Tagged(NamedTuple):
  """N sentences and their entities."""

  sentences: list[list[str]]  # tokens
  spans: list[list[Span]]     # of each sentence, from left to right, not overlapping
  types: tuple[str, ...]      # of all entities, sorted


def read(
  path: str | os.PathLike, *, token: int = 0, tag: int = -1, positions: bool | None = None,
  encoding: str = "utf-8", errors: str = "strict",
) -> Tagged:
  """Reads one token a line, columns separated by tabs, or by spaces in lines without a tab.

  An empty line ends a sentence. Lines that begin with -DOCSTART- are skipped.

  Args:
    path: plain, .gz, .bz2, .xz or .zst.
    token, tag: columns of the token and its tag, from 0; -1 is the last.
    positions: drop the last digit of each token, the position of a character in its word. None: if
      all tokens end with such digits, which count from 0 in each word.
    encoding, errors: as for `open`.

  Raises:
    InputError: a file cannot be read, a line has too few columns, or a tag is of no scheme.
  """
  sentences = [[]]
  for number, line in enumerate(corpus.read_lines(path, encoding=encoding, errors=errors), 1):
    if line.startswith("-DOCSTART-") or not line.strip():
      sentences.append([])
    else:
      sentences[-1].append(_token_and_tag(f"{path}:{number}", line, token, tag))
  sentences = list(filter(None, sentences))
  if not sentences:
    raise InputError(f"{path}: no lines, expected a token and its tag on each.")
  tokens = []
  entities = []
  for sentence in sentences:
    sentence_tokens, sentence_tags = zip(*sentence, strict=True)
    tokens.append(list(sentence_tokens))
    entities.append(spans(sentence_tags))
  if positions is None:
    positions = _have_positions(list(itertools.chain.from_iterable(tokens)))
  if positions:
    tokens = [[word[:-1] for word in sentence] for sentence in tokens]
  return make(tokens, entities)


def make(
  sentences: list[list[str]], spans: list[list[Span]], types: Sequence[str] | None = None
) -> Tagged:
  """Returns sentences and their entities; `types` are those that occur, if not passed."""
  if types is None:
    types = sorted(_count_types(spans))
  return Tagged(sentences, spans, tuple(types))


def take(data: Tagged, indices: Iterable[int]) -> Tagged:
  """Returns the sentences at some indices; the types stay those of all."""
  indices = list(indices)
  return data._replace(
    sentences=[data.sentences[i] for i in indices],
    spans=[data.spans[i] for i in indices],
  )


def split(data: Tagged, fraction: float, *, seed: int) -> tuple[Tagged, Tagged]:
  """Returns (the other sentences, a random `fraction`), stratified by the types of their entities.

  Raises:
    InputError: the fraction is not between 0 and 1.
  """
  chosen = splits.stratified_mask(_strata(data), fraction, seed=seed)
  others = take(data, np.flatnonzero(~chosen))
  return others, take(data, np.flatnonzero(chosen))


def folds(data: Tagged, k: int, *, seed: int) -> list[tuple[Tagged, Tagged]]:
  """Returns k pairs (the other sentences, a fold) for cross-validation, stratified as in `split`.

  Raises:
    InputError: k is less than 2 or more than the number of sentences.
  """
  indices = splits.fold_indices(_strata(data), k, seed=seed, what="sentences")
  return [(take(data, others), take(data, fold)) for others, fold in indices]


def _count_types(spans: Iterable[Iterable[Span]]) -> Counter[str]:
  return Counter(span.type for span in itertools.chain.from_iterable(spans))


def _strata(data: Tagged) -> list[tuple[int, ...]]:
  """Returns the types in each sentence by rank of rarity, the rarest first.

  In sorted order, sentences with the rarest types are neighbours, so that these are split evenly.
  """
  counts = _count_types(data.spans)
  by_rarity = sorted(counts, key=lambda type: (counts[type], type))
  rank = {type: number for number, type in enumerate(by_rarity)}
  strata = []
  for sentence in data.spans:
    ranks = {rank[span.type] for span in sentence}
    strata.append(tuple(sorted(ranks)))
  return strata


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


def parse(tag: str) -> tuple[str, str]:
  """Returns the meaning of a tag of any scheme: (B, I, E, S or O, the type of the entity).

  Raises:
    ValueError: the tag is of no scheme.
  """
  if tag == "O":
    return "O", ""
  match = _TAG.fullmatch(tag)
  if not match:
    raise ValueError(f"{tag!r} is no tag")
  return _MEANING[match[1]], match[2] or ""


def _token_and_tag(location: str, line: str, token: int, tag: int) -> tuple[str, str]:
  columns = line.rstrip("\r").split("\t" if "\t" in line else " ")  # with tabs, tokens have spaces
  if columns[-1] == "":
    columns.pop()
  needed = max(2, token + 1, -token, tag + 1, -tag)
  if len(columns) < needed:
    raise InputError(
      f"{location}: {line[:80]!r} has {len(columns)} columns, expected {needed} for token and tag.")
  try:
    parse(columns[tag])
  except ValueError as error:
    raise InputError(
      f"{location}: {str(error)[:80]}, expected O, or B, I, M, E, S, L, U with a type, as B-PER."
    ) from None
  return columns[token], columns[tag]


def _have_positions(tokens: Sequence[str]) -> bool:
  """Returns whether all tokens end with digits that count up in each word; 1 % may be wrong."""
  if not all(len(token) > 1 and token[-1] in _DIGITS for token in tokens):
    return False
  right = 0
  last = -1
  for token in tokens:
    digit = int(token[-1])
    right += digit in (0, min(last + 1, 9))
    last = digit
  return right >= 0.99 * len(tokens)
