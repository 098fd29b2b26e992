"""Words with spaces of any kind, and lines that are not a word and its numbers."""

import pytest
from small_vector_files import SMALL, error, expect_small, write

from glove_jax import vector_files
from glove_jax.interop import fasttext_format


def test_spaces_of_any_kind_belong_to_the_word(tmp_path):
  words = [
    ". . .",
    "at name@domain.com",
    "New\u00a0York",
    "\u3000",
    "\u00a0",
    "a\u2028b",
    "x\x85",
    "1 1/2",
    "<unk>",
    "",
  ]
  lines = "".join(f"{word} 0.5 -1 2e-3\n" for word in words)
  assert vector_files.load(write(tmp_path, lines.encode())).words == words


@pytest.mark.parametrize(
  "data, message",
  [
    (b"", "FILE: the file is empty"),
    (b"\n \n", "FILE: the file is empty"),
    (b"0 3\n", "FILE: the file holds no words"),
    (SMALL + b"dog 4 5", "FILE:3: found 2 numbers, expected a word and 3."),
    (SMALL + b"dog 4 5 6 7 x\ncow 1 2 3\n", "FILE:3: found 0 numbers, expected a word and 3."),
    (SMALL + b"dog 4 5.5.5 6\n", "FILE:3: found 1 numbers"),
    (b"the 1 2 3\ndog 1_0 2 3\n", "FILE:2: found 2 numbers"),
    ("the 1 2 3\ndog １ 2 3\n".encode(), "FILE:2: found 2 numbers"),
    (
      b"the 1 2 3\n\ndog nan 2 3\n",
      "FILE:3: found nan in the vector of 'dog', expected finite numbers.",
    ),
    (b"the 1 2 3\ndog 1 1e39 3\n", "FILE:2: found inf in the vector of 'dog'"),
    (
      b"the 1 2 3\nd\xffg 1 2 3\n",
      "FILE:2: found byte 0xff (invalid start byte), expected utf-8: ",
    ),
    (
      b"<!DOCTYPE html>\n<html>\n",
      "FILE:1: found '<!DOCTYPE html>', expected a word and its numbers.",
    ),
    (b"\x81\x04\x95\x01\x02\x03\x05\xff\xfe", "FILE:1: found binary data, expected a word"),
    (
      fasttext_format.MAGIC + b"\x0c\0\0\0",
      "FILE: byte 8: found 0 bytes more, expected 56 of arguments",
    ),
    (b"3 0\na\n", "FILE:1: the header says 0 numbers"),
  ],
)
def test_bad_text_is_named_by_line(tmp_path, data, message):
  assert message in error(write(tmp_path, data))


@pytest.mark.parametrize(
  "number",
  [
    *["1_0", "0x10", "1d5", "1D5", "[[86", "(1)", "1j", "1,5", "--1", "1e", ".", "e5", "1f", "1L"],
    *["1\x0b", "\x0c1", "1\x1c", "1\x1f", "1\x85", "1\u2028", "1\xa0", "\u20091", "１", "1\0"],
  ],
)
def test_numbers_are_decimal_without_what_parsers_forgive(tmp_path, number):
  for line in (f"dog 4 {number} 6\n", f"dog {number} 4 6\n", f"dog 4 6 {number} x\n"):
    message = error(write(tmp_path, SMALL + line.encode() + b"cow 1 2 3\n"))
    assert message.startswith("FILE:3: found "), line


def test_white_space_that_is_no_space_may_stand_in_words(tmp_path):
  words = ["a\x0bb", "\x0c", "c\x1c", "\x1fd", "e\x85", "f\0"]
  lines = "".join(f"{word} 1 2\n" for word in words)
  assert vector_files.load(write(tmp_path, lines.encode())).words == words


def test_lines_may_end_with_carriage_returns_only(tmp_path):
  for data in (SMALL, b"2 3\n" + SMALL, SMALL[:-1]):
    path = write(tmp_path, data.replace(b"\n", b"\r"))
    expect_small(vector_files.load(path))
  assert vector_files.load(write(tmp_path, b"a\rb 1 2\nc 1 2\n")).words == ["a\rb", "c"]


def test_a_long_line_that_does_not_fit_takes_linear_time(tmp_path):
  long_line = b"dog" + b" 1" * 200_000 + b" x\n"
  assert "FILE:3: found 0 numbers" in error(write(tmp_path, SMALL + long_line))
  tabs = b"dog" + b"\t1" * 200_000 + b"\tx\t1\n"
  assert "FILE:3: found 1 numbers" in error(write(tmp_path, SMALL + tabs))


def test_a_file_that_was_preallocated_ends_with_nulls(tmp_path):
  assert "FILE:3: found 0 numbers" in error(write(tmp_path, SMALL + bytes(1000)))


def test_messages_show_no_raw_control_characters(tmp_path):
  message = error(write(tmp_path, SMALL + b"\x1b[31mdog nan 2 3\n"))
  assert message == (
    "FILE:3: found nan in the vector of '\\x1b[31mdog', expected finite numbers."
  )
  message = error(write(tmp_path, SMALL + b"d" * 5000 + b" nan 2 3\n"))
  assert len(message) < 300


def test_a_tab_and_spaces_set_off_a_word(tmp_path):
  vectors = vector_files.load(write(tmp_path, b"cat\t \t2\nthe\t \t3\n"))
  assert vectors.words == ["cat", "the"] and vectors.vectors.tolist() == [[2], [3]]
