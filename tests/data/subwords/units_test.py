"""Characters and words of tokens add up to those of the text."""

import json
import re

import numpy as np
import pytest
import tokenizer_folders
from hypothesis import example, given, settings
from hypothesis import strategies as st

from glove_jax.data.subwords import subword_tokenizers, units
from glove_jax.errors import InputError

TEXTS = [
  "the cat sat on the mat",
  "the cats sat on cats",
  "naïve café 中国",
  "don't panic: 42 is the answer",
] * 5


@pytest.fixture(scope="module")
def bpe():
  tokenizer = subword_tokenizers.train("bpe", lambda: TEXTS, vocab_size=300)
  return subword_tokenizers.as_plain_text(tokenizer)


@settings(max_examples=100, deadline=None)
@example(text="<|endoftext|>")
@example(text="却说 you 那人，a中")
@given(text=st.text(alphabet=st.characters(exclude_categories=["Cs"])))
def test_units_add_up_to_those_of_the_text(bpe, text):
  ids = bpe.encode(text).ids
  counts = units.unit_counts(bpe)
  assert counts.characters[ids].sum() == len(text)
  closes = np.concatenate([[True], counts.closes[ids]])[:-1] if ids else np.zeros(0, bool)
  words = counts.words[ids].sum() + (counts.opens[ids] & closes).sum()
  chinese = "\u4000-\u9fff"  # a word each; others between white space
  assert words == len(
    re.findall(rf"[{chinese}]|(?:^|(?<=[ \t\n\r\f\v]))[^ \t\n\r\f\v{chinese}]", text)
  )


def test_units_are_counted_for_byte_level_bpe_only(bpe):
  counts = units.unit_counts(bpe)
  end = subword_tokenizers.special_tokens(bpe).end
  assert (counts.characters[end], counts.closes[end]) == (1, True)
  with pytest.raises(InputError, match="expected a byte-level BPE"):
    units.unit_counts(subword_tokenizers.train("wordpiece", lambda: TEXTS, vocab_size=60))


def test_tokens_that_begin_words(bpe):
  tokenizer = subword_tokenizers.train("wordpiece", lambda: TEXTS, vocab_size=90)
  words_of = units.token_words(tokenizer)
  ids = tokenizer.encode("the sat mats", add_special_tokens=False).ids
  assert [words_of[i] for i in ids] == ["the", "sat", "mat", None]
  assert words_of[subword_tokenizers.special_tokens(tokenizer).mask] is None
  ids = bpe.encode("a the sat é").ids
  assert [units.token_words(bpe)[i] for i in ids][:3] == [None, "the", "sat"]
  assert units.token_words(bpe)[subword_tokenizers.special_tokens(bpe).end] is None


def test_characters_are_words_where_they_are_tokens():
  tokenizer = subword_tokenizers.train("characters", lambda: ["天下 天下"] * 3, vocab_size=300)
  ids = subword_tokenizers.encode(tokenizer, "天下说").ids
  assert [units.token_words(tokenizer)[i] for i in ids] == ["天", "下", None, None, None]


@pytest.mark.parametrize("name, text, words, continues", [
  ("bert", "the rivers", ["the", "river", None], "s"),
  ("roberta", "a the rivers", [None, "the", "river", None], "as"),
  ("xlm_roberta", "a the rivers", [None, None, "the", "river", None], "as"),
])
def test_words_of_every_family(name, text, words, continues, tmp_path):
  folder = tokenizer_folders.write(tmp_path, tokenizer_folders.folders()[name])
  tokenizer = subword_tokenizers.load(folder)
  encoded = tokenizer.encode(text, add_special_tokens=False)
  assert [units.token_words(tokenizer)[i] for i in encoded.ids] == words
  flags = units.continues_word(tokenizer)
  assert len(flags) == tokenizer.get_vocab_size()
  assert not flags[tokenizer.encode("").ids].any()
  pairs = zip(encoded.tokens, flags[encoded.ids], strict=True)
  assert "".join(token.strip("#") for token, flag in pairs if flag) == continues


def test_tokens_without_a_pre_tokenizer(tmp_path):
  content = json.loads(tokenizer_folders.folders()["gpt_json"]["tokenizer.json"])
  content["pre_tokenizer"] = None
  folder = tokenizer_folders.write(tmp_path, {"tokenizer.json": content})
  tokenizer = subword_tokenizers.load(folder)
  assert len(units.token_words(tokenizer)) == tokenizer.get_vocab_size()
