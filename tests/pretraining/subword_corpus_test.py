"""The corpus of language models: tokenizers that are trained, loaded or continued with, and ids."""

import jax
import numpy as np
import pytest

from glove_jax import pretraining
from glove_jax.data.subwords import subword_tokenizers
from glove_jax.data.text.corpus import BREAK
from glove_jax.errors import InputError
from glove_jax.interop import huggingface
from glove_jax.models import bert

SIZES = {"dim": 16, "layers": 1, "heads": 2, "context_length": 24, "max_vocab": 270}
LINES = ["the cat sat on the mat", "", "a cat is a cat"]


@pytest.fixture
def text(tmp_path):
  path = tmp_path / "text.txt"
  path.write_text("\n".join(LINES * 9) + "\n")
  return path


def open_corpus(folder, **values):
  folder.mkdir(exist_ok=True)
  settings = pretraining.parse({"method": "bert", **SIZES, **values})
  return pretraining.open_corpus(settings, folder)


def test_a_trained_tokenizer_and_ids_are_kept(text, tmp_path, capfd):
  first = open_corpus(tmp_path / "run", corpus=str(text), dev=str(text))
  assert first.model.vocab_size == first.tokenizer.get_vocab_size()
  assert np.sum(first.token_ids == BREAK) == 18
  np.testing.assert_array_equal(first.token_ids, first.dev_token_ids)
  assert capfd.readouterr().out.startswith("tokenizer ")
  written = (tmp_path / "run" / "ids" / "ids").stat().st_mtime_ns
  again = open_corpus(tmp_path / "run", corpus=str(text), dev=str(text))
  assert (tmp_path / "run" / "ids" / "ids").stat().st_mtime_ns == written
  assert again.tokenizer.to_str() == first.tokenizer.to_str()


def test_texts_may_be_blocks_of_lines(text, tmp_path):
  corpus = open_corpus(tmp_path / "run", corpus=str(text), documents="blocks")
  assert np.sum(corpus.token_ids == BREAK) == 10


def test_a_changed_text_and_an_empty_one_are_refused(text, tmp_path):
  open_corpus(tmp_path / "run", corpus=str(text))
  text.write_text("other\n")
  with pytest.raises(InputError, match="the text has changed"):
    open_corpus(tmp_path / "run", corpus=str(text))
  text.write_text("\n")
  (tmp_path / "vocab.txt").write_text("[PAD]\n[UNK]\n[CLS]\n[SEP]\n[MASK]\na\n")
  with pytest.raises(InputError, match="has no text"):
    open_corpus(tmp_path / "other", corpus=str(text), tokenizer=str(tmp_path / "vocab.txt"))


def test_a_tokenizer_without_the_tokens_that_a_method_needs_is_refused(text, tmp_path):
  with pytest.raises(InputError, match=r"tokenizer='bpe' has no \[MASK\]"):
    open_corpus(tmp_path / "run", corpus=str(text), tokenizer="bpe")


def test_sizes_are_checked_before_the_text_is_read(tmp_path):
  with pytest.raises(InputError, match="heads=3"):
    open_corpus(tmp_path / "run", corpus="/nowhere.txt", heads=3)


def save_model(folder, tokenizer, **changes):
  """Saves a BERT with a tokenizer; returns its configuration."""
  model = bert.CONFIG._replace(
    vocab_size=tokenizer.get_vocab_size(),
    dim=16,
    layers=1,
    heads=2,
    feedforward_dim=64,
    positions=24,
  )
  model = model._replace(**changes)
  huggingface.save(folder, jax.device_get(bert.init(jax.random.key(0), model)), model)
  subword_tokenizers.save_beside_model(tokenizer, folder)
  return model


def test_a_model_is_continued_as_it_is_and_with_its_own_tokens(text, tmp_path):
  tokenizer = subword_tokenizers.train("wordpiece", lambda: LINES, vocab_size=40)
  model = save_model(tmp_path / "bert", tokenizer, activation="relu", epsilon=1e-5)
  corpus = open_corpus(tmp_path / "run", corpus=str(text), init=str(tmp_path / "bert"))
  assert corpus.model == model._replace(dropout=0.0)
  assert corpus.tokenizer.get_vocab() == tokenizer.get_vocab()
  assert (tmp_path / "run" / "tokenizer.json").exists()


def test_a_model_is_not_continued_with_other_tokens(text, tmp_path):
  tokenizer = subword_tokenizers.train("wordpiece", lambda: LINES, vocab_size=40)
  other = subword_tokenizers.train("wordpiece", lambda: ["quite other words"], vocab_size=40)
  save_model(tmp_path / "bert", tokenizer)
  subword_tokenizers.save(other, tmp_path / "other.json")
  subword_tokenizers.save(tokenizer, tmp_path / "same.json")
  values = {"corpus": str(text), "init": str(tmp_path / "bert")}
  with pytest.raises(InputError, match="has other tokens than init="):
    open_corpus(tmp_path / "run", **values, tokenizer=str(tmp_path / "other.json"))
  open_corpus(tmp_path / "run", **values, tokenizer=str(tmp_path / "same.json"))


def test_a_model_needs_an_embedding_of_every_token(text, tmp_path):
  tokenizer = subword_tokenizers.train("wordpiece", lambda: LINES, vocab_size=40)
  save_model(tmp_path / "bert", tokenizer, vocab_size=9)
  with pytest.raises(InputError, match="has embeddings of 9 tokens, expected"):
    open_corpus(tmp_path / "run", corpus=str(text), init=str(tmp_path / "bert"))
