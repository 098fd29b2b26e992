"""Texts to label are read from files as those of training, with labels or without."""

import json

import pytest

from glove_jax.data.labelled import labelled_files, unlabelled_files
from glove_jax.data.labelled.layouts import Options
from glove_jax.errors import InputError

CLASSES = ("neg", "pos")
TRAIN = {
  "label_text": "pos a good film\nneg bad, really\n" * 6,
  "tabs": "pos\ta good film\nneg\tbad, really\n" * 6,
  "fasttext": "__label__pos a good film\n__label__neg bad, really\n" * 6,
  "csv": 'id,label,text\n1,pos,a good film\n2,neg,"bad, really"\n',
  "json": '{"label": "pos", "text": "a good film"}\n{"label": "neg", "text": "bad, really"}\n',
}
TEXTS = ["a good film", "bad, really"]


def layout_of(folder, name):
  path = folder / "train"
  path.write_text(TRAIN[name])
  return labelled_files.read(path, Options())[1]


def read(folder, content, layout):
  path = folder / "new.txt"
  path.write_text(content)
  texts, description = unlabelled_files.read(path, layout, classes=CLASSES)
  return [text for _, text in texts], description


@pytest.mark.parametrize("name", TRAIN)
def test_the_texts_of_a_labelled_file(tmp_path, name):
  layout = layout_of(tmp_path, name)
  texts, description = read(tmp_path, TRAIN[name], layout)
  assert texts[:2] == TEXTS and "a text a line" not in description


@pytest.mark.parametrize("name", TRAIN)
def test_a_text_a_line(tmp_path, name):
  layout = layout_of(tmp_path, name)
  lines = ["it was so good", "", "positively bad", "pos"]
  assert read(tmp_path, "\n".join(lines) + "\n", layout) == (lines, "a text a line")
  assert read(tmp_path, "\n".join(lines) + "\n", None) == (lines, "a text a line")


def test_columns_without_labels(tmp_path):
  layout = layout_of(tmp_path, "csv")
  expected = (TEXTS, "column text")
  assert read(tmp_path, 'text,id\na good film,7\n"bad, really",8\n', layout) == expected
  assert read(tmp_path, json.dumps([{"text": text} for text in TEXTS]), layout) == expected
  # The columns of training without their names.
  assert read(tmp_path, '1,,a good film\n2,,"bad, really"\n', layout) == expected


def test_records_with_other_keys_are_named(tmp_path):
  layout = layout_of(tmp_path, "json")
  assert read(tmp_path, '{"text": "a"}\n{"text": "b"}\n', layout) == (["a", "b"], "column text")
  with pytest.raises(InputError, match="found the columns 0: 'body', expected text"):
    read(tmp_path, '{"body": "a"}\n', layout)


def test_a_text_a_file(tmp_path):
  (tmp_path / "new" / "b").mkdir(parents=True)
  (tmp_path / "new" / "a.txt").write_text("one\ttext\n")
  (tmp_path / "new" / "b" / "x").write_text("another")
  texts, description = unlabelled_files.read(tmp_path / "new", None)
  assert (texts, description) == ([(1, "one text"), (1, "another")], "a text a file")
