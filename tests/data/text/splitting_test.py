"""Texts are split where their tokenizer allows; words without end are left out and counted."""

import pytest

from glove_jax.data.text import splitting, word_tokenizers


@pytest.fixture
def splitter(monkeypatch):
  monkeypatch.setattr(splitting, "LONGEST_WORD", 8)
  return splitting.Splitter(word_tokenizers.make("whitespace"))


def test_parts_end_at_boundaries_and_add_up_to_the_text(splitter):
  parts = list(splitter.split(["one tw", "o three", " four"]))
  assert "".join(parts) == "one two three four" and splitter.left_out == 0
  assert all(part.endswith(" ") for part in parts[:-1])


@pytest.mark.parametrize("parts", [
  ["a " + "x" * 30 + " b"], ["a xxxxx", "xxxxxxx", "xxxxxx b"], ["a ", "x" * 9, "x" * 9, " b"],
])
def test_a_word_without_end_is_left_out_however_it_arrives(splitter, parts):
  assert "".join(splitter.split(parts)).split() == ["a", "b"]
  assert splitter.left_out == 1


def test_what_is_left_out_is_reported(capsys):
  splitting.log_left_out(0, "text.txt")
  splitting.log_left_out(1, "text.txt")
  out = capsys.readouterr().out
  assert out == "long words 1 word of more than 131,072 characters left out of text.txt\n"
