"""The order of the vocabulary, its bounds, and its file."""

from collections import Counter

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from glove_jax.data.text import corpus, vocab, word_tokenizers
from glove_jax.errors import InputError, quote

WORDS = word_tokenizers.make("words")
# Tokens of `whitespace` may hold anything but separators and what a text file may not hold.
CHARACTER = st.characters(exclude_categories=["Cs"], exclude_characters=" \t\n\r\0\ufeff")
TOKEN = st.text(CHARACTER, min_size=1, max_size=8)


def fails(function, *args, **kwargs) -> str:
  with pytest.raises(InputError) as error:
    function(*args, **kwargs)
  assert "\n" not in str(error.value)
  return str(error.value)


def test_count_and_build(tmp_path):
  path = tmp_path / "a.txt"
  path.write_text("The cat, the dog.\nThe end: a cat <unk>\n")
  counter = vocab.count([path, path], WORDS)
  assert counter == {"the": 6, "cat": 4, "dog": 2, "end": 2, "a": 2, "unk": 2}
  words = vocab.build(counter, min_count=2, max_vocab=4)
  assert words.words == ("the", "cat", "a", "dog") and words.counts.tolist() == [6, 4, 2, 2]
  assert words.counts.dtype == np.int64 and len(words) == 4
  assert words.index == {"the": 0, "cat": 1, "a": 2, "dog": 3} and words.index is words.index


@settings(max_examples=200)
@given(st.dictionaries(TOKEN, st.integers(1, 4), min_size=1), st.integers(1, 3), st.integers(0, 5))
def test_order_is_by_count_then_by_utf8_bytes(counts, min_count, max_vocab):
  kept = [word for word, n in counts.items() if n >= min_count]
  if not kept:
    return
  expected = sorted(kept, key=lambda word: (-counts[word], word.encode()))
  result = vocab.build(Counter(counts), min_count=min_count, max_vocab=max_vocab)
  assert list(result.words) == (expected[:max_vocab] if max_vocab else expected)
  assert result.counts.tolist() == [counts[word] for word in result.words]


def test_nothing_frequent_enough_says_what_is():
  message = fails(vocab.build, Counter({"foo": 3, "bar": 1}), min_count=5)
  assert message == (
    "No word of the corpus occurs min_count=5 times or more; the most frequent, 'foo', "
    "occurs 3 times."
  )
  assert "no words" in fails(vocab.build, Counter())


def test_an_empty_corpus_is_an_error(tmp_path):
  (tmp_path / "a.txt").write_text("\n ... \n")
  assert f"{tmp_path / 'a.txt'}: no words" in fails(vocab.count, [tmp_path / "a.txt"], WORDS)


@settings(deadline=None, max_examples=100)
@given(st.dictionaries(TOKEN, st.integers(0, 2**63 - 1), min_size=1))
def test_load_reads_what_save_wrote(tmp_path_factory, counts):
  path = tmp_path_factory.mktemp("vocab") / "vocab.txt"
  saved = vocab.Vocabulary(tuple(counts), np.array(list(counts.values()), np.int64))
  vocab.save(saved, path)
  loaded = vocab.load(path)
  assert loaded.words == saved.words and loaded.counts.tolist() == saved.counts.tolist()


def test_load_keeps_the_order_of_the_file_and_words_of_all_kinds(tmp_path):
  path = tmp_path / "vocab.txt"
  path.write_bytes("rare 1\r\nno\xa0break 7\n<unk> 3\n\u2028 2\nnew york 1\n".encode())
  loaded = vocab.load(path)
  assert loaded.words == ("rare", "no\xa0break", "<unk>", "\u2028", "new york")
  assert loaded.counts.tolist() == [1, 7, 3, 2, 1]


@pytest.mark.parametrize(
  "line",
  [
    "the",
    "the ",
    " 5",
    "the five",
    "the -5",
    "the 5.0",
    "the ５",
    "",
    "5",
    f"a {2**63}",
    "a " + "9" * 5000,
  ],
)
def test_load_names_the_bad_line(tmp_path, line):
  path = tmp_path / "vocab.txt"
  path.write_text(f"cat 9\n{line}\ndog 3\n", encoding="utf-8")
  expected = f"{path}:2: {quote(line)}, expected a word, a space and a count."
  assert expected in fails(vocab.load, path)


def test_load_refuses_repeated_words_and_empty_files(tmp_path):
  path = tmp_path / "vocab.txt"
  path.write_text("cat 9\ndog 3\ncat 2\n")
  assert f"{path}:3: 'cat' is already on line 1." in fails(vocab.load, path)
  path.write_text("")
  assert f"{path}: no lines" in fails(vocab.load, path)
  assert "No such file" in fails(vocab.load, tmp_path / "none.txt")


@pytest.mark.realdata
@pytest.mark.parametrize(
  ("shards", "tokens", "words"),
  [(1, 2_343_291, 25_363), pytest.param(8, 18_691_443, 80_831, marks=pytest.mark.slow)],
)
def test_english_wikipedia_gives_the_counts_known_for_it(data, shards, tokens, words):
  paths = corpus.find_files(f"{data}/corpus/en/enwiki-0[0-{shards - 1}].txt.xz")
  counter = vocab.count(paths, WORDS)
  assert (counter.total(), len(vocab.build(counter, min_count=5))) == (tokens, words)
