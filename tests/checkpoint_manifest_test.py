"""The manifest tells which file of a checkpoint was changed, added or removed."""

import numpy as np
import pytest

from glove_jax import checkpoint_manifest
from glove_jax.errors import InputError
from glove_jax.train import TrainState

STATE = TrainState(np.int32(1), {"w": np.zeros((2, 3), np.float32)}, ())


@pytest.fixture
def path(tmp_path):
  for folder in ("state", "attached"):
    (tmp_path / folder).mkdir()
    (tmp_path / folder / "file").write_text("1")
  checkpoint_manifest.write(tmp_path, STATE)
  return tmp_path


def test_shapes_and_types_come_back(path):
  leaves = checkpoint_manifest.read(path, remedy="delete it.")
  assert leaves == checkpoint_manifest.shapes_and_types(STATE)
  assert leaves["params/w"] == [[2, 3], "float32"]


@pytest.mark.parametrize("name", ["state/file", "state/new", "attached/file", "attached/new"])
def test_a_changed_or_added_file_is_named(path, name):
  (path / name).write_text("2")
  with pytest.raises(InputError, match=rf"damaged checkpoint \({name.split('/')[1]}\); delete it."):
    checkpoint_manifest.read(path, remedy="delete it.")


def test_a_missing_manifest_is_named(path):
  (path / "manifest.json").unlink()
  with pytest.raises(InputError, match="damaged checkpoint .manifest.json"):
    checkpoint_manifest.read(path, remedy="delete it.")


def test_differences_are_all_listed():
  text = checkpoint_manifest.differences({"a": 1, "c": 2}, {"a": 2, "b": 3})
  assert text == "b is missing; c is not expected; a is 1, expected 2."
