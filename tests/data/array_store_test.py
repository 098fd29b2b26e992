import json

import numpy as np
import pytest

from glove_jax.data import array_store
from glove_jax.errors import InputError
from glove_jax.files import read_record, write_record

IDS = np.arange(5, dtype=np.int32)


@pytest.fixture
def folder(tmp_path):
  """A folder "store" with two arrays, one of them empty, stored for the key "a"."""
  folder = tmp_path / "store"
  folder.mkdir()
  IDS.tofile(folder / "ids")
  (folder / "empty").touch()
  types = {"ids": np.int32, "empty": np.float64}
  array_store.write_metadata(folder, types, key="a", extra={"shape": [5]})
  return folder


def test_loads_arrays_and_extra_values(folder):
  arrays, extra, key = array_store.load(folder, key="a")
  assert key == "a"
  assert isinstance(arrays["ids"], np.memmap)
  np.testing.assert_array_equal(arrays["ids"], IDS)
  assert arrays["empty"].shape == (0,)
  assert arrays["empty"].dtype == np.float64
  assert extra == {"shape": [5]}


def test_loads_for_the_same_key_only(folder, tmp_path):
  assert array_store.load(folder, key="b") is None
  assert array_store.load(tmp_path / "nowhere", key="a") is None


def test_a_folder_without_metadata_holds_no_arrays(folder):
  (folder / "meta.json").unlink()
  assert array_store.load(folder, key="a") is None


@pytest.mark.parametrize(("damage", "message"), [
  ("cut", "19 bytes, expected 20"),
  ("flipped", r"wrong checksum \(\d+, expected \d+\)"),
  ("gone", "0 bytes, expected 20"),
])
def test_a_damaged_file_is_named(folder, damage, message):
  path = folder / "ids"
  data = path.read_bytes()
  if damage == "gone":
    path.unlink()
  elif damage == "cut":
    path.write_bytes(data[:-1])
  else:
    path.write_bytes(bytes([data[0] ^ 1]) + data[1:])
  with pytest.raises(InputError, match=rf"store/ids: {message}; delete .*store to create it again"):
    array_store.load(folder, key="a")


def test_checksums_are_compared_only_if_asked_for(folder):
  path = folder / "ids"
  data = path.read_bytes()
  path.write_bytes(bytes([data[0] ^ 1]) + data[1:])
  assert array_store.load(folder, key="a", verify=False).arrays["ids"][0] == 1


def metadata(dtype="int32", size=20, crc=1, name="ids"):
  return json.dumps({"key": "a", "files": {name: [dtype, size, crc]}, "about": {}})


@pytest.mark.parametrize("text", [
  "",
  "{",
  "[]",
  "[" * 100_000,
  json.dumps({"bytes": 1}),
  metadata(size=float("inf")),
  metadata(crc=float("nan")),
  metadata(dtype="int3"),
  metadata(dtype="(,"),
  metadata(dtype=None, size=None),
  metadata(name="../ids"),
  json.dumps({"key": "a", "files": [], "about": 1}),
])
def test_damaged_metadata_is_named(folder, text):
  (folder / "meta.json").write_text(text)
  with pytest.raises(InputError, match=r"store/meta.json: damaged .*delete .*store"):
    array_store.load(folder, key="a")


def test_a_digit_changed_in_the_metadata_is_named(folder):
  path = folder / "meta.json"
  path.write_text(path.read_text().replace("5", "6", 1))
  with pytest.raises(InputError, match=r"meta.json: damaged \(checksum \d+, expected \d+\)"):
    array_store.load(folder, key="a")


def test_an_array_that_must_be_there_is_named(folder):
  with pytest.raises(InputError, match="meta.json: damaged .no array 'cols'"):
    array_store.load(folder, key="a", names=("cols",))


@pytest.mark.parametrize("dtype", ["S0", "a8", "V0", "U0", "f4,f8", "(2,)f4", "", ["f4"], None])
def test_an_array_of_a_type_that_is_none_is_damaged(folder, dtype):
  meta = read_record(folder / "meta.json", remedy="")
  meta["files"]["ids"][0] = dtype
  write_record(folder / "meta.json", {key: meta[key] for key in ("key", "files", "about")})
  with pytest.raises(InputError, match=r"meta.json: damaged"):
    array_store.load(folder, key="a")
