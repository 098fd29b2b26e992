import json
import pathlib

import jax.numpy as jnp
import numpy as np
import optax
import pytest

from glove_jax import checkpoint, train
from glove_jax.errors import InputError


def make_state(step=3, width=4):
  params = {"word": jnp.arange(3.0 * width).reshape(3, width), "head": {"b": jnp.ones(2)}}
  return train.init_state(params, optax.adam(0.1).init(params), step)


def leaves(state):
  return [np.asarray(leaf) for leaf in checkpoint.jax.tree.leaves(state)]


def test_a_whole_state_comes_back_bit_for_bit(tmp_path):
  state = make_state()
  checkpoint.save(tmp_path, state)
  back = checkpoint.restore(tmp_path, make_state(step=0))
  assert type(back) is train.TrainState
  for one, two in zip(leaves(state), leaves(back), strict=True):
    assert one.dtype == two.dtype
    np.testing.assert_array_equal(one, two)


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
  (tmp_path / "3.building" / "state").mkdir(parents=True)
  (tmp_path / "3.building" / "state" / "junk").write_text("x")
  checkpoint.save(tmp_path, make_state())
  assert [path.name for path in tmp_path.iterdir()] == ["3"]


def test_damage_anywhere_is_one_clear_line(tmp_path):
  path = checkpoint.save(tmp_path, make_state())
  files = [file for file in path.rglob("*") if file.is_file()]
  assert len(files) > 3
  for file in files:
    whole = file.read_bytes()
    damages = [None, whole[: len(whole) // 2], whole[:-1] + bytes([whole[-1] ^ 1]), b""] if whole else [None, b"x"]
    for damage in damages:
      file.unlink() if damage is None else file.write_bytes(damage)
      with pytest.raises(InputError, match=f"3: damaged checkpoint .*{file.name}.*; delete .*3 to go on") as error:
        checkpoint.restore(tmp_path, make_state(step=0))
      assert "\n" not in str(error.value)
    file.write_bytes(whole)
  assert checkpoint.restore(tmp_path, make_state()) is not None


def test_another_shape_is_named(tmp_path):
  checkpoint.save(tmp_path, make_state(width=4))
  with pytest.raises(InputError, match=r"params/word is \[\[3, 4\], 'float32'\], expected \[\[3, 5\], 'float32'\]"):
    checkpoint.restore(tmp_path, make_state(width=5))


def test_another_optimizer_is_named(tmp_path):
  checkpoint.save(tmp_path, make_state())
  params = make_state().params
  with pytest.raises(InputError, match="opt_state/0/mu/word is not expected"):
    checkpoint.restore(tmp_path, train.init_state(params, optax.sgd(0.1).init(params)))


def test_the_average_of_the_last_few(tmp_path):
  states = [make_state(step) for step in (1, 2, 3)]
  states = [state._replace(params={**state.params, "word": state.params["word"] * int(state.step)}) for state in states]
  for state in states:
    checkpoint.save(tmp_path, state, keep=3)
  mean = checkpoint.average(tmp_path, states[-1], last=2)
  np.testing.assert_allclose(mean.params["word"], make_state().params["word"] * 2.5)
  np.testing.assert_array_equal(mean.params["head"]["b"], make_state().params["head"]["b"])
  assert int(mean.step) == 3


def test_transfer_is_strict_except_where_told():
  source = {"body": {"w": np.ones(2)}, "head": {"w": np.ones(5)}}
  target = {"body": {"w": np.zeros(2)}, "head": {"w": np.zeros(3)}}
  moved = checkpoint.transfer(source, target, exclude=["head"])
  assert moved["body"]["w"].sum() == 2
  assert moved["head"]["w"].shape == (3,)
  with pytest.raises(InputError, match=r"head/w is \[\[5\]\], expected \[\[3\]\]"):
    checkpoint.transfer(source, target)
  with pytest.raises(InputError, match=r"extra is missing.*head/w is not expected"):
    checkpoint.transfer({"body": source["body"], "head": source["head"]}, {"body": target["body"], "extra": np.ones(1)})


def test_the_manifest_can_be_read_by_people(tmp_path):
  path = pathlib.Path(checkpoint.save(tmp_path, make_state()))
  manifest = json.loads((path / "manifest.json").read_text())
  assert manifest["leaves"]["params/word"] == [[3, 4], "float32"]
