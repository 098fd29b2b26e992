"""How the tokenizers of BERT, GPT-2 and RoBERTa are built from a vocabulary."""

import tokenizers
from tokenizers import Regex, decoders, models, normalizers, pre_tokenizers, processors

from glove_jax.data.subwords.special_tokens import BERT_SPECIAL, END_OF_TEXT

Tokenizer = tokenizers.Tokenizer


def bert_tokenizer(
  vocab: dict[str, int],
  *,
  lowercase: bool,
  strip_accents: bool | None = None,
  handle_chinese_chars: bool = True,
  special: tuple[str, ...] = BERT_SPECIAL,
) -> Tokenizer:
  """Returns a WordPiece tokenizer that puts [CLS] and [SEP] around texts.

  Args:
    vocab: the id of each token; empty for a tokenizer that is to be trained, which adds no [CLS].
    lowercase: convert texts to lower case.
    strip_accents: remove accents; None: where texts are converted to lower case.
    handle_chinese_chars: treat each Chinese character as a word.
    special: what stands for [PAD], [UNK], [CLS], [SEP] and [MASK]; the vocabulary may be without
      the first and the last.
  """
  _, unknown, start, end, _ = special
  tokenizer = Tokenizer(models.WordPiece(vocab, unk_token=unknown, max_input_chars_per_word=100))
  tokenizer.normalizer = normalizers.BertNormalizer(
    lowercase=lowercase,
    strip_accents=strip_accents,
    handle_chinese_chars=handle_chinese_chars,
  )
  tokenizer.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
  tokenizer.decoder = decoders.WordPiece()
  if vocab:
    tokenizer.add_special_tokens([token for token in special if token in vocab])
    add_bert_template(tokenizer, start, end)
  return tokenizer


def gpt2_tokenizer(
  model: models.BPE,
  *,
  lowercase: bool = False,
  characters: bool = False,
  add_prefix_space: bool = False,
) -> Tokenizer:
  """Returns a byte-level BPE tokenizer.

  Args:
    model: the vocabulary and its merges.
    lowercase: convert texts to lower case.
    characters: merge the bytes of a character only, never two characters.
    add_prefix_space: put a space before a text that does not begin with one.
  """
  tokenizer = Tokenizer(model)
  if lowercase:
    tokenizer.normalizer = normalizers.Lowercase()
  byte_level = pre_tokenizers.ByteLevel(
    add_prefix_space=add_prefix_space, use_regex=not characters)
  tokenizer.pre_tokenizer = byte_level
  if characters:
    split = pre_tokenizers.Split(Regex(r"[\s\S]"), "isolated")
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence([split, byte_level])
  tokenizer.decoder = decoders.ByteLevel()
  if tokenizer.token_to_id(END_OF_TEXT) is not None:
    tokenizer.add_special_tokens([END_OF_TEXT])
  return without_limits(tokenizer)


def add_bert_template(tokenizer: Tokenizer, start: str, end: str) -> None:
  """Sets the template [CLS] text [SEP] pair [SEP]; tokens of the pair have the type 1."""
  tokenizer.post_processor = processors.BertProcessing(
    (end, tokenizer.token_to_id(end)),
    (start, tokenizer.token_to_id(start)),
  )


def add_roberta_template(tokenizer: Tokenizer, start: str, end: str) -> None:
  """Sets the template <s> text </s></s> pair </s>, all of type 0."""
  _add_template(
    tokenizer,
    f"{start}:0 $A:0 {end}:0",
    f"{start}:0 $A:0 {end}:0 {end}:0 $B:0 {end}:0",
    (start, end),
  )


def add_gpt2_template(tokenizer: Tokenizer, start: str | None, end: str | None) -> None:
  """Sets a template with `start` before each text and `end` after it, where they are given."""
  parts = {"A": 0, "B": 1}
  texts = []
  for name, type_id in parts.items():
    pieces = [f"{token}:{type_id}" for token in (start,) if token]
    pieces.append(f"${name}:{type_id}")
    pieces += [f"{token}:{type_id}" for token in (end,) if token]
    texts.append(" ".join(pieces))
  special = tuple(token for token in (start, end) if token)
  _add_template(tokenizer, texts[0], " ".join(texts), special)


def without_limits(tokenizer: Tokenizer) -> Tokenizer:
  """Turns off padding and truncation, in place, and returns the tokenizer."""
  # Some files ask for padding or truncation of all texts: MiniLM's, to 128 tokens.
  tokenizer.no_padding()
  tokenizer.no_truncation()
  return tokenizer


def as_plain_text(tokenizer: Tokenizer) -> Tokenizer:
  """Makes a tokenizer read special tokens that a text mentions as text, in place; returns it.

  A page about <|endoftext|> does not end there.
  """
  tokenizer.encode_special_tokens = True
  return tokenizer


def is_byte_level(tokenizer: Tokenizer) -> bool:
  """Returns whether a tokenizer is a byte-level BPE, which keeps all of a text."""
  return isinstance(tokenizer.model, models.BPE) and isinstance(
    tokenizer.decoder, decoders.ByteLevel
  )


def _add_template(tokenizer: Tokenizer, single: str, pair: str, special: tuple[str, ...]) -> None:
  ids = {token: tokenizer.token_to_id(token) for token in special}
  tokenizer.post_processor = processors.TemplateProcessing(
    single=single, pair=pair, special_tokens=list(ids.items()))
