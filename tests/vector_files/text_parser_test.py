"""Words with spaces of any kind, and lines that are not a word and its numbers."""

import pytest
from small_vector_files import SMALL, error, write

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
      "FILE:2: found byte 0xff (invalid start byte), expected utf-8: give",
    ),
    (
      b"<!DOCTYPE html>\n<html>\n",
      "FILE:1: found '<!DOCTYPE html>', expected a word and its numbers.",
    ),
    (b"\x81\x04\x95data\x00\x01", "FILE:1: found binary data, expected a word"),
    (
      fasttext_format.MAGIC + b"\x0c\0\0\0",
      "FILE: byte 8: found 0 bytes more, expected 56 of arguments",
    ),
    (b"3 0\na\n", "FILE:1: the header says 0 numbers"),
  ],
)
def test_bad_text_is_named_by_line(tmp_path, data, message):
  assert message in error(write(tmp_path, data))
