"""Sentences with tagged entities: reading, and division into parts to train and to test on.

The files that are read: see `tagged_files`. The schemes of tags: see `tag_schemes`.
"""

import itertools
import os
from collections import Counter
from collections.abc import Iterable

import numpy as np

from glove_jax.data.labelled import splits, tagged_files
from glove_jax.data.labelled.tag_schemes import SCHEMES, Span, names, parse, spans, tags
from glove_jax.data.labelled.tagged_files import Tagged, make

__all__ = [
  "SCHEMES", "Span", "Tagged", "folds", "make", "names", "parse", "read", "spans", "split", "tags",
  "take",
]  # fmt: skip


def read(
  path: str | os.PathLike, *, token: int = 0, tag: int = -1, positions: bool | None = None,
  encoding: str = "utf-8", errors: str = "strict",
) -> Tagged:
  """Reads tagged sentences: columns as of CoNLL, CoNLL-U or CoNLL-2012, or records of JSON.

  Args:
    path: plain, .gz, .bz2, .xz or .zst.
    token, tag: columns of the token and its tag, from 0; -1 is the last.
    positions: drop the last digit of each token, the position of a character in its word. None: if
      all tokens end with such digits, which count from 0 in each word.
    encoding, errors: as for `open`.

  Raises:
    InputError: a file cannot be read, a line has too few columns, or a tag is of no scheme.
  """
  options = tagged_files.Options(token_column=token, tag_column=tag, positions=positions)
  return tagged_files.read_with_layout(path, options, encoding=encoding, errors=errors)[0]


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
