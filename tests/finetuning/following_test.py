"""Fine-tuning splits its texts as the run in `init` did, unless the user says otherwise."""

import json

import numpy as np
import pytest

from glove_jax.data.text import tokenization
from glove_jax.errors import InputError
from glove_jax.finetuning import preprocessing, settings, word_lookup

TEXTS = ["New York is GREAT,really", "the new york film"]


@pytest.fixture
def run(tmp_path):
  """The folder of a pretraining run."""
  def make(words="new york great", **values):
    folder = tmp_path / "run"
    folder.mkdir(exist_ok=True)
    values = {"method": "glove_als", "corpus": "x", **values}
    (folder / "config.json").write_text(json.dumps(values))
    (folder / "vectors.txt").write_text("".join(f"{word} 1 2\n" for word in words.split()))
    return folder
  return make


def parse(**values):
  return settings.parse({"method": "cnn", "train": "TRAIN", **values})


def words(chosen):
  return preprocessing.words_of_texts(chosen, TEXTS[:1])[0]


def test_the_tokenizer_and_the_case_are_those_of_init(run):
  init = str(run(tokenizer="unicode", lowercase=False))
  assert words(parse(init=init)) == ["New", "York", "is", "GREAT", "really"]
  assert parse(init=init) == parse(init=init, tokenizer="unicode", lowercase=False, phrases="")
  assert words(parse(init=init, tokenizer="whitespace")) == ["New", "York", "is", "GREAT,really"]
  assert words(parse(init=init, lowercase=True)) == ["new", "york", "is", "great", "really"]
  assert words(parse()) == ["new", "york", "is", "great,really"]
  tagger = settings.parse({"method": "tagger", "train": "x", "init": init})
  assert tagger.lowercase is False
  assert tagger.tokenizer == settings.TagSettings(train="x").tokenizer


def test_the_phrases_are_those_of_init_and_stay_with_the_run(run, tmp_path):
  folder = run(tokenizer="words", lowercase=None, phrases=1)
  (folder / "phrases.txt").write_text("new york 9.0\n")
  chosen = parse(init=str(folder))
  assert words(chosen) == ["new_york", "is", "great", "really"]
  assert words(parse(init=str(folder), phrases="")) == ["new", "york", "is", "great", "really"]
  preprocessing.keep_phrases(chosen, tmp_path)
  assert (tmp_path / "phrases.txt").read_bytes() == (folder / "phrases.txt").read_bytes()


def test_an_earlier_run_joined_no_phrases(run, tmp_path):
  folder = run(tokenizer="words", phrases=1)
  (folder / "phrases.txt").write_text("new york 9.0\n")
  earlier = {"method": "cnn", "train": "x", "init": str(folder), "tokenizer": "words"}
  (tmp_path / "config.json").write_text(json.dumps({**earlier, "lowercase": True}))
  assert settings.read(tmp_path).phrases == ""


def check(chosen, texts):
  pretrained = word_lookup.read_pretrained(chosen)
  split = {"train": preprocessing.words_of_texts(chosen, texts)}
  lexicon = word_lookup.make_lexicon(chosen, split, ["a"], pretrained)
  return word_lookup.initial_table(chosen, lexicon, pretrained, split)


def test_low_coverage_stops_a_run(run):
  init = str(run(words="the", tokenizer="words"))
  texts = ["the quick brown fox fox jumps"]
  with pytest.raises(InputError) as error:
    check(parse(init=init), texts)
  message = str(error.value)
  assert f"{init}: has vectors of 16.7% of the tokens (tokenizer=words, lowercase=True)" in message
  assert "'fox', 'quick'" in message and "min_coverage=0 to go on" in message
  assert np.shape(check(parse(init=init, min_coverage=0.0), texts)) == (7, 2)
  assert np.shape(check(parse(init=init, min_coverage=0.15), texts)) == (7, 2)
  with pytest.raises(InputError, match="has none of the 2 words.*tokenizer=words.*'quick'"):
    check(parse(init=init, min_coverage=0.0), ["quick fox"])


def test_a_record_of_vectors_from_python_is_followed(tmp_path):
  vectors_file = tmp_path / "vectors-1.npy"
  tokenization.save(tokenization.Tokenization("characters", False), vectors_file)
  chosen = parse(init=str(vectors_file))
  assert (chosen.tokenizer, chosen.lowercase) == ("characters", False)
