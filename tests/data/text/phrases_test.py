"""Phrases against a plain Python implementation, golden numbers, and what a real text holds."""

import math
from collections import Counter
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from glove_jax.data.text import phrases, token_store, vocab, word_tokenizers
from glove_jax.errors import InputError

WORDS = word_tokenizers.make("whitespace")
# "a_b" is a word already when a and b are joined, and a_b_c can come of two pairs.
TEXT = st.lists(st.sampled_from(["a", "b", "c", "b_c", "a_b", "\n"]), min_size=1, max_size=60).filter(
  lambda tokens: set(tokens) != {"\n"})


def read(folder, tokens, name="text.txt"):
  (folder / name).write_text(" ".join(tokens))
  return token_store.read([folder / name], WORDS, folder)


def tokens_of(text):
  text.file.seek(0)
  return [text.words[number] for number in np.frombuffer(text.file.read(), np.int32)]


def brute_force(tokens, score, threshold, min_count):
  """(pairs with their scores, the tokens joined) of one pass."""
  single, both = Counter(tokens), Counter(pairwise(tokens))
  total = sum(n for word, n in single.items() if word != "\n")
  pairs = {}
  for (a, b), n in both.items():
    if n >= min_count and "\n" not in (a, b):
      if score == "mikolov":
        value = (n - min_count) / (single[a] * single[b]) * total
      else:
        value = math.log(n * total / (single[a] * single[b])) / -math.log(n / total)
      if value > threshold:
        pairs[a, b] = value
  joined, at = [], 0
  while at < len(tokens):
    step = 2 if tuple(tokens[at : at + 2]) in pairs else 1
    joined.append("_".join(tokens[at : at + step]))
    at += step
  return pairs, joined


# Thresholds that no score of a small text equals: rounding would decide.
@settings(deadline=None, max_examples=80)
@given(TEXT, st.sampled_from([("mikolov", 0.0501), ("mikolov", 0.801), ("npmi", -0.301), ("npmi", 0.1003)]),
       st.integers(1, 3), st.integers(0, 3), st.integers(1, 7))
def test_equals_brute_force(tmp_path_factory, tokens, how, min_count, passes, block):
  folder = tmp_path_factory.mktemp("phrases")
  score, threshold = how
  expected, joined = [], tokens_of(read(folder, tokens))
  for _ in range(passes):
    pairs, joined = brute_force(joined, score, threshold, min_count)
    expected += [pairs] if pairs else []
  text = read(folder, tokens)
  with pytest.MonkeyPatch.context() as patch:
    patch.setattr(phrases, "_MIN_BLOCK", block)
    patch.setattr(phrases, "_MERGED", block)
    found, result = phrases.learn(
      text, folder, passes=passes, score=score, threshold=threshold, min_count=min_count, memory_gb=0, threads=2)
  assert [*map(dict.keys, found.passes)] == [*map(dict.keys, expected)]
  for pairs, wanted in zip(found.passes, expected, strict=True):
    assert pairs == pytest.approx(wanted)
    assert [*pairs.values()] == sorted(pairs.values(), reverse=True)
  assert tokens_of(result) == joined
  assert tokens_of(phrases.apply(found, text, folder)) == joined == phrases.join(found, tokens_of(text))
  # What comes after sees a text like any other.
  assert {word: n for word, n in zip(result.words, result.counts.tolist(), strict=True) if n} == Counter(joined)
  phrases.save(found, folder / "phrases.txt")
  assert phrases.load(folder / "phrases.txt") == found


def test_golden_scores():
  # n(ab) 20, n(a) 100, n(b) 50, N 10,000, min_count 5: 15 * 10,000 / 5,000; log 40 / log 500.
  assert phrases.mikolov(20, 100, 50, 10_000, 5) == pytest.approx(30.0)
  assert phrases.npmi(20, 100, 50, 10_000, 5) == pytest.approx(0.593582, abs=1e-6)
  assert phrases.npmi(50, 50, 50, 10_000, 5) == pytest.approx(1.0)      # only together
  assert phrases.npmi(2, 100, 200, 10_000, 5) == pytest.approx(0.0)     # as chance has it
  scorers = pytest.importorskip("gensim.models.phrases")
  for n, a, b in ((20, 100, 50), (7, 7, 900), (5, 2000, 2000)):
    assert phrases.mikolov(n, a, b, 10_000, 5) == pytest.approx(scorers.original_scorer(a, b, n, 10_000, 5, -1))
    assert phrases.npmi(n, a, b, 10_000, 5) == pytest.approx(scorers.npmi_scorer(a, b, n, -1, 5, 10_000))


def test_passes_make_longer_phrases_but_not_across_documents(tmp_path):
  tokens = ["new", "york", "times", "\n", "city", "\n"]
  text = read(tmp_path, tokens * 10)
  found, result = phrases.learn(text, tmp_path, passes=3, threshold=1.0, min_count=2)
  assert [set(pairs) for pairs in found.passes] == [{("new", "york"), ("york", "times")}, {("new_york", "times")}]
  assert tokens_of(result)[:4] == ["new_york_times", "\n", "city", "\n"]
  assert phrases.join(found, ["new", "\n", "york", "times", "city"]) == ["new", "\n", "york_times", "city"]
  assert phrases.join(found, ["new", "new", "york"]) == ["new", "new_york"]
  assert phrases.join(phrases.Phrases((), "_"), ["new", "york"]) == ["new", "york"]
  assert phrases.join(found._replace(delimiter="+"), ["new", "york"]) == ["new+york"]


def test_phrases_of_one_text_join_another(tmp_path):
  found = phrases.Phrases(({("new", "york"): 2.0, ("hong", "kong"): 1.0}, {("new+york", "times"): 1.0}), "+")
  tokens = ["a", "new", "york", "\n", "kong", "\n"]
  assert tokens_of(phrases.apply(found, read(tmp_path, tokens[:-2]), tmp_path))[:2] == ["a", "new+york"]
  assert phrases.join(found, tokens) == ["a", "new+york", "\n", "kong", "\n"]


def test_the_vocabulary_and_ids_of_a_joined_text(tmp_path):
  text = read(tmp_path, ["new", "york", "\n", "is", "\n"] * 10 + ["new", "is"])
  found, result = phrases.learn(text, tmp_path, threshold=1.0, min_count=2)
  words = vocab.build(token_store.word_counts(result))
  assert words.words == ("is", "new_york", "new") and words.counts.tolist() == [11, 10, 1]
  assert np.concatenate(list(token_store.encode(result, words.index))).tolist() == [1, -1, 0, -1] * 10 + [2, 0, -1]
  assert text.counts[text.words.index("york")] == 10  # the text it came from is still there
  assert found.passes == ({("new", "york"): pytest.approx((10 - 2) / 110 * 32)},)


@pytest.mark.parametrize(("setting", "says"), [
  ({"score": "pmi"}, "'pmi', expected one of mikolov, npmi"), ({"min_count": 0}, "min_count is 0"),
  ({"score": "npmi", "threshold": 10}, "threshold is 10, expected from -1 to below 1"),
  ({"delimiter": " "}, "delimiter is ' '"), ({"passes": -1}, "passes is -1")])
def test_settings_that_make_no_sense(tmp_path, setting, says):
  with pytest.raises(InputError, match=says):
    phrases.learn(read(tmp_path, ["a", "b"]), tmp_path, **setting)


def test_no_room_is_an_input_error(tmp_path):
  text = read(tmp_path, ["a", "b"] * 10)
  for act in (lambda: phrases.find(text, tmp_path / "nowhere"), lambda: phrases.merge(text, {}, tmp_path / "nowhere")):
    with pytest.raises(InputError, match="nowhere: cannot write the"):
      act()


def test_file_is_plain_and_its_errors_name_the_line(tmp_path):
  path = tmp_path / "phrases.txt"
  phrases.save(phrases.Phrases(({("new", "york"): 12.5}, {("new_york", "times"): 1e-07})), path)
  assert path.read_text() == "new york 12.5\n\nnew_york times 1e-07\n"
  for bad in ("new_york 3.0", "new york high", "a b c 1.0", "new  1.0", "new york nan"):
    path.write_text(f"new york 12.5\n\n{bad}\n")
    with pytest.raises(InputError, match=f"phrases.txt:3: '{bad}'; expected two words and a score"):
      phrases.load(path)


@pytest.mark.realdata
@pytest.mark.slow
@pytest.mark.parametrize(("score", "threshold"), [("mikolov", 100.0), ("npmi", 0.5)])
def test_finds_what_wikipedia_writes_about(data, tmp_path, score, threshold):
  paths = [data / "corpus/en/enwiki-00.txt.xz"]
  text = token_store.read(paths, word_tokenizers.make("words"), tmp_path)
  found, result = phrases.learn(text, tmp_path, passes=2, score=score, threshold=threshold)
  counter = token_store.word_counts(result)
  assert min(counter[name] for name in ("united_states", "new_york", "world_war_ii", "science_fiction")) > 100
  assert counter["new_york_times"] > 50
  assert not {"of_the", "in_the", "and_the"} & counter.keys()
  assert phrases.join(found, ["he", "read", "the", "new", "york", "times", "in", "los", "angeles"]) == [
    "he", "read", "the", "new_york_times", "in", "los_angeles"]
