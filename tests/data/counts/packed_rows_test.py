import json

import numpy as np
import pytest

from glove_jax.data.counts import chunk_planning, cooccurrence, packed_rows, record_batches
from glove_jax.errors import InputError


def make_store(folder, *, symmetric=True):
  """Counts of 20,000 tokens of 300 words, some of them frequent."""
  rng = np.random.default_rng(0)
  ids = (300 * rng.random(20_000) ** 3).astype(np.int32)
  ids[rng.random(20_000) < 0.02] = -1
  window = cooccurrence.Window(5, symmetric)
  return cooccurrence.count([ids], folder, vocab_size=300, window=window, key="counts")


@pytest.fixture
def small(monkeypatch):
  """Shapes so small that a little matrix needs several."""
  monkeypatch.setattr(chunk_planning, "TILE", 4)
  monkeypatch.setattr(chunk_planning, "ROWS", 8)
  monkeypatch.setattr(chunk_planning, "SMALLEST", 32)
  monkeypatch.setattr(packed_rows, "_GROUP", 500)


def entries(packed):
  """Returns [(row, col, count)] of all entries of all chunks, sorted."""
  result = []
  for chunks in packed:
    for cols, counts, tile_row, row in zip(*chunks, strict=True):
      rows = np.broadcast_to(row[tile_row][:, None] - 1, cols.shape)
      used = counts > 0
      arrays = (rows[used], cols[used], counts[used])
      result += zip(*[array.tolist() for array in arrays], strict=True)
  return sorted(result)


def expected_entries(store):
  rows = store.rows(np.arange(store.nonzeros))
  counts = store.counts.astype(np.float32)
  return sorted(zip(rows.tolist(), store.cols.tolist(), counts.tolist(), strict=True))


@pytest.mark.parametrize("symmetric", [True, False])
def test_every_count_is_packed_once_in_its_row(small, tmp_path, symmetric):
  store = make_store(tmp_path / "store", symmetric=symmetric)
  packed = packed_rows.pack(store, tmp_path / "packed", key="k")
  assert len(packed) > 1
  assert entries(packed) == expected_entries(store)


@pytest.mark.parametrize(("first_row", "num_cols"), [(0, 300), (40, 40), (250, 7), (300, 300)])
def test_the_last_rows_and_the_first_columns_can_be_packed(small, tmp_path, first_row, num_cols):
  store = make_store(tmp_path / "store")
  packed = packed_rows.pack(store, tmp_path / "packed", first_row=first_row, num_cols=num_cols)
  expected = [entry for entry in expected_entries(store)
              if entry[0] >= first_row and entry[1] < num_cols]  # fmt: skip
  assert entries(packed) == expected
  assert packed == [] if first_row == 300 else packed


def test_a_row_is_in_one_chunk_and_its_tiles_are_adjacent(small, tmp_path):
  packed = packed_rows.pack(make_store(tmp_path / "store"), tmp_path / "packed")
  rows = np.concatenate([chunks.row[chunks.row > 0] for chunks in packed])
  assert len(np.unique(rows)) == len(rows)
  for chunks in packed:
    assert (np.diff(chunks.tile_row, axis=1) >= 0).all()


def test_held_out_pairs_are_left_out_on_both_sides(small, tmp_path):
  store = make_store(tmp_path / "store")
  packed = packed_rows.pack(store, tmp_path / "packed", seed=3, held_out=0.2)
  rows = store.rows(np.arange(store.nonzeros))
  held_out = record_batches.is_held_out(rows, store.cols, store.vocab_size, 3, 0.2)
  kept = np.flatnonzero(~held_out)
  pairs = [(row, col) for row, col, _ in entries(packed)]
  assert pairs == sorted(zip(rows[kept].tolist(), store.cols[kept].tolist(), strict=True))
  assert 0.1 < held_out.mean() < 0.3


@pytest.mark.parametrize("batch_slots", [1, 100, 10**6])
def test_a_half_sweep_has_all_rows_of_one_side_once(small, tmp_path, batch_slots):
  store = make_store(tmp_path / "store")
  packed = packed_rows.pack(store, tmp_path / "packed")
  data = packed_rows.row_batches((packed, packed), batch_slots=batch_slots)
  half = data.steps_per_sweep // 2
  sweep = [data.batch(step) for step in range(data.steps_per_sweep)]
  for side in (0, 1):
    part = sweep[side * half : (side + 1) * half]
    assert all((batch.side == side).all() for batch in part)
    assert [bool(batch.first[0]) for batch in part] == [True] + [False] * (half - 1)
    assert [bool(batch.last[0]) for batch in part] == [False] * (half - 1) + [True]
    assert entries([batch.chunks for batch in part]) == expected_entries(store)
  next_sweep = data.batch(data.steps_per_sweep)
  for array, expected in zip(next_sweep.chunks, sweep[0].chunks, strict=True):
    np.testing.assert_array_equal(array, expected)


def test_opens_for_its_key_only(tmp_path):
  store = make_store(tmp_path / "store")
  packed_rows.pack(store, tmp_path / "packed", key="a")
  assert entries(packed_rows.open_packed(tmp_path / "packed", key="a")) == expected_entries(store)
  assert packed_rows.open_packed(tmp_path / "packed", key="b") is None
  assert packed_rows.open_packed(tmp_path / "nowhere", key="a") is None


def test_damage_is_named(tmp_path):
  packed_rows.pack(make_store(tmp_path / "store"), tmp_path / "packed")
  path = tmp_path / "packed" / "4096.counts"
  data = bytearray(path.read_bytes())
  data[100] ^= 1
  path.write_bytes(data)
  with pytest.raises(InputError, match=r"packed/4096.counts: wrong checksum .*; delete .*packed"):
    packed_rows.open_packed(tmp_path / "packed")


@pytest.mark.parametrize("slots", [None, [5], [0], ["4096"], [float("inf")], [4096, 8192]])
def test_metadata_that_lists_other_chunks_is_named(tmp_path, slots):
  packed_rows.pack(make_store(tmp_path / "store"), tmp_path / "packed")
  path = tmp_path / "packed" / "meta.json"
  meta = json.loads(path.read_text())
  del meta["checksum"]  # as an older version wrote it
  meta["about"] = {} if slots is None else {"slots": slots}
  path.write_text(json.dumps(meta))
  with pytest.raises(InputError, match="packed/meta.json: damaged .no list of chunks that fits"):
    packed_rows.open_packed(tmp_path / "packed")
