"""Texts, pairs and words become subword ids; what is truncated is counted."""

import numpy as np
import pytest
import tokenizer_folders

from glove_jax.data.labelled import padded_batches
from glove_jax.data.subwords import examples, subword_tokenizers

TEXTS = ["the unaffable cats sat", "a cat", "cats and cats and cats"]


@pytest.fixture(scope="module")
def bert():
  return subword_tokenizers.train("wordpiece", lambda: [*TEXTS, "the cat"] * 4, vocab_size=34)


def names(tokenizer, ids):
  return [tokenizer.id_to_token(int(number) - 1) for number in ids]


def test_texts_and_pairs_are_truncated_and_have_types(bert):
  encoded, truncated = examples.encode_texts(
    bert, [("the cat",), ("cats and cats and cats", "a cat"), ("",)], [2, 0, 1], longest=8
  )
  assert truncated == 1 and encoded.target == [2, 0, 1] and encoded.first is None
  assert names(bert, encoded.ids[2]) == ["[CLS]", "[SEP]"]
  assert [len(ids) for ids in encoded.ids][1] == 8
  for number, (ids, types) in enumerate(zip(encoded.ids, encoded.types, strict=True)):
    parts = " ".join(names(bert, ids)).split("[SEP]")
    second = len(parts[1].split()) + 1 if number == 1 else 0  # its [SEP] included
    np.testing.assert_array_equal(types, [0] * (len(ids) - second) + [1] * second)
  alone, _ = examples.encode_texts(bert, [("the cat",)], [0], longest=8)
  assert alone.types is None
  np.testing.assert_array_equal(alone.ids[0], encoded.ids[0])
  np.testing.assert_array_equal(
    alone.ids[0], np.array(subword_tokenizers.encode(bert, "the cat").ids) + 1
  )


def test_every_word_is_at_its_first_subword(bert):
  words = [text.split() for text in TEXTS] + [["the", "\x01", "cat"], ["\x01"] * 9]
  tags = [list(range(len(sentence))) for sentence in words]
  encoded, truncated = examples.encode_tagged_words(bert, words, tags, longest=100)
  assert truncated == 0 and encoded.target == tags and encoded.types is None
  for sentence, ids, first in zip(words, encoded.ids, encoded.first, strict=True):
    shown, position = names(bert, ids), 1
    for word, at in zip(sentence, first, strict=True):
      subwords = bert.encode(word, add_special_tokens=False).tokens or ["[UNK]"]
      assert at == position and shown[position : position + len(subwords)] == subwords
      position += len(subwords)
    assert position == len(ids) - 1


def test_truncated_words_have_no_tag_and_are_counted(bert):
  words = [text.split() for text in TEXTS]
  tags = [list(range(1, len(sentence) + 1)) for sentence in words]
  whole, _ = examples.encode_tagged_words(bert, words, tags, longest=100)
  encoded, truncated = examples.encode_tagged_words(bert, words, tags, longest=5)
  assert truncated == sum((first >= 4).sum() for first in whole.first) > 0  # the fifth is [SEP]
  for one, other, kept, word_tags in zip(
    encoded.first, whole.first, encoded.target, tags, strict=True
  ):
    np.testing.assert_array_equal(one, other[other < 4])
    assert kept == word_tags[: len(one)]
  batch = padded_batches.collate(encoded, range(3), 4, 8)
  np.testing.assert_array_equal(batch.mask.sum(1), [*map(len, encoded.first), 0])
  np.testing.assert_array_equal(batch.mask > 0, batch.target > 0)
  for row, first in enumerate(encoded.first):
    np.testing.assert_array_equal(batch.first[row, : len(first)], first)


def test_gpts_words_are_at_their_first_subword_too():
  gpt = subword_tokenizers.train("bpe", lambda: TEXTS * 4, vocab_size=270)
  encoded, _ = examples.encode_tagged_words(
    gpt, [["the", "cats", "", "unaffable"]], [[1, 2, 3, 4]], longest=100
  )
  rest = [
    gpt.decode([int(number) - 1 for number in encoded.ids[0][position:]])
    for position in encoded.first[0]
  ]
  assert rest == ["the cats  unaffable", " cats  unaffable", "  unaffable", " unaffable"]


@pytest.mark.parametrize("name", ["gpt_chat", "gpt_chat_added", "bert_added", "bert_added_decoder"])
def test_texts_and_words_have_special_pieces_in_both_families(name, tmp_path):
  folder = tokenizer_folders.write(tmp_path, tokenizer_folders.folders()[name])
  tokenizer = subword_tokenizers.load(folder)
  user = tokenizer.token_to_id(tokenizer_folders.USER) + 1
  texts = [("<|user|> the river",), ("the river<|user|>anna", "<|user|>")]
  encoded, _ = examples.encode_texts(tokenizer, texts, [0, 0], longest=50)
  assert [(ids == user).sum() for ids in encoded.ids] == [1, 2]
  tagged, _ = examples.encode_tagged_words(
    tokenizer, [["<|user|>", "the", "<|user|>"]], [[0, 1, 0]], longest=50)
  assert (tagged.ids[0] == user).sum() == 2 and len(tagged.first[0]) == 3


@pytest.mark.parametrize("name, stand_in", [
  ("bert", "[UNK]"), ("roberta", "<unk>"), ("xlm_roberta", "<unk>"), ("gpt", "?"),
  ("gpt_json", "?"),
])
def test_a_word_without_subwords_is_read_as_the_unknown_token(name, stand_in, tmp_path):
  folder = tokenizer_folders.write(tmp_path, tokenizer_folders.folders()[name])
  tokenizer = subword_tokenizers.load(folder)
  encoded, _ = examples.encode_tagged_words(
    tokenizer, [["", "the", "river"]], [[0, 1, 2]], longest=50)
  assert tokenizer.token_to_id(stand_in) + 1 in encoded.ids[0] and len(encoded.first[0]) == 3
