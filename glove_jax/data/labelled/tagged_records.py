"""Tagged sentences in records: tokens with tags, or texts with spans of characters.

| written by          | a record                                                             |
|---------------------|----------------------------------------------------------------------|
| Hugging Face        | `{"tokens": ["Anna"], "ner_tags": ["B-PER"]}`; also `words`, `tags`  |
| doccano             | `{"text": "Anna lives", "label": [[0, 4, "PER"]]}`; also `entities`  |
| Label Studio        | `{"data": {"text": …}, "annotations": [{"result": [{"value": …}]}]}` |
| Label Studio, short | `{"text": …, "label": [{"start": 0, "end": 4, "labels": ["PER"]}]}`  |
| Prodigy             | `{"text": …, "spans": [{"start": 0, "end": 4, "label": "PER"}]}`     |
| CLUENER             | `{"text": …, "label": {"name": {"Anna": [[0, 3]]}}}`: last included |
| spaCy               | `["Anna lives", {"entities": [[0, 4, "PER"]]}]`                      |
"""

import json
from collections.abc import Collection, Sequence
from typing import Any

from glove_jax.data.labelled import columns, json_records, text_tokens
from glove_jax.data.labelled.json_records import Record
from glove_jax.data.labelled.tag_schemes import Span, parse, spans
from glove_jax.data.labelled.text_tokens import TextSpan
from glove_jax.errors import InputError, quote
from glove_jax.progress import log_stage

_TOKENS = ("tokens", "words", "token", "sentence")
_TAGS = ("ner_tags", "tags", "ner", "labels", "label", "tag", "ner_labels", "bio", "iob")
_SPANS = ("label", "labels", "entities", "spans", "ner", "annotations")
_STARTS = ("start", "start_offset", "begin")
_ENDS = ("end", "end_offset", "stop")
_TYPES = ("label", "labels", "type", "entity_type", "entity", "tag", "entity_group")

Sentence = tuple[list[str], list[Span]]


def looks_like_json(lines: Sequence[str]) -> bool:
  """Returns whether a file begins as records do; "[" and "{" may be tokens too."""
  first = next(filter(str.strip, lines), "").strip()
  if first in ("[", "{"):
    second = next(iter([line.strip() for line in lines[1:50] if line.strip()]), "")
    return second[:1] in ('"', "{", "[")
  return first[:1] in ("[", "{") and first[1:].lstrip()[:1] in ('"', "{", "[")


def read(
  path, records: Sequence[Record], *, tokenizer: str, names: Sequence[str]
) -> tuple[list[Sentence], int]:
  """Returns the tokens and entities of each sentence, and how many spans were left out.

  Args:
    path: for error messages.
    records: of the file.
    tokenizer: of texts with spans, a name of `word_tokenizers`.
    names: of tags that are numbers.

  Raises:
    InputError: a record has other keys, or a tag is of no scheme.
  """
  sentences: list[Sentence] = []
  overlapping = 0
  records = _accepted(path, json_records.unwrap(records))
  is_plain = _are_plain(records)
  for line, record in records:
    location = f"{path}:{line}"
    fields = _fields(location, record)
    tokens = _first(fields, _TOKENS, list)
    if tokens is not None:
      words = _words(location, tokens)
      tags = _first(fields, _TAGS, list)
      if tags is not None and all(isinstance(tag, (str, int)) for tag in tags):
        sentences.append((words, _tag_spans(location, words, tags, names, is_plain=is_plain)))
        continue
    text = fields.get("text")
    if not isinstance(text, str):
      raise _no_fields(location, record)
    found = _text_spans(location, text, fields)
    kept, left_out = text_tokens.without_overlaps(found)
    overlapping += left_out
    sentences += text_tokens.sentences(text, kept, tokenizer)
  return [sentence for sentence in sentences if sentence[0]], overlapping


def _accepted(path, records: Collection[Record]) -> list[Record]:
  """Returns records that an annotator has accepted; says how many others there are."""
  kept = list(json_records.accepted(records))
  if len(kept) < len(records):
    log_stage("records", f"{len(records) - len(kept):,} of {path} that are not accepted left out")
  return kept


def _fields(location: str, record: Any) -> dict[str, Any]:
  """Returns the fields of a record of any tool, with keys in lower case."""
  if isinstance(record, list) and len(record) == 2 and isinstance(record[1], dict):  # spaCy
    return {"text": record[0], **record[1]}
  if not isinstance(record, dict):
    raise _no_fields(location, record)
  fields = {columns.normalize(key): value for key, value in record.items()}
  data = fields.get("data")
  if isinstance(data, dict):  # Label Studio
    texts = [value for value in data.values() if isinstance(value, str)]
    text = data.get("text", texts[0] if len(texts) == 1 else None)
    return {"text": text, "label": _results(fields)}
  if "text" not in fields and isinstance(data, str):  # an older doccano
    fields["text"] = data
  return fields


def _results(fields: dict[str, Any]) -> list[Any]:
  """Returns the values that the first annotation of a task of Label Studio holds."""
  annotations = fields.get("annotations") or fields.get("completions") or []
  for annotation in annotations if isinstance(annotations, list) else []:
    if isinstance(annotation, dict) and not annotation.get("was_cancelled"):
      results = annotation.get("result")
      values = []
      for result in results if isinstance(results, list) else []:
        value = result.get("value") if isinstance(result, dict) else None
        if isinstance(value, dict) and "start" in value:
          values.append(value)
      return values
  return []


def _first(fields: dict[str, Any], keys: Sequence[str], kind: type) -> Any:
  for key in keys:
    if isinstance(fields.get(key), kind):
      return fields[key]
  return None


def _no_fields(location: str, record: Any) -> InputError:
  shown = quote(record)
  if isinstance(record, dict):
    shown = f"the keys {columns.describe(list(map(str, record)))}"
  return InputError(
    f"{location}: found {shown}; expected tokens and ner_tags, or text and spans in label or "
    "entities."
  )


def _words(location: str, tokens: Sequence[Any]) -> list[str]:
  words = []
  for token in tokens:
    word = token.get("text") if isinstance(token, dict) else token
    if not isinstance(word, str) or not word:
      raise InputError(f"{location}: found the token {quote(word)}, expected a string.")
    words.append(word)
  return words


def _are_plain(records: Sequence[Record]) -> bool:
  """Returns whether no tag has B- or I-."""
  for _, record in records:
    if isinstance(record, dict):
      for key in _TAGS:
        for tag in record.get(key) if isinstance(record.get(key), list) else ():
          if isinstance(tag, str) and tag[1:2] == "-" and tag[0] in "BIMELSU":
            return False
  return True


def _tag_spans(
  location: str, words: Sequence[str], tags: Sequence[Any], names: Sequence[str], *, is_plain: bool
) -> list[Span]:
  if len(tags) != len(words):
    raise InputError(
      f"{location}: found {len(words)} tokens and {len(tags)} tags, expected as many.")
  converted = []
  for tag in tags:
    if isinstance(tag, int):
      if not 0 <= tag < len(names):
        raise InputError(
          f"{location}: found the tag {tag}, expected its name; --config.label_names=FILE names "
          "the tags 0, 1, …, one a line."
        )
      tag = names[tag]
    if is_plain and not names and tag != "O":
      tag = f"I-{tag}"
    try:
      parse(tag)
    except ValueError as error:
      raise InputError(f"{location}: {error}, expected O, or B or I with a type.") from None
    converted.append(tag)
  return spans(converted)


def _text_spans(location: str, text: str, fields: dict[str, Any]) -> list[TextSpan]:
  """Returns the spans of a text, without the spaces around them."""
  annotations = []
  for key in _SPANS:
    value = fields.get(key)
    if isinstance(value, str) and value.startswith("["):  # a list in a column of CSV
      value = _parse_list(location, value)
    if isinstance(value, dict):
      annotations = _mention_spans(location, value)
      break
    if isinstance(value, list):
      annotations = value
      break
  else:
    if not any(key in fields for key in _SPANS):
      raise _no_fields(location, fields)
  return [_text_span(location, text, annotation) for annotation in annotations]


def _mention_spans(location: str, mentions: dict[str, Any]) -> list[Any]:
  """Returns the spans of `{type: {mention: [[first, last], …]}}`."""
  annotations = []
  for type, positions in mentions.items():
    ranges = list(positions.values()) if isinstance(positions, dict) else [None]
    for pairs in ranges:
      for pair in pairs if isinstance(pairs, list) else [None]:
        if not isinstance(pair, list) or list(map(_is_index, pair)) != [True, True]:
          raise InputError(
            f"{location}: found {quote({type: positions})}, expected the first and the last "
            "character of each mention.")
        annotations.append([pair[0], pair[1] + 1, type])
  return annotations


def _is_index(value: Any) -> bool:
  return type(value) is int


def _parse_list(location: str, value: str) -> list:
  try:
    return json.loads(value)
  except (ValueError, RecursionError):
    raise InputError(f"{location}: found {quote(value)}, expected a list of spans.") from None


def _text_span(location: str, text: str, annotation: Any) -> TextSpan:
  start = end = type = None
  if isinstance(annotation, (list, tuple)) and len(annotation) == 3:
    start, end, type = annotation
  elif isinstance(annotation, dict):
    start = _first(annotation, _STARTS, int)
    end = _first(annotation, _ENDS, int)
    type = _first(annotation, _TYPES, (str, list))
  if isinstance(type, list) and len(type) >= 1:
    type = type[0]
  is_range = isinstance(start, int) and isinstance(end, int) and 0 <= start < end <= len(text)
  if not is_range or not isinstance(type, str) or not type or not text[start:end].strip():
    raise InputError(
      f"{location}: found the span {quote(annotation)}, expected start, end and type in a text of "
      f"{len(text)} characters."
    )
  start += len(text[start:end]) - len(text[start:end].lstrip())
  end -= len(text[start:end]) - len(text[start:end].rstrip())
  return start, end, type
