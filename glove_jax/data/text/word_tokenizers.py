"""Word tokenizers by name; each also says where a text too long for memory may be split.

| name         | lower case | a token is                                                         |
|--------------|------------|--------------------------------------------------------------------|
| `words`      | yes        | letters and digits, with at most one inner apostrophe `'`: `don't` |
| `unicode`    | yes        | the same, any number of inner `'` or `’`, combining marks kept, NFC |
| `whitespace` | no         | what spaces, tabs and newlines separate, as in Stanford's C tools  |
| `characters` | no         | every character that is not white space                            |
| `jieba`      | no         | a Chinese word as segmented by jieba; punctuation is dropped       |

The measured results of this project use `words`. It splits `3.14`, `well-known` and `don’t` in two
and leaves a run of Han characters whole. It splits a word at a combining mark: Hindi, Thai or
pointed Arabic need `unicode`.
"""

import functools
import re
import unicodedata
from collections.abc import Callable
from typing import NamedTuple

from glove_jax.errors import InputError

# White space, and the CJK punctuation that no tokenizer below joins to its neighbours. Not "." or
# "'": what follows them decides whether a capital sigma before them is lower-cased as final.
_WHITESPACE = " \t\n"
_BOUNDARIES = " \t\n\r\f\v\u3000。！？；，、"


class Tokenizer(NamedTuple):
  """A pure function from a text of many lines to its tokens, and where such a text may be split.

  `tokens(a + b) == tokens(a) + tokens(b)` wherever `a` ends with one of `boundaries`.

  Attributes:
    tokens: returns the tokens of a text. Every "\\n" of the text is a token.
    boundaries: the characters after which a text may be split.
    split_anywhere: whether a long run without any of them may be split at any character.
  """

  tokens: Callable[[str], list[str]]
  boundaries: str = _WHITESPACE
  split_anywhere: bool = False


_OUTER_APOSTROPHE = re.compile(r"'(?:(?!\w)|(?<!\w'))")
_SECOND_APOSTROPHE = re.compile(r"('\w+)'")
_SPACES = re.compile(r"[^\S\n]+")


def _words(text: str) -> list[str]:
  # The same as re.findall(r"[^\W_]+(?:'[^\W_]+)?|\n", text) in half its time.
  text = _keep_letters(text)
  text = _OUTER_APOSTROPHE.sub(" ", text)
  text = _SECOND_APOSTROPHE.sub(r"\1 ", text)
  return _split(text)


def _unicode(text: str) -> list[str]:
  text = unicodedata.normalize("NFC", text).replace("’", "'")
  marks = _combining_marks(text)
  text = _keep_letters(text, marks)
  text = re.sub(rf"'(?:(?!\w)|(?<![\w{marks}]'))", " ", text)
  if marks:
    text = re.sub(rf"(?<![\w{marks}])[{marks}]+", " ", text)
  return _split(text)


def _combining_marks(text: str) -> str:
  """Returns the combining marks in a text, each once."""
  marks = ""
  for character in _non_ascii(text):
    if unicodedata.category(character).startswith("M"):
      marks += character
  return marks


def _keep_letters(text: str, marks: str = "") -> str:
  """Replaces all but letters, digits, apostrophes, newlines and `marks` by spaces."""
  for character in _non_ascii(text):  # few, so that a pass for each is cheap
    if character not in marks and not character.isalnum():
      text = text.replace(character, " ")
  return text.encode().translate(_ASCII_TO_SPACES).decode()


def _non_ascii(text: str) -> list[str]:
  """Returns the distinct characters beyond ASCII in a text, sorted."""
  encoded = text.encode("utf-8", "surrogatepass")
  non_ascii = encoded.translate(None, bytes(range(128)))
  return sorted(set(non_ascii.decode("utf-8", "surrogatepass")))


def _ascii_to_spaces() -> bytes:
  """Returns the table of `bytes.translate` that replaces all but letters, digits, "'" and "\\n"."""
  table = bytearray(range(256))
  for code in range(128):
    character = chr(code)
    if not character.isalnum() and character not in "'\n":
      table[code] = ord(" ")
  return bytes(table)


_ASCII_TO_SPACES = _ascii_to_spaces()


def _split(text: str) -> list[str]:
  return list(filter(None, text.replace("\n", " \n ").split(" ")))


def _whitespace(text: str) -> list[str]:
  # Not str.split(): U+00A0 and U+3000 stay inside their word. A carriage return is ignored wherever
  # it is, as by get_word in Stanford's common.c.
  return _split(text.replace("\r", "").replace("\t", " "))


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
    raise InputError("The tokenizer 'jieba' needs jieba: pip install -e '.[zh]'") from None
  jieba.setLogLevel("ERROR")
  jieba.initialize()
  return jieba


class _Method(NamedTuple):
  """What a tokenizer's name stands for."""

  split: Callable[[str], list[str]]
  lowercase: bool  # whether to lower the case by default
  boundaries: str = _BOUNDARIES
  split_anywhere: bool = False


TOKENIZERS = {
  "words": _Method(_words, lowercase=True),
  "unicode": _Method(_unicode, lowercase=True),
  "whitespace": _Method(_whitespace, lowercase=False, boundaries=_WHITESPACE),
  "characters": _Method(_characters, lowercase=False, split_anywhere=True),
  "jieba": _Method(_jieba, lowercase=False, split_anywhere=True),
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
    split_anywhere=method.split_anywhere,
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
