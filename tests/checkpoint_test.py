"""States come back bit for bit; damage, foreign checkpoints and wrong names are reported."""

import json
import os
import re

import jax
import jax.numpy as jnp
import numpy as np
import optax
import pytest

from glove_jax import checkpoint, files, train
from glove_jax.errors import InputError


def make_state(step=3, width=4):
  word = jnp.arange(3.0 * width).reshape(3, width)
  params = {"word": word, "head": {"b": jnp.ones(2)}}
  opt_state = optax.adam(0.1).init(params)
  return train.init_state(params, opt_state, step)


def test_a_whole_state_comes_back_bit_for_bit(tmp_path):
  state = make_state()
  checkpoint.save(tmp_path, state)
  restored = checkpoint.restore(tmp_path, make_state(step=0))
  assert type(restored) is train.TrainState
  for before, after in zip(jax.tree.leaves(state), jax.tree.leaves(restored), strict=True):
    assert after.dtype == before.dtype
    np.testing.assert_array_equal(after, before)


def test_the_latest_few_are_kept(tmp_path):
  for step in (1, 2, 10):
    checkpoint.save(tmp_path, make_state(step))
  assert checkpoint.steps(tmp_path) == [2, 10]
  assert int(checkpoint.restore(tmp_path, make_state()).step) == 10
  assert int(checkpoint.restore(tmp_path, make_state(), step=2).step) == 2


def test_none_where_there_is_none(tmp_path):
  assert checkpoint.restore(tmp_path / "nowhere", make_state()) is None
  (tmp_path / "7.building").mkdir()  # a crash in the middle of saving
  assert checkpoint.restore(tmp_path, make_state()) is None


def test_saving_again_over_a_crash(tmp_path):
  leftover = tmp_path / "3.building" / "state" / "junk"
  leftover.parent.mkdir(parents=True)
  leftover.write_text("x")
  checkpoint.save(tmp_path, make_state())
  assert [path.name for path in tmp_path.iterdir()] == ["3"]


def damaged_contents(contents):
  """Ways to damage a file; None: delete it."""
  if not contents:
    return [None, b"x"]
  other_last_byte = bytes([contents[-1] ^ 1])
  return [None, contents[: len(contents) // 2], contents[:-1] + other_last_byte, b""]


def test_damage_to_any_file_is_reported_in_one_line(tmp_path):
  path = checkpoint.save(tmp_path, make_state())
  files = [file for file in path.rglob("*") if file.is_file()]
  assert len(files) > 3
  for file in files:
    contents = file.read_bytes()
    message = f"3: damaged checkpoint .*{re.escape(file.name)}.*; delete .*3 to go on"
    for damaged in damaged_contents(contents):
      if damaged is None:
        file.unlink()
      else:
        file.write_bytes(damaged)
      with pytest.raises(InputError, match=message) as error:
        checkpoint.restore(tmp_path, make_state(step=0))
      assert "\n" not in str(error.value)
    file.write_bytes(contents)
  assert checkpoint.restore(tmp_path, make_state()) is not None


def test_another_shape_is_named(tmp_path):
  checkpoint.save(tmp_path, make_state(width=4))
  message = r"params/word is \[\[3, 4\], 'float32'\], expected \[\[3, 5\], 'float32'\]"
  with pytest.raises(InputError, match=message):
    checkpoint.restore(tmp_path, make_state(width=5))


def test_another_optimizer_is_named(tmp_path):
  checkpoint.save(tmp_path, make_state())
  params = make_state().params
  template = train.init_state(params, optax.sgd(0.1).init(params))
  with pytest.raises(InputError, match="opt_state/0/mu/word is not expected"):
    checkpoint.restore(tmp_path, template)


def test_the_average_of_the_last_few(tmp_path):
  initial = make_state().params
  for step in (1, 2, 3):
    params = {**initial, "word": initial["word"] * step}
    checkpoint.save(tmp_path, make_state(step)._replace(params=params), keep=3)
  mean = checkpoint.average(tmp_path, make_state(3), at=[2, 3])
  np.testing.assert_allclose(mean.params["word"], initial["word"] * 2.5)
  np.testing.assert_array_equal(mean.params["head"]["b"], initial["head"]["b"])
  assert int(mean.step) == 3


SOURCE = {"body": {"w": np.ones(2)}, "head": {"w": np.ones(5)}}


def test_transfer_keeps_what_is_excluded():
  target = {"body": {"w": np.zeros(2)}, "head": {"w": np.zeros(3)}}
  params = checkpoint.transfer(SOURCE, target, exclude=["head"])
  assert params["body"]["w"].sum() == 2
  assert params["head"]["w"].shape == (3,)
  assert params["head"]["w"].sum() == 0


@pytest.mark.parametrize(
  "target,message",
  [
    (
      {"body": {"w": np.zeros(2)}, "head": {"w": np.zeros(3)}},
      r"head/w is \[\[5\]\], expected \[\[3\]\]",
    ),
    (
      {"body": {"w": np.zeros(2)}, "extra": np.ones(1)},
      r"extra is missing.*head/w is not expected",
    ),
  ],
)
def test_transfer_is_strict_elsewhere(target, message):
  with pytest.raises(InputError, match=message):
    checkpoint.transfer(SOURCE, target)


def test_excluding_a_name_does_not_exclude_names_that_begin_with_it():
  with pytest.raises(InputError, match="header is missing"):
    checkpoint.transfer({}, {"header": np.ones(1)}, exclude=["head"])


def test_the_manifest_can_be_read_by_people(tmp_path):
  path = checkpoint.save(tmp_path, make_state())
  manifest = json.loads((path / "manifest.json").read_text())
  assert manifest["leaves"]["params/word"] == [[3, 4], "float32"]


def test_a_checkpoint_under_the_name_of_another_step_is_refused(tmp_path):
  path = checkpoint.save(tmp_path, make_state(step=3))
  path.rename(tmp_path / "5")
  with pytest.raises(InputError, match="5: holds step 3, expected 5"):
    checkpoint.restore(tmp_path, make_state())


def test_attached_files_come_back_and_are_under_a_checksum(tmp_path):
  path = checkpoint.save(tmp_path, make_state(), attached={"metrics.jsonl": b"{}"})
  assert checkpoint.read_attached(tmp_path, 3, "metrics.jsonl") == b"{}"
  assert checkpoint.read_attached(tmp_path, 3, "other") is None
  next(path.rglob("metrics.jsonl")).write_bytes(b"[]")
  with pytest.raises(InputError, match="damaged checkpoint .metrics.jsonl"):
    checkpoint.restore(tmp_path, make_state())


def test_a_digit_changed_in_the_manifest_is_told(tmp_path):
  path = checkpoint.save(tmp_path, make_state()) / "manifest.json"
  path.write_text(path.read_text().replace("float32", "float64", 1))
  with pytest.raises(InputError, match="damaged checkpoint .manifest.json"):
    checkpoint.restore(tmp_path, make_state())


def test_what_a_kill_left_is_tidied_and_odd_names_are_no_steps(tmp_path):
  for step in (1, 2):
    checkpoint.save(tmp_path, make_state(step))
  for name in ("3.building", "0.removing", "²", "07"):
    (tmp_path / name).mkdir()
  assert checkpoint.steps(tmp_path) == [1, 2]
  checkpoint.tidy(tmp_path, keep=1)
  assert {path.name for path in tmp_path.iterdir()} == {"2", "²", "07"}


def test_a_kill_in_the_removal_of_an_old_one_leaves_no_half(tmp_path, monkeypatch):
  for step in (1, 2):
    checkpoint.save(tmp_path, make_state(step))
  monkeypatch.setattr(files.shutil, "rmtree", lambda path, ignore_errors: None)
  checkpoint.tidy(tmp_path, keep=1)  # as if killed before the files were removed
  assert checkpoint.steps(tmp_path) == [2]
  monkeypatch.undo()
  checkpoint.tidy(tmp_path, keep=1)
  assert [path.name for path in tmp_path.iterdir()] == ["2"]


@pytest.mark.parametrize(
  ("error", "message"),
  [
    (
      ValueError("RESOURCE_EXHAUSTED: Failed to write 5 bytes to file 4: No space left on device"
      " [os_error_code='28'] [tensorstore_spec='{}']"),
      "1.building: cannot write the checkpoint .No space left on device.",
    ),
    (OSError(122, "Disk quota exceeded"), "cannot write the checkpoint .Disk quota exceeded."),
  ],
)
def test_a_full_disk_is_one_line_and_the_checkpoint_before_remains(
  tmp_path, monkeypatch, error, message
):
  checkpoint.save(tmp_path, train.TrainState(np.int32(0), {"a": np.ones(2)}, ()))

  class Full:
    def __enter__(self):
      raise error

    def __exit__(self, *_):
      pass

  monkeypatch.setattr(checkpoint, "_writer", Full)
  with pytest.raises(InputError, match=message):
    checkpoint.save(tmp_path, train.TrainState(np.int32(1), {"a": np.ones(2)}, ()))
  assert [path.name for path in tmp_path.iterdir()] == ["0"]


def test_an_error_of_orbax_that_is_none_of_the_system_stays_a_bug(tmp_path, monkeypatch):
  def fail():
    raise ValueError("a bug")

  monkeypatch.setattr(checkpoint, "_writer", fail)
  with pytest.raises(ValueError, match="a bug"):
    checkpoint.save(tmp_path, train.TrainState(np.int32(1), {"a": np.ones(2)}, ()))


def test_a_folder_whose_name_is_not_utf8(tmp_path):
  folder = tmp_path / os.fsdecode(b"caf\xe9")
  state = train.TrainState(np.int32(3), {"a": np.arange(3.0)}, ())
  checkpoint.save(folder, state)
  restored = checkpoint.restore(folder, state)
  np.testing.assert_array_equal(restored.params["a"], [0, 1, 2])
