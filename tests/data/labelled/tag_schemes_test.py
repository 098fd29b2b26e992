"""Tags of all schemes, their meaning, and the entities of inconsistent ones."""

import pytest

from glove_jax.data.labelled import tag_schemes
from glove_jax.data.labelled.tag_schemes import Span


@pytest.mark.parametrize(
  "tag, meaning",
  [
    ("O", ("O", "")), ("B-PER", ("B", "PER")), ("M-PER", ("I", "PER")), ("L-PER", ("E", "PER")),
    ("U-PER", ("S", "PER")), ("S", ("S", "")), ("I-a-b", ("I", "a-b")), ("B-", ("B", "")),
  ],
)
def test_the_meaning_of_a_tag(tag, meaning):
  assert tag_schemes.parse(tag) == meaning


@pytest.mark.parametrize("tag", ["", "o", "X-PER", "PER", "B_PER"])
def test_other_words_are_no_tags(tag):
  with pytest.raises(ValueError, match="is no tag"):
    tag_schemes.parse(tag)


def test_all_tags_of_a_scheme():
  assert tag_schemes.names(["A"], "iob1") == ["O", "I-A", "B-A"]
  assert tag_schemes.names(["A", "B"], "iob2") == ["O", "B-A", "I-A", "B-B", "I-B"]
  assert tag_schemes.names(["A"], "bmes") == ["O", "S-A", "B-A", "M-A", "E-A"]


def test_iob1_begins_an_entity_only_after_one_of_its_type():
  spans = [Span(0, 1, "A"), Span(1, 3, "A"), Span(3, 4, "B")]
  assert tag_schemes.tags(spans, 5, "iob1") == ["I-A", "B-A", "I-A", "I-B", "O"]
  assert tag_schemes.spans(["I-A", "B-A", "I-A", "I-B", "O"]) == spans


def test_an_end_ends_an_entity_whatever_follows():
  assert tag_schemes.spans(["E-A", "I-A", "S-A", "I-A"]) == [
    Span(0, 1, "A"), Span(1, 2, "A"), Span(2, 3, "A"), Span(3, 4, "A")
  ]
