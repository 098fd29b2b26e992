"""The expressions split texts as the tokenizers of runs do."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tokenizers import Tokenizer

from glove_jax.data.text import word_tokenizers
from glove_jax.data.text.tokenization import Tokenization
from glove_jax.exports import VectorTable, static_tokenizer, word_patterns

TEXTS = [
  "The film's naïve O'Neill don't 'quoted' rock'n'roll well-known 3.14 50% e.g. U.S. Dr. Who 10¹⁰",
  "see https://a.org/x?y=1, me@mail.org (@user #tag) ... !!! A. B. Mr. and Mrs. 1990s snake_case",
  "İstanbul ΟΔΟΣ ΣΑΣ Ünï ﬁne co\u00adop x\u200bz می\u200cروم हिम e\u0301 «quoted» “it’s”",
  "我们喜欢开源软件。Linux 内核 カタカナ 汉字abc",
  " \t tabs\tand\rreturns\x85here\u2028there\u3000wide",
]  # fmt: skip
ALPHABET = "aBz'’_-., 1%@#!?()é汉字カΟΣ\u00ad\u3000\t"


def exported(words, name, lowercase):
  table = VectorTable(
    words, np.zeros((len(words), 1)), tokenization=Tokenization(name, lowercase))
  return Tokenizer.from_str(static_tokenizer.to_json(table))


def check(text, name, lowercase):
  expected = word_tokenizers.make(name, lowercase).tokens(text)
  tokenizer = exported(list(dict.fromkeys([*expected, "never"])), name, lowercase)
  tokens = tokenizer.encode(text, add_special_tokens=False).tokens
  assert [token.removeprefix("▁") for token in tokens] == expected


@pytest.mark.parametrize("name", word_patterns.PATTERNS)
@pytest.mark.parametrize("lowercase", [True, False])
@pytest.mark.parametrize("text", TEXTS)
def test_texts_are_split_alike(text, name, lowercase):
  check(text, name, lowercase)


@pytest.mark.parametrize("name", word_patterns.PATTERNS)
@settings(deadline=None, max_examples=60)
@given(text=st.text(st.sampled_from(ALPHABET), max_size=30))
def test_any_text_is_split_alike(name, text):
  check(text, name, lowercase=False)


def test_every_tokenizer_but_jieba_has_a_pattern():
  assert set(word_patterns.PATTERNS) == set(word_tokenizers.TOKENIZERS) - {"jieba"}
