"""Formats are detected only where the lines leave no doubt, and rows keep their line numbers."""

import pytest

from glove_jax.data.labelled import text_formats
from glove_jax.errors import InputError

LINES = {
  "fasttext": ["__label__a one", "two __label__b __label__a"],
  "jsonl": ['{"label": 1, "text": "one"}', ' {"text": "two", "label": ["x", 2]} '],
  "csv": ["Label,title", "a,one", "b,two"],
  "tsv": ["id\tlabel\ttext", "1\ta\tone", "2\tb\ttwo"],
  "label_tab_text": ["0\tone", "1\ttwo"],
  "text_tab_label": ["one\t0", "two\t1"],
  "label_text": ["0 one two", "1 two"],
}


@pytest.mark.parametrize("format", LINES)
def test_a_format_is_detected(format):
  assert text_formats.detect("x", LINES[format]) == format
  assert text_formats.detect("x", ["", *LINES[format], " "]) == format


@pytest.mark.parametrize(
  ("lines", "message"),
  [
    (["one", "two"], "cannot tell the labels"),
    (["0\tone", "1 two"], "cannot tell the labels"),
    (["a\tb\t0", "c\t1"], "cannot tell the labels"),
    (["0\t1", "1\t0"], "could be label_tab_text or text_tab_label"),
  ],
)
def test_what_could_be_two_formats_or_none_is_an_error(lines, message):
  with pytest.raises(InputError, match=message):
    text_formats.detect("x", lines)


def test_rows_have_the_number_of_their_first_line():
  lines = ["label,text", "", 'a,"one', 'line"', "b,two"]
  rows = list(text_formats.parse("x", lines, "auto"))
  assert rows == [(3, "one\nline", ("a",)), (5, "two", ("b",))]
  rows = list(text_formats.parse("x", ["0 a", "", "1 b"], "label_text"))
  assert rows == [(1, "a", ("0",)), (3, "b", ("1",))]


def test_json_labels_may_be_lists_and_numbers():
  rows = list(text_formats.parse("x", LINES["jsonl"], "jsonl"))
  assert rows == [(1, "one", ("1",)), (2, "two", ("x", "2"))]
  for line in (
    '{"label": [], "text": "a"}',
    '{"label": null, "text": "a"}',
    '{"label": 0, "text": 1}',
    '"a"',
  ):
    with pytest.raises(
      InputError, match="x:1: .*, expected an object with label and one of text, review"
    ):
      list(text_formats.parse("x", [line], "jsonl"))
