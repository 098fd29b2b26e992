"""Params that start from pretrained vectors or from an earlier run."""

import dataclasses

import jax
import numpy as np
import pytest
from small_corpus import open_corpus, train, write_text

from glove_jax import checkpoint, pretraining, vector_files
from glove_jax.data.subwords import subword_tokenizers
from glove_jax.data.text.vocab import Vocabulary
from glove_jax.errors import InputError
from glove_jax.interop import huggingface
from glove_jax.methods import word2vec
from glove_jax.models import bert, gpt2
from glove_jax.pretraining import initialization
from glove_jax.train import TrainState
from glove_jax.word_vectors import WordVectors

DIM = 8
VOCABULARY = Vocabulary(("the", "cat", "sat"), np.array([3, 2, 1]))


def save_vectors(folder, words, dim=DIM):
  vectors = np.random.default_rng(1).normal(0, 3, (len(words), dim)).astype(np.float32)
  vector_files.save(WordVectors(words, vectors), folder / "vectors.txt")
  return vectors


def glove_settings(source, **values):
  return pretraining.parse({"method": "glove", "init": str(source), "dim": DIM, **values})


def test_words_have_the_vectors_of_a_file_and_others_zeros(tmp_path, capfd):
  vectors = save_vectors(tmp_path, ["sat", "dog", "the"])
  initial = initialization.read_vectors(glove_settings(tmp_path), VOCABULARY)
  np.testing.assert_array_equal(initial.mask, [True, False, True])
  np.testing.assert_allclose(initial.vectors, [vectors[2], np.zeros(DIM), vectors[0]], rtol=1e-5)
  assert f"2 of 3 words from {tmp_path}" in capfd.readouterr().out


def test_vectors_of_other_words_or_of_another_size_are_refused(tmp_path):
  save_vectors(tmp_path, ["dog"])
  with pytest.raises(InputError, match="has none of the 3 words, expected vectors of the same"):
    initialization.read_vectors(glove_settings(tmp_path), VOCABULARY)
  with pytest.raises(InputError, match="vectors of dimension 8, expected dim=9"):
    initialization.read_vectors(glove_settings(tmp_path, dim=9), VOCABULARY)


def test_word2vec_starts_from_a_file(tmp_path):
  vectors = save_vectors(tmp_path, ["cat"])
  settings = pretraining.parse({"method": "word2vec", "init": str(tmp_path), "dim": DIM})
  before = word2vec.init_params(jax.random.key(0), 3, DIM)
  after = initialization.initialize_word2vec(before, settings, VOCABULARY)
  np.testing.assert_allclose(after["word"][1], vectors[0], rtol=1e-5)
  np.testing.assert_array_equal(after["word"][[0, 2]], before["word"][np.array([0, 2])])
  assert after["context"] is before["context"]


def test_word2vec_continues_from_the_end_of_a_run_without_checkpoints(tmp_path):
  words = open_corpus(tmp_path, method="word2vec", corpus=str(write_text(tmp_path / "text.txt")))
  settings, corpus = words
  earlier = word2vec.init_params(jax.random.key(5), len(corpus.vocabulary), 6, "ns")
  checkpoint.save(tmp_path / "final", TrainState(np.int32(9), earlier, ()))
  settings = dataclasses.replace(settings, init=str(tmp_path))
  before = word2vec.init_params(jax.random.key(1), len(corpus.vocabulary), 6, "ns")
  after = initialization.initialize_word2vec(before, settings, corpus.vocabulary)
  for name, table in earlier.items():
    np.testing.assert_array_equal(after[name], table)


@pytest.mark.parametrize("loss", ["ns", "hs"])
def test_word2vec_continues_from_a_run_by_word(tmp_path, loss):
  text = write_text(tmp_path / "text.txt", words=10)
  values = {"method": "word2vec", "loss": loss, "epochs": 1, "block_size": 8, "window": 2}
  _, earlier = train(tmp_path / "old", corpus=str(text), **values)
  new = write_text(tmp_path / "new.txt", words=12, seed=1)
  init = {"init": str(tmp_path / "old")}
  settings, corpus = open_corpus(tmp_path / "new", corpus=str(new), **values, **init)
  old_words = vector_files.load(tmp_path / "old").words
  before = word2vec.init_params(jax.random.key(3), 12, settings.dim, loss)
  after = initialization.initialize_word2vec(before, settings, corpus.vocabulary)
  for row, word in enumerate(corpus.vocabulary.words):
    is_old = word in old_words
    expected = earlier["word"][old_words.index(word)] if is_old else before["word"][row]
    np.testing.assert_array_equal(after["word"][row], expected)
  other = "node" if loss == "hs" else "context"
  unchanged = np.array_equal(after[other], before[other])
  assert unchanged == (loss == "hs")  # another vocabulary has another tree


def language_model(method="bert", **values):
  sizes = {"dim": DIM, "layers": 1, "heads": 2, "context_length": 16}
  return pretraining.parse({"method": method, **sizes, **values})


@pytest.mark.parametrize(
  ("values", "message"),
  [
    ({}, ""),
    ({"heads": 4}, "has heads=2, expected .*heads=4"),
    ({"context_length": 32}, "has context_length=16, expected"),
    ({"layers": 2, "feedforward_dim": 16}, "has layers=1, feedforward_dim=32, expected"),
  ],
)
def test_a_language_model_of_other_sizes_is_refused(tmp_path, values, message):
  sizes = bert.CONFIG._replace(
    vocab_size=20, dim=DIM, layers=1, heads=2, feedforward_dim=32, positions=16
  )
  huggingface.save(tmp_path / "model", bert.init(jax.random.key(0), sizes), sizes)
  settings = language_model(init=str(tmp_path), **values)
  if message:
    with pytest.raises(InputError, match=message):
      initialization.load_language_model(settings, bert.CONFIG)
  else:
    assert initialization.load_language_model(settings, bert.CONFIG).config.heads == 2
  with pytest.raises(InputError, match="a BERT, expected a GPT"):
    initialization.load_language_model(settings, gpt2.CONFIG)


def test_without_init_there_is_no_pretrained_model():
  assert initialization.load_language_model(language_model(), bert.CONFIG) is None
  assert initialization.feedforward_dim(language_model()) == 4 * DIM
  assert initialization.feedforward_dim(language_model(feedforward_dim=5)) == 5


@pytest.mark.parametrize("kind", ["wordpiece", "bpe"])
def test_tokens_that_are_words_start_from_their_vectors(tmp_path, kind, capfd):
  vocab_size = 300 if kind == "bpe" else 60
  texts = ["the cat sat the cats sat"] * 9
  tokenizer = subword_tokenizers.train(kind, lambda: texts, vocab_size=vocab_size)
  shape = (tokenizer.get_vocab_size(), DIM)
  table = np.random.default_rng(0).normal(0, 0.02, shape).astype(np.float32)
  before = {"embed": {"token": table}, "layers": {}}
  vectors = save_vectors(tmp_path, ["the", "cat", "dog"])
  loaded = initialization.load_vectors(str(tmp_path), DIM)
  after = initialization.initialize_token_embeddings(before, loaded, "vectors.txt", tokenizer)
  embeddings = after["embed"]["token"]
  changed = np.flatnonzero(np.any(embeddings != table, axis=1))
  prefix = "" if kind == "wordpiece" else "x "  # of BPE a word in a text has a space before it
  ids = [
    tokenizer.encode(prefix + word, add_special_tokens=False).ids[-1] for word in ("the", "cat")
  ]
  assert sorted(ids) == changed.tolist()
  scale = table.std() / vectors[:2].std()
  np.testing.assert_allclose(embeddings[ids], vectors[:2] * scale, rtol=1e-4)
  assert "2 of" in capfd.readouterr().out


def test_vectors_of_another_language_are_refused(tmp_path):
  tokenizer = subword_tokenizers.train("wordpiece", lambda: ["the cat sat"] * 9, vocab_size=60)
  save_vectors(tmp_path, ["dog"])
  loaded = initialization.load_vectors(str(tmp_path), DIM)
  params = {"embed": {"token": np.zeros((60, DIM), np.float32)}}
  with pytest.raises(InputError, match="has none of the tokens"):
    initialization.initialize_token_embeddings(params, loaded, "vectors.txt", tokenizer)


def test_low_coverage_of_the_tokens_stops_a_run(tmp_path):
  save_vectors(tmp_path, ["sat"])
  rare = Vocabulary(("the", "cat", "sat"), np.array([30, 20, 1]))
  with pytest.raises(InputError) as error:
    initialization.read_vectors(glove_settings(tmp_path), rare)
  assert "has 2.0% of the tokens (tokenizer=words), but not 'the', 'cat'" in str(error.value)
  assert "min_coverage=0 to go on" in str(error.value)
  initial = initialization.read_vectors(glove_settings(tmp_path, min_coverage=0), rare)
  np.testing.assert_array_equal(initial.mask, [False, False, True])
