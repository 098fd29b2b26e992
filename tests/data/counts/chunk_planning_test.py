import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from glove_jax.data.counts import chunk_planning
from glove_jax.data.counts.chunk_planning import ROWS, TILE


@settings(max_examples=100, deadline=None)
@given(st.lists(st.integers(0, 90_000), max_size=200))
def test_every_row_has_room_in_one_chunk(lengths):
  planned = chunk_planning.plan_chunks(np.array(lengths, np.int64))
  planned_rows = []
  for slots, chunks in planned.items():
    for rows in chunks:
      assert len(rows) <= ROWS
      tiles = sum(-(-lengths[row] // TILE) for row in rows)
      assert tiles * TILE <= slots
      planned_rows += rows
  nonempty_rows = np.flatnonzero(lengths).tolist()
  assert sorted(planned_rows) == nonempty_rows


def test_few_slots_are_padding_for_word_frequencies():
  lengths = np.maximum(100, 60_000 / np.arange(1, 50_000) ** 0.7).astype(int)  # after Zipf's law
  planned = chunk_planning.plan_chunks(lengths)
  slots = sum(slots * len(chunks) for slots, chunks in planned.items())
  assert lengths.sum() < slots < 1.25 * lengths.sum()


def test_longer_rows_take_larger_chunks_and_short_rows_fill_them():
  planned = chunk_planning.plan_chunks(np.array([10, 5000, 0, 4096, 200]))
  assert planned == {4096: [[3]], 8192: [[1, 4, 0]]}
