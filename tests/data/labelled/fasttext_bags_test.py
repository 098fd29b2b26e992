"""Feature bags equal the rows that `interop.fasttext` looks up, itself tested against fastText."""

import numpy as np
import pytest

from glove_jax.data.labelled import fasttext_bags
from glove_jax.errors import InputError
from glove_jax.interop import fasttext

TEXTS = [
  "the sun and the moon",
  "",
  "sun sun étoile 日本",
  "a\u00a0b\vc __label__no the",
  "x </s> never",
  "moon",
]
LABELS = [("day", "night"), ("day",), ("night",), ("day",), ("dawn",), ("day",)]
OPTIONS = fasttext_bags.NgramOptions(word_ngrams=3, minn=2, maxn=3, bucket=50)


def test_words_are_counted_as_by_fasttext():
  texts = [fasttext_bags.split_words(text.split(" ")) for text in TEXTS]
  assert (
    texts[3] == ["a\u00a0b", "c", "the", "</s>"]
    and texts[4] == ["x", "</s>"]
    and texts[1] == ["</s>"]
  )
  tokens = fasttext_bags.number_words(texts)
  result = fasttext_bags.build_dictionary(tokens, LABELS, 2)
  assert result.words == ("</s>", "sun", "the", "moon") and result.counts.tolist() == [6, 3, 3, 2]
  assert result.labels == ("day", "night", "dawn") and result.label_counts.tolist() == [4, 2, 1]
  assert result.tokens == sum(map(len, texts)) + 7
  with pytest.raises(InputError, match="min_count=9 leaves no word"):
    fasttext_bags.build_dictionary(tokens, LABELS, 9)


@pytest.mark.parametrize(
  "options",
  [
    OPTIONS,
    fasttext_bags.NgramOptions(),
    OPTIONS._replace(maxn=0),
    OPTIONS._replace(word_ngrams=1),
  ],
)
@pytest.mark.parametrize("min_count", [1, 3])
def test_bags_have_the_rows_that_fasttext_looks_up(options, min_count):
  texts = [fasttext_bags.split_words(text.split(" ")) for text in TEXTS]
  tokens = fasttext_bags.number_words(texts)
  words = list(fasttext_bags.build_dictionary(tokens, LABELS, min_count).words)
  args = fasttext.Args(dim=1, model="supervised", loss="softmax", **options._asdict())
  size = len(words) + options.bucket
  model = fasttext.Model(
    args, words, np.ones(len(words)), [], [], 1, None, np.zeros((size, 1)), np.zeros((0, 1))
  )
  result = fasttext_bags.encode(tokens, words, options)
  assert len(result.indptr) == len(texts) + 1
  for number, text in enumerate(TEXTS):
    rows = result.rows[result.indptr[number] : result.indptr[number + 1]]
    assert sorted(rows) == sorted(fasttext._line_rows(model, text)), text


def test_buckets_follow_the_ngrams_of_the_texts():
  texts = [["a", "b", "</s>"], ["a", "b", "</s>"], ["a", "c", "</s>"]]
  tokens = fasttext_bags.number_words(texts)
  options = fasttext_bags.NgramOptions(word_ngrams=2)
  assert fasttext_bags.suitable_buckets(tokens, options) == 16  # of 4
  tokens = fasttext_bags.number_words([["ab", "</s>"]])
  many = fasttext_bags.NgramOptions(word_ngrams=1, minn=1, maxn=2)
  assert fasttext_bags.suitable_buckets(tokens, many) == 16  # of 5
