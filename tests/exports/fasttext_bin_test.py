"""A .bin as fastText, gensim and we ourselves read it."""

import exported_vectors
import numpy as np
import pytest

from glove_jax import vector_files
from glove_jax.exports import fasttext_bin, vector_table
from glove_jax.interop import fasttext

TABLE = exported_vectors.table([*exported_vectors.WORDS, "new york", " ", "\u3000"])
OURS = exported_vectors.ours(TABLE)


@pytest.fixture
def path(tmp_path):
  fasttext_bin.write(TABLE, tmp_path / "v.bin")
  return tmp_path / "v.bin"


def test_we_read_the_same_vectors(path):
  back = vector_files.load(path)
  assert back.words == TABLE.words
  np.testing.assert_array_equal(back.vectors, TABLE.vectors)
  assert fasttext.load(path).counts.tolist() == TABLE.counts.tolist()


def test_gensim_reads_the_same_vectors_and_neighbours(path):
  gensim_fasttext = pytest.importorskip("gensim.models.fasttext", reason="needs gensim")
  theirs = gensim_fasttext.load_facebook_vectors(str(path))
  for row, word in enumerate(TABLE.words):
    np.testing.assert_array_equal(theirs[word], TABLE.vectors[row])
  assert exported_vectors.neighbours(theirs, "film") == exported_vectors.neighbours(OURS, "film")


def test_fasttext_reads_the_same_vectors_and_neighbours(path):
  program = pytest.importorskip("fasttext", reason="needs the package fasttext")
  model = program.load_model(str(path))
  assert model.get_words() == TABLE.words
  for row, word in enumerate(TABLE.words):
    np.testing.assert_array_equal(model.get_word_vector(word), TABLE.vectors[row])
  nearest = [word for _, word in model.get_nearest_neighbors("film", k=3)]
  assert nearest == exported_vectors.neighbours(OURS, "film")
  assert not model.get_word_vector("unknown").any()


def test_words_of_unknown_counts_have_count_one(tmp_path):
  fasttext_bin.write(exported_vectors.table(counts=None), tmp_path / "v.bin")
  assert set(fasttext.load(tmp_path / "v.bin").counts.tolist()) == {1}


def test_a_fasttext_model_is_copied_with_its_ngrams(tmp_path):
  args = fasttext.Args(dim=2, bucket=5, minn=3, maxn=3)
  rows = np.arange(14, dtype=np.float32).reshape(7, 2)
  model = fasttext.Model(args, ["ab", "c"], [2, 1], [], [], 3, None, rows, np.ones((2, 2)))
  fasttext.save(model, tmp_path / "model.bin")
  fasttext_bin.write(vector_table.read(tmp_path / "model.bin"), tmp_path / "copy.bin")
  assert (tmp_path / "copy.bin").read_bytes() == (tmp_path / "model.bin").read_bytes()
