"""Templates put special tokens around texts; what a file asks for is turned off."""

import pytest

from glove_jax.data.subwords import special_tokens, tokenizer_layouts


def test_berts_texts_are_in_brackets_and_may_keep_their_case():
  vocab = {name: i for i, name in enumerate((*special_tokens.BERT_SPECIAL, "A", "a", "é", "e"))}
  lower = tokenizer_layouts.bert_tokenizer(vocab, lowercase=True)
  assert lower.encode("A é").tokens == ["[CLS]", "a", "e", "[SEP]"]
  cased = tokenizer_layouts.bert_tokenizer(vocab, lowercase=False)
  assert cased.encode("A é").tokens == ["[CLS]", "A", "é", "[SEP]"]
  accents = tokenizer_layouts.bert_tokenizer(vocab, lowercase=True, strip_accents=False)
  assert accents.encode("A é").tokens == ["[CLS]", "a", "é", "[SEP]"]


def test_padding_and_truncation_are_turned_off(bpe):
  text = "the cat sat"
  limited = tokenizer_layouts.Tokenizer.from_str(bpe.to_str())
  limited.enable_padding(length=50)
  limited.enable_truncation(2)
  assert limited.encode(text).ids != bpe.encode(text).ids
  assert tokenizer_layouts.without_limits(limited) is limited
  assert limited.encode(text).ids == bpe.encode(text).ids


def test_special_tokens_are_text_in_a_corpus_and_tokens_elsewhere(bpe):
  text = "the cat <|endoftext|>"
  recognizing = tokenizer_layouts.Tokenizer.from_str(bpe.to_str())
  assert recognizing.encode(text).ids[-1] == 0
  assert tokenizer_layouts.as_plain_text(recognizing) is recognizing
  assert 0 not in recognizing.encode(text).ids
  assert recognizing.decode(recognizing.encode(text).ids) == text


@pytest.mark.parametrize("add, tokens, types", [
  (tokenizer_layouts.add_bert_template, "<s> a </s> b </s>", [0, 0, 0, 1, 1]),
  (tokenizer_layouts.add_roberta_template, "<s> a </s> </s> b </s>", [0] * 6),
  (tokenizer_layouts.add_gpt2_template, "<s> a </s> <s> b </s>", [0, 0, 0, 1, 1, 1]),
])
def test_templates_of_pairs(add, tokens, types):
  names = (*special_tokens.BERT_SPECIAL, "<s>", "</s>", "a", "b")
  vocab = {name: i for i, name in enumerate(names)}
  tokenizer = tokenizer_layouts.bert_tokenizer(vocab, lowercase=True)
  add(tokenizer, "<s>", "</s>")
  pair = tokenizer.encode("a", "b")
  assert pair.tokens == tokens.split() and pair.type_ids == types
  assert tokenizer.encode("a").tokens == ["<s>", "a", "</s>"]
