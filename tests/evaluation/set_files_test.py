"""Lines and columns of evaluation sets, in all encodings and with all kinds of white space."""

import pytest

from glove_jax.errors import InputError
from glove_jax.evaluation import set_files


def read(tmp_path, data):
  path = tmp_path / "s.txt"
  path.write_bytes(data)
  try:
    return list(set_files.read_lines(path))
  except InputError as error:
    return str(error).replace(str(path), "FILE")


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-32"])
def test_a_byte_order_mark_says_the_encoding(tmp_path, encoding):
  assert read(tmp_path, "中国 a\n".encode(encoding)) == [(1, "中国 a")]


@pytest.mark.parametrize("mark, encoding", [
  (b"\xfe\xff", "utf-16-be"), (b"\0\0\xfe\xff", "utf-32-be")])
def test_big_endian_text(tmp_path, mark, encoding):
  assert read(tmp_path, mark + "中国 a\n".encode(encoding)) == [(1, "中国 a")]


@pytest.mark.parametrize("data, message", [
  (b"a b\n\xe9 c\n", "FILE:2: found byte 0xe9, expected UTF-8."),
  (b"\xff\xfea\0\n\0\x00\xd8", "FILE:2: found byte 0x00, expected UTF-16."),
  (b"a b\nc \0d\n", "FILE:2: found a zero byte, expected UTF-8, or UTF-16 with a byte order mark."),
  ("a b\n".encode("utf-16-le"), "FILE:1: found a zero byte, expected UTF-8, or UTF-16"),
])
def test_other_bytes_are_named_by_line(tmp_path, data, message):
  assert read(tmp_path, data).startswith(message)


def test_white_space_of_any_kind_is_blank_and_ends_no_line(tmp_path):
  text = "\u00a0\u3000\n\u3000 a b\u00a0\t\r\n\x1c\nc\u2028d\n"
  assert read(tmp_path, text.encode()) == [(2, "a b"), (4, "c\u2028d")]


@pytest.mark.parametrize("line, fields", [
  ("a b\tc\u00a0\t 1 ", ["a b", "c", "1"]),
  ("a;\u00a0b\u3000;1,5", ["a", "b", "1,5"]),
  ('"a, b\u00a0", c,1', ["a, b", "c", "1"]),
  ("a\u00a0  b 1", ["a", "b", "1"]),
])
def test_fields_have_no_white_space_at_their_ends(line, fields):
  assert set_files.split_columns(line) == fields
