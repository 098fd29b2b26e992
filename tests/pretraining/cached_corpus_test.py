"""The corpus of word-vector methods: counted once, read again only where need be."""

import json

import numpy as np
import pytest
from small_corpus import open_corpus, write_text

from glove_jax.data.text import corpus as corpus_files
from glove_jax.data.text import fingerprints
from glove_jax.errors import InputError
from glove_jax.pretraining import cached_corpus


def ignore(done, total):
  pass


def ids_of(corpus):
  return np.concatenate(list(cached_corpus.token_ids(corpus, ignore)))


@pytest.fixture
def path(tmp_path):
  return write_text(tmp_path / "text.txt")


def test_the_vocabulary_is_counted_once(path, tmp_path, capfd):
  _, first = open_corpus(tmp_path / "run", corpus=str(path))
  assert first.tokens is not None
  assert capfd.readouterr().out.startswith("vocabulary 30 words, 800 tokens of")
  record = json.loads((tmp_path / "run" / "corpus.json").read_text())
  assert record["files"] == [str(path)]
  assert record["fingerprint"] == fingerprints.of_files([path])
  assert list(record["made"]) == ["vocab.txt"]
  _, again = open_corpus(tmp_path / "run", corpus=str(path))
  assert again.tokens is None
  assert again.vocabulary.words == first.vocabulary.words
  np.testing.assert_array_equal(again.vocabulary.counts, first.vocabulary.counts)


def test_ids_are_the_same_whether_the_text_is_at_hand_or_not(path, tmp_path):
  _, first = open_corpus(tmp_path / "run", corpus=str(path))
  _, again = open_corpus(tmp_path / "run", corpus=str(path))
  ids = ids_of(first)
  np.testing.assert_array_equal(ids, ids_of(again))
  assert np.sum(ids == corpus_files.BREAK) == 40
  assert np.sum(ids >= 0) == 800


def test_phrases_are_joined_also_when_the_text_is_read_again(tmp_path):
  path = tmp_path / "text.txt"
  path.write_text("new york is big\nnew york is old\nold is big\n" * 20)
  values = {"corpus": str(path), "phrases": 1, "phrase_threshold": 1.0, "phrase_min_count": 1}
  _, first = open_corpus(tmp_path / "run", **values)
  assert "new_york" in first.vocabulary.index
  assert "new york" in (tmp_path / "run" / "phrases.txt").read_text()
  _, again = open_corpus(tmp_path / "run", **values)
  np.testing.assert_array_equal(ids_of(first), ids_of(again))


def test_a_vocabulary_of_a_file_spares_the_reading(path, tmp_path):
  (tmp_path / "vocab.txt").write_text("w1 9\nw0 3\n")
  _, corpus = open_corpus(tmp_path / "run", corpus=str(path), vocab=str(tmp_path / "vocab.txt"))
  assert corpus.tokens is None
  assert corpus.vocabulary.words == ("w1", "w0")
  assert set(ids_of(corpus)) == {corpus_files.BREAK, 0, 1}


def test_a_vocabulary_grows_with_the_words_of_an_earlier_run(path, tmp_path):
  open_corpus(tmp_path / "old", corpus=str(path))
  new = tmp_path / "new.txt"
  new.write_text("w0 new\n")
  values = {"method": "word2vec", "corpus": str(new), "grow": True}
  _, corpus = open_corpus(tmp_path / "run", **values, init=str(tmp_path / "old"))
  assert len(corpus.vocabulary) == 31 and "new" in corpus.vocabulary.index
  with pytest.raises(InputError, match="grow needs the run in init='/nowhere'"):
    open_corpus(tmp_path / "other", **values, init="/nowhere")


def test_a_text_that_changed_is_noticed(path, tmp_path):
  open_corpus(tmp_path / "run", corpus=str(path))
  write_text(path, seed=1)
  with pytest.raises(InputError, match="the text has changed since the run in .* began"):
    open_corpus(tmp_path / "run", corpus=str(path))


def test_the_text_is_deleted_when_its_ids_are_not_needed_any_more(path, tmp_path):
  _, corpus = open_corpus(tmp_path / "run", corpus=str(path))
  cached_corpus.release_tokens(corpus)
  assert corpus.tokens.file.closed
  cached_corpus.release_tokens(open_corpus(tmp_path / "run", corpus=str(path))[1])


def test_a_key_tells_what_files_were_made_of(path, tmp_path):
  def key(*keys, **values):
    settings, corpus = open_corpus(tmp_path / "run", corpus=str(path), **values)
    return cached_corpus.cache_key(settings, corpus, *keys)

  assert key("window") == key("window", dim=9)
  assert len({key(), key(lowercase=False), key("window"), key("window", window=3)}) == 4


def test_a_corpus_is_named_by_its_files(path, tmp_path):
  assert str(open_corpus(tmp_path / "run", corpus=str(path))[1]) == str(path)


def test_the_phrases_of_the_run_in_init_are_joined(tmp_path, capfd):
  path = tmp_path / "text.txt"
  path.write_text("new york is big\nnew york is old\nold is big\n" * 20)
  scoring = {"phrases": 1, "phrase_threshold": 1.0, "phrase_min_count": 1}
  open_corpus(tmp_path / "first", corpus=str(path), **scoring)
  (tmp_path / "first" / "config.json").write_text(
    json.dumps({"corpus": "x", "tokenizer": "words", "phrases": 1}))
  other = tmp_path / "other.txt"
  other.write_text("new york at night\n" * 5)
  values = {"corpus": str(other), "init": str(tmp_path / "first"), "min_count": 1}
  _, joined = open_corpus(tmp_path / "second", method="word2vec", **values)
  assert "new_york" in joined.vocabulary.index and "york" not in joined.vocabulary.index
  pairs = (tmp_path / "first" / "phrases.txt").read_bytes()
  assert (tmp_path / "second" / "phrases.txt").read_bytes() == pairs
  _, again = open_corpus(tmp_path / "second", method="word2vec", **values)
  np.testing.assert_array_equal(ids_of(joined), ids_of(again))
  _, plain = open_corpus(tmp_path / "third", method="word2vec", phrases=0, **values)
  assert "york" in plain.vocabulary.index


def test_a_text_without_spaces_between_words_is_reported(tmp_path, capfd):
  path = tmp_path / "text.txt"
  path.write_text("满纸荒唐言，一把辛酸泪。都云作者痴，谁解其中味？\n" * 10)
  open_corpus(tmp_path / "words", corpus=str(path), min_count=1)
  assert "try --config.tokenizer=jieba or characters" in capfd.readouterr().out
  open_corpus(tmp_path / "characters", corpus=str(path), tokenizer="characters")
  assert "try --config.tokenizer" not in capfd.readouterr().out
