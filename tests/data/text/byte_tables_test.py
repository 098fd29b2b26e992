"""Tables of bytes say what the tokenizers do with ASCII characters."""

import pytest

from glove_jax.data.text import byte_tables, word_tokenizers


@pytest.mark.parametrize("name", ["words", "unicode", "whitespace"])
@pytest.mark.parametrize("lowercase", [False, True])
def test_tables_say_what_each_byte_is_to_the_tokenizer(name, lowercase):
  tokenizer = word_tokenizers.make(name, lowercase)
  for code in range(128):
    meaning = tokenizer.byte_table[code]
    if meaning != byte_tables.OTHER:
      tokens = tokenizer.tokens(f"x{chr(code)}y")
      inside = chr(meaning)
      expected = {" ": ["x", "y"], "\n": ["x", "\n", "y"]}.get(inside, [f"x{inside}y"])
      assert tokens == expected
  assert set(tokenizer.byte_table[128:]) == {byte_tables.OTHER}
