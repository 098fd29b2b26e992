import numpy as np

from glove_jax import vector_files
from glove_jax.pretraining import export
from glove_jax.word_vectors import WordVectors


def test_vectors_are_written_reported_and_returned(tmp_path, capfd):
  vectors = WordVectors(["a", "b"], np.eye(2, 3, dtype=np.float32))
  assert export.save_vectors(vectors, tmp_path) is vectors
  np.testing.assert_array_equal(vector_files.load(tmp_path / "vectors.txt").vectors, np.eye(2, 3))
  assert capfd.readouterr().out == f"vectors    2 words x 3: {tmp_path / 'vectors.txt'}\n"


def test_words_with_zero_vectors_are_named(tmp_path, capfd):
  words = ["a", "b", "c", "d", "e\x1b"]
  export.save_vectors(WordVectors(words, np.eye(5, 3, -4, dtype=np.float32)), tmp_path)
  assert capfd.readouterr().out.splitlines()[0] == (
    "zeros      4 words have zero vectors, without a context to learn from: 'a', 'b', 'c', …"
  )
  export.save_vectors(WordVectors(words[-2:], np.eye(2, 3, -1, dtype=np.float32)), tmp_path)
  assert "zeros      1 word has a zero vector, without a context" in capfd.readouterr().out
