"""Texts become words: cleaned, truncated, lower-cased, tagged tokens, pairs, fastText's words."""

import pytest

from glove_jax.finetuning import preprocessing, settings

CLASSIFY = settings.ClassifySettings()
TAG = settings.TagSettings()


def test_texts_are_cleaned_before_they_are_cut_into_words():
  chosen = settings.ClassifySettings(clean="html", max_words=2)
  assert preprocessing.words_of_texts(chosen, ["A&amp;B <br> C d"]) == [["a&b", "c"]]
  assert preprocessing.words_of_texts(settings.ClassifySettings(max_words=0), ["A b C"]) == [
    ["a", "b", "c"]
  ]


def test_tokens_are_as_they_are_written():
  assert preprocessing.tokenize(CLASSIFY, ["A b\nC"]) == [["A", "b", "C"]]


def test_tokens_are_cleaned_each_by_itself_and_none_is_lost():
  chosen = settings.TagSettings(clean="nfkc,html,urls,users,numbers")
  text = ["@Ann", "1,000", "www.a.b/c", "<br>", "Ｘ１", "b"]
  expected = ["<user>", "<number>", "<url>", "<br>", "X<number>", "b"]
  assert preprocessing.clean_tokens(chosen, [text]) == [expected]
  assert preprocessing.clean_tokens(TAG, [text]) == [text]


@pytest.mark.parametrize(
  "values,expected",
  [
    ({}, ["iphone", "iphone"]),  # without vectors there are no parts to look up
    ({"init": "vectors"}, ["i phone", "iphone"]),
    ({"init": "vectors", "word_parts": False}, ["iphone", "iphone"]),
    ({"init": "vectors", "lowercase": False}, ["iPhone", "iphone"]),
  ],
)
def test_words_are_lower_cased_and_marked_where_their_parts_count(values, expected):
  chosen = settings.TagSettings(**values)
  assert preprocessing.lookup_words(chosen, [["iPhone", "iphone"]]) == [expected]


def test_a_tab_separates_a_pair():
  chosen = settings.BertClassifySettings(clean="html")
  texts = ["a &lt; b", "a\tb\tc"]
  assert preprocessing.text_pairs(chosen, texts) == [("a < b",), ("a", "b\tc")]


def test_fasttext_ends_a_text_with_a_token_of_its_own():
  chosen = settings.FastTextSupervisedSettings(lowercase=True)
  assert preprocessing.fasttext_words(chosen)("A b __label__x") == ["a", "b", "</s>"]
