"""The persistent cache of compiled programs: where it lies, who decides, and how large it grows."""

import os
import pathlib

import jax
import pytest

from glove_jax import compilation_cache


@pytest.fixture
def no_cache():
  """JAX without a cache folder; what it was is restored."""
  keys = ("jax_compilation_cache_dir", "jax_persistent_cache_min_compile_time_secs")
  before = {key: getattr(jax.config, key) for key in keys}
  jax.config.update("jax_compilation_cache_dir", None)
  yield
  for key, value in before.items():
    jax.config.update(key, value)


def test_the_cache_lies_in_the_users_cache_folder(no_cache, tmp_path, monkeypatch):
  monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
  compilation_cache.enable()
  folder = pathlib.Path(jax.config.jax_compilation_cache_dir)
  assert folder.parent == tmp_path / "glove_jax" / "compiled"
  assert folder.is_dir()


def test_a_key_names_another_folder_or_none(no_cache, tmp_path):
  compilation_cache.enable("")
  assert jax.config.jax_compilation_cache_dir is None
  compilation_cache.enable(str(tmp_path / "mine"))
  assert jax.config.jax_compilation_cache_dir == str(tmp_path / "mine")


def test_a_folder_that_jax_has_been_told_of_wins(no_cache, tmp_path):
  jax.config.update("jax_compilation_cache_dir", str(tmp_path / "jax"))
  compilation_cache.enable(str(tmp_path / "mine"))
  assert jax.config.jax_compilation_cache_dir == str(tmp_path / "jax")
  assert not (tmp_path / "mine").exists()


def test_jax_may_be_told_to_do_without(no_cache, tmp_path):
  jax.config.update("jax_enable_compilation_cache", False)
  try:
    compilation_cache.enable(str(tmp_path / "mine"))
    assert jax.config.jax_compilation_cache_dir is None
  finally:
    jax.config.update("jax_enable_compilation_cache", True)


def test_a_folder_that_cannot_be_made_is_no_error(no_cache, tmp_path):
  (tmp_path / "file").write_text("")
  compilation_cache.enable(str(tmp_path / "file" / "cache"))
  assert jax.config.jax_compilation_cache_dir is None


def test_the_entries_used_longest_ago_are_removed(tmp_path):
  for age, name in enumerate(("new", "middle", "old")):
    path = tmp_path / name
    path.write_bytes(b"x" * 10)
    os.utime(path, (1000 - age, 1000 - age))
  compilation_cache.trim(tmp_path, 25)
  assert sorted(path.name for path in tmp_path.iterdir()) == ["middle", "new"]


def test_a_missing_folder_has_nothing_to_trim(tmp_path):
  compilation_cache.trim(tmp_path / "none", 0)
