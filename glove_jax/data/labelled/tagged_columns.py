"""Tagged tokens in columns: one a line, as of CoNLL, CoNLL-U and CoNLL-2012."""

import functools
import re
from collections import Counter
from collections.abc import Collection, Iterator, Sequence
from typing import NamedTuple

from glove_jax.data.labelled import bracket_tags, column_splitters
from glove_jax.data.labelled.column_splitters import SPLITTERS
from glove_jax.data.labelled.tag_schemes import Span, parse, spans
from glove_jax.errors import InputError, quote

_COMMENT = re.compile(r"#(?:[ \t]|$|begin document|end document)")
_PREFIXED = re.compile(r"[BIMELSU][-_].+", re.DOTALL)
_SUFFIXED = re.compile(r"(.+)[-_]([BI])", re.DOTALL)  # PER_B, as NAVER's Korean texts
_OTHER_PREFIX = re.compile(r"[A-Z]-.*", re.DOTALL)
_RANGE = re.compile(r"[0-9]+[-.][0-9]+")  # of tokens; or an empty node
_ID = re.compile(r"[0-9]+(?:[-.][0-9]+)?")
_MISC_KEYS = ("name", "ner", "ne", "entity")
_MISC = re.compile(r"(?:^|.*\|)(name|ner|ne|entity)=([^|]*)(?:\|.*)?", re.IGNORECASE)
_CONLL_2012 = (3, 10)  # columns of the token and the entity
_SAMPLE = 20_000  # lines that detection looks at
_OUTSIDE = {"O", "_"}
_MOST_TYPES = 500  # of plain tags
_EXPECTED = "expected O, or B, I, M, E, S, L, U with a type, as B-PER"
_TOKEN_NAMES = ("token", "word", "form", "tokens", "words")
_TAG_NAMES = ("tag", "ner", "ner_tag", "ner_tags", "label", "tags", "labels")

Tags = Sequence[tuple[int, str, str]]  # of a sentence: line, token, tag


class TagLayout(NamedTuple):
  """How tagged sentences are read."""

  kind: str  # columns, records or table
  splitter: str = "tab"  # a key of `column_splitters.SPLITTERS`
  token: int = 0
  tag: int = -1
  width: int = 2  # columns of most lines
  ids: bool = False  # whether the first column numbers the tokens
  tags: str = "scheme"  # scheme, plain, suffix, brackets or misc


def detect(path, lines: Sequence[str], token: int, tag: int) -> TagLayout:
  """Returns how the columns of a file are read.

  Args:
    path: for error messages.
    lines: of the file.
    token, tag: the columns that the user names; 0 and -1 are the defaults.

  Raises:
    InputError: no column has tags.
  """
  sample = lines[:_SAMPLE]
  content = [(n, line) for n, line in _content(sample) if not _COMMENT.match(line)]
  if not content:
    raise InputError(f"{path}: no lines, expected a token and its tag on each.")
  splitter = column_splitters.best([line for _, line in content])
  rows = [SPLITTERS[splitter](line) for _, line in content]
  width = Counter(map(len, rows)).most_common(1)[0][0]
  layout = TagLayout("columns", splitter, token, tag, width)
  layout = layout._replace(ids=_numbers_tokens(sample, layout))
  is_2012 = any(line.startswith("#begin document") for line in lines[:1000])
  if (is_2012 or _is_2012(rows)) and (token, tag) == (0, -1) and width > _CONLL_2012[1]:
    token, tag = _CONLL_2012
    return layout._replace(token=token, tag=tag, tags="brackets", ids=False)
  if layout.ids and token == 0 and width > 2:
    layout = layout._replace(token=1)
  even = [row for row in rows if len(row) == width]
  return _with_tags(path, layout, even, content[0][0])


def read(path, lines: Sequence[str], layout: TagLayout) -> list[tuple[list[str], list[Span]]]:
  """Returns the tokens and the entities of each sentence.

  Raises:
    InputError: a line has too few columns, or a tag is of no scheme.
  """
  convert = bracket_tags.spans if layout.tags == "brackets" else _spans
  tagged = []
  for sentence in _sentences(path, lines, layout):
    if sentence:
      tokens = [token for _, token, _ in sentence]
      tagged.append((tokens, convert(path, sentence)))
  return tagged


def _sentences(path, lines: Sequence[str], layout: TagLayout) -> Iterator[Tags]:
  """Yields the tokens of each sentence with their tags; some have none."""
  allowed = _plain_tags(lines, layout) if layout.tags == "plain" else None
  split = SPLITTERS[layout.splitter]
  needed = _needed(layout) if allowed is None else max(_needed(layout), layout.width)
  sentence: list[tuple[int, str, str]] = []
  is_first = True
  for number, line in enumerate(lines, 1):
    if not line.strip(" \t\f\v\r") or line.startswith("-DOCSTART-"):
      yield sentence
      sentence = []
      continue
    columns = split(line)
    if line[0] == "#" and _COMMENT.match(line) and not _is_token(columns, layout, allowed):
      continue
    if is_first and _is_header(columns, layout):
      continue
    is_first = False
    if layout.ids and _RANGE.fullmatch(columns[0]):
      continue
    if len(columns) < needed or not columns[layout.token]:
      raise _no_token(f"{path}:{number}", line, columns, needed)
    try:
      tag = _as_tag(columns[layout.tag], layout.tags)
    except ValueError as error:
      raise InputError(f"{path}:{number}: {error}, {_EXPECTED}.") from None
    sentence.append((number, columns[layout.token], tag))
  yield sentence


def _needed(layout: TagLayout) -> int:
  """Returns how many columns a line must have."""
  token, tag = layout.token, layout.tag
  return max(2, token + 1, -token, tag + 1, -tag)


def _content(lines: Sequence[str]) -> Iterator[tuple[int, str]]:
  for number, line in enumerate(lines, 1):
    if line.strip(" \t\f\v\r") and not line.startswith("-DOCSTART-"):
      yield number, line


def _numbers_tokens(lines: Sequence[str], layout: TagLayout) -> bool:
  """Returns whether the first column counts the tokens of each sentence."""
  expected = None
  for line in lines:
    if not line.strip(" \t\f\v\r"):
      expected = None
      continue
    if _COMMENT.match(line) or line.startswith("-DOCSTART-"):
      continue
    first = SPLITTERS[layout.splitter](line)[0]
    if not _ID.fullmatch(first):
      return False
    if first.isdigit():
      number = int(first[:9])
      if number != expected and not (expected is None and number in (0, 1)):
        return False
      expected = number + 1
  return layout.width > 2


def _is_2012(rows: Sequence[Sequence[str]]) -> bool:
  _, tag = _CONLL_2012
  values = [row[tag] for row in rows if len(row) > tag]
  return len(values) == len(rows) and bracket_tags.are_brackets(values)


def _with_tags(path, layout: TagLayout, rows: Sequence[Sequence[str]], first: int) -> TagLayout:
  """Returns the layout with the column of the tags, and the kind of tags.

  Raises:
    InputError: no column has tags.
  """
  candidates = [layout.tag]
  if layout.tag == -1:
    candidates += [i for i in range(layout.width - 2, -1, -1) if i != layout.token]
  kinds = {}
  with_entities = []
  for column in candidates:
    if -layout.width <= column < layout.width:
      values = {row[column].strip() for row in rows}
      kinds[column] = _kind_of_tags(values)
      if kinds[column] and not values <= _OUTSIDE:
        with_entities.append(column)
  column = layout.tag
  if column not in with_entities and len(with_entities) == 1:
    column = with_entities[0]
  if layout.tag == -1 and len(rows) > 1 and not any(kinds.values()):
    raise _no_tags(f"{path}:{first}", rows)
  return layout._replace(tag=column, tags=kinds.get(column) or "scheme")


def _no_tags(location: str, rows: Sequence[Sequence[str]]) -> InputError:
  values = Counter(row[-1] for row in rows)
  shown = ", ".join(quote(value, 30) for value, _ in values.most_common(5))
  return InputError(
    f"{location}: found {shown} in the last column and no O, expected tags such as O and B-PER; "
    "see --config.tag_column."
  )


def _kind_of_tags(values: Collection[str]) -> str:
  """Returns what the values of a column are as tags; empty if they are none."""
  if any(map(_MISC.fullmatch, values)) and any("=" in value for value in values):
    return "misc"
  if bracket_tags.are_brackets(values):
    return "brackets"
  tags = set(values) - _OUTSIDE
  prefixed = [tag for tag in tags if _PREFIXED.fullmatch(tag)]
  if prefixed and len(prefixed) >= len(tags) / 2:
    return "scheme"
  if "O" not in values:
    return ""
  if tags and all(map(_SUFFIXED.fullmatch, tags)):
    return "suffix"
  if all(tag in tuple("BIMELSU") for tag in tags):
    return "scheme"
  return "plain" if not prefixed and len(tags) <= _MOST_TYPES else "scheme"


def _plain_tags(lines: Sequence[str], layout: TagLayout) -> set[str]:
  """Returns the tags of lines that are no comments."""
  tags = {"O"}
  for _, line in _content(lines):
    columns = SPLITTERS[layout.splitter](line)
    if not _COMMENT.match(line) and len(columns) == layout.width >= _needed(layout):
      tags.add(columns[layout.tag])
  return tags


def _is_token(columns: Sequence[str], layout: TagLayout, allowed: set[str] | None) -> bool:
  """Returns whether a line that begins with # is a token: it has as many columns, and a tag."""
  is_even = len(columns) == layout.width >= _needed(layout)
  if not is_even or layout.token != 0 or columns[0] != "#":
    return False
  tag = columns[layout.tag]
  if allowed is not None:
    return tag in allowed
  return tag == "O" or bool(_PREFIXED.fullmatch(tag)) or layout.tags in ("misc", "brackets")


def _is_header(columns: Sequence[str], layout: TagLayout) -> bool:
  """Returns whether a line holds the names of the columns."""
  names = [column.lower() for column in columns]
  if len(names) != layout.width or layout.width < _needed(layout):
    return False
  return names[layout.token] in _TOKEN_NAMES and names[layout.tag] in _TAG_NAMES


def _no_token(location: str, line: str, columns: Sequence[str], needed: int) -> InputError:
  if len(columns) < needed:
    return InputError(
      f"{location}: {quote(line)} has {len(columns)} columns, expected {needed} for token and tag.")
  return InputError(f"{location}: found no token in {quote(line)}, expected one.")


@functools.lru_cache(maxsize=10_000)  # a file has few different tags
def _as_tag(value: str, kind: str) -> str:
  """Returns a tag of a scheme: plain ones become those of IOB1; brackets stay.

  Raises:
    ValueError: the value is no tag.
  """
  value = value.strip()  # of no-break spaces too
  if kind == "brackets":
    return value
  if kind == "misc":
    match = _MISC.fullmatch(value)
    value = match[2] if match else "O"
  if kind == "suffix":
    value = _SUFFIXED.sub(r"\2-\1", value)
  if value in _OUTSIDE:
    return "O"
  if kind == "plain":
    if _OTHER_PREFIX.fullmatch(value):
      raise ValueError(f"{quote(value)} is no tag")
    return f"I-{value}"
  if value[1:2] == "_" and _PREFIXED.fullmatch(value):
    value = f"{value[0]}-{value[2:]}"
  parse(value)
  return value


def _spans(path, sentence: Tags) -> list[Span]:
  del path  # all tags are valid
  return spans([tag for _, _, tag in sentence])
