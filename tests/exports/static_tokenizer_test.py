"""Which tokenizer a vocabulary gets, and what becomes of words that are not in it."""

import exported_vectors
import numpy as np
import pytest
from tokenizers import Tokenizer

from glove_jax.data.text.tokenization import Tokenization
from glove_jax.exports import static_tokenizer

CHINESE = ["的", "我们", "喜欢", "开源", "软件", "开", "源", "Linux", "14.04", "50%", "s", "卡拉OK"]
COUNTS = np.array([90, 80, 70, 60, 50, 4, 3, 20, 5, 4, 3, 2])


def encode(table, text):
  tokenizer = Tokenizer.from_str(static_tokenizer.to_json(table))
  ids = tokenizer.encode(text, add_special_tokens=False).ids
  return [table.words[row] if row < len(table.words) else "?" for row in ids]


def test_ids_are_rows_and_unknown_words_are_dropped():
  table = exported_vectors.table(tokenization=Tokenization("words", True))
  assert encode(table, "The x unknown FILM xx, don't!") == ["the", "x", "film", "don't"]
  assert encode(table, "▁the") == ["the"]
  assert encode(table, "") == encode(table, "zzz") == []


def test_words_with_spaces_have_rows_that_no_text_reaches():
  table = exported_vectors.table(
    ["new york", "new", "▁", " "], tokenization=Tokenization("words", False))
  assert encode(table, "in new york ▁") == ["new"]


def test_chinese_is_segmented_by_the_frequencies_of_words():
  table = exported_vectors.table(CHINESE, counts=COUNTS, tokenization=Tokenization("jieba", False))
  assert encode(table, "我们喜欢开源软件。") == ["我们", "喜欢", "开源", "软件"]
  assert encode(table, "用Linux 14.04，50%的卡拉OK") == [
    "?", "Linux", "14.04", "50%", "的", "卡拉OK"]
  assert encode(table, "sys") == ["?"]  # not the letter s
  assert static_tokenizer.has_unknown_token(table)


def test_counts_decide_between_segmentations():
  words = ["研究", "研究生", "生命", "命"]
  tokenization = Tokenization("jieba", False)
  for counts, expected in [([9, 1, 9, 1], ["研究", "生命"]), ([1, 99, 1, 99], ["研究生", "命"])]:
    table = exported_vectors.table(words, counts=np.array(counts), tokenization=tokenization)
    assert encode(table, "研究生命") == expected


@pytest.mark.parametrize(
  ("words", "expected"),
  [(["the", ",", "."], "punctuation"), (["the", "of"], "words"), (["我们", "的"], "jieba")],
)
def test_a_vocabulary_shows_its_tokenizer(words, expected):
  assert static_tokenizer.tokenizer_name(exported_vectors.table(words, counts=None)) == expected


def test_tokenizer_agrees_with_jieba_on_most_words():
  pytest.importorskip("jieba", reason="needs jieba")
  from glove_jax.data.text import word_tokenizers

  text = "我们喜欢开源软件，因为任何人都可以阅读、修改和分享它的代码。" * 3
  tokens = word_tokenizers.make("jieba").tokens(text)
  words = list(dict.fromkeys(tokens))
  counts = np.array([tokens.count(word) for word in words])
  table = exported_vectors.table(words, counts=counts, tokenization=Tokenization("jieba", False))
  assert encode(table, text) == tokens
