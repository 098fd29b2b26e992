"""Finds the pairs of neighbouring words that occur together more often than by chance.

Pairs are counted by sorting, exactly and in bounded memory. Scores: Mikolov et al. (2013b), sec. 4;
Bouma (2009).
"""

import os
import pathlib
import tempfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple

import numpy as np

from glove_jax.data import external_sort
from glove_jax.data.text import token_store
from glove_jax.data.text.token_store import TokenStore
from glove_jax.errors import InputError
from glove_jax.files import BUILDING

_MIN_BLOCK = 1 << 16  # ids at a time, at least
_BYTES_PER_WORD = 64  # peak memory per id of a block while its pairs are counted

PairScores = Mapping[tuple[str, str], float]  # (first word, second word) -> score


def mikolov(both, first, second, tokens: int, min_count: int):
  """Returns (n(ab) - min_count) N / (n(a) n(b)): eq. 6 of Mikolov et al. 2013b times N.

  N is the number of words, as in word2phrase. gensim takes the size of its vocabulary for N, so its
  thresholds are lower.

  Args:
    both, first, second: how often the pair, its first and its second word occur.
    tokens: number of words of the text, N.
    min_count: the discount.
  """
  return (both - min_count) / first / second * tokens


def npmi(both, first, second, tokens: int, min_count: int):
  """Returns the normalised pointwise mutual information, from -1 to 1: Bouma 2009, eq. 7.

  log(p(ab) / (p(a) p(b))) / -log p(ab), as in gensim. Arguments are those of `mikolov`.
  """
  del min_count
  return np.log(both / first / second * tokens) / -np.log(both / tokens)


SCORES = {"mikolov": mikolov, "npmi": npmi}


class Scoring(NamedTuple):
  """Which pairs of words become phrases.

  Attributes:
    score: a key of `SCORES`.
    threshold: pairs with a higher score become phrases. word2phrase takes 100; for npmi it is
      between -1 and 1.
    min_count: how often a pair must occur at least.
  """

  score: str = "mikolov"
  threshold: float = 100.0
  min_count: int = 5


DEFAULT_SCORING = Scoring()


def check(scoring: Scoring) -> None:
  """Raises an InputError if the settings make no sense."""
  score, threshold, min_count = scoring
  if score not in SCORES:
    raise InputError(f"score is {score!r}, expected one of {', '.join(SCORES)}.")
  if score == "npmi" and not -1 <= threshold < 1:
    raise InputError(
      f"threshold is {threshold:g}, expected from -1 to below 1 for npmi, for example 0.5.")
  if min_count < 1:
    raise InputError(f"min_count is {min_count}, expected 1 or more.")


def find_pairs(
  text: TokenStore,
  folder: str | os.PathLike,
  scoring: Scoring = DEFAULT_SCORING,
  *,
  memory_gb: float = 1.0,
  threads: int | None = None,
) -> dict[tuple[str, str], float]:
  """Returns the pairs of words to join with their scores, the highest first.

  Args:
    text: a tokenized text.
    folder: where temporary files are created.
    scoring: which pairs become phrases.
    memory_gb: about how much memory is used besides the words, in units of 10^9 bytes.
    threads: number of threads; None means one per core.

  Raises:
    InputError: the scoring makes no sense, or a temporary file cannot be written.
  """
  check(scoring)
  threads = threads or os.cpu_count() or 1
  block_size = max(_MIN_BLOCK, int(memory_gb * 1e9 / threads / _BYTES_PER_WORD))
  num_tokens = int(text.counts[token_store.NEWLINE + 1 :].sum())
  selection = _Selection(scoring, text.counts, num_tokens)
  try:
    with tempfile.TemporaryDirectory(prefix="phrases.", suffix=BUILDING, dir=folder) as name:
      runs = pathlib.Path(name)
      _write_runs(text, runs, scoring.min_count, block_size, threads)
      parts = list(external_sort.merge(
        runs, max_entries=block_size, threads=threads, then=selection.select))
  except OSError as error:
    reason = error.strerror or error
    raise InputError(f"{folder}: cannot write the counts of pairs ({reason}).") from None
  return _sorted_pairs(text.words, parts)


def pair_keys(ids: np.ndarray, vocab_size: int) -> np.ndarray:
  """Returns a key for each pair of neighbours, first * V + second. ids: [T] -> [T - 1] int64."""
  return ids[:-1].astype(np.int64) * vocab_size + ids[1:]


class _Selection(NamedTuple):
  """Selects the pairs that become phrases."""

  scoring: Scoring
  word_counts: np.ndarray  # [V] int64
  num_tokens: int

  def select(
    self, part: int, keys: np.ndarray, pair_counts: np.ndarray
  ) -> tuple[np.ndarray, np.ndarray]:
    """Returns the keys and scores of the selected pairs; called for each part of a merge."""
    del part
    score, threshold, min_count = self.scoring
    frequent = pair_counts >= min_count
    keys = keys[frequent]
    pair_counts = pair_counts[frequent]
    first, second = np.divmod(keys, len(self.word_counts))
    scores = SCORES[score](
      pair_counts,
      self.word_counts[first],
      self.word_counts[second],
      self.num_tokens,
      min_count,
    )
    selected = scores > threshold
    return keys[selected], scores[selected]


def _write_runs(
  text: TokenStore, runs: pathlib.Path, min_count: int, block_size: int, threads: int
) -> None:
  """Counts the pairs of each block of the text and writes them as a sorted run."""
  # No pair occurs more often than its words do, and a newline is no word.
  candidates = text.counts >= min_count
  candidates[token_store.NEWLINE] = False

  def count_block(numbered_block: tuple[int, np.ndarray]) -> None:
    number, ids = numbered_block
    external_sort.write_run(runs, number, [_count_pairs(ids, candidates)])

  blocks = _overlapping(token_store.read_blocks(text, block_size))
  for _ in external_sort.ordered_map(count_block, enumerate(blocks), threads):
    pass


def _overlapping(blocks: Iterable[np.ndarray]) -> Iterator[np.ndarray]:
  """Yields each block with the last id of the one before it, so that no pair is missed."""
  last = np.zeros(0, np.int32)
  for block in blocks:
    yield np.concatenate([last, block])
    last = block[-1:]


def _count_pairs(ids: np.ndarray, candidates: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
  """Returns the keys, ascending, and counts of the pairs whose words are both candidates.

  ids: [T] int32; candidates: [V] bool.
  """
  keys = pair_keys(ids, len(candidates))
  is_candidate = candidates[ids]
  keys = keys[is_candidate[:-1] & is_candidate[1:]]
  keys.sort()
  starts = external_sort.run_starts(keys)
  return keys[starts], np.diff(starts, append=len(keys))


def _sorted_pairs(
  words: Sequence[str], parts: Sequence[tuple[np.ndarray, np.ndarray]]
) -> dict[tuple[str, str], float]:
  """Returns pairs of words with their scores, the highest first. parts: (keys, scores)."""
  keys = np.concatenate([keys for keys, _ in parts])
  scores = np.concatenate([scores for _, scores in parts])
  order = np.argsort(-scores, kind="stable")
  first, second = np.divmod(keys[order], len(words))
  pairs = {}
  for i, j, score in zip(first.tolist(), second.tolist(), scores[order].tolist(), strict=True):
    pairs[words[i], words[j]] = score
  return pairs
