import os
import stat

import pytest

from glove_jax import files
from glove_jax.errors import InputError


def test_atomic_write_replaces_a_file_once_it_is_complete(tmp_path):
  path = tmp_path / "new" / "a.txt"
  with files.atomic_write(path) as file:
    file.write("é\n")
    assert not path.exists()
  assert path.read_bytes() == "é\n".encode()
  with files.atomic_write(path, "wb") as file:
    file.write(b"other")
    assert path.read_bytes() == "é\n".encode()
  assert path.read_bytes() == b"other"
  assert os.listdir(path.parent) == ["a.txt"]


def test_atomic_write_keeps_the_old_file_after_an_error(tmp_path):
  path = tmp_path / "a.txt"
  path.write_text("old")
  with pytest.raises(RuntimeError), files.atomic_write(path) as file:
    file.write("new")
    raise RuntimeError
  assert path.read_text() == "old"
  assert os.listdir(tmp_path) == ["a.txt"]


def test_atomic_write_respects_the_umask(tmp_path):
  old_umask = os.umask(0o027)
  try:
    with files.atomic_write(tmp_path / "a.txt") as file:
      file.write("text")
  finally:
    os.umask(old_umask)
  assert stat.S_IMODE((tmp_path / "a.txt").stat().st_mode) == 0o640


def test_atomic_folder_replaces_a_folder_once_it_is_complete(tmp_path):
  path = tmp_path / "folder"
  path.mkdir()
  (path / "old").touch()
  with files.atomic_folder(path, what="the data") as building:
    (building / "new").touch()
    assert os.listdir(path) == ["old"]
  assert os.listdir(path) == ["new"]
  assert os.listdir(tmp_path) == ["folder"]


@pytest.mark.parametrize(("error", "expected", "message"), [
  (RuntimeError("stop"), RuntimeError, "stop"),
  (OSError(28, "No space left"), InputError, r"cannot write the data \(No space left\)"),
])
def test_atomic_folder_keeps_the_old_folder_after_an_error(tmp_path, error, expected, message):
  path = tmp_path / "folder"
  path.mkdir()
  with pytest.raises(expected, match=message), files.atomic_folder(path, what="the data"):
    raise error
  assert os.listdir(tmp_path) == ["folder"]


def test_json_files(tmp_path):
  path = tmp_path / "a.json"
  files.write_json(path, {"é": [1, 2]})
  assert path.read_text(encoding="utf-8").endswith("}\n")
  assert files.read_json(path) == {"é": [1, 2]}
  path.write_text("{")
  with pytest.raises(InputError, match="a.json: not JSON"):
    files.read_json(path)
