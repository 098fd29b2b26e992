"""A pipeline as `spacy.load` opens it."""

import exported_vectors
import numpy as np
import pytest

from glove_jax.data.text.tokenization import Tokenization
from glove_jax.errors import InputError
from glove_jax.exports import spacy_pipeline

WORDS = [*exported_vectors.WORDS, *filter(None, exported_vectors.ODD_WORDS)]


@pytest.fixture
def spacy():
  return pytest.importorskip("spacy", reason="needs spacy")


@pytest.mark.slow
def test_words_have_the_same_vectors_and_neighbours(spacy, tmp_path):
  table = exported_vectors.table(WORDS, tokenization=Tokenization("words", True))
  spacy_pipeline.write(table, tmp_path)
  nlp = spacy.load(tmp_path)
  for row, word in enumerate(WORDS):
    np.testing.assert_array_equal(nlp.vocab.vectors[nlp.vocab.strings[word]], table.vectors[row])
  film = np.atleast_2d(nlp.vocab["film"].vector)
  keys, _, scores = nlp.vocab.vectors.most_similar(film, n=4)
  ours = exported_vectors.ours(table).most_similar("film", topn=3)
  assert [nlp.vocab.strings[key] for key in keys[0][1:]] == [word for word, _ in ours]
  np.testing.assert_allclose(scores[0][1:], [cosine for _, cosine in ours], atol=1e-3)


@pytest.mark.slow
@pytest.mark.parametrize("lowercase", [True, False])
def test_tokens_are_looked_up_in_the_case_of_the_run(spacy, tmp_path, lowercase):
  table = exported_vectors.table(tokenization=Tokenization("words", lowercase))
  spacy_pipeline.write(table, tmp_path)
  tokens = spacy.load(tmp_path)("The film don't unknown")
  assert [token.text for token in tokens] == ["The", "film", "don't", "unknown"]
  assert [token.has_vector for token in tokens] == [lowercase, True, True, False]
  np.testing.assert_array_equal(tokens[1].vector, table.vectors[3])


@pytest.mark.slow
def test_chinese_is_segmented_by_jieba(spacy, tmp_path):
  pytest.importorskip("jieba", reason="needs jieba")
  tokenization = Tokenization("jieba", False)
  table = exported_vectors.table(["我们", "喜欢", "软件"], tokenization=tokenization)
  spacy_pipeline.write(table, tmp_path)
  tokens = spacy.load(tmp_path)("我们喜欢软件")
  np.testing.assert_array_equal([token.vector for token in tokens], table.vectors)


@pytest.mark.slow
def test_spacy_init_vectors_takes_word2vec_text(spacy, tmp_path):
  from spacy.training.initialize import convert_vectors

  from glove_jax import exports

  table = exported_vectors.table()
  exports.write(table, tmp_path / "v.txt", to="word2vec")
  nlp = spacy.blank("xx")
  convert_vectors(nlp, tmp_path / "v.txt", truncate=0, prune=-1)
  for row, word in enumerate(table.words):
    np.testing.assert_array_equal(nlp.vocab[word].vector, table.vectors[row])


@pytest.mark.parametrize(
  ("tokenizer", "words", "expected"),
  [
    ("words", ["the"], "by spaCy's tokenizer `xx`"),
    ("jieba", ["the"], "by jieba"),
    ("characters", ["的"], "into characters"),
    (None, ["的", "我们"], "by jieba"),
    (None, ["the"], "by spaCy's tokenizer `xx`"),
  ],
)
def test_the_language_is_that_of_the_words(tokenizer, words, expected):
  tokenization = Tokenization(tokenizer, False) if tokenizer else None
  table = exported_vectors.table(words, tokenization=tokenization)
  assert expected in spacy_pipeline.describe(table)


def test_without_spacy_one_line_says_what_to_do(monkeypatch, tmp_path):
  monkeypatch.setitem(__import__("sys").modules, "spacy", None)
  with pytest.raises(InputError, match="needs spaCy: .* -m pip install spacy"):
    spacy_pipeline.write(exported_vectors.table(), tmp_path)
