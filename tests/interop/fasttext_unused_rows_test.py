"""Rows of n-grams that no word uses, which Facebook's program may leave uninitialized."""

import dataclasses
import struct

import numpy as np
import pytest
from fasttext_files import error

from glove_jax import vector_files
from glove_jax.data import ngrams
from glove_jax.interop import fasttext


def unused_bucket_rows(model) -> list[int]:
  _, buckets = ngrams.table(model.words, model.args.minn, model.args.maxn, model.args.bucket)
  num_words = len(model.words)
  rows = range(num_words, num_words + model.args.bucket)
  return [row for row in rows if row - num_words not in set(buckets.tolist())]


@pytest.mark.parametrize("kind", ["skipgram", "supervised"])
@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf])
def test_rows_that_no_word_uses_may_hold_anything(tiny, tmp_path, kind, value):
  model = tiny(kind, bucket=60)
  rows = unused_bucket_rows(model)
  damaged = model.input.copy()
  damaged[rows[:2], 1] = value
  expected = model.input.copy()
  expected[rows[:2]] = 0
  path = tmp_path / "m.bin"
  fasttext.save(dataclasses.replace(model, input=damaged), path)
  loaded = fasttext.load(path)
  np.testing.assert_array_equal(loaded.input, expected)
  note = (
    f"{path}: 2 rows of n-grams hold a nan or inf; no word of the model uses them, zeros taken."
  )
  assert loaded.notes == (note,)
  vectors = vector_files.load(path)
  assert vectors.notes == (note,)
  np.testing.assert_array_equal(vectors.vectors, fasttext.word_vectors(model).vectors)


def test_rows_that_a_word_uses_must_be_finite(tiny, tmp_path):
  model = tiny("skipgram", bucket=60)
  unused = unused_bucket_rows(model)
  for row in range(len(model.words) + 60):
    damaged = model.input.copy()
    damaged[[row, unused[0]], 0] = np.nan
    fasttext.save(dataclasses.replace(model, input=damaged), tmp_path / "m.bin")
    if row in unused:
      assert fasttext.load(tmp_path / "m.bin").notes
    else:
      assert f"row {row} of the input has a nan or inf, expected none" in error(tmp_path / "m.bin")


def test_output_rows_must_be_finite(tiny, tmp_path):
  model = tiny("skipgram")
  output = model.output.copy()
  output[2, 3] = np.inf
  fasttext.save(dataclasses.replace(model, output=output), tmp_path / "m.bin")
  assert "row 2 of the output has a nan or inf" in error(tmp_path / "m.bin")


def test_facebooks_program_gives_the_same_vectors_of_such_a_model(tmp_path):
  theirs = pytest.importorskip("fasttext")
  (tmp_path / "t.txt").write_text("the quick brown fox jumps over the lazy dog\n" * 20)
  model = theirs.train_unsupervised(
    str(tmp_path / "t.txt"), dim=4, minCount=1, bucket=500, epoch=1, thread=12, verbose=0
  )
  path = tmp_path / "m.bin"
  model.save_model(str(path))
  used = {row for word in model.words for row in model.get_subwords(word)[1].tolist()}
  unused = next(row for row in range(len(model.words), 500) if row not in used)
  data = bytearray(path.read_bytes())
  start = data.find(model.get_input_matrix().tobytes()) + 4 * 4 * unused
  data[start : start + 4] = struct.pack("<f", np.nan)
  path.write_bytes(data)
  theirs_again = theirs.load_model(str(path))
  vectors = vector_files.load(path)
  for word in theirs_again.words:
    expected = theirs_again.get_word_vector(word)
    np.testing.assert_allclose(vectors[word], expected, rtol=1e-5, atol=1e-6)
