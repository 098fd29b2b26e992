"""Spans of characters become spans of tokens, and none is lost."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from glove_jax.data.labelled import text_tokens

WORDS = st.lists(st.sampled_from(["a", "New-York", "don't", "(x)", "北京", "3.14", "e\u0301"]))


@pytest.mark.parametrize("tokenizer", ["punctuation", "whitespace", "characters"])
@given(WORDS, st.lists(st.integers(0, 40), max_size=8), st.sets(st.integers(0, 9)))
def test_no_span_is_lost(tokenizer, words, cuts, breaks):
  text = ""
  for number, word in enumerate(words):
    text += word + ("\n" if number in breaks else " ")
  cuts = sorted({min(cut, len(text)) for cut in cuts})
  spans = []
  for start, end in zip(cuts[::2], cuts[1::2], strict=False):
    inside = text[start:end]
    if inside.strip():
      start += len(inside) - len(inside.lstrip())
      spans.append((start, start + len(inside.strip()), "X"))
  sentences = text_tokens.sentences(text, spans, tokenizer)
  entities = []
  for tokens, sentence_spans in sentences:
    for span in sentence_spans:
      entities.append("".join(tokens[span.start : span.end]))
  assert entities == ["".join(text[start:end].split()) for start, end, _ in spans]
  assert "".join("".join(tokens) for tokens, _ in sentences) == "".join(text.split())


def test_spans_of_what_a_tokenizer_drops_are_left_out():
  text = "( a ) b"
  sentences = text_tokens.sentences(text, [(0, 1, "X"), (4, 5, "Y"), (6, 7, "Z")], "words")
  assert sentences == [(["a", "b"], [(1, 2, "Z")])]


def test_the_longer_of_overlapping_spans_stays():
  spans = [(5, 9, "a"), (0, 6, "b"), (0, 3, "c"), (20, 22, "d"), (20, 22, "e"), (9, 10, "f")]
  assert text_tokens.without_overlaps(spans) == (
    [(0, 6, "b"), (9, 10, "f"), (20, 22, "d")],
    3,
  )
