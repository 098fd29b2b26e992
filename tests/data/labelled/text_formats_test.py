"""Formats are detected only where the lines leave no doubt, and rows keep their line numbers."""

import pytest

from glove_jax.data.labelled import text_formats
from glove_jax.data.labelled.layouts import Options
from glove_jax.errors import InputError

LINES = {
  "fasttext": ["__label__a one", "two __label__b __label__a"],
  "csv": ["Label,title", "a,one", "b,two"],
  "tsv": ["id\tlabel\ttext", "1\ta\tone", "2\tb\ttwo"],
  "label_tab_text": ["0\tone", "1\ttwo"],
  "text_tab_label": ["one\t0", "two\t1"],
  "label_text": ["0 one two", "1 two"],
}


@pytest.mark.parametrize("format", LINES)
def test_a_format_is_detected(format):
  assert text_formats.detect("x", LINES[format]).format == format
  assert text_formats.detect("x", ["", *LINES[format], " "]).format == format


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


def parse(lines, format="auto"):
  layout = text_formats.make_layout("x", lines, Options(format))
  return list(text_formats.parse("x", lines, layout))


def test_rows_have_the_number_of_their_first_line():
  lines = ["label,text", "", 'a,"one', 'line"', "b,two"]
  assert parse(lines) == [(3, "one\nline", ("a",)), (5, "two", ("b",))]
  assert parse(["0 a", "", "1 b"], "label_text") == [(1, "a", ("0",)), (3, "b", ("1",))]


@pytest.mark.parametrize(
  ("lines", "label"),
  [
    (["pos good", "neg bad"] * 4 + ["rare one"], "rare"),
    (["pos\tgood one"] * 4 + ["neg\tbad one"] * 4 + ["rare\tone more"], "rare"),
  ],
)
def test_a_label_may_occur_once(lines, label):
  assert parse(lines)[-1][2] == (label,)


def test_commas_of_a_text_make_no_table():
  lines = ["pos the cover , label , and sleeve are good", "neg the music is bad"] * 4
  assert parse(lines)[0] == (1, "the cover , label , and sleeve are good", ("pos",))
  lines = ["pos a good film , really", "neg a bad film , really"] * 4
  assert parse(lines)[1] == (2, "a bad film , really", ("neg",))


@pytest.mark.parametrize(
  ("lines", "message"),
  [
    (["__label__a x"] * 3 + ["no label"], "x:4: found no label in 'no label'"),
    (["first is wrong", *["__label__a x"] * 3], "x:1: found no label in 'first is wrong'"),
    (["a\tone x", "b\ttwo x"] * 4 + ["no tab"], "x:9: found 1 fields, expected 2 as in most lines"),
    (["a\tone x", "b\ttwo x"] * 4 + ["\tno label"], "x:9: found no label"),
    (["label;text"] + ["a;b"] * 4 + ["a;b;c"], "x:6: found 3 fields, expected 2 as in the first"),
  ],
)
def test_the_line_that_is_wrong_is_named(lines, message):
  with pytest.raises(InputError, match=message):
    parse(lines)
