"""Tells from a sample of a text that a tokenizer does not find its words."""

import os
import re
import unicodedata
from collections.abc import Sequence

from glove_jax.data.text import streams

SAMPLE = 1 << 16  # characters that are looked at

_SPLIT_AT_SPACES = ("words", "unicode", "whitespace")
# Scripts that are written without spaces between words, and the mean number of characters between
# spaces above which a text is taken for unsegmented: segmented Chinese has 1.7, Thai 4.
_SCRIPTS = {
  "Han": ("\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003134f", 4),
  "Kana": ("\u3041-\u3096\u3099-\u309f\u30a1-\u30fa\u30fc-\u30ff\u31f0-\u31ff\uff66-\uff9f", 4),
  "Thai": ("\u0e01-\u0e3a\u0e40-\u0e4e", 12),
  "Lao": ("\u0e81-\u0ece\u0edc-\u0edf", 12),
  "Khmer": ("\u1780-\u17d3\u17dd", 12),
  "Burmese": ("\u1000-\u103f\u104e-\u109d", 12),
  "Tibetan": ("\u0f40-\u0fbc", 12),
}
_MARKED_SHARE = 0.05  # of the letters
_REPLACED_SHARE = 0.05
_SAMPLED_FILES = 8


def advice(sample: str, tokenizer: str) -> list[str]:
  """Returns one line for each reason to doubt that a tokenizer finds the words of a text.

  Args:
    sample: a part of the text; at most SAMPLE characters are looked at.
    tokenizer: a key of `word_tokenizers.TOKENIZERS`.
  """
  sample = sample[:SAMPLE]
  letters = sum(map(str.isalpha, sample))
  lines = []
  replaced = sample.count("\ufffd")
  if replaced > _REPLACED_SHARE * max(letters, 1):
    lines.append(
      f"{replaced / (letters + replaced):.0%} of the letters could not be decoded;"
      " is --config.encoding right?")
  script = _unsegmented_script(sample, letters, tokenizer)
  if script:
    better = "jieba or characters" if script == "Han" else "characters"
    lines.append(
      f"most letters are {script}, which has no spaces between words, and tokenizer={tokenizer}"
      f" splits at spaces; try --config.tokenizer={better}")
  elif tokenizer == "words" and _marked(sample) > _MARKED_SHARE * max(letters, 1):
    lines.append(
      "many letters have combining marks, at which tokenizer=words splits words;"
      " try --config.tokenizer=unicode")
  return lines


def sample_of(texts: Sequence[str]) -> str:
  """Returns a sample of many texts: some from all parts of the sequence, one a line."""
  step = max(1, len(texts) // 200)
  chosen = texts[::step]
  longest = max(1, SAMPLE // max(1, len(chosen)))
  return "\n".join(text[:longest] for text in chosen)


def sample_of_files(
  paths: Sequence[str | os.PathLike], *, encoding: str = "utf-8", errors: str = "strict"
) -> str:
  """Returns the beginnings of some of the files, about SAMPLE characters in all.

  Raises:
    InputError: a file cannot be read, unpacked or decoded.
  """
  step = -(-len(paths) // _SAMPLED_FILES)
  chosen = paths[::step]
  longest = SAMPLE // len(chosen)
  parts = []
  for path in chosen:
    length = 0
    for text in streams.read_text(path, encoding, errors):
      parts.append(text[: longest - length])
      length += len(text)
      if length >= longest:
        break
    parts.append("\n")
  return "".join(parts)


def _unsegmented_script(sample: str, letters: int, tokenizer: str) -> str | None:
  """Returns the script of most letters if it has no spaces between words, here neither."""
  if tokenizer not in _SPLIT_AT_SPACES:
    return None
  counts = {}
  for name, (characters, _) in _SCRIPTS.items():
    counts[name] = sum(map(str.isalpha, "".join(re.findall(f"[{characters}]+", sample))))
  if 10 * counts["Kana"] > counts["Han"]:  # Japanese has both
    counts["Kana"] += counts["Han"]
  script = max(counts, key=counts.get)
  if 2 * counts[script] <= letters:
    return None
  characters, longest = _SCRIPTS[script]
  if script == "Kana":
    characters += _SCRIPTS["Han"][0]
  separators = r"\s\u200b" if tokenizer == "whitespace" else rf"^{characters}"
  runs = [run for run in re.split(f"[{separators}]+", sample) if re.search(f"[{characters}]", run)]
  return script if sum(map(len, runs)) > longest * len(runs) else None


def _marked(sample: str) -> int:
  """Returns the number of combining marks after letters, without the dot of a lower-cased `İ`."""
  marks = 0
  previous = ""
  for character in sample:
    is_mark = unicodedata.category(character).startswith("M")
    marks += is_mark and previous.isalpha() and (previous not in "iI" or character != "\u0307")
    previous = character
  return marks
