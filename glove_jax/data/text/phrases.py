"""Words that stand together more often than chance has it become one: `new york times` -> `new_york_times`.

Pairs of neighbours are counted by sorting, exactly and in bounded memory, and joined from left to right; each pass over
the text can join what the one before it made. Mikolov et al. (2013b), sec. 4; Bouma (2009).
"""

import functools
import os
import pathlib
import re
import tempfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple

import numpy as np

from glove_jax.data import external_sort
from glove_jax.data.text import corpus
from glove_jax.data.text.token_store import TokenStore
from glove_jax.errors import InputError
from glove_jax.files import atomic_write

_MIN_BLOCK = 1 << 16   # numbers at a time, at the least
_BYTES_PER_WORD = 64   # peak bytes per number of a block while its pairs are counted
_MERGED = 1 << 20       # numbers joined at a time

PairScores = Mapping[tuple[str, str], float]  # (first word, second word) -> score


class Phrases(NamedTuple):
  """Pairs of words to join, pass after pass: the words of a later pass may be phrases of an earlier one."""

  passes: tuple[PairScores, ...]
  delimiter: str = "_"


def mikolov(both, first, second, tokens: int, min_count: int):
  """(n(ab) - min_count) N / (n(a) n(b)): eq. 6 of Mikolov et al. 2013b, times the number of words N as in word2phrase.

  gensim takes the size of its vocabulary for N, so its thresholds are lower.
  """
  return (both - min_count) / first / second * tokens


def npmi(both, first, second, tokens: int, min_count: int):
  """log(p(ab) / (p(a) p(b))) / -log p(ab), from -1 to 1: Bouma 2009, eq. 7, as gensim has it."""
  del min_count
  return np.log(both / first / second * tokens) / -np.log(both / tokens)


SCORES = {"mikolov": mikolov, "npmi": npmi}


def learn(
  text: TokenStore, folder: str | os.PathLike, *, passes: int = 1, score: str = "mikolov", threshold: float = 100.0,
  min_count: int = 5, delimiter: str = "_", memory_gb: float = 1.0, threads: int | None = None,
) -> tuple[Phrases, TokenStore]:
  """Finds phrases and joins them, `passes` times over: phrases of up to 2^passes words.

  Args:
    text: what `numbering.read` gave; its file stays open.
    folder: where temporary files go, 4 bytes a token and, for a while, 16 for each pair of a block.
    passes: how many; 0 gives the text back.
    score: a key of `SCORES`.
    threshold: pairs of a higher score become phrases. word2phrase takes 100; for npmi it is between -1 and 1.
    min_count: so often, or more, a pair occurs that becomes a phrase.
    delimiter: what stands between the words of a phrase.
    memory_gb: about how much memory the counting takes besides the words, in GB of 10^9 bytes.
    threads: default: one a core.

  Raises:
    InputError: a setting makes no sense, or a temporary file cannot be written.
  """
  if passes < 0:
    raise InputError(f"passes is {passes}, expected 0 or more.")
  if delimiter.split() != [delimiter]:
    raise InputError(f"delimiter is {delimiter!r}, expected characters without white space.")
  found = []
  for _ in range(passes):
    pairs = find(text, folder, score=score, threshold=threshold, min_count=min_count, memory_gb=memory_gb,
                 threads=threads)
    if not pairs:
      break
    found.append(pairs)
    text = merge(text, pairs, folder, delimiter=delimiter)
  return Phrases(tuple(found), delimiter), text


def apply(phrases: Phrases, text: TokenStore, folder: str | os.PathLike) -> TokenStore:
  """The text with the phrases joined; `apply(found, text, …)` is the text that `learn(text, …)` gave with `found`."""
  return functools.reduce(lambda text, pairs: merge(text, pairs, folder, delimiter=phrases.delimiter),
                          phrases.passes, text)


def join(phrases: Phrases, tokens: Sequence[str]) -> list[str]:
  """Tokens, a "\\n" between documents, with the phrases joined: as `apply` does to a numbered text."""
  for pairs in phrases.passes:
    joined, words = [], iter(tokens)
    word = next(words, None)
    for following in words:
      if (word, following) in pairs:
        joined.append(word + phrases.delimiter + following)
        word = next(words, None)
      else:
        joined.append(word)
        word = following
    tokens = joined if word is None else [*joined, word]
  return list(tokens)


def find(
  text: TokenStore, folder: str | os.PathLike, *, score: str = "mikolov", threshold: float = 100.0,
  min_count: int = 5, memory_gb: float = 1.0, threads: int | None = None,
) -> dict[tuple[str, str], float]:
  """The pairs of one pass with their scores, the highest first; arguments and errors are those of `learn`."""
  check(score, threshold, min_count)
  threads = threads or os.cpu_count() or 1
  size = max(_MIN_BLOCK, int(memory_gb * 1e9 / threads / _BYTES_PER_WORD))
  tokens = int(text.counts[1:].sum())
  def select(_, keys: np.ndarray, both: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    keys, both = keys[both >= min_count], both[both >= min_count]
    first, second = (text.counts[numbers] for numbers in np.divmod(keys, len(text.words)))
    scores = SCORES[score](both, first, second, tokens, min_count)
    return keys[scores > threshold], scores[scores > threshold]
  # No pair occurs more often than its words do. A newline is no word.
  frequent = (text.counts >= min_count) & (np.arange(len(text.words)) > 0)
  try:
    with tempfile.TemporaryDirectory(prefix="phrases.", dir=folder) as name:
      counted = pathlib.Path(name)
      def count(block: tuple[int, np.ndarray]) -> None:
        external_sort.write_run(counted, block[0], [_count_pairs(block[1], frequent)])
      for _ in external_sort.ordered_map(count, enumerate(_overlapping(_blocks(text, size))), threads):
        pass
      parts = list(external_sort.merge(counted, max_entries=size, threads=threads, then=select))
  except OSError as error:
    raise InputError(f"{folder}: cannot write the counts of pairs ({error.strerror or error}).") from None
  return _as_words(text.words, parts)


def merge(text: TokenStore, pairs: PairScores, folder: str | os.PathLike, *, delimiter: str = "_") -> TokenStore:
  """The text with the pairs joined from left to right, in another file; phrases that are new words come last.

  A word may be left with a count of 0. The file of `text` stays as it is.
  """
  words, keys, joined = _number_phrases(text.words, pairs, delimiter)
  counts = np.zeros(len(words), np.int64)
  held = np.zeros(0, np.int32)  # a last word that may yet begin a phrase
  try:
    file = tempfile.TemporaryFile(dir=folder)  # noqa: SIM115
    for block in _blocks(text, _MERGED):
      numbers, held = _merge_block(np.concatenate([held, block]), len(text.words), keys, joined)
      counts += np.bincount(numbers, minlength=len(words))
      file.write(numbers.data)
    counts[held] += 1
    file.write(held.data)
    file.flush()
  except OSError as error:
    raise InputError(f"{folder}: cannot write the text with phrases ({error.strerror or error}).") from None
  return TokenStore(file, words, counts)


def save(phrases: Phrases, path: str | os.PathLike) -> None:
  """Writes a line `first second score` for each phrase, the highest scores first, and an empty line between passes."""
  with atomic_write(path) as file:
    file.write("\n".join(
      "".join(f"{first} {second} {score!r}\n" for (first, second), score in pairs.items()) for pairs in phrases.passes))


def load(path: str | os.PathLike, *, delimiter: str = "_") -> Phrases:
  """Reads the lines of `save`.

  Raises:
    InputError: names the file and the line that is not `first second score`.
  """
  passes = [{}]
  for number, line in enumerate(corpus.read_lines(path), 1):
    if not line:
      passes.append({})
      continue
    fields = line.split(" ")
    if len(fields) != 3 or not all(fields) or not re.fullmatch(r"-?[0-9.]+(e[-+]?[0-9]+)?", fields[2]):
      raise InputError(f"{path}:{number}: {line[:80]!r}; expected two words and a score, a space between each.")
    passes[-1][fields[0], fields[1]] = float(fields[2])
  return Phrases(tuple(filter(None, passes)), delimiter)


def check(score: str, threshold: float, min_count: int) -> None:
  """InputError for settings of `learn` that make no sense."""
  if score not in SCORES:
    raise InputError(f"score is {score!r}, expected one of {', '.join(SCORES)}.")
  if score == "npmi" and not -1 <= threshold < 1:
    raise InputError(f"threshold is {threshold:g}, expected from -1 to below 1 for npmi, 0.5 say.")
  if min_count < 1:
    raise InputError(f"min_count is {min_count}, expected 1 or more.")


def _blocks(text: TokenStore, size: int) -> Iterator[np.ndarray]:
  """The numbers of the text, `size` at a time."""
  text.file.seek(0)
  while block := text.file.read(4 * size):
    yield np.frombuffer(block, np.int32)


def _overlapping(blocks: Iterable[np.ndarray]) -> Iterator[np.ndarray]:
  """The same blocks, each with the last number of the one before it, so that no pair is missed."""
  last = np.zeros(0, np.int32)
  for block in blocks:
    yield np.concatenate([last, block])
    last = block[-1:]


def _count_pairs(numbers: np.ndarray, frequent: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
  """Keys first * V + second of neighbours that are both frequent, ascending, and how often each occurs.

  numbers: [T] int32; frequent: [V] bool.
  """
  keys = _keys(numbers, len(frequent))
  wanted = frequent[numbers]
  keys = keys[wanted[:-1] & wanted[1:]]
  keys.sort()
  starts = external_sort.run_starts(keys)
  return keys[starts], np.diff(starts, append=len(keys))


def _keys(numbers: np.ndarray, vocab_size: int) -> np.ndarray:
  """A number for each pair of neighbours. numbers: [T] int32 -> [T - 1] int64."""
  return numbers[:-1].astype(np.int64) * vocab_size + numbers[1:]


def _as_words(words: Sequence[str], parts: Sequence[tuple[np.ndarray, np.ndarray]]) -> dict[tuple[str, str], float]:
  keys, scores = map(np.concatenate, zip(*parts, strict=True))
  order = np.argsort(-scores, kind="stable")
  first, second = np.divmod(keys[order], len(words))
  return {(words[i], words[j]): value
          for i, j, value in zip(first.tolist(), second.tolist(), scores[order].tolist(), strict=True)}


def _number_phrases(
  words: Sequence[str], pairs: PairScores, delimiter: str
) -> tuple[tuple[str, ...], np.ndarray, np.ndarray]:
  """(words and phrases, keys of the pairs of known words in ascending order, the number of each one's phrase)."""
  numbers = {word: number for number, word in enumerate(words)}
  known = sorted((numbers[first] * len(words) + numbers[second], first + delimiter + second)
                 for first, second in pairs if first in numbers and second in numbers)
  # A phrase may be a word of the text already, or be made of two pairs: a_b c and a b_c.
  joined = [numbers.setdefault(phrase, len(numbers)) for _, phrase in known]
  # A first key below all others, so that a search never ends before the first.
  return tuple(numbers), np.array([-1, *(key for key, _ in known)], np.int64), np.array([0, *joined], np.int32)


def _merge_block(
  numbers: np.ndarray, vocab_size: int, keys: np.ndarray, joined: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
  """numbers: [T] int32 -> the numbers with pairs joined, and the last one where it may yet begin a pair."""
  pairs = _keys(numbers, vocab_size)
  found = np.searchsorted(keys, pairs, side="right") - 1
  first = _leftmost(np.flatnonzero(keys[found] == pairs))
  numbers[first] = joined[found[first]]
  kept = np.ones(len(numbers), bool)
  kept[first + 1] = False
  held = numbers[-1:][kept[-1:]]
  kept[-1:] = False
  return numbers[kept], held


def _leftmost(positions: np.ndarray) -> np.ndarray:
  """Of ascending positions those that are taken from left to right, where each one taken excludes the next."""
  order = np.arange(len(positions))
  fresh = np.diff(positions, prepend=-2) > 1  # begins a run of neighbours, of which every other one is taken
  return positions[(order - np.maximum.accumulate(np.where(fresh, order, 0))) % 2 == 0]
