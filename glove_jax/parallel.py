"""The only file that knows about devices: `pmap`, layouts of states and sharded batches.

There is one axis, `data`. A train state has no device axis: its arrays are replicated, or their
rows are split over devices (`sharded_rows`). A batch is split along its first axis. What the
devices compute for their own rows is summed (`psum`) or gathered (`all_gather`), so that all of
them apply the same update.
"""

from collections.abc import Callable
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from glove_jax import compiler_options

AXIS = "data"

# Layouts of arrays. A layout of a tree is one of these for each of its subtrees.
REPLICATED = jax.sharding.PartitionSpec()
SHARDED = jax.sharding.PartitionSpec(AXIS)  # by rows, padded with zeros to equally many a device

# Results in flight at a time: enough to keep a device busy. Without a bound, thousands of small
# updates pile up, and on several CPU devices their collectives wait for each other until XLA aborts
# the process.
_MAX_IN_FLIGHT = 4


def _mesh() -> jax.sharding.Mesh:
  return jax.sharding.Mesh(np.array(jax.local_devices()), (AXIS,))


def device_count() -> int:
  """Returns the number of devices that a batch is split over."""
  return jax.local_device_count()


def pmap(
  function: Callable,
  *,
  donate: bool = False,
  few_runs: bool = False,
  state: Any = REPLICATED,
  result: Any = REPLICATED,
) -> Callable:
  """Returns `function(state, batch) -> result` compiled for all devices.

  The batch is split. Within the function, `psum` and `all_gather` combine the devices. Nothing
  checks that they agree on what is replicated: all that goes into a state must be combined first
  (tests use `assert_replicated`).

  Args:
    function: of a state and the rows of one device.
    donate: reuse the memory of the state for the result.
    few_runs: compile it sooner and less well; see `compiler_options`.
    state, result: their layouts. Of an array that is sharded, the function sees the rows of its
      device.
  """
  layouts = {"state": state, "result": result}
  if few_runs:
    options = compiler_options.for_few_runs()
    return shard_map(function, donate=donate, compiler_options=options, **layouts)
  if SHARDED in jax.tree.leaves(layouts):
    return shard_map(function, donate=donate, **layouts)
  donated = 0 if donate else ()
  return jax.pmap(
    function, axis_name=AXIS, in_axes=(None, 0), out_axes=None, donate_argnums=donated
  )


def shard_map(
  function: Callable,
  *,
  donate: bool = False,
  compiler_options: dict | None = None,
  state: Any = REPLICATED,
  result: Any = REPLICATED,
) -> Callable:
  """Returns what `pmap` returns, made by `jax.jit` and `jax.shard_map`, bit for bit the same.

  Args:
    function, donate, state, result: of `pmap`.
    compiler_options: of `jax.jit`, which `jax.pmap` does not take.
  """
  mesh = _mesh()

  def on_device(state, batch):
    rows = jax.tree.map(lambda leaf: leaf.squeeze(0), batch)
    return function(state, rows)

  mapped = jax.shard_map(
    on_device, mesh=mesh, in_specs=(state, SHARDED), out_specs=result, check_vma=False
  )
  shardings = jax.tree.map(
    lambda spec: jax.sharding.NamedSharding(mesh, spec), ((state, SHARDED), result)
  )
  return jax.jit(
    mapped,
    in_shardings=shardings[0],
    out_shardings=shardings[1],
    donate_argnums=0 if donate else (),
    compiler_options=compiler_options,
  )


def psum(tree: Any) -> Any:
  """Sums a tree of arrays over devices."""
  if jax.lax.axis_size(AXIS) == 1:
    return tree  # XLA would copy the arrays
  return jax.lax.psum(tree, AXIS)


def all_gather(tree: Any) -> Any:
  """Concatenates the rows of all devices, in device order. Leaves: [B / n, ...] -> [B, ...]."""
  if jax.lax.axis_size(AXIS) == 1:
    return tree
  return jax.lax.all_gather(tree, AXIS, tiled=True)


def psum_scatter(tree: Any) -> Any:
  """Sums arrays over devices; each device gets its rows of it. Leaves: [B, ...] -> [B / n, ...]."""
  if jax.lax.axis_size(AXIS) == 1:
    return tree
  return jax.lax.psum_scatter(tree, AXIS, tiled=True)


def device_index() -> jax.Array:
  """Returns the index of this device, [] int32: random keys differ by it."""
  return jax.lax.axis_index(AXIS)


def replicate(tree: Any) -> Any:
  """Copies a tree of arrays to every device, laid out as `pmap` returns it.

  With another layout the first update would be compiled twice. The arrays are copied, because an
  update that donates its state must not take those of the caller.
  """
  def copy(leaf):
    # JAX would compile a copy of NumPy's arrays.
    return jnp.array(leaf) if isinstance(leaf, jax.Array) else np.array(leaf)

  return jax.device_put(jax.tree.map(copy, tree), _replicated())


def put(tree: Any) -> Any:
  """Puts NumPy's arrays on every device, once for many calls that donate nothing."""
  def put_leaf(leaf):
    return leaf if isinstance(leaf, jax.Array) else jax.device_put(leaf, _replicated())

  return jax.tree.map(put_leaf, tree)


def _replicated() -> jax.sharding.NamedSharding:
  return jax.sharding.NamedSharding(_mesh(), jax.sharding.PartitionSpec())


def place(tree: Any, layout: Any) -> Any:
  """Copies a tree of arrays to the devices. Those that are sharded get no device all their rows.

  Args:
    tree: of arrays; those that are sharded should be NumPy's.
    layout: of the tree.
  """
  def placed(spec, subtree):
    return jax.tree.map(_shard_rows, subtree) if spec == SHARDED else replicate(subtree)

  return jax.tree.map(placed, layout, tree)


def _shard_rows(array) -> jax.Array:
  array = np.asarray(array)
  padded = -(-len(array) // device_count()) * device_count()

  def rows(index):
    start, stop, _ = index[0].indices(padded)
    part = array[start:stop]
    missing = stop - start - len(part)
    return np.pad(part, [(0, missing)] + [(0, 0)] * (array.ndim - 1))

  sharding = jax.sharding.NamedSharding(_mesh(), SHARDED)
  return jax.make_array_from_callback((padded, *array.shape[1:]), sharding, rows)


def collect(tree: Any, layout: Any, like: Any) -> Any:
  """Returns a tree that `place` has copied, with its sharded arrays as NumPy's, without padding.

  Args:
    tree: of arrays on the devices.
    layout: of the tree.
    like: a tree with the shapes of the same arrays before `place`.
  """
  def collected(spec, subtree, like):
    if spec != SHARDED:
      return subtree
    return jax.tree.map(lambda leaf, whole: np.asarray(leaf)[: whole.shape[0]], subtree, like)

  return jax.tree.map(collected, layout, tree, like)


def shard(batch: Any) -> Any:
  """Splits a batch of NumPy arrays for `pmap`. Leaves: [B, ...] -> [n, ceil(B / n), ...].

  Rows that are missing are zeros. In every batch, rows of zeros are padding, which has no weight in
  the loss.
  """
  devices = device_count()

  def split(array):
    array = np.asarray(array)
    missing = -len(array) % devices
    if missing:
      padding = np.zeros((missing, *array.shape[1:]), array.dtype)
      array = np.concatenate([array, padding])
    return array.reshape(devices, -1, *array.shape[1:])

  return jax.tree.map(split, batch)


def pace(in_flight: list, result: Any) -> None:
  """Adds a result to those in flight, and waits for the oldest if there are too many.

  Every loop over batches calls it.
  """
  in_flight.append(result)
  if len(in_flight) > _MAX_IN_FLIGHT:
    jax.block_until_ready(in_flight.pop(0))


def assert_replicated(tree: Any) -> None:
  """Raises AssertionError, naming the leaf, unless all devices hold the same bits."""
  for path, leaf in jax.tree_util.tree_leaves_with_path(tree):
    first, *others = [np.asarray(shard.data) for shard in leaf.addressable_shards]
    for device, other in enumerate(others, 1):
      if first.shape != leaf.shape or not np.array_equal(first, other, equal_nan=True):
        name = jax.tree_util.keystr(path)
        raise AssertionError(f"{name}: device {device} disagrees with device 0.")
