"""Texts that come through pipes are kept in the folder of a run."""

import os
import threading

import pytest

from glove_jax.data.text import corpus, piped
from glove_jax.errors import InputError


@pytest.fixture
def pipe(tmp_path):
  """A named pipe; a call writes bytes into it from another thread."""
  path = tmp_path / "pipe"
  os.mkfifo(path)
  def write(data):
    thread = threading.Thread(target=path.write_bytes, args=(data,), daemon=True)
    thread.start()
    return path
  return write


def test_the_content_of_a_pipe_is_kept_under_its_hash(pipe, tmp_path, capsys):
  folder = tmp_path / "run" / "inputs"
  data = b"one two\n" * 100_000
  [first] = corpus.find_files(pipe(data), pipes=folder)
  assert first.read_bytes() == data
  assert f"800,000 bytes of {tmp_path / 'pipe'} are kept in {first}" in capsys.readouterr().out
  assert corpus.find_files(pipe(data), pipes=folder) == [first]
  assert os.listdir(folder) == [first.name]
  assert corpus.find_files(pipe(b"other"), pipes=folder) != [first]


def test_standard_input_is_a_pipe_too(monkeypatch, pipe, tmp_path):
  monkeypatch.setattr(piped, "_STDIN_PATH", str(pipe(b"text")))
  [kept] = corpus.find_files("-", pipes=tmp_path / "inputs")
  assert kept.read_bytes() == b"text"


def test_errors_name_the_pipe(pipe, tmp_path):
  [kept] = corpus.find_files(pipe(b"a \xff\n"), pipes=tmp_path / "inputs")
  with pytest.raises(InputError) as caught, piped.named_in_errors():
    list(corpus.read_lines(kept))
  assert str(caught.value).startswith(f"{tmp_path / 'pipe'}:1: byte 0xff at column 3")


def test_an_empty_pipe_leaves_nothing(pipe, tmp_path):
  with pytest.raises(InputError, match="nothing came through the pipe"):
    corpus.find_files(pipe(b""), pipes=tmp_path / "inputs")
  assert os.listdir(tmp_path / "inputs") == []


def test_a_pipe_is_refused_where_nothing_is_kept(tmp_path):
  os.mkfifo(tmp_path / "pipe")
  with pytest.raises(InputError, match="is not a regular file; a corpus is read more than once"):
    corpus.find_files(tmp_path / "pipe")
  for name in (tmp_path / "pipe", "-", "/dev/stdin"):
    with pytest.raises(InputError, match="can be read only once"):
      piped.refuse(name)
  piped.refuse(tmp_path)


def test_devices_are_refused(tmp_path):
  for path in ("/dev/null", "/dev/zero"):
    with pytest.raises(InputError, match="is not a regular file"):
      corpus.find_files(path, pipes=tmp_path)


def test_a_folder_that_cannot_be_written_is_one_line(pipe, tmp_path):
  (tmp_path / "file").write_text("")
  with pytest.raises(InputError, match="cannot be kept in"):
    corpus.find_files(pipe(b"text"), pipes=tmp_path / "file" / "inputs")
