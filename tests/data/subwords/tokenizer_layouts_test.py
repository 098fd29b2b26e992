"""Special tokens by BERT's and GPT-2's names; what a file asks for is turned off."""

from tokenizers import models

from glove_jax.data.subwords import tokenizer_layouts


def test_special_tokens_have_berts_names_or_gpt2s(bert, bpe):
  assert tokenizer_layouts.special_tokens(bert) == (2, 3, 0, 1, 4)
  assert tokenizer_layouts.special_tokens(bpe) == (0, 0, 0, None, None)
  nothing = tokenizer_layouts.gpt2_tokenizer(models.BPE())
  assert tokenizer_layouts.special_tokens(nothing) == (None,) * 5


def test_berts_texts_are_in_brackets_and_may_keep_their_case():
  vocab = {name: i for i, name in enumerate((*tokenizer_layouts.BERT_SPECIAL, "A", "a", "é", "e"))}
  lower = tokenizer_layouts.bert_tokenizer(vocab, lowercase=True)
  assert lower.encode("A é").tokens == ["[CLS]", "a", "e", "[SEP]"]
  cased = tokenizer_layouts.bert_tokenizer(vocab, lowercase=False)
  assert cased.encode("A é").tokens == ["[CLS]", "A", "é", "[SEP]"]
  accents = tokenizer_layouts.bert_tokenizer(vocab, lowercase=True, strip_accents=False)
  assert accents.encode("A é").tokens == ["[CLS]", "a", "é", "[SEP]"]


def test_padding_truncation_and_special_tokens_in_texts_are_turned_off(bpe):
  text = "the cat <|endoftext|>"
  limited = tokenizer_layouts.Tokenizer.from_str(bpe.to_str())
  limited.enable_padding(length=50)
  limited.enable_truncation(2)
  limited.encode_special_tokens = False
  assert limited.encode(text).ids != bpe.encode(text).ids
  assert tokenizer_layouts.without_limits(limited) is limited
  assert limited.encode(text).ids == bpe.encode(text).ids
  assert 0 not in bpe.encode(text).ids and bpe.decode(bpe.encode(text).ids) == text
