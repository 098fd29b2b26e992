"""The lines of a file are those of its text, and lone surrogates are noticed."""

import pytest

from glove_jax.data.labelled import file_text
from glove_jax.data.text import streams

LONG = "é" * streams.BLOCK  # longer than the parts in which a file is read


@pytest.mark.parametrize("text", [
  "", "\n", "a", "a\n", "a\n\n", "\n\na\r\nb\rc\n",
  f"{LONG}\n{LONG}{LONG}\nb", f"a\n{LONG}\n", LONG,
])  # fmt: skip
def test_lines_of_a_file_are_those_of_its_text(tmp_path, text):
  path = tmp_path / "file"
  path.write_bytes(text.encode())
  assert file_text.read_lines(path) == file_text.lines(file_text.read(path))


@pytest.mark.parametrize("values, expected", [
  ([], False), (["a", "é", "好", "😀"], False), (["a", "é\ud800"], True), (["\udfff", "a"], True),
])  # fmt: skip
def test_lone_surrogates(values, expected):
  assert file_text.have_surrogates(iter(values)) == expected
