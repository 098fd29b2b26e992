"""Tagged sentences as annotation tools and datasets export them."""

import json

import pytest

from glove_jax.data.labelled import tagged_files
from glove_jax.data.labelled.tagged_files import Options
from glove_jax.data.text import token_offsets
from glove_jax.errors import InputError

TEXT = "Anna Lee lives in New York."
TOKENS = ["Anna", "Lee", "lives", "in", "New", "York", "."]
SPANS = [(0, 2, "PER"), (4, 6, "LOC")]
PAIRS = [[0, 8, "PER"], [18, 26, "LOC"]]
OBJECTS = [{"start": start, "end": end, "labels": [kind]} for start, end, kind in PAIRS]


def read(folder, records, *, lines=False, names=None, **options):
  path = folder / "tagged.json"
  text = json.dumps(records, indent=1)
  if lines:
    text = "".join(json.dumps(record) + "\n" for record in records)
  path.write_text(text)
  if names:
    (folder / "names").write_text("\n".join(names))
    options["names"] = folder / "names"
  data, _ = tagged_files.read_with_layout(path, Options(**options))
  return data.sentences, data.spans


TAGS = ["B-PER", "I-PER", "O", "O", "B-LOC", "I-LOC", "O"]
PLAIN = [tag.removeprefix("B-").removeprefix("I-") for tag in TAGS]
RECORDS = {
  "datasets": {"id": "0", "tokens": TOKENS, "ner_tags": TAGS},
  "words": {"words": TOKENS, "labels": TAGS},
  "plain": {"tokens": TOKENS, "tags": PLAIN},
  "doccano": {"id": 1, "text": TEXT, "label": PAIRS},
  "older doccano": {"text": TEXT, "labels": PAIRS, "meta": {}},
  "newer doccano": {
    "text": TEXT,
    "entities": [
      {"id": 1, "label": kind, "start_offset": start, "end_offset": end}
      for start, end, kind in reversed(PAIRS)
    ],
    "relations": [],
  },
  "label studio": {
    "id": 7,
    "data": {"text": TEXT},
    "annotations": [
      {"was_cancelled": True, "result": []},
      {"result": [{"value": value, "type": "labels"} for value in OBJECTS]},
      {"result": []},
    ],
  },
  "label studio, short": {"text": TEXT, "id": 7, "label": OBJECTS},
  "prodigy": {
    "text": TEXT,
    "tokens": [{"text": token, "id": i} for i, token in enumerate(TOKENS)],
    "spans": [{"start": start, "end": end, "label": kind} for start, end, kind in PAIRS],
  },
  "spacy": [TEXT, {"entities": PAIRS}],
}


@pytest.mark.parametrize("kind", RECORDS)
@pytest.mark.parametrize("lines", [True, False])
def test_exports(tmp_path, kind, lines):
  assert read(tmp_path, [RECORDS[kind]] * 2, lines=lines) == ([TOKENS] * 2, [SPANS] * 2)


def test_numbers_are_named_by_a_file(tmp_path):
  record = {"tokens": ["Anna", "sings"], "ner_tags": [1, 0]}
  assert read(tmp_path, [record], names=["O", "B-PER"])[1] == [[(0, 1, "PER")]]
  with pytest.raises(InputError, match=":2: found the tag 1, expected its name; --config.label"):
    read(tmp_path, [record])


def test_lines_are_sentences_and_no_entity_is_lost(tmp_path):
  text = "Anna-Lee sings.\nIn Newyorkshire\nand New\nYork (NY)"
  spans = [(0, 4, "PER"), (19, 26, "LOC"), (36, 44, "LOC"), (45, 49, "X")]
  assert [text[start:end] for start, end, _ in spans] == ["Anna", "Newyork", "New\nYork", "(NY)"]
  sentences, entities = read(tmp_path, [{"text": text, "label": spans}])
  assert sentences == [
    ["Anna", "-Lee", "sings", "."],
    ["In", "Newyork", "shire"],
    ["and", "New", "York", "(", "NY", ")"],
  ]
  assert entities == [[(0, 1, "PER")], [(1, 2, "LOC")], [(1, 3, "LOC"), (3, 6, "X")]]


def test_characters(tmp_path):
  record = {"text": "我 在北京", "label": [[3, 5, "LOC"]]}
  sentences, entities = read(tmp_path, [record], tokenizer="characters")
  assert sentences == [["我", "在", "北", "京"]] and entities == [[(2, 4, "LOC")]]


def test_tokens_are_those_of_raw_texts_that_are_labelled_later(tmp_path):
  text = "The U.S. pays $3.50 to J. Doe's dog."
  record = {"text": text, "label": [[4, 8, "LOC"], [23, 29, "PER"]]}
  sentences, entities = read(tmp_path, [record], tokenizer="punctuation")
  assert sentences == [[text[start:end] for start, end in token_offsets.split(text)]]
  assert [span[2] for span in entities[0]] == ["LOC", "PER"]
  assert sentences[0][1] == "U.S." and "'s" in sentences[0]


def test_longer_spans_stay_where_some_overlap(tmp_path, capsys):
  record = {"text": TEXT, "label": [*PAIRS, [18, 21, "X"], [0, 4, "X"], [22, 27, "X"]]}
  assert read(tmp_path, [record])[1] == [SPANS]
  assert "3 spans that overlap longer ones" in capsys.readouterr().out


@pytest.mark.parametrize(
  ("record", "message"),
  [
    ({"tokens": ["a", "b"], "ner_tags": ["O"]}, "found 2 tokens and 1 tags"),
    ({"tokens": ["a"], "ner_tags": ["B-X", "O"]}, "found 1 tokens and 2 tags"),
    ({"tokens": ["a", 3], "ner_tags": ["O", "O"]}, "found the token 3"),
    ({"text": TEXT, "label": [[5, 99, "X"]]}, r"found the span \[5, 99, 'X'\], expected start"),
    ({"text": TEXT, "label": [[5, 5, "X"]]}, "found the span"),
    ({"text": TEXT, "label": [[0, 4]]}, "found the span"),
    ({"text": TEXT, "label": [{"start": 0, "end": 4}]}, "found the span"),
    ({"text": TEXT, "label": [[0.5, 4, "X"]]}, "found the span"),
    ({"text": TEXT}, "found the keys 0: 'text'; expected tokens and ner_tags, or text and spans"),
    ({"tokens": ["a", "\ud800"], "ner_tags": ["O", "O"]}, "found a lone surrogate"),
    ("text", "found 'text'; expected tokens"),
  ],
)
def test_wrong_records_are_named(tmp_path, record, message):
  good = RECORDS["datasets"]
  with pytest.raises(InputError, match=message) as error:
    read(tmp_path, [good, record, good], lines=True)
  assert ":2: " in str(error.value) or "surrogate" in message


def test_brackets_can_be_tokens(tmp_path):
  path = tmp_path / "tagged.conll"
  path.write_text("[ O\n1 O\n] O\nAnna B-PER\n")
  data, _ = tagged_files.read_with_layout(path, Options())
  assert data.sentences == [["[", "1", "]", "Anna"]]


@pytest.mark.parametrize("answer", ["reject", "ignore"])
def test_records_that_an_annotator_did_not_accept_are_left_out(tmp_path, answer, capfd):
  accepted = {"text": "Anna lives", "spans": [{"start": 0, "end": 4, "label": "PER"}]}
  other = {"text": "Bob lives", "spans": [], "answer": answer}
  records = [{**accepted, "answer": "accept"}, other]
  assert read(tmp_path, records, lines=True) == ([["Anna", "lives"]], [[(0, 1, "PER")]])
  assert "1 of " in capfd.readouterr().out


def test_mentions_by_their_type_have_inclusive_ends(tmp_path):
  mentions = {"PER": {"Anna Lee": [[0, 7]]}, "LOC": {"New York": [[18, 25]]}}
  for key in ("label", "entities"):
    data = read(tmp_path, [{"text": TEXT, key: mentions}], lines=True)
    assert data == ([TOKENS], [SPANS])
  with pytest.raises(InputError, match="expected the first and the last character"):
    read(tmp_path, [{"text": TEXT, "label": {"PER": 0.9, "LOC": 0.1}}], lines=True)
