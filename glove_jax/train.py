"""Training: a state is a value, a method is two pure functions, an update is one; `fit` runs it."""

import contextlib
import math
import queue
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
import optax
from tqdm import tqdm

from glove_jax import metrics, parallel
from glove_jax.errors import InputError

Params = Any  # nested dict of arrays
Batch = Any   # NamedTuple or dict of arrays, the batch axis first


class Sum(NamedTuple):
  """A sum over a batch and its weight: added over batches and devices, total / weight is the mean."""

  total: jax.Array   # []
  weight: jax.Array  # []


Sums = dict[str, Sum]  # {name: Sum}; "loss" is minimised


class TrainState(NamedTuple):
  """All that training changes: what is saved, restored, and handed from one update to the next."""

  step: jax.Array              # [] int32, updates made so far
  params: Params               # nested dict of arrays
  opt_state: optax.OptState


class Task(NamedTuple):
  """What to learn, as pure functions. Sums and weights, never means: so that devices and padded batches add up."""

  init: Callable[[jax.Array], Params]
  loss: Callable[[Params, Batch, jax.Array | None], Sums]  # a None key means no dropout
  predict: Callable[[Params, Batch], jax.Array] | None = None


class NonFiniteLoss(InputError):
  """The loss became NaN or infinite."""


def init_state(params: Params, opt_state: optax.OptState, step: int = 0) -> TrainState:
  """A state on all devices, ready for the first update."""
  return parallel.replicate(TrainState(np.int32(step), params, opt_state))


def make_update(task: Task, tx: optax.GradientTransformation, *, seed: int = 0):
  """`update(state, batch) -> (state, sums)` on all devices, by any optax transformation.

  `batch` is sharded (`parallel.shard`). The gradient is that of the mean over all devices' rows: the sum of gradients
  over the sum of weights. Randomness is a function of (seed, step, device).
  """
  def update(state: TrainState, batch: Batch) -> tuple[TrainState, Sums]:
    rng = jax.random.fold_in(jax.random.fold_in(jax.random.key(seed), state.step), parallel.device_index())
    def total(params):
      sums = task.loss(params, batch, rng)
      return sums["loss"][0], sums
    grads, sums = jax.grad(total, has_aux=True)(state.params)
    grads, sums = parallel.psum((grads, sums))
    weight = jnp.maximum(sums["loss"][1], jnp.finfo(jnp.float32).tiny)
    grads = jax.tree.map(lambda grad: grad / weight, grads)
    updates, opt_state = tx.update(grads, state.opt_state, state.params)
    return TrainState(state.step + 1, optax.apply_updates(state.params, updates), opt_state), sums

  return parallel.pmap(update, donate=True)


def make_evaluate(task: Task):
  """`evaluate(params, batches) -> {name: mean}` over an iterable of batches, on all devices, without dropout."""
  step = parallel.pmap(lambda params, batch: parallel.psum(task.loss(params, batch, None)))
  def evaluate(params: Params, batches: Iterable[Batch]) -> dict[str, float]:
    total, under_way = None, []
    for batch in batches:
      total = add(total, step(params, parallel.shard(batch)))
      parallel.pace(under_way, total)
    return metrics.means(total or {})
  return evaluate


def make_predict(task: Task):
  """`predict(params, batch) -> array` of all rows, in their order, on all devices, without dropout."""
  step = parallel.pmap(lambda params, batch: parallel.all_gather(task.predict(params, batch)))
  def predict(params: Params, batch: Batch) -> np.ndarray:
    rows = len(jax.tree.leaves(batch)[0])
    return np.asarray(step(params, parallel.shard(batch)))[:rows]
  return predict


@jax.jit
def _add(left: Sums, right: Sums) -> Sums:
  return jax.tree.map(jnp.add, left, right)


def add(total: Sums | None, sums: Sums) -> Sums:
  """Adds sums and weights, on the device and without waiting for it."""
  return sums if total is None else _add(total, sums)


def fit(
  state: TrainState,
  update: Callable[[TrainState, Batch], tuple[TrainState, Sums]],
  *,
  batches: Callable[[int], Batch],
  num_steps: int,
  log_every: int = 100,
  on_log: Callable[[dict], None] = lambda record: None,
  evaluate: Callable[[TrainState], dict[str, float]] | None = None,
  evaluate_every: int = 0,
  every: Sequence[tuple[int, Callable[[TrainState], None]]] = (),
  save_best: Callable[[TrainState], None] | None = None,
  patience: int = 0,
  history: Sequence[float] = (),
  progress: bool = False,
) -> TrainState:
  """Runs `update` until `num_steps` updates have been made in all, and returns the state.

  Args:
    state: where to start; its step says which batch comes next.
    update: from `make_update`, or a method's own.
    batches: step -> batch; made in a thread ahead of time.
    num_steps: updates from step 0 on, not from here on.
    log_every: steps between records {step, time_s, name: mean since the last record} handed to `on_log`.
    evaluate: state -> {name: value} every `evaluate_every` steps and at the end, handed to `on_log` too.
    every: pairs (n, function): called with the state every n steps and at the end, only while the loss is finite.
    save_best: called when the first value of `evaluate` is lower than ever before.
    patience: stop after so many evaluations without a new best; 0: never.
    history: values of earlier evaluations, when resuming.
    progress: show a bar with an ETA (compilation left out).

  Raises:
    NonFiniteLoss: the loss is NaN or infinite; what was saved before is still good.
  """
  log = _Log(on_log, log_every)
  history, step = list(history), int(state.step)
  stop, under_way = _exhausted(history, patience), []
  with _bar(progress, step, num_steps) as bar, contextlib.closing(_prefetch(batches, step, num_steps)) as ahead:
    for batch in () if stop else ahead:
      state, sums = update(state, batch)
      step += 1
      parallel.pace(under_way, sums)
      log.add(step, sums, last=step == num_steps)
      bar(sums, log.latest)
      if evaluate and _due(step, evaluate_every, num_steps):
        log.flush()
        history, stop = _evaluate(state, step, evaluate, history, patience, log.write, save_best)
      for steps, function in every:
        if stop or _due(step, steps, num_steps):
          log.flush()
          function(state)
      if stop:
        break
  log.flush()
  return state


def _due(step: int, every: int, num_steps: int) -> bool:
  return bool(every) and (step % every == 0 or step == num_steps)


def _evaluate(state, step, evaluate, history, patience, write, save_best):
  """Records one evaluation: (history with its value, whether patience is exhausted)."""
  values = evaluate(state)
  write({"step": step, **values})
  value = next(iter(values.values()))
  if save_best and value < min(history, default=math.inf):
    save_best(state)
  history = [*history, value]
  return history, _exhausted(history, patience)


def _exhausted(history: Sequence[float], patience: int) -> bool:
  """Whether none of the last `patience` evaluations is a new best."""
  return bool(patience) and len(history) - history.index(min(history)) > patience if history else False


class _Log:
  """Sums on the device, fetched one interval late, so that the next updates are under way meanwhile."""

  def __init__(self, on_log, every: int):
    self._on_log, self._every, self._start = on_log, max(1, every), time.monotonic()
    self._total, self._pending, self.latest = None, None, {}

  def add(self, step: int, sums: Sums, *, last: bool) -> None:
    self._total = add(self._total, sums)
    if step % self._every == 0 or last:
      self.flush()
      self._pending, self._total = (step, self._total), None

  def flush(self) -> None:
    if self._pending:
      (step, total), self._pending = self._pending, None
      self.latest = metrics.means(total)
      self.write({"step": step, **self.latest})

  def write(self, record: dict) -> None:
    record = {"step": record.pop("step"), "time_s": round(time.monotonic() - self._start, 3), **record}
    bad = [name for name, value in record.items() if not math.isfinite(value)]
    if bad:
      raise NonFiniteLoss(f"step {record['step']}: {bad[0]} is {record[bad[0]]}; try a lower learning rate.")
    self._on_log(record)


@contextlib.contextmanager
def _bar(progress: bool, step: int, num_steps: int) -> Iterator[Callable]:
  """A progress bar as a function to call after each update; it appears when the first one is done, hence compiled."""
  bar = None
  def advance(sums, latest):
    nonlocal bar
    if not progress:
      return
    if bar is None:
      jax.block_until_ready(sums)
      bar = tqdm(desc="training", total=num_steps, initial=step + 1, unit="step", smoothing=0.05, mininterval=0.5)
      return
    bar.set_postfix({name: f"{value:.4g}" for name, value in latest.items()}, refresh=False)
    bar.update()
  try:
    yield advance
  finally:
    if bar is not None:
      bar.close()


def _prefetch(batches: Callable[[int], Batch], start: int, stop: int, size: int = 64) -> Iterator[Batch]:
  """Batches of steps [start, stop), sharded, made up to `size` ahead in a thread."""
  ready: queue.Queue = queue.Queue(size)
  done = threading.Event()
  def put(item) -> bool:
    while not done.is_set():
      with contextlib.suppress(queue.Full):
        ready.put(item, timeout=0.1)
        return True
    return False
  def work():
    try:
      for step in range(start, stop):
        if not put((parallel.shard(batches(step)), None)):
          return
    except BaseException as error:  # handed to the consumer, who raises it
      put((None, error))
  thread = threading.Thread(target=work, daemon=True)
  thread.start()
  try:
    for _ in range(start, stop):
      batch, error = ready.get()
      if error:
        raise error
      yield batch
  finally:
    done.set()
    thread.join()
