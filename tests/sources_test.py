"""Files that settings name are compared by content, wherever they lie."""

import os

import pytest

from glove_jax import sources


@pytest.fixture
def files(tmp_path):
  for folder in ("a", "b"):
    (tmp_path / folder / "model").mkdir(parents=True)
    (tmp_path / folder / "x.txt").write_text("one")
    (tmp_path / folder / "y.txt").write_text("two")
    (tmp_path / folder / "model" / "weights").write_text("w")
  return tmp_path


@pytest.mark.parametrize(("first", "second"), [
  ("a/x.txt", "b/x.txt"),
  ("a", "b"),
  ("a/*.txt", "b/x.txt,b/y.txt"),
  ("a/x.txt:member", "b/x.txt:member"),
])
def test_the_same_contents_elsewhere_are_the_same(files, monkeypatch, first, second):
  monkeypatch.chdir(files)
  description = sources.describe(str(files / first) if "," not in first else first)
  assert sources.is_same(sources.describe(second), description)


@pytest.mark.parametrize(("first", "second"), [
  ("a/x.txt", "a/y.txt"),
  ("a/x.txt,a/y.txt", "a/y.txt,a/x.txt"),
  ("a/x.txt:member", "a/x.txt:other"),
])
def test_other_contents_differ(files, monkeypatch, first, second):
  monkeypatch.chdir(files)
  assert not sources.is_same(sources.describe(second), sources.describe(first))


def test_a_renamed_or_changed_file_of_a_folder_is_another(files):
  before = sources.describe(str(files / "a"))
  (files / "b" / "x.txt").rename(files / "b" / "z.txt")
  assert not sources.is_same(sources.describe(str(files / "b")), before)
  (files / "a" / "model" / "weights").write_text("v")
  assert not sources.is_same(sources.describe(str(files / "a"), before), before)


def test_what_a_run_makes_for_itself_does_not_count(files):
  before = sources.describe(str(files / "a"))
  for name in ("checkpoints", "ids"):
    (files / "a" / name).mkdir()
    (files / "a" / name / "0").write_text("x")
  (files / "a" / "metrics.jsonl").write_text("{}")
  (files / "a" / ".lock").write_text("")
  assert sources.is_same(sources.describe(str(files / "a")), before)


@pytest.mark.parametrize("value", ["", "pretrained", "nowhere.txt", "x.txt,nowhere.txt"])
def test_names_that_are_no_files_have_no_description(files, monkeypatch, value):
  monkeypatch.chdir(files / "a")
  assert sources.describe(value) is None


def test_unchanged_files_are_not_read_again(files, monkeypatch):
  path = files / "a" / "x.txt"
  before = sources.describe(str(path))
  monkeypatch.setattr(sources, "_file_digest", None)
  assert sources.describe(str(path), before) == before
  os.utime(path, ns=(1, 1))
  with pytest.raises(TypeError):
    sources.describe(str(path), before)
