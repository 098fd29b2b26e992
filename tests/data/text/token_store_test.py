import gzip

import numpy as np
import pytest

from glove_jax.data.text import corpus, token_store, vocab, word_tokenizers
from glove_jax.errors import InputError

TEXT = "The cat sat on the mat.\n\n\nThe dog, the dog!\nrare\n\ncat\n" * 40
TEXT += "last line without an end"


@pytest.fixture
def paths(tmp_path):
  (tmp_path / "one.txt").write_text(TEXT, encoding="utf-8")
  (tmp_path / "two.gz").write_bytes(gzip.compress("the mat\n汉字 的\n".encode()))
  return [tmp_path / "one.txt", tmp_path / "two.gz"]


@pytest.mark.parametrize("name", ["words", "whitespace", "characters"])
@pytest.mark.parametrize("min_count", [1, 2, 50])
def test_counts_and_ids_equal_those_of_reading_the_files_twice(tmp_path, paths, name, min_count):
  tokenizer = word_tokenizers.make(name)
  text = token_store.read(paths, tokenizer, tmp_path)
  counter = vocab.count(paths, tokenizer)
  assert token_store.word_counts(text) == counter
  words = vocab.build(counter, min_count=min_count)
  expected = np.concatenate(list(corpus.encode(paths, words.index, tokenizer)))
  ids = np.concatenate(list(token_store.encode(text, words.index)))
  np.testing.assert_array_equal(ids, expected)


def test_reports_progress(tmp_path, paths):
  reports = []
  def progress(done, total):
    reports.append((done, total))
  text = token_store.read(paths, word_tokenizers.make("words"), tmp_path, progress=progress)
  size = sum(path.stat().st_size for path in paths)
  assert reports[-1] == (size, size)
  list(token_store.encode(text, {"the": 0}, progress=progress))
  stored_size = 4 * text.counts.sum()
  assert reports[-1] == (stored_size, stored_size)


def test_an_empty_text_and_an_unwritable_folder_are_errors(tmp_path):
  (tmp_path / "empty.txt").write_text("\n\n")
  with pytest.raises(InputError, match="empty.txt: no words, expected a text"):
    token_store.read([tmp_path / "empty.txt"], word_tokenizers.make("words"), tmp_path)
  with pytest.raises(InputError, match="cannot write the tokenized text"):
    token_store.read([tmp_path / "empty.txt"], word_tokenizers.make("words"), tmp_path / "nowhere")
