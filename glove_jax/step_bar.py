"""The progress bar of a training, whose time left is that of the steps themselves."""

from collections.abc import Mapping

from tqdm import tqdm

from glove_jax import compile_clock
from glove_jax.progress import is_silent, make_bar


class StepBar:
  """A progress bar over training steps.

  It appears after the first step. Seconds that JAX spends compiling, whichever step they fall in,
  count neither as time elapsed nor in the rate, so that the time left is that of the steps
  themselves.
  """

  def __init__(self, first_step: int, num_steps: int, *, shown: bool = True):
    self._first_step = first_step
    self._num_steps = num_steps
    self._shown = shown and not is_silent()
    self._bar: tqdm | None = None
    self._compiled = 0.0

  def update(self, metrics: Mapping[str, float]) -> None:
    """Counts one step more and shows the latest metrics."""
    if not self._shown:
      return
    compiled = compile_clock.seconds()
    if self._bar is None:
      self._bar = make_bar(
        desc="training",
        total=self._num_steps,
        initial=self._first_step + 1,
        unit="step",
        smoothing=0.05,
        mininterval=0.5,
      )
    else:
      skipped = compiled - self._compiled
      self._bar.start_t += skipped
      self._bar.last_print_t += skipped
      values = {name: f"{value:.4g}" for name, value in metrics.items()}
      self._bar.set_postfix(values, refresh=False)
      self._bar.update()
    self._compiled = compiled

  def close(self) -> None:
    """Leaves the bar as it is."""
    if self._bar is not None:
      self._bar.close()
