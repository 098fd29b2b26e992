"""Columns are read, schemes converted without loss, and bad lines named."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from glove_jax.data.labelled import tagging
from glove_jax.data.labelled.tagging import Span
from glove_jax.errors import InputError

WORDS = ["Ann", "Lee", "of", "New", "York", "City", "Ohio"]
SPANS = [Span(0, 2, "PER"), Span(3, 6, "LOC"), Span(6, 7, "LOC")]
TAGS = {
  "iob1": ["I-PER", "I-PER", "O", "I-LOC", "I-LOC", "I-LOC", "B-LOC"],
  "iob2": ["B-PER", "I-PER", "O", "B-LOC", "I-LOC", "I-LOC", "B-LOC"],
  "bioes": ["B-PER", "E-PER", "O", "B-LOC", "I-LOC", "E-LOC", "S-LOC"],
  "bmes": ["B-PER", "E-PER", "O", "B-LOC", "M-LOC", "E-LOC", "S-LOC"],
}
TYPES = st.sampled_from(["PER", "LOC", "creative-work", ""])


def write(folder, lines, encoding="utf-8"):
  path = folder / "tagged.conll"
  path.write_bytes("\n".join(lines).encode(encoding))
  return path


@pytest.mark.parametrize("scheme", TAGS)
@pytest.mark.parametrize("mark", [" ", "\t"])
def test_all_schemes_and_separators_give_the_same_spans(tmp_path, scheme, mark):
  lines = [
    "-DOCSTART- X O",
    "",
    *map(mark.join, zip(WORDS, TAGS[scheme], strict=True)),
    "",
    "",
    f"so{mark}O\r",
  ]
  data = tagging.read(write(tmp_path, lines))
  assert data == tagging.Tagged([WORDS, ["so"]], [SPANS, []], ("LOC", "PER"))
  assert tagging.tags(data.spans[0], len(WORDS), scheme) == TAGS[scheme]


def test_inconsistent_tags_mean_what_they_mean_to_conlleval():
  assert tagging.spans(["I-A", "I-B", "O", "E-A", "E-A", "S-A", "I-A", "M-A", "U-B", "L-B"]) == [
    Span(0, 1, "A"),
    Span(1, 2, "B"),
    Span(3, 4, "A"),
    Span(4, 5, "A"),
    Span(5, 6, "A"),
    Span(6, 8, "A"),
    Span(8, 9, "B"),
    Span(9, 10, "B"),
  ]


@pytest.mark.parametrize("scheme", tagging.SCHEMES)
@given(
  st.lists(st.tuples(st.integers(0, 2), st.integers(1, 3), TYPES), max_size=5), st.integers(0, 2)
)
def test_no_scheme_loses_an_entity(scheme, entities, rest):
  spans, end = [], 0
  for gap, size, type in entities:
    spans.append(Span(end + gap, end + gap + size, type))
    end += gap + size
  tags = tagging.tags(spans, end + rest, scheme)
  assert tagging.spans(tags) == spans
  assert set(tags) <= set(tagging.names(["PER", "LOC", "creative-work", ""], scheme))


def test_other_columns_and_encodings(tmp_path):
  path = write(tmp_path, ["B-LOC NNP Zürich", "O VB ist"], "latin-1")
  data = tagging.read(path, token=2, tag=0, encoding="latin-1")
  assert data.sentences == [["Zürich", "ist"]] and data.spans == [[Span(0, 1, "LOC")]]
  with pytest.raises(InputError, match=":1: byte 0xfc"):
    tagging.read(path, token=2, tag=0)


def test_hash_signs_and_spaces_are_tokens_too(tmp_path):
  data = tagging.read(write(tmp_path, ["#tag\tO", "a b\tB-X", "\u3000\tO"]))
  assert data.sentences == [["#tag", "a b", "\u3000"]]


def test_positions_in_words_are_dropped_if_all_tokens_have_them(tmp_path):
  lines = ["北0\tB-LOC", "京1\tI-LOC", "来0\tO", "", "20\tO"]
  assert tagging.read(write(tmp_path, lines)).sentences == [["北", "京", "来"], ["2"]]
  assert tagging.read(write(tmp_path, lines), positions=False).sentences == [
    ["北0", "京1", "来0"],
    ["20"],
  ]
  years = ["1999\tO", "2007\tO"]
  assert tagging.read(write(tmp_path, years)).sentences == [["1999", "2007"]]


@pytest.mark.parametrize(
  "line, message",
  [
    ("word", r":3: 'word' has 1 columns, expected 2"),
    ("word PER", r":3: 'PER' is no tag, expected O, or B, I"),
    ("word X-PER", r":3: 'X-PER' is no tag"),
  ],
)
def test_bad_lines_are_named(tmp_path, line, message):
  with pytest.raises(InputError, match=message) as error:
    tagging.read(write(tmp_path, ["a B-PER", "", line]))
  assert "\n" not in str(error.value)


def test_an_empty_file_is_named(tmp_path):
  with pytest.raises(InputError, match="no lines"):
    tagging.read(write(tmp_path, ["", " "]))


def test_folds_and_splits_have_every_sentence_once():
  data = tagging.make([[str(i)] for i in range(10)], [[]] * 10)
  parts = tagging.folds(data, 3, seed=1)
  assert sorted(word for _, part in parts for [word] in part.sentences) == [
    str(i) for i in range(10)
  ]
  assert all(sorted(rest.sentences + part.sentences) == data.sentences for rest, part in parts)
  with pytest.raises(InputError, match="11 folds of 10"):
    tagging.folds(data, 11, seed=1)
  rest, part = tagging.split(data, 0.3, seed=1)
  assert len(part.sentences) == 3 and sorted(rest.sentences + part.sentences) == data.sentences
  assert tagging.split(data, 0.3, seed=2) != (rest, part)
  with pytest.raises(InputError, match="fraction is 1"):
    tagging.split(data, 1, seed=1)


def test_parts_have_the_same_share_of_every_combination_of_types():
  """The rarest type is split evenly too, over all sentences that have it."""
  counts = {
    (): 26,
    ("LOC",): 31,
    ("LOC", "PER"): 7,
    ("LOC", "ORG"): 5,
    ("LOC", "ORG", "PER"): 7,
    ("ORG",): 2,
    ("ORG", "PER"): 5,
    ("PER",): 13,
  }
  combinations = [combination for combination, count in counts.items() for _ in range(count)]
  combinations = [combinations[i] for i in np.random.default_rng(1).permutation(len(combinations))]
  data = tagging.make(
    [[str(i)] for i in range(len(combinations))],
    [[Span(i, i + 1, type) for i, type in enumerate(spans)] for spans in combinations],
  )

  def those(part, fits):
    return sum(fits(tuple(span.type for span in spans)) for spans in part.spans)

  rules = [lambda spans, combination=combination: spans == combination for combination in counts]
  rules.append(lambda spans: "ORG" in spans)
  parts = [(part, 1 / 5) for _, part in tagging.folds(data, 5, seed=1)] + [
    (tagging.split(data, 0.1, seed=1)[1], 1 / 10)
  ]
  for part, fraction in parts:
    assert all(abs(those(part, fits) - fraction * those(data, fits)) <= 1 for fits in rules)
    assert part.types == data.types


@pytest.mark.realdata
@pytest.mark.parametrize(
  "name, sentences, entities",
  [
    ("en/WNUT17.test.conll", 1287, 1079),
    ("en/wikigold.conll", 1696, 3558),
    ("zh/Resume.test.bmes", 477, 1630),
    ("zh/Weibo.train.conll", 1350, 1895),
  ],
)
def test_real_files(data, name, sentences, entities):
  tagged = tagging.read(data / "ner" / name)
  assert (len(tagged.sentences), sum(map(len, tagged.spans))) == (sentences, entities)
  if name.startswith("zh"):
    assert {word for sentence in tagged.sentences for word in sentence} > set("中国人0123")
