"""Splits a stream of text where its tokenizer allows, and leaves out words without end.

A line of base64 or a damaged file may have a "word" of megabytes. It is no word: it would not fit
into memory, and nothing is lost without it.
"""

import re
from collections.abc import Iterable, Iterator

from glove_jax.data.text.word_tokenizers import Tokenizer
from glove_jax.progress import log_stage

LONGEST_WORD = 1 << 17  # characters; longer ones are left out
_NEAR = 40  # a boundary is rarely farther from the end of a block


class Splitter:
  """Splits texts at boundaries, and counts the words that it leaves out.

  Attributes:
    left_out: the number of words longer than LONGEST_WORD in all texts so far.
  """

  def __init__(self, tokenizer: Tokenizer):
    self.left_out = 0
    self._boundaries = tokenizer.boundaries
    self._fallback = None
    stops = re.escape(tokenizer.boundaries) + tokenizer.fallback
    if tokenizer.fallback:
      self._fallback = re.compile(rf"(?s).*[{tokenizer.fallback}]")
    self._stop = re.compile(f"[{stops}]")
    self._runs = re.compile(rf"[^{stops}]++|[{stops}]++")

  def split(self, texts: Iterable[str]) -> Iterator[str]:
    """Yields a text, given in parts, in parts that end where the tokenizer allows.

    Only LONGEST_WORD characters and a part are held in memory.
    """
    rest = ""  # has no boundary
    is_inside = False  # a word that is left out
    for text in texts:
      if is_inside:
        stop = self._stop.search(text)
        if not stop:
          continue
        text = text[stop.start() :]
        is_inside = False
      end = self._last_boundary(text)
      if end:
        yield self._without_long_words(rest + text[:end])
        rest = text[end:]
        continue
      rest += text
      if len(rest) > LONGEST_WORD:
        part, rest = self._split_long_run(rest)
        if part:
          yield part
        is_inside = len(rest) > LONGEST_WORD
        if is_inside:
          rest = ""
          self.left_out += 1
    if rest:
      yield self._without_long_words(rest)

  def _split_long_run(self, run: str) -> tuple[str, str]:
    """Returns what may be split off a run without boundaries, and the rest."""
    end = 0
    if self._fallback:
      match = self._fallback.match(run)
      end = match.end() if match else 0
    return self._without_long_words(run[:end]), run[end:]

  def _last_boundary(self, text: str) -> int:
    """Returns the position after the last boundary in a text, or 0."""
    for position in range(len(text), max(0, len(text) - _NEAR), -1):
      if text[position - 1] in self._boundaries:
        return position
    return 1 + max(map(text.rfind, self._boundaries))

  def _without_long_words(self, text: str) -> str:
    if len(text) <= LONGEST_WORD:
      return text
    kept = []
    for run in self._runs.findall(text):
      is_long = len(run) > LONGEST_WORD and not self._stop.match(run)
      self.left_out += is_long
      if not is_long:
        kept.append(run)
    return "".join(kept)


def log_left_out(count: int, source: str) -> None:
  """Reports how many words were left out, if there were any."""
  if count:
    words = "word" if count == 1 else "words"
    log_stage(
      "long words",
      f"{count:,} {words} of more than {LONGEST_WORD:,} characters left out of {source}")
