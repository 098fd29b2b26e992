"""How far a file has been read, whatever reads it."""

import re
import time

import pytest

from glove_jax import file_progress, progress


@pytest.fixture(autouse=True)
def impatient(monkeypatch):
  monkeypatch.setattr(progress, "_is_interactive", lambda: True)
  monkeypatch.setattr(progress, "_PATIENCE", 0.01)
  monkeypatch.setattr(progress, "_REDRAWN_EVERY", 0.01)


def shown(capfd):
  return re.sub(r"\|.*?\|", "", capfd.readouterr().err)


def test_the_position_of_an_open_file_is_shown(tmp_path, capfd):
  path = tmp_path / "vectors.txt"
  path.write_bytes(b"a" * 40_000)
  with file_progress.reading(path), open(path, "rb", buffering=0) as file:
    file.read(10_000)
    time.sleep(0.3)
  assert "reading:  25% 10.0k/40.0k [" in shown(capfd)


def test_after_the_file_the_seconds_are_shown(tmp_path, capfd):
  path = tmp_path / "texts.csv"
  path.write_bytes(b"a" * 40_000)
  with file_progress.reading(path):
    with open(path, "rb") as file:
      file.read()
    time.sleep(0.3)
  text = shown(capfd)
  assert "reading, 0 s so far" in text and "%" not in text


@pytest.mark.parametrize("name", ["folder", "file.zip:member", "pretrained"])
def test_of_what_is_no_file_the_seconds_are_shown(tmp_path, capfd, name):
  (tmp_path / "folder").mkdir()
  with file_progress.reading(tmp_path / name):
    time.sleep(0.3)
  assert "reading, 0 s so far" in shown(capfd)


def test_other_open_files_and_closed_ones_have_no_position(tmp_path):
  path, other = tmp_path / "a", tmp_path / "b"
  for file in (path, other):
    file.write_bytes(b"abc")
  with open(other, "rb", buffering=0) as file:
    file.read(2)
    assert file_progress._position(path.stat()) == 0
    assert file_progress._position(other.stat()) == 2
  assert file_progress._position(other.stat()) == 0
