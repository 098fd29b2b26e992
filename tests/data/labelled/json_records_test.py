"""Records of every container have their values and their lines; damage is one line."""

import json

import pytest

from glove_jax.data.labelled import file_text, json_records
from glove_jax.errors import InputError

RECORDS = [{"text": f"text {i}", "label": i % 2} for i in range(3)]
COLUMNS = {"text": [r["text"] for r in RECORDS], "label": [r["label"] for r in RECORDS]}


def read(text):
  return json_records.read("x", text, file_text.lines(text))


@pytest.mark.parametrize("indent", [None, 1])
@pytest.mark.parametrize(
  "container",
  [
    RECORDS,
    {"data": RECORDS},
    {"version": "1", "meta": {"a": [1, 2]}, "data": RECORDS},
    {"train": RECORDS, "validation": RECORDS},
    {"rows": RECORDS, "features": [{"name": "text"}]},
    COLUMNS,
    {key: dict(enumerate(values)) for key, values in COLUMNS.items()},
    {"columns": ["text", "label"], "index": [0, 1, 2], "data": [list(r.values()) for r in RECORDS]},
  ],
)
def test_containers_of_records(container, indent):
  records = read(json.dumps(container, indent=indent))
  assert [record for _, record in records] == RECORDS


def test_records_have_the_line_where_they_begin():
  assert [line for line, _ in read(json.dumps(RECORDS, indent=1))] == [2, 6, 10]
  nested = '\n{"a":\n [{"b": 1},\n\n{"b": "]\\n"}, {"b": 2}\n]}'
  assert [line for line, _ in read(nested)] == [3, 5, 5]
  lines = "\n".join(json.dumps(record) for record in RECORDS)
  assert read(f"\n{lines}\n") == [(i + 2, record) for i, record in enumerate(RECORDS)]
  spread = "\n".join(json.dumps(record, indent=1) for record in RECORDS)
  assert read(spread) == [(4 * i + 1, record) for i, record in enumerate(RECORDS)]


@pytest.mark.parametrize(
  ("text", "message"),
  [
    ('{"a": 1}\n{"a": \n{"a": 2}\n', "x:2: not JSON .Expecting value. in"),
    ('[{"a": 1},\n{"a" 2}]', "x:2: not JSON .Expecting ':' delimiter., expected records"),
    ('{"a": 1}\n{"a": ' + "1" * 5000 + "}", "x:2: not JSON"),
    ("[" * 100_000, "x: JSON that is nested too deeply"),
    ('{"a": ' * 100_000, "x: JSON that is nested too deeply"),
    ('{"a": [{"b": 1}], "c": [{"b": 2}]}', "x:1: found lists of records in 'a', 'c', expected one"),
  ],
)
def test_damage_is_named_with_its_line(text, message):
  with pytest.raises(InputError, match=message) as error:
    read(text)
  assert len(str(error.value)) < 300


@pytest.mark.parametrize(
  ("first", "is_json"),
  [
    ('{"a": 1}', True),
    ("[", False),
    ('[{"a": 1},', True),
    ("[good] film", False),
    ("[1, 2] is a list", False),
    ('["a", "b"],', True),
    ("{} braces", True),
    ("{braces} in a text", False),
    ("a text", False),
  ],
)
def test_brackets_of_a_text_are_no_json(first, is_json):
  assert json_records.looks_like_json([first, "a line", "a line"]) == is_json
  assert json_records.looks_like_json(["[", '{"a": 1}', "]"])


def test_text_is_joined_where_values_span_lines():
  lines = json.dumps(RECORDS, indent=1).split("\n")
  assert [line for line, _ in json_records.read("x", None, lines)] == [2, 6, 10]
  single = [*[" "] * 250, json.dumps(RECORDS), *[" "] * 300]
  assert json_records.read("x", None, single) == [(251, record) for record in RECORDS]
