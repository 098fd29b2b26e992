"""Tables of bytes say what the tokenizers do with ASCII characters."""

import pytest

from glove_jax.data.text import word_tokenizers


@pytest.mark.parametrize("name", ["words", "unicode", "whitespace"])
@pytest.mark.parametrize("lowercase", [False, True])
def test_spaces_of_a_table_part_words(name, lowercase):
  tokenizer = word_tokenizers.make(name, lowercase)
  for code, byte in enumerate(tokenizer.byte_table[:128]):
    if chr(byte) in " \n":
      between = ["\n"] if chr(byte) == "\n" else []
      assert tokenizer.tokens(f"x{chr(code)}y") == ["x", *between, "y"]
  assert tokenizer.byte_table[128:] == bytes(range(128, 256))


@pytest.mark.parametrize("name", ["words", "unicode", "whitespace"])
@pytest.mark.parametrize("lowercase", [False, True])
def test_letters_are_those_of_words(name, lowercase):
  tokenizer = word_tokenizers.make(name, lowercase)
  for code, byte in enumerate(tokenizer.byte_table[:128]):
    if chr(code).isalnum():
      assert tokenizer.tokens(f"x{chr(code)}y") == [f"x{chr(byte)}y"]
