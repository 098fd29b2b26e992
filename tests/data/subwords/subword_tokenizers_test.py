"""Texts, pairs and words are encoded as the papers say, and truncated to the length asked for."""

import json

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from glove_jax.data.subwords import subword_tokenizers, tokenizer_files
from glove_jax.errors import InputError


def names(tokenizer, ids):
  return [tokenizer.id_to_token(i) for i in ids]


def test_wordpiece_takes_the_longest_pieces_and_lowers_the_case(bert):
  found = subword_tokenizers.encode(bert, "Unaffable Cats, CAFÉ中国 dog")
  assert names(bert, found.ids) == ["[CLS]", "un", "##aff", "##able", "cat", "##s", ",", "cafe", "中", "国", "[UNK]",
                                    "[SEP]"]
  assert found.words == [None, 0, 0, 0, 1, 1, 2, 3, 4, 5, 6, None]
  assert found.offsets[1:4] == [(0, 2), (2, 5), (5, 9)] and found.offsets[10] == (23, 26)
  assert set(found.types) == {0}


def test_pairs_and_the_longest_text(bert):
  found = subword_tokenizers.encode(bert, "the cat", "cats the")
  assert names(bert, found.ids) == ["[CLS]", "the", "cat", "[SEP]", "cat", "##s", "the", "[SEP]"]
  assert found.types == [0, 0, 0, 0, 1, 1, 1, 1]
  cut = subword_tokenizers.encode(bert, "the cat", "cats the", longest=6)
  assert len(cut.ids) == 6 and cut.ids[-1] == found.ids[-1]
  assert len(subword_tokenizers.encode(bert, "the cat", "cats the").ids) == 8


@pytest.mark.parametrize("kind", ["bert", "bpe"])
def test_the_first_piece_of_each_word(kind, bert, bpe):
  tokenizer = {"bert": bert, "bpe": bpe}[kind]
  words = ["cats", "unaffable", "the", "cat"]
  found, first = subword_tokenizers.encode_words(tokenizer, words)
  assert [found.words[place] for place in first] == [0, 1, 2, 3]
  assert all(found.words[place - 1] != found.words[place] for place in first if place)
  if kind == "bpe":
    assert tokenizer.decode(found.ids) == " ".join(words)
  cut, first = subword_tokenizers.encode_words(tokenizer, words, longest=4)
  assert first[-1] == -1 and len(cut.ids) == 4


def test_a_word_without_pieces_is_at_minus_one(bert):
  assert subword_tokenizers.encode_words(bert, ["the", "\u200d\x00", "cat"])[1] == [1, -1, 2]


def test_what_a_file_says_of_padding_and_cutting_is_dropped(bert, tmp_path):
  padded = subword_tokenizers.Tokenizer.from_str(bert.to_str())
  padded.enable_padding(length=9)
  padded.enable_truncation(4)
  padded.save(str(tmp_path / "tokenizer.json"))
  loaded, text = tokenizer_files.load(tmp_path), "the cat the cat the cat"
  assert subword_tokenizers.encode(loaded, text) == subword_tokenizers.encode(bert, text)
  assert subword_tokenizers.encode(loaded, "the") == subword_tokenizers.encode(bert, "the")
  short = subword_tokenizers.encode(loaded, text, longest=5)
  assert len(short.ids) == 5 and short.truncated
  whole = subword_tokenizers.encode(loaded, text)  # cutting one text does not cut the next
  assert len(whole.ids) > 5 and not whole.truncated and short.ids == [*whole.ids[:4], whole.ids[-1]]


@settings(max_examples=100, deadline=None)
@example(text="<|endoftext|>")
@given(text=st.text(alphabet=st.characters(exclude_categories=["Cs"])))
def test_bpe_gives_any_text_back(bpe, text):
  assert bpe.decode(bpe.encode(text).ids) == text


def test_numbers_without_gaps(bert, bert_tokens):
  subword_tokenizers.check_ids(bert, "vocab.txt")
  for piece, number, gap in (("beyond", 99, len(bert_tokens)), ("the", 99, bert_tokens.index("the"))):
    whole = json.loads(bert.to_str())
    whole["model"]["vocab"][piece] = number
    with pytest.raises(InputError, match=f"x.json: .* none of them with the id {gap}; expected 0 to"):
      subword_tokenizers.check_ids(subword_tokenizers.Tokenizer.from_str(json.dumps(whole)), "x.json")
