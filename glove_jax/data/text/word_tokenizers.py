"""Word tokenizers by name; each also says where a text too long for memory may be split.

| name         | lower case | a token is                                                         |
|--------------|------------|--------------------------------------------------------------------|
| `words`      | yes        | letters and digits, with at most one inner apostrophe `'`: `don't` |
| `unicode`    | yes        | the same, any number of inner `'` or `’`, combining marks kept, NFC |
| `punctuation` | no        | a word, or a sign of punctuation around words: `Berlin.` are two    |
| `whitespace` | no         | what spaces, tabs and line ends separate, as in Stanford's C tools |
| `characters` | no         | every character that is not white space                            |
| `jieba`      | no         | a Chinese word as segmented by jieba; punctuation is dropped       |

The measured results of this project use `words`. It splits `3.14`, `well-known` and `don’t` in two
and leaves a run of Han characters whole. It splits a word at a combining mark: Hindi, Thai or
pointed Arabic need `unicode`. Both keep joiners inside words, and drop what cannot be seen, such as
soft hyphens (`word_characters`). A form feed, a vertical tab, U+0085, U+2028 and U+2029 are white
space for every tokenizer: they end no document.
"""

import functools
import re
from collections.abc import Callable
from typing import NamedTuple

from glove_jax import installation
from glove_jax.data.text import byte_tables, token_offsets, word_characters
from glove_jax.errors import InputError

# White space, and punctuation that no tokenizer below joins to its neighbours. Not ".", ":", "^",
# "`" or "'": what follows them decides whether a capital sigma before them is lower-cased as final.
_WHITESPACE = " \t\n"
_BOUNDARIES = " \t\n\r\f\v\u3000。！？；，、"
_WORD_BOUNDARIES = _BOUNDARIES + ",;!?()[]{}<>\"#$%&*+-/=@\\_|~"
_LINE_ENDS = "\t\v\f\x85\u2028\u2029"  # where `whitespace` splits besides spaces and newlines


class Tokenizer(NamedTuple):
  """A pure function from a text of many lines to its tokens, and where such a text may be split.

  `tokens(a + b) == tokens(a) + tokens(b)` wherever `a` ends with one of `boundaries`.

  Attributes:
    tokens: returns the tokens of a text. Every "\\n" of the text is a token.
    boundaries: the characters after which a text may be split.
    fallback: a character class of regular expressions: where a run of megabytes without any of them
      may be split as well. A longer word is left out.
    byte_table: replaces separators by spaces (`byte_tables`); empty if the tokenizer has none. A
      text may be split at these spaces too, unless a capital sigma in it is lower-cased.
  """

  tokens: Callable[[str], list[str]]
  boundaries: str = _WHITESPACE
  fallback: str = ""
  byte_table: bytes = b""


_OUTER_APOSTROPHE = re.compile(r"'(?:(?!\w)|(?<!\w'))")
_SECOND_APOSTROPHE = re.compile(r"('\w+)'")
_SPACES = re.compile(r"[^\S\n]+")


def _words(text: str) -> list[str]:
  # The same as a regular expression, which the test of this module has, in half its time.
  characters = word_characters.distinct(text)
  inner = word_characters.inner_characters(characters)
  text = word_characters.keep_letters(text, characters, inner)
  if inner:
    text = word_characters.without_loose_characters(text, inner)
    text = _without_outer_apostrophes(text, inner)
    return _split(re.sub(rf"('[\w{inner}]+)'", r"\1 ", text))
  text = _OUTER_APOSTROPHE.sub(" ", text)
  text = _SECOND_APOSTROPHE.sub(r"\1 ", text)
  return _split(text)


def _unicode(text: str) -> list[str]:
  text = word_characters.normalize("NFC", text).replace("’", "'")
  characters = word_characters.distinct(text)
  marks = word_characters.combining_marks(characters)
  inner = marks + "".join(filter(characters.__contains__, word_characters.JOINERS))
  text = word_characters.keep_letters(text, characters, inner)
  if inner != marks:
    text = word_characters.without_loose_joiners(text, inner)
  text = _without_outer_apostrophes(text, inner)
  if marks:
    text = re.sub(rf"(?<![\w{inner}])[{inner}]+", " ", text)
  return _split(text)


def _without_outer_apostrophes(text: str, inner: str) -> str:
  """Replaces apostrophes that do not stand between letters or characters of `inner` by spaces."""
  return re.sub(rf"'(?:(?![\w{inner}])|(?<![\w{inner}]'))", " ", text)


def _split(text: str) -> list[str]:
  return list(filter(None, text.replace("\n", " \n ").split(" ")))


def _whitespace(text: str) -> list[str]:
  # Not str.split(): U+00A0 and U+3000 stay inside their word. A carriage return is ignored wherever
  # it is, as by get_word in Stanford's common.c. Characters that end lines elsewhere are spaces.
  text = text.replace("\r", "")
  ends = _LINE_ENDS[:3] if text.isascii() else _LINE_ENDS
  for character in ends:
    text = text.replace(character, " ")
  return _split(text)


def _punctuation(text: str) -> list[str]:
  tokens = []
  for number, line in enumerate(text.split("\n")):
    if number:
      tokens.append("\n")
    tokens += [line[start:end] for start, end in token_offsets.split(line)]
  return tokens


def _characters(text: str) -> list[str]:
  return list(_SPACES.sub("", text))


def _jieba(text: str) -> list[str]:
  tokens = []
  for word in _load_jieba().lcut(text):
    if word == "\n" or any(map(str.isalnum, word)):
      tokens.append(word)
  return tokens


@functools.cache
def _load_jieba():
  try:
    import jieba
  except ImportError:
    raise InputError(f"The tokenizer 'jieba' needs jieba: {installation.extra('zh')}") from None
  jieba.setLogLevel("ERROR")
  jieba.initialize()
  return jieba


class _Method(NamedTuple):
  """What a tokenizer's name stands for."""

  split: Callable[[str], list[str]]
  lowercase: bool  # whether to lower the case by default
  boundaries: str = _BOUNDARIES
  fallback: str = ""
  byte_table: Callable[[bool], bytes] | None = None  # made for whether to lower the case


TOKENIZERS = {
  "words": _Method(
    _words, lowercase=True, boundaries=_WORD_BOUNDARIES, byte_table=byte_tables.of_letters
  ),
  "unicode": _Method(
    _unicode, lowercase=True, boundaries=_WORD_BOUNDARIES, byte_table=byte_tables.of_letters
  ),
  "punctuation": _Method(_punctuation, lowercase=False, boundaries=_WHITESPACE),
  "whitespace": _Method(
    _whitespace, lowercase=False, boundaries=_WHITESPACE, byte_table=byte_tables.of_whitespace
  ),
  "characters": _Method(_characters, lowercase=False, fallback=r"\s\S"),
  "jieba": _Method(_jieba, lowercase=False, fallback=r"\x80-\U0010ffff"),
}


def make(name: str | Callable[[str], list[str]], lowercase: bool | None = None) -> Tokenizer:
  """Returns a tokenizer by name, or made from a function of one line.

  Args:
    name: a key of `TOKENIZERS`, or a function from a line (no newline in it) to its tokens. The
      function gets a line longer than a block in several parts, split after a space or a tab.
    lowercase: whether to lower the case first. None means the default in this module's table, and
      no for a function.

  Raises:
    InputError: there is no such tokenizer, or it needs a package that is not installed.
  """
  if callable(name):
    split_lines = functools.partial(_split_lines, name)
    return Tokenizer(_with_case(split_lines, bool(lowercase)))
  if name not in TOKENIZERS:
    expected = ", ".join(TOKENIZERS)
    raise InputError(f"tokenizer={name!r} is unknown, expected one of {expected}.")
  if name == "jieba":
    _load_jieba()
  method = TOKENIZERS[name]
  if lowercase is None:
    lowercase = method.lowercase
  return Tokenizer(
    tokens=_with_case(method.split, lowercase),
    boundaries=method.boundaries,
    fallback=method.fallback,
    byte_table=method.byte_table(lowercase) if method.byte_table else b"",
  )


def _with_case(split: Callable[[str], list[str]], lowercase: bool) -> Callable[[str], list[str]]:
  if not lowercase:
    return split
  return functools.partial(_split_lowercase, split)


def _split_lowercase(split: Callable[[str], list[str]], text: str) -> list[str]:
  return split(text.lower())


def _split_lines(split_line: Callable[[str], list[str]], text: str) -> list[str]:
  """Splits each line of a text, with a "\\n" between lines."""
  first, *others = text.split("\n")
  tokens = list(split_line(first))
  for line in others:
    tokens.append("\n")
    tokens += split_line(line)
  return tokens
