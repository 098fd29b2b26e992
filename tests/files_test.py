import errno
import json
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


def test_json_holds_file_names_that_are_not_utf8(tmp_path):
  name = os.fsdecode(b"caf\xe9.txt")
  files.write_json(tmp_path / "a.json", {"corpus": name, "text": "好"})
  written = (tmp_path / "a.json").read_bytes()
  assert json.loads(written.decode("utf-8"))["corpus"] == name and "好".encode() in written
  assert files.read_json(tmp_path / "a.json") == {"corpus": name, "text": "好"}


def test_a_folder_whose_name_is_not_utf8_has_another_path(tmp_path):
  folder = tmp_path / os.fsdecode(b"caf\xe9")
  folder.mkdir()
  with files.utf8_alias(folder) as alias:
    str(alias).encode("utf-8")
    (alias / "file").write_text("text")
  assert (folder / "file").read_text() == "text" and not alias.exists()
  with files.utf8_alias(tmp_path) as alias:
    assert alias == tmp_path


@pytest.mark.parametrize("fail", ["write", "open"])
def test_an_error_of_the_disk_names_the_file(tmp_path, monkeypatch, fail):
  def raise_full(*_, **__):
    raise OSError(errno.ENOSPC, "No space left on device")

  if fail == "open":
    monkeypatch.setattr(files.tempfile, "mkstemp", raise_full)
  with pytest.raises(OSError) as raised, files.atomic_write(tmp_path / "a.txt") as file:
    file.write("text")
    raise_full()
  assert raised.value.filename == str(tmp_path / "a.txt")
  assert not os.listdir(tmp_path)


def test_a_name_may_be_as_long_as_the_system_allows(tmp_path):
  path = tmp_path / ("好" * 84)  # 252 bytes of 255
  with files.atomic_write(path) as file:
    file.write("text")
  assert path.read_text() == "text"
