"""All that knows about devices: `pmap`, replicated states, sharded batches.

One axis, `data`. A state is replicated (no leading device axis), a batch is split along its first axis. What every
device computes for its own rows is summed (`psum`) or gathered (`all_gather`), so that all apply the same update.
"""

import jax
import jax.numpy as jnp
import numpy as np

AXIS = "data"

# Results under way at a time: enough to keep a device busy. Without a bound, thousands of small updates pile up, and
# on several CPU devices their collectives wait for each other until XLA aborts the process.
_RUN_AHEAD = 4


def device_count() -> int:
  """Devices of this process that a batch is split over."""
  return jax.local_device_count()


def pmap(function, *, donate: bool = False):
  """`function(state, batch) -> result` on all devices: the state replicated, the batch split, the result replicated.

  Inside, `psum` and `all_gather` combine devices. Nothing checks that they agree on the result: whatever goes into a
  state must be combined first (`assert_replicated` in tests). `donate`: the state's memory is reused for the result.
  """
  return jax.pmap(function, axis_name=AXIS, in_axes=(None, 0), out_axes=None, donate_argnums=0 if donate else ())


def psum(tree):
  """Sums a tree of arrays over devices."""
  return tree if jax.lax.axis_size(AXIS) == 1 else jax.lax.psum(tree, AXIS)  # XLA would copy them, all the same


def all_gather(tree):
  """Concatenates every device's rows, in device order. Leaves: [B / n, ...] -> [B, ...]."""
  return tree if jax.lax.axis_size(AXIS) == 1 else jax.lax.all_gather(tree, AXIS, tiled=True)


def device_index() -> jax.Array:
  """Which device this is, [] int32: folded into random keys so that no two drop the same units."""
  return jax.lax.axis_index(AXIS)


def replicate(tree):
  """Copies a tree of arrays to every device, laid out as `pmap` returns it, so that an update compiles only once."""
  mesh = jax.sharding.Mesh(np.array(jax.local_devices()), (AXIS,))
  # A copy: an update that donates its state must not take the caller's arrays. JAX would first compile that of NumPy's.
  tree = jax.tree.map(lambda leaf: jnp.array(leaf) if isinstance(leaf, jax.Array) else np.array(leaf), tree)
  return jax.device_put(tree, jax.sharding.NamedSharding(mesh, jax.sharding.PartitionSpec()))


def shard(batch):
  """Splits a batch of NumPy arrays for `pmap`: [B, ...] -> [n, ceil(B / n), ...], padded with zeros.

  Zero rows must weigh nothing in the loss; that is every batch's convention for padding.
  """
  devices = device_count()
  def split(array):
    array = np.asarray(array)
    missing = -len(array) % devices
    if missing:
      array = np.concatenate([array, np.zeros((missing, *array.shape[1:]), array.dtype)])
    return array.reshape(devices, -1, *array.shape[1:])
  return jax.tree.map(split, batch)


def pace(under_way: list, result) -> None:
  """Adds a result to those under way and waits for the oldest where they are too many: for every loop over batches."""
  under_way.append(result)
  if len(under_way) > _RUN_AHEAD:
    jax.block_until_ready(under_way.pop(0))


def assert_replicated(tree) -> None:
  """Raises AssertionError, naming the leaf, unless all devices hold the same bits."""
  for path, leaf in jax.tree_util.tree_leaves_with_path(tree):
    first, *others = [np.asarray(shard.data) for shard in leaf.addressable_shards]
    for device, other in enumerate(others, 1):
      if first.shape != leaf.shape or not np.array_equal(first, other, equal_nan=True):
        raise AssertionError(f"{jax.tree_util.keystr(path)}: device {device} disagrees with device 0.")
