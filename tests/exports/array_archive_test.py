"""A .npz as NumPy reads it."""

import exported_vectors
import numpy as np
import pytest

from glove_jax.errors import InputError
from glove_jax.exports import array_archive


def test_numpy_reads_words_vectors_and_counts(tmp_path, monkeypatch):
  monkeypatch.setattr(array_archive, "_ROWS_PER_BLOCK", 5)
  words = [word for word in exported_vectors.ODD_WORDS if not word.endswith("\0")]
  table = exported_vectors.table([*words, *exported_vectors.WORDS])
  array_archive.write(table, tmp_path / "v.npz")
  with np.load(tmp_path / "v.npz", allow_pickle=False) as arrays:
    assert set(arrays) == {"words", "vectors", "counts"}
    assert arrays["words"].tolist() == table.words
    np.testing.assert_array_equal(arrays["vectors"], table.vectors)
    np.testing.assert_array_equal(arrays["counts"], table.counts)


def test_without_counts_there_is_no_array_of_them(tmp_path):
  array_archive.write(exported_vectors.table(counts=None), tmp_path / "v.npz")
  with np.load(tmp_path / "v.npz") as arrays:
    assert "counts" not in arrays


def test_one_long_word_does_not_fill_the_disk(tmp_path):
  with pytest.raises(InputError, match="has 300 characters"):
    array_archive.write(exported_vectors.table(["a", "b" * 300]), tmp_path / "v.npz")
  assert not list(tmp_path.iterdir())
