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
  words = ["a", "b", "c\x1b"]
  export.save_vectors(WordVectors(words, np.eye(3, 2, -2, dtype=np.float32)), tmp_path)
  assert capfd.readouterr().out.splitlines()[0] == (
    "zeros      2 of 3 words have all-zero vectors: 'a', 'b'; the text has no context of theirs to"
    " learn from"
  )
