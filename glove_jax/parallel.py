"""The only file that knows about devices: `pmap`, layouts of states and sharded batches.

There is one axis, `data`. A train state has no device axis: its arrays are replicated, or their
rows are split over devices (`SHARDED`). A batch is split along its first axis. What the
devices compute for their own rows is summed (`psum`) or gathered (`all_gather`), so that all of
them apply the same update.

The devices are those of all processes of a run (`processes`). Each process holds the copies and the
rows that lie on its own devices, and makes its rows of the batch.
"""

import contextlib
from collections.abc import Callable
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from jax.experimental import multihost_utils

from glove_jax import processes
from glove_jax.shares import Part, Share

AXIS = "data"

# Layouts of arrays. A layout of a tree is one of these for each of its subtrees.
REPLICATED = jax.sharding.PartitionSpec()
SHARDED = jax.sharding.PartitionSpec(AXIS)  # by rows, padded with zeros to equally many a device

# Results in flight at a time: enough to keep a device busy. Without a bound, thousands of small
# updates pile up, and on several CPU devices their collectives wait for each other until XLA aborts
# the process.
_MAX_IN_FLIGHT = 4


# Rows of a process that are gathered at a time, as no device may have room for all.
_GATHERED = 1 << 16


def _devices() -> list:
  """Returns all devices of the run, those of a process next to each other."""
  if processes.count() == 1:
    return jax.local_devices()
  return sorted(jax.devices(), key=lambda device: (device.process_index, device.id))


def _local_mesh() -> jax.sharding.Mesh:
  """Returns the devices of this process, on which its copies of states lie."""
  local = share()
  return jax.sharding.Mesh(np.array(_devices()[local.first : local.last]), (AXIS,))


def device_count() -> int:
  """Returns the number of devices that a batch is split over, those of all processes."""
  return len(_devices())


def share() -> Share:
  """Returns the rows of each batch that this process makes: those of its devices."""
  indices = [device.process_index for device in _devices()]
  process = jax.process_index()
  first = indices.index(process)
  return Share(first, first + indices.count(process), len(indices))


def own_rows(batch: Callable[..., Any]) -> Callable[[int], Any]:
  """Returns `batch(step)`, of which each process makes its rows only.

  Args:
    batch: of a step and a `Share`; without a share, of all rows.
  """
  if processes.count() == 1:
    return batch
  local = share()

  def part(step: int) -> Part:
    return Part(batch(step, local))

  return part


def pmap(
  function: Callable,
  *,
  donate: bool = False,
  compiler_options: dict | None = None,
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
    compiler_options: of `jax.jit`; see module `compiler_options`.
    state, result: their layouts. Of an array that is sharded, the function sees the rows of its
      device.
  """
  layouts = {"state": state, "result": result}
  if compiler_options or SHARDED in jax.tree.leaves(layouts):
    return shard_map(function, donate=donate, compiler_options=compiler_options, **layouts)
  return jax.pmap(
    function,
    axis_name=AXIS,
    in_axes=(None, 0),
    out_axes=None,
    donate_argnums=0 if donate else (),
    # The default, but in an order that is known, and in a process that is connected with others
    # by its user, where JAX would take theirs too.
    devices=_devices() if jax.process_count() > 1 else None,
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
    function, donate, compiler_options, state, result: of `pmap`; `jax.pmap` takes no options.
  """
  mesh = jax.sharding.Mesh(np.array(_devices()), (AXIS,))

  def on_device(state, batch):
    rows = jax.tree.map(lambda leaf: leaf.squeeze(0), batch)
    return function(state, rows)

  mapped = jax.shard_map(
    on_device, mesh=mesh, in_specs=(state, SHARDED), out_specs=result, check_vma=False
  )
  shardings = jax.tree.map(
    lambda spec: jax.sharding.NamedSharding(mesh, spec), ((state, SHARDED), result)
  )
  compiled = jax.jit(
    mapped,
    in_shardings=shardings[0],
    out_shardings=shardings[1],
    donate_argnums=0 if donate else (),
    compiler_options=compiler_options,
  )
  if processes.count() == 1:
    return compiled

  def on_global_arrays(*inputs):  # of those of this process, as `jax.pmap` has it
    inputs = multihost_utils.host_local_array_to_global_array(inputs, mesh, (state, SHARDED))
    return multihost_utils.global_array_to_host_local_array(compiled(*inputs), mesh, result)

  return on_global_arrays


def psum(tree: Any) -> Any:
  """Sums a tree of arrays over devices."""
  if jax.lax.axis_size(AXIS) == 1:
    return tree  # XLA would copy the arrays
  return jax.lax.psum(tree, AXIS)


def pmax(tree: Any) -> Any:
  """Returns the largest value over devices of each element of a tree of arrays."""
  return jax.lax.pmax(tree, AXIS)


def all_gather(tree: Any) -> Any:
  """Concatenates the rows of all devices, in device order. Leaves: [B / n, ...] -> [B, ...]."""
  if jax.lax.axis_size(AXIS) == 1:
    return tree
  return jax.lax.all_gather(tree, AXIS, tiled=True)


def psum_in_order(array: jax.Array) -> jax.Array:
  """Sums a small array over devices in their order, with the same bits in any number of processes.

  Several processes may add floats in another order than one, in `psum`.
  """
  return all_gather(array[None]).sum(0)


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
  return jax.sharding.NamedSharding(_local_mesh(), jax.sharding.PartitionSpec())


def on_host() -> contextlib.AbstractContextManager:
  """Has what follows computed in the host's memory, where the tables of all devices have room."""
  try:
    return jax.default_device(jax.local_devices(backend="cpu")[0])
  except RuntimeError:  # JAX_PLATFORMS names no CPU
    return contextlib.nullcontext()


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
  """Copies the rows of this process to its devices, padded with zeros."""
  array = np.asarray(array)
  numbers = share().rows(len(array))
  first = int(numbers[0]) if len(numbers) else 0

  def rows(index):
    start, stop, _ = index[0].indices(len(numbers))
    part = array[first + start : first + stop]
    missing = stop - start - len(part)
    return np.pad(part, [(0, missing)] + [(0, 0)] * (array.ndim - 1))

  sharding = jax.sharding.NamedSharding(_local_mesh(), SHARDED)
  return jax.make_array_from_callback((len(numbers), *array.shape[1:]), sharding, rows)


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
    return jax.tree.map(lambda leaf, whole: _all_rows(leaf)[: whole.shape[0]], subtree, like)

  return jax.tree.map(collected, layout, tree, like)


def _all_rows(array: jax.Array) -> np.ndarray:
  """Returns the rows of all processes, [V' / p, ...] -> [V', ...]."""
  local = np.asarray(array)
  if processes.count() == 1:
    return local
  rows = np.empty((processes.count(), *local.shape), local.dtype)
  for start in range(0, len(local), _GATHERED):
    part = slice(start, start + _GATHERED)
    rows[:, part] = multihost_utils.process_allgather(local[part])
  return rows.reshape(-1, *local.shape[1:])


def from_first(tree: Any, layout: Any) -> Any:
  """Returns a tree whose replicated arrays are those of the first process, on all of them.

  Each process makes its own start, and processors of different kinds may round it differently.

  Args:
    tree: of arrays on the devices, which are donated.
    layout: of the tree.
  """
  if processes.count() == 1:
    return tree

  def of_first_device(arrays, _):
    def copied(array):
      return psum(jnp.where(device_index() == 0, array, jnp.zeros_like(array)))

    return jax.tree.map(copied, arrays)

  copy = pmap(of_first_device, donate=True)
  batch = shard(np.zeros(device_count(), np.float32))

  def copied(spec, subtree):
    if spec == SHARDED or not jax.tree.leaves(subtree):
      return subtree
    return copy(subtree, batch)

  return jax.tree.map(copied, layout, tree)


def shard(batch: Any) -> Any:
  """Splits a batch of NumPy arrays for `pmap`. Leaves: [B, ...] -> [n, ceil(B / n), ...].

  Rows that are missing are zeros. In every batch, rows of zeros are padding, which has no weight in
  the loss. With several processes, n are the devices of this one and the rows are its share.
  """
  local = share()
  rows = batch.arrays if isinstance(batch, Part) else jax.tree.map(local.take, batch)
  devices = local.last - local.first
  return jax.tree.map(lambda array: array.reshape(devices, -1, *array.shape[1:]), rows)


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
