"""Encodings that are unlike ASCII, and names that are no encodings of texts."""

import codecs

import numpy as np
import pytest
from small_vector_files import SMALL, error, expect_small, write

from glove_jax import vector_files
from glove_jax.errors import InputError
from glove_jax.vector_files import transcoding

TEXT = SMALL.decode()


@pytest.mark.parametrize(
  ("mark", "encoding"),
  [
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
  ],
)
def test_a_byte_order_mark_says_utf16_and_utf32(tmp_path, mark, encoding):
  for text in (TEXT, TEXT.replace("\n", "\r\n"), f"2 3\n{TEXT}"):
    path = write(tmp_path, mark + text.encode(encoding))
    expect_small(vector_files.load(path))
    expect_small(vector_files.load(path, encoding=encoding[:6]))


def test_utf16_without_a_mark_is_named_and_read_when_told(tmp_path):
  for encoding in ("utf-16-le", "utf-16-be"):
    path = write(tmp_path, TEXT.encode(encoding))
    assert error(path) == f"FILE:1: the file looks like {encoding}: encoding={encoding}."
    expect_small(vector_files.load(path, encoding=encoding))


@pytest.mark.parametrize("encoding", ["cp037", "gb18030", "shift_jis", "utf-8-sig"])
def test_words_of_any_encoding(tmp_path, encoding):
  word = "é" if encoding == "cp037" else "語"
  path = write(tmp_path, f"{word} 1 2\nb 3 4\n".encode(encoding))
  vectors = vector_files.load(path, encoding=encoding)
  assert vectors.words == [word, "b"]
  np.testing.assert_array_equal(vectors.vectors, [[1, 2], [3, 4]])


def test_the_encoding_of_a_text_is_named(tmp_path):
  lines = "".join(f"{word} 1 2\n" for word in ("中国", "经济", "发展", "社会", "历史", "文化"))
  path = write(tmp_path, lines.encode("gbk"))
  assert "FILE:1: found byte 0xd6 (invalid continuation byte), expected utf-8: " in error(path)
  assert "encoding=gb18030" in error(path)
  assert vector_files.load(path, encoding="gb18030").words[:2] == ["中国", "经济"]


def test_text_that_is_not_in_its_encoding_is_named_by_line(tmp_path):
  path = write(tmp_path, codecs.BOM_UTF16_LE + TEXT.encode("utf-16-le") + b"\x00\xd8\x20\x00")
  assert "FILE:1: found bytes that are not utf-16 (illegal UTF-16 surrogate)" in error(path)
  assert vector_files.load(path, errors="ignore").words == ["the", "cat"]


@pytest.mark.parametrize(
  "encoding", ["base64", "rot13", "zlib", "hex", "undefined", "idna", "utf-7"]
)
def test_codecs_that_are_no_encodings_of_texts_are_refused(tmp_path, encoding):
  path = write(tmp_path, SMALL)
  message = error(path, encoding=encoding)
  assert message.startswith(f"FILE: '{encoding}' is not an encoding of text files, expected one")


def test_names_that_are_no_codecs_are_refused(tmp_path):
  path = write(tmp_path, SMALL)
  assert error(path, encoding="utf\0").startswith("FILE: unknown encoding: 'utf\\x00'")
  for errors in ("xmlcharrefreplace", "nope", "namereplace"):
    assert error(path, errors=errors).startswith(f"FILE: errors='{errors}', expected one of strict")


@pytest.mark.parametrize(
  "data",
  [b"a\nb\n", b"a\r\nb\r\n", b"a\rb\r", b"\xef\xbb\xbfa\nb", "a\nb\n".encode("utf-16")],
)
def test_lines_end_as_on_any_system(tmp_path, data):
  assert transcoding.read_lines(write(tmp_path, data), "utf-8", "strict") == ["a", "b"]


def test_a_word_may_end_with_a_carriage_return(tmp_path):
  path = write(tmp_path, b"a\r\nb\nc\n")
  assert transcoding.read_lines(path, "utf-8", "strict") == ["a\r", "b", "c"]


def test_damaged_utf32_is_not_read_as_utf16(tmp_path):
  data = codecs.BOM_UTF32_LE + TEXT.encode("utf-32-le")
  path = write(tmp_path, data[:20] + data[21:])
  assert "found binary data" in error(path)
  with pytest.raises(InputError, match="not utf-8 .*: encoding=utf-32|not utf-8 .*0xff"):
    transcoding.read_lines(path, "utf-8", "strict")
