"""The files of a run: the samples, folders of parts, and the layout that a run remembers."""

import json

import pytest

from glove_jax.errors import InputError
from glove_jax.finetuning import datasets, part_files, settings


def classify(**values):
  return settings.ClassifySettings(**{"train": "sample", **values})


def test_dev_and_test_are_read_as_train(tmp_path):
  (tmp_path / "train.tsv").write_text("pos\ta good film\nneg\ta bad film\n" * 9)
  (tmp_path / "dev.tsv").write_text("pos\tgood\nneg\tbad film\n")
  (tmp_path / "test.csv").write_text("label,text\npos,good\n")
  paths = {part: str(next(tmp_path.glob(f"{part}.*"))) for part in datasets.PARTS}
  data, layout = datasets.read_parts(classify(**paths))
  assert data["dev"].labels == [("pos",), ("neg",)] and data["test"].texts == ["good"]
  part_files.record_files(classify(**paths), tmp_path, layout)
  assert part_files.load_layout(classify(**paths), tmp_path) == layout
  (tmp_path / "new.tsv").write_text("neutral\tso so\npos\tyes\nneg\tno\n")
  new = str(tmp_path / "new.tsv")
  gold = part_files.read_file(classify(), new, folder=tmp_path, classes=("neg", "pos"))
  assert gold.labels == [("neutral",), ("pos",), ("neg",)]
  with pytest.raises(InputError, match="cannot tell the labels"):
    part_files.read_file(classify(), new)
  texts = part_files.read_texts(classify(), new, folder=tmp_path, classes=("neg", "pos"))
  assert list(texts[0]) == [(1, "so so"), (2, "yes"), (3, "no")]


@pytest.mark.parametrize("damage", ["{", "[]", '{"format": 1}', '{"format": "csv", "x": 1}'])
def test_a_damaged_layout_is_one_line(tmp_path, damage):
  (tmp_path / "layout.json").write_text(damage)
  with pytest.raises(InputError, match="layout.json: "):
    part_files.load_layout(classify(), tmp_path)
  with pytest.raises(InputError, match="layout.json: "):
    part_files.load_layout(settings.TagSettings(train="x"), tmp_path)


def test_the_labelled_sample():
  parts = dict.fromkeys(datasets.PARTS, "sample")
  data = datasets.read(classify(**parts))
  assert {name: len(part.texts) for name, part in data.items()} == {
    "train": 400,
    "dev": 100,
    "test": 100,
  }
  assert data["train"].classes == ("neg", "pos")
  texts = [text for part in data.values() for text in part.texts]
  assert len(set(texts)) == 600
  assert datasets.read(classify())["dev"].texts[0] in data["train"].texts


def test_the_tagged_sample():
  parts = dict.fromkeys(datasets.PARTS, "sample")
  data = datasets.read(settings.TagSettings(**parts))
  assert [len(part.sentences) for part in data.values()] == [400, 100, 100]
  assert data["train"].types == ("LOC", "ORG", "PER")


def test_each_part_of_a_folder(tmp_path, capsys):
  for part in ("train", "test"):
    for label in ("pos", "neg"):
      (tmp_path / part / label).mkdir(parents=True)
      (tmp_path / part / label / "1.txt").write_text(f"{label} text of {part}")
  folder = str(tmp_path)
  data = datasets.read(classify(train=folder, test=folder, dev_fraction=0.0))
  assert data["train"].texts == ["neg text of train", "pos text of train"]
  assert data["test"].texts == ["neg text of test", "pos text of test"]
  part_files.record_files(classify(train=folder, test=folder), tmp_path)
  files = json.loads((tmp_path / "texts.json").read_text())["files"]
  assert files == [f"{folder}/{part}/{label}/1.txt" for part in ("train", "test")
                   for label in ("neg", "pos")]  # fmt: skip


def test_labels_that_training_has_once_or_never_are_reported(tmp_path, capsys):
  (tmp_path / "train").write_text("pos good\nneg bad\n" * 9 + "film a good one\n")
  (tmp_path / "test").write_text("pos good\nodd bad\nneg bad\n")
  paths = {"train": str(tmp_path / "train"), "test": str(tmp_path / "test")}
  datasets.read(classify(**paths, dev_fraction=0.0))
  out = capsys.readouterr().out
  assert "'film' in a single text of train" in out
  assert "'odd' in 1 text of test, but not in train" in out


def test_the_columns_that_are_read_and_those_that_are_not_are_reported(tmp_path, capsys):
  path = tmp_path / "train.csv"
  path.write_text("id,author,label,text\n1,anna,pos,a\n2,boris,neg,b\n")
  datasets.read(classify(train=str(path), dev_fraction=0.0))
  line = "csv: label in column label, text in text; not read: id, author"
  assert line in capsys.readouterr().out
