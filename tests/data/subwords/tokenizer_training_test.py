"""Training gives the same tokenizer each time, with the expected tokens."""

import pytest

from glove_jax import progress
from glove_jax.data.subwords import (
  special_tokens,
  subword_tokenizers,
  tokenizer_files,
  tokenizer_training,
)

TEXTS = [
  "the cat sat on the mat",
  "the cats sat on cats",
  "naïve café 中国",
  "don't panic: 42 is the answer",
] * 5


def names(tokenizer, ids):
  return [tokenizer.id_to_token(i) for i in ids]


def test_frequent_characters_are_tokens_and_rare_ones_bytes(tmp_path):
  text = "话说天下大势,分久必合。\n合久必分 the 天下"
  tokenizer = tokenizer_training.train(
    "characters", lambda: ["天下大势,分久必合。合久必分 "] * 3, vocab_size=300
  )
  tokenizer_files.save(tokenizer, tmp_path / "tokenizer.json")
  for one in (tokenizer, tokenizer_files.load(tmp_path)):
    encoded = subword_tokenizers.encode(one, text)
    assert one.decode(encoded.ids) == text
    tokens_of_each = [
      encoded.offsets.count((position, position + 1)) for position in range(len(text))
    ]
    assert tokens_of_each == [3 if letter in "话说" else 1 for letter in text]
    assert encoded.ids == subword_tokenizers.encode(tokenizer, text).ids
  assert (
    tokenizer_training.train("characters", lambda: ["ab ab ab"], vocab_size=300).get_vocab_size()
    == 257
  )
  assert (
    len(
      subword_tokenizers.encode(
        tokenizer_training.train("characters", lambda: ["天"], vocab_size=300), "天"
      ).ids
    )
    == 3
  )


@pytest.mark.parametrize("kind", tokenizer_training.KINDS)
def test_training_is_deterministic_and_tokenizers_load_as_saved(kind, tmp_path):
  one, two = (tokenizer_training.train(kind, lambda: TEXTS, vocab_size=290) for _ in range(2))
  assert one.to_str() == two.to_str()
  assert one.get_vocab_size() <= 290
  tokenizer_files.save(one, tmp_path / "tokenizer.json")
  loaded = tokenizer_files.load(tmp_path)
  assert loaded.to_str() == one.to_str()
  ids = subword_tokenizers.encode(loaded, "The cat sat").ids
  longest = {"wordpiece": 5, "bpe": 5, "characters": 11}[kind]  # words of the text are few tokens
  assert len(ids) <= longest
  special = special_tokens.special_tokens(loaded)
  assert (special.start, special.mask) == ((2, 4) if kind == "wordpiece" else (0, None))


def test_wordpiece_of_a_language_without_spaces():
  tokenizer = tokenizer_training.train(
    "wordpiece", lambda: ["中国人民 abc abd", "人民的 Abc"] * 3, vocab_size=50
  )
  tokens = set(tokenizer.get_vocab())
  assert {
    "中",
    "的",
    "abc",
    "##b",
    *special_tokens.BERT_SPECIAL,
  } <= tokens and "##中" not in tokens
  assert names(tokenizer, tokenizer.encode("中的 [MASK]").ids) == [
    "[CLS]",
    "中",
    "的",
    "[MASK]",
    "[SEP]",
  ]
  # not a special token
  assert names(tokenizer, tokenizer.encode("a##b").ids)[1:3] == ["a", "[UNK]"]
  # two letters, the most frequent
  tiny = tokenizer_training.train("wordpiece", lambda: ["zzz zz z y a"], vocab_size=13)
  assert {"z", "a"} <= set(tiny.get_vocab()) and "y" not in tiny.get_vocab()


@pytest.mark.parametrize("kind", tokenizer_training.KINDS)
def test_texts_are_read_in_the_context_of_the_caller(kind):
  silent = []

  def texts():
    for text in TEXTS:
      silent.append(progress.is_silent())
      yield text

  with progress.silence():
    tokenizer_training.train(kind, texts, vocab_size=300)
  assert silent and all(silent)
