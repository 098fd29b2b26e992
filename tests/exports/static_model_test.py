"""A static model as sentence-transformers and model2vec open it."""

import exported_vectors
import numpy as np
import pytest
from safetensors.numpy import load_file

from glove_jax.data.text.tokenization import Tokenization
from glove_jax.exports import static_model
from glove_jax.interop import safetensors_matrix

TABLE = exported_vectors.table(tokenization=Tokenization("words", True))
CHINESE = exported_vectors.table(
  ["我们", "喜欢", "开源", "软件"], tokenization=Tokenization("jieba", False))
TEXTS = ["film", "The film, the CASE!", "don't unknown x", "unknown", ""]
KNOWN = [["film"], ["the", "film", "the", "case"], ["don't", "x"], [], []]


def expected_means(table, known):
  ours = exported_vectors.ours(table)
  means = [ours[words].mean(0) if words else np.zeros(table.dim) for words in known]
  return np.stack(means)


@pytest.fixture(params=["English", "Chinese"])
def table(request):
  return TABLE if request.param == "English" else CHINESE


def test_rows_are_the_vectors(tmp_path, table, monkeypatch):
  monkeypatch.setattr(safetensors_matrix, "_ROWS_PER_BLOCK", 5)
  static_model.write(table, tmp_path)
  tensors = load_file(tmp_path / "model.safetensors")
  np.testing.assert_array_equal(tensors["embeddings"][: len(table.words)], table.vectors)
  if table is CHINESE:
    assert len(tensors["embeddings"]) == 5 and not tensors["embeddings"][-1].any()
  assert {path.name for path in tmp_path.iterdir()} == {
    "model.safetensors", "tokenizer.json", "config.json", "modules.json"}


def test_model2vec_gives_the_means_of_known_words(tmp_path):
  model2vec = pytest.importorskip("model2vec", reason="needs model2vec")
  static_model.write(TABLE, tmp_path)
  model = model2vec.StaticModel.from_pretrained(tmp_path)
  np.testing.assert_array_equal(model.embedding, TABLE.vectors)
  np.testing.assert_allclose(model.encode(TEXTS), expected_means(TABLE, KNOWN), atol=1e-6)
  long_text = "the " * 2000 + "film"
  ours = (2000 * TABLE.vectors[0] + TABLE.vectors[3]) / 2001
  np.testing.assert_allclose(model.encode([long_text])[0], ours, atol=1e-4)


def test_model2vec_drops_unknown_characters_of_chinese(tmp_path):
  model2vec = pytest.importorskip("model2vec", reason="needs model2vec")
  static_model.write(CHINESE, tmp_path)
  model = model2vec.StaticModel.from_pretrained(tmp_path)
  texts = ["我们喜欢开源软件。", "用软件", "用"]
  known = [["我们", "喜欢", "开源", "软件"], ["软件"], []]
  np.testing.assert_allclose(model.encode(texts), expected_means(CHINESE, known), atol=1e-6)


@pytest.mark.slow
def test_sentence_transformers_gives_the_means_of_known_words(tmp_path):
  library = pytest.importorskip("sentence_transformers", reason="needs sentence-transformers")
  static_model.write(TABLE, tmp_path)
  model = library.SentenceTransformer(str(tmp_path), device="cpu")
  np.testing.assert_allclose(model.encode(TEXTS), expected_means(TABLE, KNOWN), atol=1e-6)
  queries = model.encode(["film"])
  scores = model.similarity(queries, model.encode(TABLE.words[3:]))[0].numpy()
  ours = exported_vectors.ours(TABLE)
  for word, score in zip(TABLE.words[3:], scores, strict=True):
    if model.encode([word]).any():  # a word of signs is no word of a text
      assert score == pytest.approx(ours.similarity("film", word), abs=1e-5)


@pytest.mark.slow
def test_sentence_transformers_points_where_model2vec_does_in_chinese(tmp_path):
  library = pytest.importorskip("sentence_transformers", reason="needs sentence-transformers")
  static_model.write(CHINESE, tmp_path)
  model = library.SentenceTransformer(str(tmp_path), device="cpu")
  known, = model.encode(["我们喜欢开源软件。"])
  np.testing.assert_allclose(known, CHINESE.vectors.mean(0), atol=1e-6)
  mixed, = model.encode(["用软件"])  # unknown characters count as zeros in the mean
  np.testing.assert_allclose(mixed, CHINESE.vectors[3] / 2, atol=1e-6)
