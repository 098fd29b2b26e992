"""Caches of vector files: written when asked for, made anew when they are old or damaged."""

import os
import pathlib
import zipfile

import numpy as np
import pytest
from small_vector_files import SMALL, expect_small, write

from glove_jax import vector_files
from glove_jax.vector_files import cache

_FILES = ["v.cache.json", "v.cache.npy", "v.cache.words.txt"]


@pytest.fixture
def path(tmp_path) -> pathlib.Path:
  return write(tmp_path, SMALL, "v")


def _reads(monkeypatch) -> list:
  """Returns a list that grows whenever a file is parsed."""
  reads = []
  original = cache.load

  def load(path, read, *args, **kwargs):
    return original(path, lambda: reads.append(path) or read(), *args, **kwargs)

  monkeypatch.setattr(cache, "load", load)
  return reads


def test_a_cache_is_written_only_where_it_is_asked_for(path, monkeypatch):
  reads = _reads(monkeypatch)
  vector_files.load(path)
  assert os.listdir(path.parent) == ["v"]
  for _ in range(2):
    expect_small(vector_files.load(path, cache=True))
  assert len(reads) == 1
  assert sorted(os.listdir(path.parent)) == ["v", *_FILES]
  assert not vector_files.load(path, cache=True).vectors.flags.writeable


def test_a_limit_uses_a_cache_but_writes_none(path, monkeypatch):
  reads = _reads(monkeypatch)
  assert vector_files.load(path, cache=True, limit=1).words == ["the"]
  assert os.listdir(path.parent) == ["v"]
  vector_files.load(path, cache=True)
  assert vector_files.load(path, cache=True, limit=1).vectors.tolist() == [
    [0.5, -1, np.float32(2e-3)]
  ]
  assert len(reads) == 2


def test_a_changed_file_is_read_again_and_a_touched_one_is_not(path, monkeypatch):
  reads = _reads(monkeypatch)
  vector_files.load(path, cache=True)
  os.utime(path, ns=(1, 1))
  expect_small(vector_files.load(path, cache=True))
  assert len(reads) == 1
  path.write_bytes(SMALL.replace(b"cat", b"dog"))
  assert vector_files.load(path, cache=True).words == ["the", "dog"]
  assert vector_files.load(path, cache=True).words == ["the", "dog"]
  assert len(reads) == 2


@pytest.mark.parametrize("name", _FILES)
@pytest.mark.parametrize("damage", ["flip", "cut", "remove"])
def test_a_damaged_cache_is_made_anew(path, monkeypatch, name, damage):
  vector_files.load(path, cache=True)
  reads = _reads(monkeypatch)
  file = path.with_name(name)
  data = bytearray(file.read_bytes())
  data[-3] ^= 1
  if damage == "flip":
    file.write_bytes(data)
  elif damage == "cut":
    os.truncate(file, len(data) // 2)
  else:
    file.unlink()
  for _ in range(2):
    expect_small(vector_files.load(path, cache=True))
  assert len(reads) == 1


def test_other_options_are_another_reading(path, monkeypatch):
  reads = _reads(monkeypatch)
  vector_files.load(path, cache=True)
  expect_small(vector_files.load(path, cache=True, encoding="latin-1"))
  assert len(reads) == 2


def test_words_and_notes_are_those_of_the_file(tmp_path):
  path = write(tmp_path, "\ufeff\ufeffa 1\nNew York 2\nb\x85\rc 3\nb\x85\rc 4\n".encode(), "v")
  first = vector_files.load(path, cache=True)
  again = vector_files.load(path, cache=True)
  assert again.words == first.words == ["\ufeffa", "New York", "b\x85\rc"]
  assert again.notes == first.notes and "1 duplicate" in again.notes[0]


def test_words_beside_a_file_belong_to_it(tmp_path):
  path = write(tmp_path, b"0.5\t1\n-2\t3\n", "tensors.tsv")
  write(tmp_path, b"the\ncat\n", "metadata.tsv")
  assert vector_files.load(path, cache=True).words == ["the", "cat"]
  write(tmp_path, b"the\ndog\n", "metadata.tsv")
  assert vector_files.load(path, cache=True).words == ["the", "dog"]


def test_a_member_of_an_archive(tmp_path, monkeypatch):
  with zipfile.ZipFile(tmp_path / "v.zip", "w") as archive:
    archive.writestr("a/v.txt", SMALL)
    archive.writestr("b.txt", b"dog 1\n")
  reads = _reads(monkeypatch)
  for _ in range(2):
    expect_small(vector_files.load(f"{tmp_path}/v.zip:a/v.txt", cache=True))
  assert len(reads) == 1
  assert (tmp_path / "v.zip.a.v.txt.cache.npy").is_file()
