"""The only file that knows about devices: `pmap`, replicated states and sharded batches.

There is one axis, `data`. A train state is replicated and has no device axis; a batch is split
along its first axis. What the devices compute for their own rows is summed (`psum`) or gathered
(`all_gather`), so that all of them apply the same update.
"""

from collections.abc import Callable
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from glove_jax import compiler_options

AXIS = "data"

# Results in flight at a time: enough to keep a device busy. Without a bound, thousands of small
# updates pile up, and on several CPU devices their collectives wait for each other until XLA aborts
# the process.
_MAX_IN_FLIGHT = 4


def _mesh() -> jax.sharding.Mesh:
  return jax.sharding.Mesh(np.array(jax.local_devices()), (AXIS,))


def device_count() -> int:
  """Returns the number of devices that a batch is split over."""
  return jax.local_device_count()


def pmap(function: Callable, *, donate: bool = False, few_runs: bool = False) -> Callable:
  """Returns `function(state, batch) -> result` compiled for all devices.

  The state and the result are replicated, the batch is split. Within the function, `psum` and
  `all_gather` combine the devices. Nothing checks that they agree on the result: all that goes into
  a state must be combined first (tests use `assert_replicated`).

  Args:
    function: of a state and the rows of one device.
    donate: reuse the memory of the state for the result.
    few_runs: compile it sooner and less well; see `compiler_options`.
  """
  if few_runs:
    options = compiler_options.for_few_runs()
    return shard_map(function, donate=donate, compiler_options=options)
  donated = 0 if donate else ()
  return jax.pmap(
    function, axis_name=AXIS, in_axes=(None, 0), out_axes=None, donate_argnums=donated
  )


def shard_map(
  function: Callable, *, donate: bool = False, compiler_options: dict | None = None
) -> Callable:
  """Returns what `pmap` returns, made by `jax.jit` and `jax.shard_map`, bit for bit the same.

  Args:
    function, donate: of `pmap`.
    compiler_options: of `jax.jit`, which `jax.pmap` does not take.
  """
  mesh = _mesh()
  replicated = jax.sharding.PartitionSpec()
  split = jax.sharding.PartitionSpec(AXIS)

  def on_device(state, batch):
    rows = jax.tree.map(lambda leaf: leaf.squeeze(0), batch)
    return function(state, rows)

  mapped = jax.shard_map(
    on_device, mesh=mesh, in_specs=(replicated, split), out_specs=replicated, check_vma=False
  )
  shardings = [jax.sharding.NamedSharding(mesh, spec) for spec in (replicated, split)]
  return jax.jit(
    mapped,
    in_shardings=tuple(shardings),
    out_shardings=shardings[0],
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

  replicated = jax.sharding.NamedSharding(_mesh(), jax.sharding.PartitionSpec())
  return jax.device_put(jax.tree.map(copy, tree), replicated)


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
