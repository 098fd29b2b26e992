"""Texts, pairs and words are encoded as the papers say, and truncated to the length asked for."""

import json

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from glove_jax.data.subwords import subword_tokenizers, tokenizer_files
from glove_jax.errors import InputError


def names(tokenizer, ids):
  return [tokenizer.id_to_token(i) for i in ids]


def test_wordpiece_takes_the_longest_tokens_and_lowers_the_case(bert):
  encoded = subword_tokenizers.encode(bert, "Unaffable Cats, CAFÉ中国 dog")
  assert names(bert, encoded.ids) == [
    "[CLS]",
    "un",
    "##aff",
    "##able",
    "cat",
    "##s",
    ",",
    "cafe",
    "中",
    "国",
    "[UNK]",
    "[SEP]",
  ]
  assert encoded.words == [None, 0, 0, 0, 1, 1, 2, 3, 4, 5, 6, None]
  assert encoded.offsets[1:4] == [(0, 2), (2, 5), (5, 9)] and encoded.offsets[10] == (23, 26)
  assert set(encoded.types) == {0}


def test_pairs_have_types_and_are_truncated(bert):
  encoded = subword_tokenizers.encode(bert, "the cat", "cats the")
  assert names(bert, encoded.ids) == ["[CLS]", "the", "cat", "[SEP]", "cat", "##s", "the", "[SEP]"]
  assert encoded.types == [0, 0, 0, 0, 1, 1, 1, 1]
  truncated = subword_tokenizers.encode(bert, "the cat", "cats the", longest=6)
  assert len(truncated.ids) == 6 and truncated.ids[-1] == encoded.ids[-1]
  assert len(subword_tokenizers.encode(bert, "the cat", "cats the").ids) == 8


@pytest.mark.parametrize("kind", ["bert", "bpe"])
def test_the_first_token_of_each_word(kind, bert, bpe):
  tokenizer = {"bert": bert, "bpe": bpe}[kind]
  words = ["cats", "unaffable", "the", "cat"]
  encoded, first = subword_tokenizers.encode_words(tokenizer, words)
  assert [encoded.words[position] for position in first] == [0, 1, 2, 3]
  assert all(
    encoded.words[position - 1] != encoded.words[position] for position in first if position
  )
  if kind == "bpe":
    assert tokenizer.decode(encoded.ids) == " ".join(words)
  truncated, first = subword_tokenizers.encode_words(tokenizer, words, longest=4)
  assert first[-1] == -1 and len(truncated.ids) == 4


def test_a_word_without_tokens_is_at_minus_one(bert):
  assert subword_tokenizers.encode_words(bert, ["the", "\u200d\x00", "cat"])[1] == [1, -1, 2]


def test_padding_and_truncation_of_a_file_are_turned_off(bert, tmp_path):
  padded = subword_tokenizers.Tokenizer.from_str(bert.to_str())
  padded.enable_padding(length=9)
  padded.enable_truncation(4)
  padded.save(str(tmp_path / "tokenizer.json"))
  loaded, text = tokenizer_files.load(tmp_path), "the cat the cat the cat"
  assert subword_tokenizers.encode(loaded, text) == subword_tokenizers.encode(bert, text)
  assert subword_tokenizers.encode(loaded, "the") == subword_tokenizers.encode(bert, "the")
  short = subword_tokenizers.encode(loaded, text, longest=5)
  assert len(short.ids) == 5 and short.truncated
  whole = subword_tokenizers.encode(loaded, text)  # truncating a text does not truncate the next
  assert len(whole.ids) > 5 and not whole.truncated and short.ids == [*whole.ids[:4], whole.ids[-1]]


@settings(max_examples=100, deadline=None)
@example(text="<|endoftext|>")
@given(text=st.text(alphabet=st.characters(exclude_categories=["Cs"])))
def test_bpe_decodes_any_text_exactly(bpe, text):
  assert bpe.decode(bpe.encode(text).ids) == text


def test_ids_have_no_gaps(bert, bert_tokens):
  subword_tokenizers.check_ids(bert, "vocab.txt")
  for token, token_id, gap in (
    ("beyond", 99, len(bert_tokens)),
    ("the", 99, bert_tokens.index("the")),
  ):
    whole = json.loads(bert.to_str())
    whole["model"]["vocab"][token] = token_id
    with pytest.raises(
      InputError, match=f"x.json: .* none of them with the id {gap}, expected 0 to"
    ):
      subword_tokenizers.check_ids(
        subword_tokenizers.Tokenizer.from_str(json.dumps(whole)), "x.json"
      )
