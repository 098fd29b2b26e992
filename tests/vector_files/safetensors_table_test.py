"""Word vectors in safetensors: written and read again, static models' folders, damaged files."""

import json
import shutil

import numpy as np
import pytest
from safetensors.numpy import load_file, save_file
from small_vector_files import SMALL, error, expect_small, write

import glove_jax
from glove_jax import api, vector_files
from glove_jax.word_vectors import WordVectors

MATRIX = np.float32([[0.5, -1, 2e-3], [1, 2, 3]])


def small_file(folder, *, words=None, name="v.safetensors", **tensors):
  """Writes tensors, by default the matrix of SMALL."""
  metadata = None if words is None else {"words": words}
  save_file(tensors or {"embeddings": MATRIX}, folder / name, metadata)
  return folder / name


def static_model(folder, model, *, added=(), pre_tokenizer=None, **tensors):
  """Writes the folder of a static model of model2vec."""
  small_file(folder, name="model.safetensors", **tensors)
  (folder / "config.json").write_text('{"model_type": "model2vec"}')
  tokenizer = {"model": model, "added_tokens": list(added), "pre_tokenizer": pre_tokenizer}
  (folder / "tokenizer.json").write_text(json.dumps(tokenizer))
  return folder


def test_bits_and_words_come_back(tmp_path):
  words = ["the", 'a "b"\\', "New York", "中\n", "\x00", ""]
  matrix = np.random.default_rng(0).normal(size=(6, 3)).astype(np.float32)
  path = tmp_path / "v.safetensors"
  WordVectors(words, matrix).save(path, "safetensors")
  np.testing.assert_array_equal(load_file(path)["embeddings"], matrix)
  vectors = vector_files.load(path)
  assert vectors.words == words
  np.testing.assert_array_equal(vectors.vectors, matrix)
  assert vector_files.load(path, limit=2).words == words[:2]


@pytest.mark.parametrize("dtype", [np.float16, np.float64, np.int8])
def test_words_may_lie_beside_the_file(tmp_path, dtype):
  matrix = np.asarray([[1, -2], [3, 4]], dtype)
  path = small_file(tmp_path, vectors=matrix, other=np.ones(3))
  write(tmp_path, b"the\ncat\n", "v.words.txt")
  vectors = vector_files.load(path)
  assert vectors.words == ["the", "cat"]
  np.testing.assert_array_equal(vectors.vectors, [[1, -2], [3, 4]])


def test_wordpieces_are_the_tokens_that_are_words(tmp_path):
  vocab = {"[PAD]": 0, "[UNK]": 1, "the": 2, "##ing": 3, "cat": 4}
  rows = np.float32([[9, 9, 9], [8, 8, 8], MATRIX[0], [7, 7, 7], MATRIX[1]])
  added = [{"id": 0, "content": "[PAD]", "special": True}]
  model = {"type": "WordPiece", "unk_token": "[UNK]", "vocab": vocab}
  folder = static_model(tmp_path, model, added=added, embeddings=rows)
  expect_small(vector_files.load(folder))
  assert vector_files.load(folder, limit=1).words == ["the"]
  assert vector_files.composer(folder) is None
  expect_small(api.load(folder))


def test_words_of_a_unigram_model_begin_with_a_space(tmp_path):
  vocab = [["<unk>", 0.0], ["▁the", -1.0], ["ing", -2.0], ["▁cat", -3.0]]
  rows = np.float32([[9, 9, 9], MATRIX[0], [7, 7, 7], MATRIX[1]])
  steps = {"type": "Sequence", "pretokenizers": [{"type": "Metaspace"}]}
  model = {"type": "Unigram", "unk_id": 0, "vocab": vocab}
  expect_small(vector_files.load(static_model(tmp_path, model, pre_tokenizer=steps,
                                              embeddings=rows)))


def test_shared_rows_and_weights_of_tokens(tmp_path):
  model = {"type": "BPE", "vocab": {"a": 0, "b": 1, "c": 2}}
  folder = static_model(
    tmp_path, model, embeddings=np.float32([[1, 2], [3, 4]]), mapping=np.int64([1, 0, 1]),
    weights=np.float32([1, 10, 2]),
  )
  vectors = vector_files.load(folder)
  assert vectors.words == ["a", "b", "c"]
  np.testing.assert_array_equal(vectors.vectors, [[3, 4], [10, 20], [6, 8]])


def test_static_embedding_of_sentence_transformers(tmp_path):
  (tmp_path / "0_StaticEmbedding").mkdir()
  module = {"path": "0_StaticEmbedding", "type": "sentence_transformers.models.StaticEmbedding"}
  (tmp_path / "modules.json").write_text(json.dumps([module]))
  model = {"type": "WordLevel", "vocab": {"the": 0, "cat": 1}}
  static_model(tmp_path / "0_StaticEmbedding", model, **{"embedding.weight": MATRIX})
  expect_small(vector_files.load(tmp_path))
  (tmp_path / "modules.json").write_text(json.dumps([{**module, "path": "../other"}]))
  assert "path is '../other', expected a folder beside it" in error(tmp_path)


@pytest.mark.parametrize("words", [["the", "cat"], ["我们", "喜欢"]])
def test_exports_are_read_again(tmp_path, words):
  vectors = WordVectors(words, MATRIX)
  glove_jax.export(vectors, tmp_path / "static", to="model2vec")
  again = vector_files.load(tmp_path / "static")
  assert again.words == words
  np.testing.assert_array_equal(again.vectors, MATRIX)


def test_model2vec_has_the_same_rows(tmp_path):
  model2vec = pytest.importorskip("model2vec", reason="needs model2vec")
  glove_jax.export(WordVectors(["the", "cat"], MATRIX), tmp_path / "ours", to="model2vec")
  model = model2vec.StaticModel.from_pretrained(tmp_path / "ours")
  shutil.rmtree(tmp_path / "ours")
  model.save_pretrained(str(tmp_path / "theirs"))
  expect_small(vector_files.load(tmp_path / "theirs"))


@pytest.mark.parametrize(
  ("words", "tensors", "message"),
  [
    (None, {}, "vectors without words, expected a JSON list of them in the metadata"),
    ('["the"]', {}, "2 vectors and 1 words, expected as many"),
    ('["the", 1]', {}, "no JSON list of strings"),
    ("[" * 100_000, {}, "no JSON list of strings"),
    ('["the", "cat"]', {"a": MATRIX, "b": MATRIX}, "expected one matrix, or embeddings"),
    ('["the", "cat"]', {"a": MATRIX.astype(np.int32)}, "of I32, expected [words, D]"),
    ('["the", "cat"]', {"a": MATRIX * np.inf}, "found inf in the vector of 'the'"),
    ('["the", "cat"]', {"embeddings": MATRIX, "mapping": np.int64([0, 2])}, "mapping is damaged"),
    ('["the", "cat"]', {"embeddings": MATRIX, "weights": np.ones(3)}, "weights are [3]"),
  ],
)
def test_foreign_contents_are_one_line(tmp_path, words, tensors, message):
  assert message in error(small_file(tmp_path, words=words, **tensors))


@pytest.mark.parametrize(
  ("tokenizer", "message"),
  [
    ({}, "found no model"),
    ({"model": {"vocab": 5}}, "found no vocab"),
    ({"model": {"vocab": {"a": 10**30}}}, "there are 2 vectors"),
    ({"model": {"vocab": {"a": "1"}}}, "found the token 'a': '1', expected its number"),
    ({"model": {"vocab": [["a", 0], 5]}}, "found the token"),
    ({"model": {"vocab": {"a": 0}}, "added_tokens": [{"id": -1}]}, "found the added token"),
    ({"model": {"vocab": {}}}, "holds no words"),
  ],
)
def test_damaged_vocabularies_are_one_line(tmp_path, tokenizer, message):
  folder = static_model(tmp_path, {"vocab": {}})
  (folder / "tokenizer.json").write_text(json.dumps(tokenizer))
  assert message in error(folder)


def test_damaged_headers_are_one_line(tmp_path):
  data = small_file(tmp_path, words='["the", "cat"]').read_bytes()
  for end in (9, 20, len(data) - 1):
    assert error(write(tmp_path, data[:end], "cut.safetensors")).startswith("FILE: ")
  huge = (10**9).to_bytes(8, "little") + data[8:]
  assert "a header of 1,000,000,000 bytes" in error(write(tmp_path, huge, "huge.safetensors"))
  assert error(write(tmp_path, data.replace(b"F32", b"X32"), "x.safetensors")).startswith("FILE: ")
  write(tmp_path, SMALL, "v.txt")
  expect_small(vector_files.load(tmp_path / "v.txt"))
