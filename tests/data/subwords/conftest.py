"""Two small tokenizers."""

import pytest

from glove_jax.data.subwords import (
  special_tokens,
  tokenizer_files,
  tokenizer_layouts,
  tokenizer_training,
)

TOKENS = (
  *special_tokens.BERT_SPECIAL,
  "un",
  "##aff",
  "##able",
  "the",
  "cat",
  "##s",
  ",",
  "中",
  "国",
  "cafe",
)
TEXTS = (
  "the cat sat on the mat",
  "the cats sat on cats",
  "naïve café 中国",
  "don't panic: 42 is the answer",
)


@pytest.fixture(scope="session")
def bert_tokens():
  """The vocabulary of `bert`."""
  return list(TOKENS)


@pytest.fixture(scope="session")
def bert(tmp_path_factory):
  path = tmp_path_factory.mktemp("bert") / "vocab.txt"
  path.write_text("\n".join(TOKENS) + "\n", encoding="utf-8")
  return tokenizer_files.load(path)


@pytest.fixture(scope="session")
def bpe():
  """A byte-level BPE as corpora are read with it."""
  tokenizer = tokenizer_training.train("bpe", lambda: list(TEXTS) * 5, vocab_size=300)
  return tokenizer_layouts.as_plain_text(tokenizer)
