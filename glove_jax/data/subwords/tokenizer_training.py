"""Training of WordPiece, byte-level BPE and character vocabularies on a corpus."""

import collections
import contextvars
from collections.abc import Callable, Iterable, Iterator

from tokenizers import models, pre_tokenizers, trainers

from glove_jax.data.subwords.special_tokens import BERT_SPECIAL, END_OF_TEXT
from glove_jax.data.subwords.tokenizer_layouts import (
  Tokenizer,
  bert_tokenizer,
  gpt2_tokenizer,
)
from glove_jax.errors import InputError

KINDS = ("wordpiece", "bpe", "characters")
_MIN_WORDPIECE = len(BERT_SPECIAL) + 8
_MIN_BPE = 257  # all bytes, and the end of text


def train(
  kind: str,
  texts: Callable[[], Iterable[str]],
  *,
  vocab_size: int,
  lowercase: bool | None = None,
  min_count: int = 2,
) -> Tokenizer:
  """Returns a tokenizer trained on a text; the same text gives the same tokenizer.

  Args:
    kind: one of KINDS.
    texts: returns an iterator over the text from its start, line by line, say; tokens do not cross
      the end of an item. Called twice at most.
    vocab_size: tokens at most, special ones included. BPE and characters have at least 257.
    lowercase: convert texts to lower case; None: only for WordPiece.
    min_count: occurrences of a pair of tokens that is merged; for characters, of a pair of bytes.

  Raises:
    InputError: the kind is unknown, or the vocabulary is too small for it.
  """
  if kind not in KINDS:
    raise InputError(f"the tokenizer {kind!r} is unknown, expected one of {', '.join(KINDS)}.")
  least = _MIN_WORDPIECE if kind == "wordpiece" else _MIN_BPE
  if vocab_size < least:
    raise InputError(
      f"a {kind} vocabulary of {vocab_size} tokens is too small, expected {least} at least.")
  if kind == "wordpiece":
    return _train_wordpiece(texts, vocab_size, lowercase is not False, min_count)
  tokenizer = gpt2_tokenizer(
    models.BPE(), lowercase=bool(lowercase), characters=kind == "characters")
  trainer = trainers.BpeTrainer(
    special_tokens=[END_OF_TEXT],
    initial_alphabet=sorted(pre_tokenizers.ByteLevel.alphabet()),
    vocab_size=vocab_size,
    min_frequency=min_count,
    show_progress=False,
  )
  tokenizer.train_from_iterator(_in_this_context(texts()), trainer)
  return tokenizer


def _train_wordpiece(
  texts: Callable[[], Iterable[str]], vocab_size: int, lowercase: bool, min_count: int
) -> Tokenizer:
  tokenizer = bert_tokenizer({}, lowercase=lowercase)
  max_letters = (vocab_size - len(BERT_SPECIAL)) // 4
  letters = _frequent_letters(tokenizer, texts(), max_letters)
  continuations = ["##" + letter for letter in letters if _may_continue_a_word(tokenizer, letter)]
  # The library numbers continuation letters in the order of a hash table, which differs from run to
  # run, and breaks ties by these numbers. As special tokens they are numbered in the order given;
  # the tokenizer that is returned treats them as ordinary ones.
  trainer = trainers.WordPieceTrainer(
    special_tokens=[*BERT_SPECIAL, *continuations],
    initial_alphabet=letters,
    limit_alphabet=len(letters),
    vocab_size=vocab_size,
    min_frequency=min_count,
    show_progress=False,
  )
  tokenizer.train_from_iterator(_in_this_context(texts()), trainer)
  return bert_tokenizer(tokenizer.get_vocab(), lowercase=lowercase)


def _in_this_context(texts: Iterable[str]) -> Iterator[str]:
  """Returns an iterator over texts that keeps the context variables of the caller.

  The library calls it in a thread of its own, where progress bars would not be silent.
  """
  context = contextvars.copy_context()
  iterator = iter(texts)

  def in_context() -> Iterator[str]:
    while (text := context.run(next, iterator, None)) is not None:
      yield text

  return in_context()


def _frequent_letters(tokenizer: Tokenizer, texts: Iterable[str], size: int) -> list[str]:
  """Returns the `size` most frequent characters of the normalized texts, by code point."""
  counts: collections.Counter[str] = collections.Counter()
  for text in texts:
    counts.update(tokenizer.normalizer.normalize_str(text))
  letters = [letter for letter in counts if not letter.isspace()]
  letters.sort(key=lambda letter: (-counts[letter], letter))
  return sorted(letters[:size])


def _may_continue_a_word(tokenizer: Tokenizer, letter: str) -> bool:
  """Returns whether a letter between two others is part of one word."""
  normalized = tokenizer.normalizer.normalize_str(f"a{letter}a")
  return len(tokenizer.pre_tokenizer.pre_tokenize_str(normalized)) == 1
