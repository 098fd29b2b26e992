"""Folders of a part, of a label, and of texts without a label."""

import pytest

from glove_jax.data.labelled import classification, text_folders
from glove_jax.errors import InputError


def write(folder, names):
  for name in names:
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f"text of {name}\n")
  return folder


IMDB = [
  "train/pos/0_9.txt", "train/pos/10_7.txt", "train/neg/1_2.txt", "train/unsup/3_0.txt",
  "train/urls_pos.txt", "test/pos/0_10.txt", "test/neg/1_1.txt",
]  # fmt: skip


def test_a_folder_of_parts_gives_each_part(tmp_path):
  write(tmp_path, IMDB)
  train = text_folders.part_folder(tmp_path, "train")
  assert train == tmp_path / "train"
  assert text_folders.part_folder(tmp_path, "test") == tmp_path / "test"
  assert text_folders.part_folder(train, "train") == train
  with pytest.raises(InputError, match="found the folders test, train, expected one for dev"):
    text_folders.part_folder(tmp_path, "dev")


def test_texts_without_a_label_are_left_out(tmp_path):
  data = classification.read(write(tmp_path, IMDB) / "train")
  assert data.classes == ("neg", "pos")
  assert data.texts[1] == "text of train/pos/0_9.txt"
  files = [file.name for file in text_folders.files(tmp_path / "train")]
  assert files == ["1_2.txt", "0_9.txt", "10_7.txt"]


def test_files_of_deeper_folders_and_without_a_suffix_count(tmp_path):
  write(tmp_path, ["sci.med/59284", "sci.med/more/59285", "rec.autos/1.eml", "sci.med/.hidden"])
  data = classification.read(tmp_path)
  assert data.labels == [("rec.autos",), ("sci.med",), ("sci.med",)]


def test_a_folder_of_files_is_named_with_them(tmp_path):
  write(tmp_path, ["train.tsv", "dev.tsv"])
  with pytest.raises(InputError, match="no folders with texts, but the files dev.tsv, train.tsv"):
    classification.read(tmp_path)
