"""Ways to cut a text into tokens, by name; each also says where a text too long for memory may be cut.

| name         | lower case | a token is                                                                    |
|--------------|------------|-------------------------------------------------------------------------------|
| `words`      | yes        | a run of letters and digits, with at most one inner ASCII apostrophe: `don't` |
| `unicode`    | yes        | the same, any number of inner `'` or `’`, combining marks kept, NFC           |
| `whitespace` | no         | what spaces, tabs and newlines separate, as in Stanford's C tools             |
| `characters` | no         | every character that is not white space                                       |
| `jieba`      | no         | a Chinese word as jieba finds it; punctuation is dropped                      |

`words` is what the measured results of this project use. It splits `3.14`, `well-known` and `don’t` in two and
leaves a run of Han characters whole. It parts a word at a combining mark: Hindi, Thai or pointed Arabic need
`unicode`.
"""

import functools
import re
import unicodedata
from collections.abc import Callable
from typing import NamedTuple

from glove_jax.errors import InputError

# White space, and the CJK punctuation that no tokenizer below joins to its neighbours. Not "." or "'": what
# follows them decides whether a capital sigma before them is lower-cased as final.
_BOUNDARIES = " \t\n\r\f\v\u3000。！？；，、"


class Tokenizer(NamedTuple):
  """A pure function from a text of many lines to its tokens, and where such a text may be cut.

  `tokens(a + b) == tokens(a) + tokens(b)` wherever `a` ends with one of `boundaries`.
  """

  tokens: Callable[[str], list[str]]  # every "\n" of the text comes back as a token of its own, in its place
  boundaries: str = " \t\n"           # the characters after which a text may be cut
  anywhere: bool = False              # whether a run without any of them may be cut when it is too long


def _words(text: str, lowercase: bool) -> list[str]:
  # The same as re.findall(r"[^\W_]+(?:'[^\W_]+)?|\n", text) in half its time.
  text, _ = _letters_only(text.lower() if lowercase else text, marks=False)
  return _split(_SECOND_APOSTROPHE.sub(r"\1 ", _OUTER_APOSTROPHE.sub(" ", text)))


_OUTER_APOSTROPHE = re.compile(r"'(?:(?!\w)|(?<!\w'))")
_SECOND_APOSTROPHE = re.compile(r"('\w+)'")


def _unicode(text: str, lowercase: bool) -> list[str]:
  text = unicodedata.normalize("NFC", text.lower() if lowercase else text).replace("’", "'")
  text, marks = _letters_only(text, marks=True)
  text = re.sub(rf"'(?:(?!\w)|(?<![\w{marks}]'))", " ", text)
  return _split(re.sub(rf"(?<![\w{marks}])[{marks}]+", " ", text) if marks else text)


def _letters_only(text: str, *, marks: bool) -> tuple[str, str]:
  """Spaces for all but letters, digits, apostrophes, newlines and `marks`; and the combining marks kept."""
  kept = ""
  foreign = text.encode("utf-8", "surrogatepass").translate(None, bytes(range(128)))
  for character in sorted(set(foreign.decode("utf-8", "surrogatepass"))):  # few, so that each may cost a pass
    if marks and unicodedata.category(character).startswith("M"):
      kept += character
    elif not character.isalnum():
      text = text.replace(character, " ")
  return text.encode().translate(_ASCII_LETTERS).decode(), kept


_ASCII_LETTERS = bytes(c if c > 127 or chr(c).isalnum() or chr(c) in "'\n" else ord(" ") for c in range(256))


def _split(text: str) -> list[str]:
  return list(filter(None, text.replace("\n", " \n ").split(" ")))


def _whitespace(text: str, lowercase: bool) -> list[str]:
  # Not str.split(): U+00A0 and U+3000 stay inside their word. A carriage return is ignored wherever it is, as
  # by get_word in Stanford's common.c.
  text = text.lower() if lowercase else text
  return _split(text.replace("\r", "").replace("\t", " "))


def _characters(text: str, lowercase: bool) -> list[str]:
  return list(_SPACES.sub("", text.lower() if lowercase else text))


_SPACES = re.compile(r"[^\S\n]+")


def _jieba(text: str, lowercase: bool) -> list[str]:
  words = _load_jieba().lcut(text.lower() if lowercase else text)
  return [word for word in words if word == "\n" or any(map(str.isalnum, word))]


@functools.cache
def _load_jieba():
  try:
    import jieba
  except ImportError:
    raise InputError("The tokenizer 'jieba' needs jieba: pip install -e '.[zh]'") from None
  jieba.setLogLevel("ERROR")
  jieba.initialize()
  return jieba


# name -> (function of a text and whether to lower its case, whether to unless told, boundaries, anywhere)
TOKENIZERS = {
  "words": (_words, True, _BOUNDARIES, False),
  "unicode": (_unicode, True, _BOUNDARIES, False),
  "whitespace": (_whitespace, False, " \t\n", False),
  "characters": (_characters, False, _BOUNDARIES, True),
  "jieba": (_jieba, False, _BOUNDARIES, True),
}


def make(name: str | Callable[[str], list[str]], lowercase: bool | None = None) -> Tokenizer:
  """A tokenizer by name, or from your own function of one line.

  Args:
    name: a key of `TOKENIZERS`, or a function from a line (no newline in it) to its tokens. The function sees
      a line longer than a block in several pieces, cut after a space or a tab.
    lowercase: whether to lower the case first; None means what the table in this file's docstring says, and
      no for a function.

  Raises:
    InputError: the name is not known, or it needs a package that is not installed.
  """
  if callable(name):
    return Tokenizer(functools.partial(_by_line, name, lowercase=bool(lowercase)))
  if name not in TOKENIZERS:
    raise InputError(f"tokenizer={name!r} is unknown; expected one of {', '.join(TOKENIZERS)}.")
  if name == "jieba":
    _load_jieba()
  function, lowers, boundaries, anywhere = TOKENIZERS[name]
  lowercase = lowers if lowercase is None else lowercase
  return Tokenizer(functools.partial(function, lowercase=lowercase), boundaries, anywhere)


def _by_line(function: Callable[[str], list[str]], text: str, lowercase: bool) -> list[str]:
  tokens = []
  for number, line in enumerate((text.lower() if lowercase else text).split("\n")):
    tokens += ["\n"] * (number > 0)
    tokens += function(line)
  return tokens
