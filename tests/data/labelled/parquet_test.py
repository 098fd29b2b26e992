"""Parquet and Arrow files are read as records; without pyarrow one line says what to install."""

import json
import sys

import pytest

from glove_jax.data.labelled import classification, parquet, tagging
from glove_jax.errors import InputError

TABLE = {"text": ["a good film", "bad"], "label": [1, 0]}


def write(path, values, metadata=None):
  pa = pytest.importorskip("pyarrow")
  table = pa.table(values).replace_schema_metadata(metadata)
  if path.suffix == ".parquet":
    pa.parquet.write_table(table, path)
  elif path.suffix == ".arrow":
    with pa.ipc.new_stream(path, table.schema) as file:
      file.write_table(table)
  else:
    with pa.ipc.new_file(path, table.schema) as file:
      file.write_table(table)
  return path


@pytest.fixture(autouse=True)
def import_parquet():
  pytest.importorskip("pyarrow.parquet")


@pytest.mark.parametrize("suffix", [".parquet", ".arrow", ".feather"])
def test_labelled_texts(tmp_path, suffix):
  data = classification.read(write(tmp_path / f"x{suffix}", TABLE))
  assert data == (["a good film", "bad"], [("1",), ("0",)], ("0", "1"))


def test_numbers_take_the_names_that_datasets_keeps(tmp_path):
  label = {"names": ["neg", "pos"], "_type": "ClassLabel"}
  features = {"label": label, "text": {"dtype": "string"}}
  metadata = {"huggingface": json.dumps({"info": {"features": features}})}
  data = classification.read(write(tmp_path / "x.parquet", TABLE, metadata))
  assert data.labels == [("pos",), ("neg",)]


def test_tagged_sentences(tmp_path):
  tags = {"feature": {"names": ["O", "B-PER"], "_type": "ClassLabel"}, "_type": "Sequence"}
  metadata = {"huggingface": json.dumps({"info": {"features": {"ner_tags": tags}}})}
  values = {"tokens": [["Anna", "sings"]], "ner_tags": [[1, 0]]}
  data = tagging.read(write(tmp_path / "x.parquet", values, metadata))
  assert data == ([["Anna", "sings"]], [[(0, 1, "PER")]], ("PER",))


def test_damage_is_one_line(tmp_path):
  path = write(tmp_path / "x.parquet", TABLE)
  data = path.read_bytes()
  for damaged in (data[:40], data[:-20], b"PAR1" + b"\0" * 100, data[:-8] + b"\xff" * 8):
    path.write_bytes(damaged)
    with pytest.raises(InputError, match="a damaged Parquet file") as error:
      classification.read(path)
    assert "\n" not in str(error.value)


def test_a_line_says_what_to_install(tmp_path, monkeypatch):
  path = write(tmp_path / "x.parquet", TABLE)
  monkeypatch.setitem(sys.modules, "pyarrow", None)
  with pytest.raises(InputError, match="needs pyarrow: .* -m pip install"):
    parquet.read(path)


def test_text_is_no_parquet(tmp_path):
  (tmp_path / "x").write_text("pos a\n")
  with pytest.raises(InputError, match="not a Parquet file"):
    classification.read(tmp_path / "x", "parquet")
