"""The tokenizers of `word_tokenizers` as regular expressions, for the library `tokenizers`.

Its expressions are Oniguruma's, in which `\\w` has combining marks too. A `WordPattern` is the
steps that are taken before, and the expression of a word. Tests compare the words of both.
"""

from typing import NamedTuple

from glove_jax.data.text import word_characters

LETTER = "\\p{L}\\p{N}"
_JOINERS = "\u200c\u200d"
_DOT = "\u0307"  # of a lower-cased İ
_HAN = "\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"  # and Kana


class WordPattern(NamedTuple):
  """How a text becomes words.

  Attributes:
    replacements: (expression, replacement), applied one after another.
    word: the expression of a word; what stands between words is dropped.
    normal_form: of Unicode, or "".
  """

  replacements: tuple[tuple[str, str], ...]
  word: str
  normal_form: str = ""


def _invisible(*, with_marks: bool) -> str:
  """Returns the class of the characters that are dropped, with variation selectors or without."""
  characters = sorted(word_characters.INVISIBLE)
  if not with_marks:
    marks = word_characters.combining_marks(characters)
    characters = [character for character in characters if character not in marks]
  return f"[{''.join(characters)}]"


def _loose_joiner(letter: str) -> str:
  return f"(?<![{letter}])[{_JOINERS}]|[{_JOINERS}](?![{letter}])"


def _words() -> WordPattern:
  inner = LETTER + _DOT + _JOINERS
  return WordPattern(
    replacements=(
      (_invisible(with_marks=True), ""),
      (f"(?<![iI]){_DOT}", " "),
      (_loose_joiner(LETTER + _DOT), ""),
    ),
    word=f"[{inner}]+(?:'[{inner}]+)?",
  )


def _unicode() -> WordPattern:
  letter = f"{LETTER}\\p{{M}}"
  inner = letter + _JOINERS
  return WordPattern(
    replacements=(
      ("’", "'"),
      (_invisible(with_marks=False), ""),
      (_loose_joiner(letter), ""),
    ),
    word=f"[{LETTER}][{inner}]*(?:'[{inner}]+)*",
    normal_form="NFC",
  )


def _whitespace() -> WordPattern:
  return WordPattern(replacements=(("\r", ""),), word="[^ \t\n\v\f\x85\u2028\u2029]+")


def _characters() -> WordPattern:
  return WordPattern(replacements=(), word="[^\\s\x1c-\x1f]")


def _punctuation() -> WordPattern:
  """Returns the alternatives of `token_offsets.split` in their order."""
  letters = f"(?:(?![{_HAN}])[{LETTER}\\p{{M}}\u00ad{_JOINERS}])+"
  end = f"(?![{LETTER}_])"
  possessive = f"['’][sS]{end}"
  word = f"{letters}(?:(?!{possessive})[-'’.&_/·‐‑]{letters})*"
  closing = ".,;:!?…)\\]}>\"'”’»"
  titles = (
    "Mrs?|Ms|Drs?|Profs?|Sr|Jr|St|vs|No|Gen|Sen|Rep|Gov|Lt|Col|Capt|Sgt|Rev|Hon|Inc|Ltd|Co|Corp"
    "|Bros|Jan|Feb|Mar|Apr|Jun|Jul|Aug|Sept?|Oct|Nov|Dec|bzw|usw|approx|etc"
  )
  alternatives = (
    f"(?i:https?://|www\\.)\\S*[^\\s{closing}]",
    "[\\w.+-]{1,64}@[\\w-]{1,64}(?:\\.[\\w-]{1,64}){1,9}",
    "(?:\\p{L}\\.){2,}",
    "[A-Z]\\.(?=[ \t])",
    f"(?:{titles})\\.{end}",
    f"\\p{{Nd}}{{1,30}}(?:[.,:/-]\\p{{Nd}}{{1,30}}){{0,9}}(?:st|nd|rd|th|s|%)?{end}",
    possessive,
    f"[{_HAN}]",
    f"[@#]{word}",
    word,
    "([.!?*_=~-])\\1+",
    "\\S",
  )
  return WordPattern(replacements=(), word="|".join(alternatives))


PATTERNS = {
  "words": _words(),
  "unicode": _unicode(),
  "punctuation": _punctuation(),
  "whitespace": _whitespace(),
  "characters": _characters(),
}
