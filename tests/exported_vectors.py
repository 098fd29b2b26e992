"""Word vectors for the tests of exports, and how a library's neighbours are compared with ours."""

import json

import numpy as np

from glove_jax.data.text import vocab
from glove_jax.exports import VectorTable
from glove_jax.word_vectors import WordVectors

WORDS = ["the", ".", ",", "film", "don't", "naïve", "case", "汉字", "ﬁ", "x", "__label__a", "#1"]
# Which some formats cannot hold.
ODD_WORDS = [
  "", " ", "new york", "a\tb", "a\rb", "a\0b", "c\0", "'\"", "\u3000", "\ufeff", "▁", "NULL",
]


def matrix(num_words, dim=6, seed=0):
  rng = np.random.default_rng(seed)
  return rng.normal(size=(num_words, dim)).astype(np.float32)


def table(words=WORDS, **fields):
  fields.setdefault("counts", np.arange(len(words), 0, -1, np.int64))
  return VectorTable(list(words), matrix(len(words)), **fields)


def neighbours(vectors, word, topn=3):
  return [name for name, _ in vectors.most_similar(word, topn=topn)]


def ours(table):
  return WordVectors(table.words, table.vectors)


def write_run(folder, words=WORDS, **settings):
  """Writes what export reads of a run."""
  values = {"method": "glove", "corpus": "wiki.txt", "tokenizer": "words", "lowercase": True}
  folder.mkdir(parents=True, exist_ok=True)
  (folder / "config.json").write_text(json.dumps(values | settings))
  vocab.save(
    vocab.Vocabulary(tuple(words), np.arange(len(words), 0, -1)), folder / "vocab.txt")
  WordVectors(list(words), matrix(len(words))).save(folder / "vectors.txt")
  (folder / "corpus.json").write_text('{"files": ["wiki.txt"], "fingerprint": "0123abcd"}')
  (folder / "metrics.jsonl").write_text('{"step": 7, "loss": 0.25}\n')
  return folder
