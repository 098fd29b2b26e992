import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from glove_jax.data.counts import cooccurrence, packed_rows, record_batches
from glove_jax.errors import InputError


def make_store(folder, *, words=300, tokens=20_000, seed=0, **how):
  rng = np.random.default_rng(seed)
  ids = (words * rng.random(tokens) ** 3).astype(np.int32)
  ids[rng.random(tokens) < 0.02] = -1
  return cooccurrence.count([ids], folder, vocab_size=words, window=5, key="counts", **how)


@pytest.fixture
def small(monkeypatch):
  """Shapes so small that a little matrix needs several."""
  monkeypatch.setattr(packed_rows, "TILE", 4)
  monkeypatch.setattr(packed_rows, "ROWS", 8)
  monkeypatch.setattr(packed_rows, "_SMALLEST", 32)
  monkeypatch.setattr(packed_rows, "_GROUP", 500)


def entries(packed):
  """{(row, col): count} of all chunks, and how many there were."""
  found, number = {}, 0
  for chunks in packed:
    for cols, counts, tile_row, row in zip(*chunks, strict=True):
      rows = np.broadcast_to(row[tile_row][:, None] - 1, cols.shape)
      for i, j, x in zip(rows[counts > 0], cols[counts > 0], counts[counts > 0], strict=True):
        found[int(i), int(j)] = float(x)
        number += 1
  return found, number


def expected(store):
  rows = store.rows(np.arange(store.nonzeros)).tolist()
  return dict(zip(zip(rows, store.cols.tolist(), strict=True), store.counts.astype(np.float32).tolist(), strict=True))


@pytest.mark.parametrize("symmetric", [True, False])
def test_every_count_is_packed_once_in_its_row(small, tmp_path, symmetric):
  store = make_store(tmp_path / "store", symmetric=symmetric)
  packed = packed_rows.pack(store, tmp_path / "packed", key="k")
  assert len(packed) > 1
  found, number = entries(packed)
  assert found == expected(store)
  assert number == store.nonzeros


def test_a_row_is_in_one_chunk_and_its_tiles_are_its_own(small, tmp_path):
  packed = packed_rows.pack(make_store(tmp_path / "store"), tmp_path / "packed")
  rows = np.concatenate([chunks.row[chunks.row > 0] for chunks in packed])
  assert len(np.unique(rows)) == len(rows)
  for chunks in packed:
    assert (np.diff(chunks.tile_row, axis=1) >= 0).all()


@settings(max_examples=100, deadline=None)
@given(st.lists(st.integers(0, 90_000), max_size=200))
def test_a_plan_has_room_for_all_rows(lengths):
  planned = packed_rows.plan_chunks(np.array(lengths, np.int64))
  assert sorted(row for chunks in planned.values() for rows in chunks for row in rows) == [
    row for row, length in enumerate(lengths) if length]
  for slots, chunks in planned.items():
    for rows in chunks:
      assert len(rows) <= packed_rows.ROWS
      assert sum(-(-lengths[row] // packed_rows.TILE) for row in rows) * packed_rows.TILE <= slots


def test_little_is_padding_for_lengths_as_words_have_them():
  lengths = np.maximum(100, 60_000 / np.arange(1, 50_000) ** 0.7).astype(int)
  slots = sum(slots * len(chunks) for slots, chunks in packed_rows.plan_chunks(lengths).items())
  assert lengths.sum() < slots < 1.25 * lengths.sum()


def test_held_out_pairs_are_left_out_on_both_sides(small, tmp_path):
  store = make_store(tmp_path / "store")
  found, _ = entries(packed_rows.pack(store, tmp_path / "packed", seed=3, held_out=0.2))
  out = {pair for pair in expected(store)
         if record_batches.is_held_out(*np.array([pair]).T.astype(np.int32), store.vocab_size, 3, 0.2)[0]}
  assert set(found) == set(expected(store)) - out
  assert 0.1 < len(out) / store.nonzeros < 0.3


@pytest.mark.parametrize("batch_slots", [1, 100, 10**6])
def test_batches_are_all_rows_once_a_half_sweep_by_turns(small, tmp_path, batch_slots):
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
    assert entries([batch.chunks for batch in part])[0] == expected(store)
  again = data.batch(data.steps_per_sweep)
  for one, two in zip(again.chunks, sweep[0].chunks, strict=True):
    np.testing.assert_array_equal(one, two)


def test_opens_for_its_key_only(tmp_path):
  store = make_store(tmp_path / "store")
  packed_rows.pack(store, tmp_path / "packed", key="a")
  assert entries(packed_rows.open_packed(tmp_path / "packed", key="a"))[0] == expected(store)
  assert packed_rows.open_packed(tmp_path / "packed", key="b") is None
  assert packed_rows.open_packed(tmp_path / "nowhere", key="a") is None


def test_damage_is_named(tmp_path):
  packed_rows.pack(make_store(tmp_path / "store"), tmp_path / "packed")
  path = tmp_path / "packed" / "4096.counts"
  data = bytearray(path.read_bytes())
  data[100] ^= 1
  path.write_bytes(data)
  with pytest.raises(InputError, match=r"packed/4096.counts: wrong checksum; delete .*packed"):
    packed_rows.open_packed(tmp_path / "packed")
