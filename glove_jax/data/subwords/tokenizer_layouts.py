"""How BERT's and GPT-2's tokenizers are built from a vocabulary, and their special tokens."""

from typing import NamedTuple

import tokenizers
from tokenizers import Regex, decoders, models, normalizers, pre_tokenizers, processors

Tokenizer = tokenizers.Tokenizer

BERT_SPECIAL = ("[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]")
END_OF_TEXT = "<|endoftext|>"


class SpecialTokens(NamedTuple):
  """Ids of the tokens that stand for no text; None where a tokenizer has none."""

  start: int | None    # begins a text: [CLS], or GPT-2's end of text, which separates texts
  end: int | None      # ends a text: [SEP], or GPT-2's end of text
  pad: int | None
  unknown: int | None
  mask: int | None


def special_tokens(tokenizer: Tokenizer) -> SpecialTokens:
  """Returns the ids of the special tokens, by BERT's names or GPT-2's."""
  end_of_text = tokenizer.token_to_id(END_OF_TEXT)
  ids = {}
  for name in BERT_SPECIAL:
    ids[name] = tokenizer.token_to_id(name)
  for name in ("[CLS]", "[SEP]", "[PAD]"):
    if ids[name] is None:
      ids[name] = end_of_text
  return SpecialTokens(
    start=ids["[CLS]"],
    end=ids["[SEP]"],
    pad=ids["[PAD]"],
    unknown=ids["[UNK]"],
    mask=ids["[MASK]"],
  )


def bert_tokenizer(
  vocab: dict[str, int],
  *,
  lowercase: bool,
  strip_accents: bool | None = None,
  handle_chinese_chars: bool = True,
) -> Tokenizer:
  """Returns a WordPiece tokenizer that puts [CLS] and [SEP] around texts.

  Args:
    vocab: the id of each token; empty for a tokenizer that is to be trained, which adds no [CLS].
    lowercase: convert texts to lower case.
    strip_accents: remove accents; None: where texts are converted to lower case.
    handle_chinese_chars: treat each Chinese character as a word.
  """
  tokenizer = Tokenizer(
    models.WordPiece(vocab, unk_token="[UNK]", max_input_chars_per_word=100))
  tokenizer.normalizer = normalizers.BertNormalizer(
    lowercase=lowercase,
    strip_accents=strip_accents,
    handle_chinese_chars=handle_chinese_chars,
  )
  tokenizer.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
  tokenizer.decoder = decoders.WordPiece()
  if vocab:
    tokenizer.add_special_tokens(list(BERT_SPECIAL))
    tokenizer.post_processor = processors.BertProcessing(
      ("[SEP]", vocab["[SEP]"]),
      ("[CLS]", vocab["[CLS]"]),
    )
  return tokenizer


def gpt2_tokenizer(
  model: models.BPE, *, lowercase: bool = False, characters: bool = False
) -> Tokenizer:
  """Returns a byte-level BPE tokenizer.

  Args:
    model: the vocabulary and its merges.
    lowercase: convert texts to lower case.
    characters: merge the bytes of a character only, never two characters.
  """
  tokenizer = Tokenizer(model)
  if lowercase:
    tokenizer.normalizer = normalizers.Lowercase()
  byte_level = pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=not characters)
  tokenizer.pre_tokenizer = byte_level
  if characters:
    split = pre_tokenizers.Split(Regex(r"[\s\S]"), "isolated")
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence([split, byte_level])
  tokenizer.decoder = decoders.ByteLevel()
  if tokenizer.token_to_id(END_OF_TEXT) is not None:
    tokenizer.add_special_tokens([END_OF_TEXT])
  return without_limits(tokenizer)


def without_limits(tokenizer: Tokenizer) -> Tokenizer:
  """Turns off what would change texts that are encoded, in place, and returns the tokenizer."""
  # Some files ask for padding or truncation of all texts: MiniLM's, to 128 tokens.
  tokenizer.no_padding()
  tokenizer.no_truncation()
  # A text that mentions <|endoftext|> does not end there.
  if isinstance(tokenizer.model, models.BPE):
    tokenizer.encode_special_tokens = True
  return tokenizer
