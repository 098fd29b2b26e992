"""Phrases against a plain Python implementation, and in a real text."""

import math
from collections import Counter
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from glove_jax.data.text import (
  phrase_merging,
  phrase_pairs,
  phrases,
  token_store,
  vocab,
  word_tokenizers,
)
from glove_jax.data.text.phrases import Scoring
from glove_jax.errors import InputError

# "a_b" is a word already when a and b are joined, and a_b_c can come of two pairs.
TOKENS = st.lists(st.sampled_from(["a", "b", "c", "b_c", "a_b", "\n"]), min_size=1, max_size=60)
TOKENS = TOKENS.filter(lambda tokens: set(tokens) != {"\n"})
# Thresholds that no score of a small text equals: rounding would decide.
THRESHOLDS = [("mikolov", 0.0501), ("mikolov", 0.801), ("npmi", -0.301), ("npmi", 0.1003)]


def tokenize(folder, tokens):
  path = folder / "text.txt"
  path.write_text(" ".join(tokens))
  return token_store.read([path], word_tokenizers.make("whitespace"), folder)


def tokens_of(text):
  ids = np.concatenate(list(token_store.read_blocks(text, 1000)))
  return [text.words[i] for i in ids]


def brute_force_pairs(tokens, scoring):
  """Returns {pair: score} of the pairs that one pass joins."""
  word_counts = Counter(tokens)
  total = sum(n for word, n in word_counts.items() if word != "\n")
  pairs = {}
  for (first, second), n in Counter(pairwise(tokens)).items():
    if n < scoring.min_count or "\n" in (first, second):
      continue
    product = word_counts[first] * word_counts[second]
    if scoring.score == "mikolov":
      score = (n - scoring.min_count) / product * total
    else:
      score = math.log(n * total / product) / -math.log(n / total)
    if score > scoring.threshold:
      pairs[first, second] = score
  return pairs


def brute_force_join(tokens, pairs):
  joined = []
  position = 0
  while position < len(tokens):
    step = 2 if tuple(tokens[position : position + 2]) in pairs else 1
    joined.append("_".join(tokens[position : position + step]))
    position += step
  return joined


@settings(deadline=None, max_examples=80)
@given(
  tokens=TOKENS,
  score_and_threshold=st.sampled_from(THRESHOLDS),
  min_count=st.integers(1, 3),
  passes=st.integers(0, 3),
  block=st.integers(1, 7),
)
def test_equals_brute_force(
  tmp_path_factory, tokens, score_and_threshold, min_count, passes, block
):
  folder = tmp_path_factory.mktemp("phrases")
  scoring = Scoring(*score_and_threshold, min_count)
  text = tokenize(folder, tokens)
  expected_passes = []
  expected_tokens = tokens_of(text)
  for _ in range(passes):
    pairs = brute_force_pairs(expected_tokens, scoring)
    expected_tokens = brute_force_join(expected_tokens, pairs)
    if pairs:
      expected_passes.append(pairs)
  with pytest.MonkeyPatch.context() as patch:
    patch.setattr(phrase_pairs, "_MIN_BLOCK", block)
    patch.setattr(phrase_merging, "_BLOCK", block)
    learned, joined = phrases.learn(
      text, folder, passes=passes, scoring=scoring, memory_gb=0, threads=2)
  assert [*map(set, learned.passes)] == [*map(set, expected_passes)]
  for pairs, expected in zip(learned.passes, expected_passes, strict=True):
    assert pairs == pytest.approx(expected)
    assert [*pairs.values()] == sorted(pairs.values(), reverse=True)
  assert tokens_of(joined) == expected_tokens
  assert tokens_of(phrases.apply(learned, text, folder)) == expected_tokens
  assert phrases.join(learned, tokens_of(text)) == expected_tokens
  counts = dict(zip(joined.words, joined.counts.tolist(), strict=True))
  assert {word: n for word, n in counts.items() if n} == Counter(expected_tokens)
  phrases.save(learned, folder / "phrases.txt")
  assert phrases.load(folder / "phrases.txt") == learned


def test_passes_make_longer_phrases_but_not_across_documents(tmp_path):
  text = tokenize(tmp_path, ["new", "york", "times", "\n", "city", "\n"] * 10)
  scoring = Scoring(threshold=1.0, min_count=2)
  learned, joined = phrases.learn(text, tmp_path, passes=3, scoring=scoring)
  assert [set(pairs) for pairs in learned.passes] == [
    {("new", "york"), ("york", "times")},
    {("new_york", "times")},
  ]
  assert tokens_of(joined)[:4] == ["new_york_times", "\n", "city", "\n"]


@pytest.mark.parametrize(("tokens", "expected"), [
  (["new", "\n", "york", "times", "city"], ["new", "\n", "york_times", "city"]),
  (["new", "new", "york"], ["new", "new_york"]),
  (["new", "york", "times"], ["new_york_times"]),
  ([], []),
])
def test_join(tokens, expected):
  passes = ({("new", "york"): 2.0, ("york", "times"): 1.0}, {("new_york", "times"): 1.0})
  assert phrases.join(phrases.Phrases(passes), tokens) == expected


def test_without_passes_nothing_is_joined(tmp_path):
  text = tokenize(tmp_path, ["new", "york"] * 10)
  learned, joined = phrases.learn(text, tmp_path, passes=0)
  assert learned == phrases.Phrases(())
  assert joined is text
  assert phrases.join(learned, ["new", "york"]) == ["new", "york"]


def test_phrases_of_one_text_join_another(tmp_path):
  passes = ({("new", "york"): 2.0, ("hong", "kong"): 1.0}, {("new+york", "times"): 1.0})
  learned = phrases.Phrases(passes, "+")
  text = tokenize(tmp_path, ["a", "new", "york", "\n", "kong"])
  joined = phrases.apply(learned, text, tmp_path)
  assert tokens_of(joined) == ["a", "new+york", "\n", "kong", "\n"]
  assert phrases.join(learned, ["new", "york", "\n", "kong"]) == ["new+york", "\n", "kong"]


def test_the_vocabulary_and_ids_of_a_joined_text(tmp_path):
  text = tokenize(tmp_path, ["new", "york", "\n", "is", "\n"] * 10 + ["new", "is"])
  scoring = Scoring(threshold=1.0, min_count=2)
  learned, joined = phrases.learn(text, tmp_path, scoring=scoring)
  assert learned.passes == ({("new", "york"): pytest.approx((10 - 2) / 110 * 32)},)
  words = vocab.build(token_store.word_counts(joined))
  assert words.words == ("is", "new_york", "new")
  assert words.counts.tolist() == [11, 10, 1]
  ids = np.concatenate(list(token_store.encode(joined, words.index)))
  assert ids.tolist() == [1, -1, 0, -1] * 10 + [2, 0, -1]
  assert text.counts[text.words.index("york")] == 10  # the original text is unchanged


@pytest.mark.parametrize(("options", "message"), [
  ({"scoring": Scoring(score="pmi")}, "'pmi', expected one of mikolov, npmi"),
  ({"scoring": Scoring(min_count=0)}, "min_count is 0"),
  ({"scoring": Scoring("npmi", 10)}, "threshold is 10, expected from -1 to below 1"),
  ({"delimiter": " "}, "delimiter is ' '"),
  ({"passes": -1}, "passes is -1"),
])
def test_settings_that_make_no_sense(tmp_path, options, message):
  text = tokenize(tmp_path, ["a", "b"])
  with pytest.raises(InputError, match=message):
    phrases.learn(text, tmp_path, **options)


def test_file_is_plain_and_its_errors_name_the_line(tmp_path):
  path = tmp_path / "phrases.txt"
  passes = ({("new", "york"): 12.5}, {("new_york", "times"): 1e-07})
  phrases.save(phrases.Phrases(passes), path)
  assert path.read_text() == "new york 12.5\n\nnew_york times 1e-07\n"
  for line in ("new_york 3.0", "new york high", "a b c 1.0", "new  1.0", "new york nan"):
    path.write_text(f"new york 12.5\n\n{line}\n")
    message = f"phrases.txt:3: '{line}', expected two words and a score"
    with pytest.raises(InputError, match=message):
      phrases.load(path)


@pytest.mark.realdata
@pytest.mark.slow
@pytest.mark.parametrize(("score", "threshold"), [("mikolov", 100.0), ("npmi", 0.5)])
def test_finds_what_wikipedia_writes_about(data, tmp_path, score, threshold):
  paths = [data / "corpus/en/enwiki-00.txt.xz"]
  text = token_store.read(paths, word_tokenizers.make("words"), tmp_path)
  scoring = Scoring(score, threshold)
  learned, joined = phrases.learn(text, tmp_path, passes=2, scoring=scoring)
  counter = token_store.word_counts(joined)
  for phrase in ("united_states", "new_york", "world_war_ii", "science_fiction"):
    assert counter[phrase] > 100
  assert counter["new_york_times"] > 50
  assert not {"of_the", "in_the", "and_the"} & counter.keys()
  tokens = ["he", "read", "the", "new", "york", "times", "in", "los", "angeles"]
  expected = ["he", "read", "the", "new_york_times", "in", "los_angeles"]
  assert phrases.join(learned, tokens) == expected


@pytest.mark.parametrize("score", ["..5", "1.2.3", ".", "1e99999", "nan", "1_0", "9" * 500])
def test_a_score_that_is_no_number_is_named(tmp_path, score):
  path = tmp_path / "phrases.txt"
  path.write_text(f"new york {score}\n")
  with pytest.raises(InputError, match=r"phrases.txt:1: .* expected two words and a score"):
    phrases.load(path)
