"""Tagged tokens in tables with names, such as `Sentence #,Word,POS,Tag`."""

from collections.abc import Sequence

from glove_jax.data.labelled import columns, tables
from glove_jax.data.labelled.tables import Dialect
from glove_jax.data.labelled.tag_schemes import Span, parse, spans
from glove_jax.errors import InputError

_TOKENS = ("word", "token", "words", "tokens")
_TAGS = ("tag", "ner", "ner_tag", "label", "tags", "labels", "entity", "bio", "iob")
_SENTENCES = ("sentence #", "sentence_id", "sentence", "sent_id", "sentence id", "sentence_idx")


def has_header(lines: Sequence[str]) -> bool:
  """Returns whether the first line is the header of a table of sentences, tokens and tags."""
  return _columns(lines) is not None


def read(path, lines: Sequence[str]) -> list[tuple[list[str], list[Span]]]:
  """Returns the tokens and the entities of each sentence.

  Raises:
    InputError: a row has too few fields, or a tag is of no scheme.
  """
  delimiter, (sentence_column, token, tag) = _columns(lines)
  rows = tables.read_rows(path, lines, Dialect(delimiter))
  next(rows)
  sentences: list[tuple[list[str], list[str]]] = []
  last = None
  for number, fields in rows:
    if len(fields) <= max(token, tag, sentence_column):
      raise InputError(f"{path}:{number}: found {len(fields)} fields, expected more.")
    sentence = fields[sentence_column].strip()
    if not sentences or (sentence and sentence != last):
      sentences.append(([], []))
      last = sentence
    if not fields[token]:
      raise InputError(f"{path}:{number}: found no token, expected one before its tag.")
    value = fields[tag].strip()
    try:
      parse(value)
    except ValueError as error:
      raise InputError(f"{path}:{number}: {error}, expected O, or B or I with a type.") from None
    sentences[-1][0].append(fields[token])
    sentences[-1][1].append(value)
  return [(words, spans(tags)) for words, tags in sentences]


def _columns(lines: Sequence[str]) -> tuple[str, tuple[int, int, int]] | None:
  """Returns the delimiter and the columns of sentence, token and tag."""
  header = next(filter(str.strip, lines), "")[:1000]
  for delimiter in (",", ";", "\t"):
    names = list(map(columns.normalize, header.split(delimiter)))
    chosen = [_index(names, usual) for usual in (_SENTENCES, _TOKENS, _TAGS)]
    if None not in chosen and len(set(chosen)) == 3:
      return delimiter, tuple(chosen)
  return None


def _index(names: Sequence[str], usual: Sequence[str]) -> int | None:
  for name in usual:
    if name in names:
      return names.index(name)
  return None
