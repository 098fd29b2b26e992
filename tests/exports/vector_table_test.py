"""What is known of vectors by where they come from."""

import exported_vectors
import numpy as np

from glove_jax.data.text.tokenization import Tokenization
from glove_jax.exports import vector_table
from glove_jax.word_vectors import WordVectors


def test_a_run_has_counts_and_a_tokenizer(tmp_path):
  folder = exported_vectors.write_run(tmp_path / "run")
  for source in (folder, folder / "vectors.txt"):
    table = vector_table.read(source)
    assert table.words == exported_vectors.WORDS
    assert table.counts.tolist() == list(range(len(table.words), 0, -1))
    assert table.tokenization == Tokenization("words", True)
    assert table.workdir == folder
  assert vector_table.read(folder, limit=3).counts.tolist() == [12, 11, 10]


def test_counts_of_other_words_are_not_taken(tmp_path):
  folder = exported_vectors.write_run(tmp_path / "run")
  WordVectors(["other"], np.ones((1, 2))).save(folder / "vectors.txt")
  assert vector_table.read(folder).counts is None


def test_a_value_and_a_file_have_no_run(tmp_path):
  vectors = WordVectors(["a", "b"], np.eye(2), tokenization=Tokenization("jieba", False))
  table = vector_table.read(vectors, limit=1)
  assert (table.words, table.counts, table.workdir) == (["a"], None, None)
  assert table.tokenization.tokenizer == "jieba"
  vectors.save(tmp_path / "v.txt")
  assert vector_table.read(tmp_path / "v.txt").tokenization is None


def test_rows_are_selected_with_their_counts():
  table = exported_vectors.table()
  is_kept = np.zeros(len(table.words), bool)
  is_kept[[1, 3]] = True
  kept = vector_table.select(table, is_kept)
  assert kept.words == [".", "film"] and kept.counts.tolist() == [11, 9]
  np.testing.assert_array_equal(kept.vectors, table.vectors[[1, 3]])
