"""Ids of words are those of the tokenizer's words, one by one, in the order of their occurrence."""

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from glove_jax.data.text import token_store, word_ids, word_tokenizers

TOKENIZERS = [
  ("words", None), ("words", False), ("unicode", None), ("unicode", False), ("whitespace", None),
  ("whitespace", True), ("punctuation", None), (str.split, None),
]
# Signs that some tokenizer treats by what stands beside them, and words of all lengths.
SIGNS = [
  *" \n\t\r\v\f.,:;^`'\"<>=-_@#", "''", "\x00", "\x1c", "\x7f", "’", "–", "é", "É", "ß", "İ", "ı",
  "K", "σ", "ς", "Σ", "α", "Ο", "\u0301", "\u0338", "\u0307", "\u00ad", "\u200c", "\u200d",
  "\u2060", "\u00a0", "\u0085", "\u2028", "\u3000", "中", "文", "क", "\u093f", "\U0001d400",
  "\ufeff", "ÿ",
]
LONG_WORDS = ["abcdefghijklmnopqrst"[:length] for length in range(7, 20)]
WORDS = ["a", "I", "the", "The", "1990", "don't", *LONG_WORDS]
TEXTS = st.lists(st.lists(st.sampled_from([*SIGNS, *WORDS, " ", " "])).map("".join), max_size=4)
MOSTLY_ASCII = st.lists(st.sampled_from([*SIGNS, *" \n", *WORDS, *WORDS, *WORDS])).map(" ".join)


class Numbers(dict):
  """Numbers words by their first occurrence."""

  def look_up(self, words):
    for word in words:
      if word not in self:
        self[word] = len(self)
    return [self[word] for word in words]


def expected_ids(tokenizer, texts):
  numbers = Numbers({"\n": 0})
  return [numbers.look_up(tokenizer.tokens(text)) for text in texts], numbers


def assert_equal(tokenizer, texts):
  expected, expected_numbers = expected_ids(tokenizer, texts)
  numbers = Numbers({"\n": 0})
  ids = word_ids.WordIds(tokenizer, numbers.look_up)
  for text, expected_text in zip(texts, expected, strict=True):
    found = ids.of_text(text)
    assert found.dtype == np.int32
    assert found.tolist() == expected_text
  assert list(numbers) == list(expected_numbers)


@pytest.mark.parametrize(("name", "lowercase"), TOKENIZERS)
@settings(deadline=None, max_examples=60)
@given(texts=TEXTS, longer=MOSTLY_ASCII)
@example(texts=["ΑΣ.Α ΑΣ", "aΣ a", ""], longer="e=\u0338\u0301b e\u0301")
@example(texts=["b a\nc ΑΣ d\ne a\n\nΣ\nΑΣ e", "\nΣ\n"], longer="a b\n\ncΣ\na\nΣa\n")
@example(texts=["a'b'c'd 'tis' ''x'' o'", "a\rb\r\nc\n\n"], longer="a\x00b \x00 \x1c")
@example(texts=["abcdefghijklmnop abcdefghijklmnopq abcdefghijklmno"] * 2, longer="ÿ ÿÿÿÿÿÿÿÿ")
@example(texts=["a a\x00 a\x00\x00 a"], longer="a\x00 a")
def test_ids_are_those_of_the_tokens(name, lowercase, texts, longer):
  tokenizer = word_tokenizers.make(name, lowercase)
  ascii_words = "some words of ascii are most of this text, so that it is looked up by bytes. " * 3
  surrounded = [ascii_words + text + ascii_words for text in (*texts, longer)]
  assert_equal(tokenizer, [*texts, longer, *surrounded, longer + ascii_words + longer])


def test_a_full_dict_and_a_full_hash_table_make_no_difference(monkeypatch):
  monkeypatch.setattr(word_ids, "_MAX_CACHED", 30)
  monkeypatch.setattr(word_ids, "_LOG2_SLOTS", 2)
  monkeypatch.setattr(word_ids, "_MAX_LOG2_SLOTS", 5)
  rng = np.random.default_rng(0)
  words = np.array(
    [f"w{number}" for number in range(50)]
    + [f"equalparts{number}" for number in range(50)]
    + [f"{number}ofequalends" for number in range(10, 60)]
    + ["it's", "é-e", "–", "x'y'z"]
  )
  texts = [" ".join(rng.choice(words, 50)) + "\n" for _ in range(60)]
  assert_equal(word_tokenizers.make("words"), texts)


def test_unknown_words_have_the_id_of_lookup():
  index = {"\n": -1, "a": 0, "c": 1}

  def look_up(words):
    return [index.get(word, -2) for word in words]

  ids = word_ids.WordIds(word_tokenizers.make("words"), look_up)
  assert ids.of_text("A b c\n– a b x'y'z\nlonger-than-sixteen a\n" * 2).tolist() == (
    [0, -2, 1, -1, 0, -2, -2, -2, -1, -2, -2, -2, 0, -1] * 2
  )


def test_a_text_of_the_store_has_the_ids_of_its_words(tmp_path):
  text = "The cat's hat – the café's.\n" * 30_000  # several blocks
  path = tmp_path / "text.txt"
  path.write_text(text, encoding="utf-8")
  tokenizer = word_tokenizers.make("words")
  stored = token_store.read([path], tokenizer, tmp_path)
  expected, numbers = expected_ids(tokenizer, [text])
  ids = np.concatenate(list(token_store.read_blocks(stored, 1000)))
  assert ids.tolist() == [*expected[0], 0]
  assert stored.words == tuple(numbers)
