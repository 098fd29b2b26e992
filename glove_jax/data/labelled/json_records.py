"""Records of JSON: an object a line, an array, or an object that holds them."""

import itertools
from collections.abc import Collection, Iterable, Iterator, Sequence
from typing import Any

from glove_jax.data.labelled import json_values
from glove_jax.data.labelled.rereading import Reread
from glove_jax.errors import InputError, quote

Record = tuple[int, Any]  # the line where it begins, its value

_ANSWERS = ("accept", "reject", "ignore")  # of Prodigy
_CONTAINERS = ("data", "rows", "train", "examples", "documents", "items", "instances")


def looks_like_json(lines: Sequence[str]) -> bool:
  """Returns whether a file begins as JSON does, or half of its lines are objects."""
  sample = [line.strip() for line in lines[:1000] if line.strip()]
  if not sample:
    return False
  head = " ".join(sample[:20])[:1000]
  after = head[1:].lstrip()[:1]
  if head[0] == "{" and after in ('"', "}"):
    return True
  if head[0] == "[" and (after == "{" or (after in ("[", '"') and _is_array(sample))):
    return True
  objects = sum(line.startswith("{") and line.endswith("}") for line in sample)
  return objects >= len(sample) / 2


def read(path, text: str | None, lines: list[str]) -> list[Record]:
  """Returns the records of a file.

  Args:
    path: for error messages.
    text: of the file; None: it is joined of the lines if they do not hold a value each.
    lines: the same in lines; they become empty as they are decoded, to save memory.

  Raises:
    InputError: it is not JSON, is nested too deeply, or holds several lists of records.
  """
  first = next(filter(str.strip, lines), "")
  try:
    if json_values.is_value(first):
      records = list(json_values.read_lines(path, lines))
      if len(records) != 1:
        return records
      text = _joined(text, lines)
    else:
      text = _joined(text, lines)
      records = list(json_values.read_values(path, text))
    return _unpack(path, text, records)
  except RecursionError:
    raise InputError(f"{path}: JSON that is nested too deeply, expected records.") from None


def _is_array(sample: Sequence[str]) -> bool:
  """Returns whether the first line may begin an array: "[good] film" does not."""
  first = sample[0]
  if first == "[":
    return True
  is_cut = first.endswith(("]", "],", ","))
  return is_cut and json_values.begins_with_value(first[1:].lstrip())


def _joined(text: str | None, lines: Sequence[str]) -> str:
  return "\n".join(lines) if text is None else text


def is_value_a_line(lines: Sequence[str]) -> bool:
  """Returns whether a file holds several values of JSON, the first of them in a line."""
  first, second = itertools.islice(itertools.chain(filter(str.strip, lines), ("", "")), 2)
  return bool(second) and json_values.is_value(first)


def _unpack(path, text: str, records: list[Record]) -> list[Record]:
  """Returns the elements of a single array, or of the list that a single object holds."""
  if len(records) != 1:
    return records
  _, value = records[0]
  if isinstance(value, list) and _are_records(value):
    return json_values.number_elements(path, text, json_values.skip_space(text, 0), value)
  if isinstance(value, dict):
    return _unpack_object(path, text, records)
  return records


def _are_records(values: Any) -> bool:
  return isinstance(values, list) and bool(values) and all(
    isinstance(value, (dict, list)) for value in values
  )


def _unpack_object(path, text: str, records: list[Record]) -> list[Record]:
  number, value = records[0]
  lists = [key for key, member in value.items() if _are_records(member)]
  usual = [key for key in lists if key.lower() in _CONTAINERS]
  if _is_record(value):
    return records
  if _is_columns(value) and not lists:
    return _by_columns(number, value)
  if len(lists) > 1 and len(usual) != 1:
    raise InputError(
      f"{path}:{number}: found lists of records in {', '.join(map(quote, lists))[:200]}, expected "
      "one."
    )
  if not lists:
    return records
  key = (usual or lists)[0]
  start = json_values.member_start(path, text, key)
  members = json_values.number_elements(path, text, start, value[key])
  names = value.get("columns")
  if isinstance(names, list) and all(isinstance(name, str) for name in names):  # pandas: split
    return [(line, _named(names, row)) for line, row in members]
  return members


def _named(names: Sequence[str], row: Any) -> Any:
  if isinstance(row, list) and len(row) == len(names):
    return dict(zip(names, row, strict=True))
  return row


def _is_record(value: dict) -> bool:
  """Returns whether an object is a record: a text, or the tokens of a sentence."""
  tokens = value.get("tokens", value.get("words"))
  has_tokens = isinstance(tokens, list) and not any(isinstance(token, list) for token in tokens)
  return has_tokens or any(isinstance(value.get(key), str) for key in ("text", "data", "sentence"))


def _is_columns(value: dict) -> bool:
  """Returns whether all members are lists of one length, or objects of the same keys (pandas)."""
  members = list(value.values())
  if len(members) < 2:
    return False
  if all(isinstance(member, list) for member in members):
    return len(set(map(len, members))) == 1 and len(members[0]) > 0
  return all(isinstance(member, dict) for member in members) and all(
    list(member) == list(members[0]) and member for member in members
  )


def _by_columns(number: int, value: dict) -> list[Record]:
  members = []
  for member in value.values():
    members.append(list(member.values()) if isinstance(member, dict) else member)
  rows = zip(*members, strict=True)
  return [(number, dict(zip(value, row, strict=True))) for row in rows]


def unwrap(records: Collection[Record]) -> Collection[Record]:
  """Returns records without the envelope of the Hugging Face viewer (`{"row": {…}}`)."""
  if not all(isinstance(record, dict) and isinstance(record.get("row"), dict)
             for _, record in records):
    return records
  return Reread(lambda: ((line, record["row"]) for line, record in records))


def accepted(records: Collection[Record]) -> Collection[Record]:
  """Returns records without those that an annotator has rejected or skipped, as Prodigy keeps them.

  Its key `answer` goes: it is no text.
  """
  for _, record in records:
    if not isinstance(record, dict) or record.get("answer") not in _ANSWERS:
      return records
  return Reread(lambda: _accepted(records))


def _accepted(records: Collection[Record]) -> Iterator[Record]:
  for line, record in records:
    if record["answer"] == "accept":
      yield line, {key: value for key, value in record.items() if key != "answer"}


def keys(records: Iterable[Record]) -> list[str]:
  """Returns the keys of all records, in the order of their first use."""
  objects = (record for _, record in records if isinstance(record, dict))
  return list(dict.fromkeys(itertools.chain.from_iterable(objects)))
