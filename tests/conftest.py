"""Eight virtual CPU devices for all tests, compiled code that they share; where the data lies."""

import os
import pathlib
import signal

ROOT = pathlib.Path(__file__).resolve().parent.parent

os.environ.setdefault("JAX_PLATFORMS", "cpu")
# Many tests, and the programs that they start, compile the same functions.
os.environ.setdefault("JAX_COMPILATION_CACHE_DIR", str(ROOT / ".pytest_cache" / "compiled"))
os.environ.setdefault("JAX_PERSISTENT_CACHE_MIN_COMPILE_TIME_SECS", "0.05")

# A shell that starts the tests in the background has them, and what they start, ignore Ctrl-C.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
  signal.signal(signal.SIGINT, signal.default_int_handler)

import hypothesis  # noqa: E402
import jax  # noqa: E402 (it reads the environment)
import pytest  # noqa: E402
import tqdm.std  # noqa: E402

from glove_jax import progress  # noqa: E402

jax.config.update("jax_num_cpu_devices", 8)
# No time limit of an example: on a busy machine, or where an import comes first, it would fail.
hypothesis.settings.register_profile("glove_jax", deadline=None)
hypothesis.settings.load_profile("glove_jax")


@pytest.fixture
def quick_compilation():
  """Compiles with few optimisations: for models that run a few times."""
  jax.config.update("jax_disable_most_optimizations", True)
  yield
  jax.config.update("jax_disable_most_optimizations", False)


@pytest.fixture(scope="session")
def data():
  """The folder of real corpora; skips the test where there is none."""
  folder = pathlib.Path(os.environ.get("GLOVE_JAX_DATA", ROOT.parent / "shared" / "data"))
  if not folder.is_dir():
    pytest.skip(f"no real data at {folder}; set GLOVE_JAX_DATA")
  return folder


class Clock:
  """Stands in for `time.time`."""

  def __init__(self):
    self.now = 1000.0

  def __call__(self):
    return self.now


@pytest.fixture
def clock(monkeypatch):
  """The clock of all progress bars, which only the test moves."""
  clock = Clock()
  monkeypatch.setattr(tqdm.std, "time", clock)
  monkeypatch.setattr(progress, "_is_interactive", lambda: True)
  return clock


@pytest.fixture
def log_clock(clock, monkeypatch):
  """The same, of bars in a log file."""
  monkeypatch.setattr(progress, "_is_interactive", lambda: False)
  return clock
