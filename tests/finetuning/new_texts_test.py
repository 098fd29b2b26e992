"""What is taken for a text: lines, labelled files, tagged files, JSON records, pipes."""

import io
import json
import os
import pathlib
import sys
import threading

import pytest

from glove_jax.errors import InputError
from glove_jax.finetuning import datasets, new_texts, settings

LABELS = ("bad", "good")
TAGS = ("O", "B-PER", "I-PER", "E-PER", "S-PER", "B-LOC")


def classify(**values):
  return settings.ClassifySettings(train="x", **values)


def read(tmp_path, text, how="auto", chosen=None, labels=LABELS):
  path = tmp_path / "new.txt"
  path.write_text(text, encoding="utf-8")
  chosen = chosen or classify()
  return new_texts.read(chosen, str(path), folder=tmp_path, labels=labels, how=how)


def read_for_tagger(tmp_path, text, how="auto"):
  return read(tmp_path, text, how, settings.TagSettings(train="x"), TAGS)


@pytest.mark.parametrize("how", ["auto", "lines"])
def test_a_line_is_a_text_and_blank_lines_are_empty_ones(how, tmp_path):
  texts = read(tmp_path, "a fine film\n\n  a film\n \n", how)
  assert [text.strip() for text in texts.texts] == ["a fine film", "", "a film", ""]
  assert texts.description == "4 lines, each a text"
  assert not read(tmp_path, "", how).texts


@pytest.mark.parametrize(
  ("text", "what"),
  [
    ('{"text": "a, b", "id": 1}\n{"id": 2, "text": "c"}\n', "column text"),
    ('id,Review\n1,"a, b"\n2,c\n', "column Review"),
    ("id\treview\tx\n1\ta, b\t0\n2\tc\t0\n", "column review"),
  ],
)
def test_columns_of_usual_names_are_texts(text, what, tmp_path):
  texts = read(tmp_path, text)
  assert list(texts.texts) == ["a, b", "c"] and texts.description == f"2 texts: {what}"
  assert list(read(tmp_path, text, "lines").texts) == text.splitlines()


def test_a_column_may_be_named(tmp_path):
  texts = read(tmp_path, "id,a,text\n1,x,y\n2,z,y\n", chosen=classify(text_column="a"))
  assert list(texts.texts) == ["x", "z"]


@pytest.mark.parametrize("text", ["text, we said\nmore text, too\nno\n", "text\nb\n", "{x\ny}\n"])
def test_prose_is_no_table(text, tmp_path):
  assert read(tmp_path, text).description == f"{text.count(chr(10))} lines, each a text"


def test_labelled_lines_are_read_as_training_texts_are(tmp_path):
  train = tmp_path / "train.txt"
  train.write_text("good a film\nbad the film\n" * 4)
  chosen = classify().__class__(train=str(train))
  datasets.record_files(chosen, tmp_path, datasets.read_parts(chosen)[1])
  texts = read(tmp_path, "bad a b\ngood c\n", chosen=chosen)
  assert list(texts.texts) == ["a b", "c"]
  assert "label_text, without their labels" in texts.description
  texts = read(tmp_path, "bad a b\ngood c\n\nsome text\n", chosen=chosen)  # a word of prose
  assert list(texts.texts) == ["bad a b", "good c", "", "some text"]


def test_a_tagged_file_is_read_as_training_texts_are(tmp_path):
  texts = read_for_tagger(tmp_path, "Anna\tB-PER\nran\tO\n\nin\tO\nRio\tB-LOC\n")
  assert list(texts.texts) == [["Anna", "ran"], ["in", "Rio"]]
  assert texts.description == "2 sentences of tokens; their tags are not used"
  lines = read_for_tagger(tmp_path, "Anna\tB-PER\nran\tO\n", "lines")
  assert list(lines.texts) == ["Anna\tB-PER", "ran\tO"]


def test_raw_lines_are_no_tagged_file(tmp_path):
  lines = ["Anna ran.", "", "the end O", "in Rio B-X"]
  texts = read_for_tagger(tmp_path, "\n".join(lines))
  assert list(texts.texts) == lines and texts.description == "4 lines, each a text"
  lines = ["in Rio B-X", "in Oslo B-Y"]  # tags of no type of the run
  assert list(read_for_tagger(tmp_path, "\n".join(lines)).texts) == lines


def test_a_token_a_line(tmp_path):
  texts = read_for_tagger(tmp_path, "Anna NNP\nran VBD\n\n \nRio\n", "tokens")
  assert list(texts.texts) == [["Anna", "ran"], ["Rio"]]
  with pytest.raises(InputError, match="predict_format=tokens is for taggers"):
    read(tmp_path, "a\n", "tokens")


def test_json_records_of_tokens_or_texts(tmp_path):
  records = [{"tokens": ["Anna", "ran"]}, {"text": "in Rio", "spans": []}]
  texts = read_for_tagger(tmp_path, "\n".join(map(json.dumps, records)))
  assert list(texts.texts) == [["Anna", "ran"], "in Rio"]
  with pytest.raises(InputError, match=r"new.txt:1: found the keys \['sentence'\], expected to"):
    list(read_for_tagger(tmp_path, '{"sentence": "x"}\n').texts)


def test_a_pipe_is_read_whole_and_named_in_errors(tmp_path):
  path = str(tmp_path / "pipe")
  os.mkfifo(path)
  write = pathlib.Path(path).write_text
  writer = threading.Thread(target=write, args=("a\nb\n",))
  writer.start()
  with new_texts.regular_file(path) as copy:
    assert pathlib.Path(copy).read_text() == pathlib.Path(copy).read_text() == "a\nb\n"
  writer.join()
  writer = threading.Thread(target=write, args=("a\n",))
  writer.start()
  with pytest.raises(InputError, match=f"^{path}:1: x$"), new_texts.regular_file(path) as copy:
    raise InputError(f"{copy}:1: x")
  writer.join()


@pytest.mark.parametrize("name", ["-", "/dev/stdin"])
def test_standard_input(name, monkeypatch):
  assert new_texts.display_name(name) == "standard input"
  assert new_texts.display_name("texts.txt") == "texts.txt"
  monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(b"a\n")))
  with pytest.raises(InputError, match="^standard input:1"), new_texts.regular_file(name) as copy:
    assert pathlib.Path(copy).read_text() == "a\n"
    raise InputError(f"{copy}:1")
  monkeypatch.setattr(sys, "stdin", None)
  with pytest.raises(InputError, match="standard input is closed"), new_texts.regular_file(name):
    pass


def test_a_file_or_what_is_missing_is_passed_on(tmp_path):
  for path in (tmp_path, tmp_path / "missing"):
    with new_texts.regular_file(str(path)) as same:
      assert same == str(path)
  with pytest.raises(InputError, match="missing: No such file"):
    new_texts.read(classify(), str(tmp_path / "missing"), folder=tmp_path, labels=LABELS)


def test_one_has_no_plural():
  assert new_texts.counted(1, "text") == "1 text"
  assert [new_texts.counted(number, "text") for number in (0, 2000)] == ["0 texts", "2,000 texts"]
