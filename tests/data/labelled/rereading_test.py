"""What is read anew in each pass is the same as a list."""

import gzip

import pytest

from glove_jax.data.labelled import file_text, rereading
from glove_jax.data.labelled.rereading import FileLines, Reread
from glove_jax.errors import InputError

LINES = [f"line {number}" for number in range(9)]


@pytest.mark.parametrize("head", [3, 9, 10])
def test_lines_are_those_of_a_list(tmp_path, head, monkeypatch):
  monkeypatch.setattr(rereading, "HEAD_LINES", head)
  path = tmp_path / "lines.gz"
  path.write_bytes(gzip.compress("\n".join(LINES).encode()))
  lines = FileLines(path)
  assert list(lines) == list(lines) == LINES == file_text.read_lines(path)
  assert len(lines) == 9 and lines and lines[1] == LINES[1] and lines[-1] == LINES[-1]
  for part in (slice(2), slice(1, 3), slice(20), slice(2, None), slice(-2, None), slice(None, -1)):
    assert lines[part] == LINES[part]


def test_no_lines(tmp_path):
  (tmp_path / "empty").touch()
  lines = FileLines(tmp_path / "empty")
  assert not lines and len(lines) == 0 and list(lines) == []
  with pytest.raises(InputError, match="No such file"):
    FileLines(tmp_path / "missing")


def test_values_are_made_in_each_pass_and_counted_once():
  passes = []

  def make():
    passes.append(1)
    yield from "abc"

  values = Reread(make)
  assert "".join(each for each in values) == "abc" and len(passes) == 1
  assert len(values) == 3 and len(passes) == 1
  assert list(values) == ["a", "b", "c"] and len(passes) == 2
  assert values and "b" in values and "x" not in values
  assert not Reread(lambda: iter(()))
  assert len(Reread(make)) == 3
