"""Rows of tables are read, written and shared out alike whether they are split over devices."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from glove_jax import parallel, table_layouts

V, E = 21, 3  # 21 rows on 8 devices: the last one has none
LAYOUTS = {"replicated": table_layouts.REPLICATED, "sharded": table_layouts.SHARDED}
TABLES = {
  "matrix": np.random.default_rng(0).normal(size=(V, E)).astype(np.float32),
  "vector": np.arange(V, dtype=np.float32),
  "integers": np.arange(V * E, dtype=np.int32).reshape(V, E),
}


@pytest.fixture(params=LAYOUTS)
def layout(request):
  return LAYOUTS[request.param]


def on_devices(function, table, batch, layout, result=parallel.REPLICATED):
  placed = parallel.place(table, layout.spec)
  compiled = parallel.pmap(function, state=layout.spec, result=result)
  return compiled(placed, parallel.shard(batch))


@pytest.mark.parametrize("num_rows", [2, 16])  # on each device; it has 3 rows of the table
@pytest.mark.parametrize("name", TABLES)
def test_each_device_takes_rows_of_the_whole_table(name, num_rows, layout, monkeypatch):
  monkeypatch.setattr(table_layouts, "_ROWS_AT_ONCE", 8)  # one row of a device at a time
  monkeypatch.setattr(table_layouts, "_PARTS", 2)
  table = TABLES[name]
  rows = np.random.default_rng(1).integers(0, V, (8, num_rows, 1)).astype(np.int32)

  def take(table, rows):
    return parallel.all_gather(layout.take(table, rows))

  np.testing.assert_array_equal(on_devices(take, table, rows, layout), table[rows])


def test_rows_outside_the_table_are_not_written(layout):
  table = TABLES["matrix"]
  rows = np.array([20, 3, -1, 0, 24, 9, 10, 11], np.int32)

  def write(table, rows):
    local = layout.local_rows(table, parallel.all_gather(rows))
    return table.at[local].set(7.0, mode="drop")

  written = on_devices(write, table, rows, layout, layout.spec)
  expected = table.copy()
  expected[[20, 3, 0, 9, 10, 11]] = 7.0
  np.testing.assert_array_equal(parallel.collect(written, layout.spec, table), expected)


def test_sums_of_the_rows_of_devices_add_up_to_that_of_the_table(layout):
  def total(table, _):
    return layout.add_up(table.sum(0))

  sums = on_devices(total, TABLES["integers"], np.zeros(8), layout)
  assert sums.tolist() == TABLES["integers"].sum(0).tolist()


def test_a_device_has_its_share_of_the_bytes_and_no_more():
  tree = {"table": TABLES["matrix"], "step": np.int32(3), "none": None}
  layout = {"table": parallel.SHARDED, "step": parallel.REPLICATED, "none": parallel.SHARDED}
  placed = parallel.place(tree, layout)
  assert [shard.data.shape for shard in placed["table"].addressable_shards] == [(3, E)] * 8
  assert [int(shard.data) for shard in placed["step"].addressable_shards] == [3] * 8
  collected = parallel.collect(placed, layout, jax.eval_shape(lambda: tree))
  np.testing.assert_array_equal(collected["table"], TABLES["matrix"])


@pytest.mark.parametrize("num_rows", [8, 1 << 13])  # exchanged, and gathered
def test_a_look_up_needs_no_whole_table(num_rows, monkeypatch):
  monkeypatch.setattr(table_layouts, "_ROWS_AT_ONCE", 1 << 10)
  table = jnp.zeros((1 << 16, 64))
  layout = table_layouts.SHARDED

  def take(table, rows):
    return parallel.psum(layout.take(table, rows).sum())

  compiled = parallel.pmap(take, state=layout.spec)
  rows = parallel.shard(np.zeros(8 * num_rows, np.int32))
  memory = compiled.lower(parallel.place(table, layout.spec), rows).compile().memory_analysis()
  assert memory.argument_size_in_bytes < table.nbytes / 7
  taken = num_rows * table.nbytes // len(table)
  assert memory.temp_size_in_bytes < 3 * taken + table.nbytes / 4
