"""How pretrained vectors were made is known of workdirs, and of values written to files."""

import json

import pytest

from glove_jax.data.text import tokenization
from glove_jax.data.text.phrases import Phrases


def write_run(folder, **values):
  folder.mkdir()
  (folder / "config.json").write_text(json.dumps({"method": "glove_als", "corpus": "x", **values}))
  return folder


@pytest.mark.parametrize(("values", "expected"), [
  ({"tokenizer": "jieba", "lowercase": None}, ("jieba", False)),
  ({"tokenizer": "words", "lowercase": None}, ("words", True)),
  ({"tokenizer": "words", "lowercase": False}, ("words", False)),
  ({"tokenizer": "characters"}, ("characters", False)),
])
def test_a_workdir_says_how_its_words_were_made(tmp_path, values, expected):
  folder = write_run(tmp_path / "run", **values)
  for source in (folder, folder / "vectors.txt", str(folder / "model.bin")):
    found = tokenization.of_source(source)
    assert (found.tokenizer, found.lowercase, found.phrases_file) == (*expected, "")


def test_the_phrases_of_a_workdir_are_found(tmp_path):
  folder = write_run(tmp_path / "run", tokenizer="words", phrases=1)
  (folder / "phrases.txt").write_text("new york 3.5\n")
  assert tokenization.of_source(folder).phrases_file == str(folder / "phrases.txt")
  assert tokenization.load(folder).phrases == Phrases(({("new", "york"): 3.5},))
  without = write_run(tmp_path / "other", tokenizer="words", phrases=0)
  (without / "phrases.txt").write_text("new york 3.5\n")
  assert tokenization.of_source(without).phrases_file == ""


@pytest.mark.parametrize("config", [
  "{}", "[]", "not JSON", '{"tokenizer": "bpe", "corpus": "x"}',
  '{"tokenizer": ["x"], "corpus": ""}', '{"tokenizer": "words", "train": "x"}',
])
def test_other_folders_and_files_say_nothing(tmp_path, config):
  (tmp_path / "config.json").write_text(config)
  assert tokenization.of_source(tmp_path) is None
  assert tokenization.load(tmp_path / "vectors.txt") is None
  assert tokenization.of_source(tmp_path / "glove.6B.txt") is None
  assert tokenization.of_source("pretrained") is None
  assert tokenization.of_source("") is None


def test_a_record_beside_vectors_keeps_the_phrases(tmp_path):
  vectors_file = tmp_path / "vectors-1.npy"
  saved = tokenization.Tokenization("jieba", False, phrases=Phrases(({("a", "b"): 1.0},)))
  tokenization.save(saved, vectors_file)
  assert tokenization.load(vectors_file) == saved
  plain = tokenization.Tokenization("words", True)
  tokenization.save(plain, tmp_path / "vectors-2.npy")
  assert tokenization.load(tmp_path / "vectors-2.npy") == plain
