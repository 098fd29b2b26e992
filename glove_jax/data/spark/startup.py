"""Starts a Spark session whose workers run this package; its messages go to a file."""

import atexit
import contextlib
import os
import pathlib
import shutil
import signal
import sys
import tempfile
import threading
import warnings
import zipfile
from collections.abc import Iterator
from typing import Any

from glove_jax import installation
from glove_jax.data.spark.session import Spark, describe_failure
from glove_jax.errors import InputError

_PACKAGE = pathlib.Path(__file__).resolve().parents[2]
_LOCAL = {
  "spark.driver.host": "127.0.0.1",  # machines without a network have no other name
  "spark.driver.bindAddress": "127.0.0.1",
  "spark.ui.enabled": "false",
}
_SHARED = {
  "spark.log.level": "ERROR",
  "spark.ui.showConsoleProgress": "false",
  # It would import ipykernel, whose presence tells that this process is a notebook.
  "spark.python.sql.dataFrameDebugging.enabled": "false",
  # Whole files are rows: without this bound up to 10,000 of them would go to a worker at once.
  "spark.sql.execution.arrow.maxBytesPerBatch": str(1 << 26),
}


@contextlib.contextmanager
def opened(master: str, log: pathlib.Path) -> Iterator[Spark]:
  """Gives a session of a master such as `local[2]` or `spark://host:7077`, and stops it.

  A session that is active in this process is taken, and not stopped. Workers of a cluster need
  Python with numpy, pyarrow and tqdm; they are sent this package.

  Args:
    master: of the cluster; options of Spark are those of its `spark-defaults.conf`.
    log: file for what Spark and its workers write to stderr.

  Raises:
    InputError: pyspark or Java is missing.
    EngineError: Spark does not start.
  """
  sql = _import_pyspark()
  active = sql.SparkSession.getActiveSession()
  if active is not None:
    _send_package(active.sparkContext)
    yield Spark(active, log)
    return
  os.environ.setdefault("PYSPARK_PYTHON", sys.executable)
  builder = sql.SparkSession.builder.appName("glove_jax").master(master)
  for key, value in _options(master).items():
    builder = builder.config(key, value)
  try:
    with _stderr_to(log), _signal_handlers_kept():
      session = builder.getOrCreate()
  except Exception as error:
    raise describe_failure(error, "starting", log) from None
  try:
    _send_package(session.sparkContext)
    yield Spark(session, log)
  finally:
    session.stop()


def _options(master: str) -> dict[str, str]:
  """Returns options of Spark for a master."""
  if not _is_local(master):
    return _SHARED
  package = str(_PACKAGE.parent)  # workers find it where this process does
  return {**_SHARED, **_LOCAL, "spark.executorEnv.PYTHONPATH": package}


def _is_local(master: str) -> bool:
  """Returns whether the workers are on this machine and share its files."""
  return master == "local" or master.startswith("local[")


def _import_pyspark() -> Any:
  # Pandas is imported, but not used.
  warnings.filterwarnings("ignore", "PySpark does not yet fully support pandas", FutureWarning)
  try:
    import pyarrow  # noqa: F401
    from pyspark import sql
  except ImportError:
    raise InputError(
      f"engine=spark needs pyspark and pyarrow: {installation.extra('spark')}"
    ) from None
  java_home = os.environ.get("JAVA_HOME", "")
  if not shutil.which("java") and not shutil.which(os.path.join(java_home, "bin", "java")):
    raise InputError(
      "engine=spark needs Java 17 or newer, and there is no java in PATH or JAVA_HOME; on Debian"
      " it is in the package default-jre-headless."
    )
  return sql


@contextlib.contextmanager
def _stderr_to(log: pathlib.Path) -> Iterator[None]:
  """Lets processes that are started in the block append to a file what they write to stderr."""
  log.parent.mkdir(parents=True, exist_ok=True)
  sys.stderr.flush()
  saved = os.dup(2)
  try:
    with open(log, "ab") as file:
      os.dup2(file.fileno(), 2)
    yield
  finally:
    sys.stderr.flush()
    os.dup2(saved, 2)
    os.close(saved)


@contextlib.contextmanager
def _signal_handlers_kept() -> Iterator[None]:
  """Restores the handler of Ctrl-C, in whose place pyspark sets its own."""
  if threading.current_thread() is not threading.main_thread():
    yield
    return
  before = signal.getsignal(signal.SIGINT)
  try:
    yield
  finally:
    signal.signal(signal.SIGINT, before)


def _send_package(context: Any) -> None:
  """Sends the modules of this package to the workers of a cluster."""
  if _is_local(context.master):
    return
  folder = tempfile.mkdtemp(prefix="glove_jax-")
  atexit.register(shutil.rmtree, folder, ignore_errors=True)  # executors fetch it when they start
  archive = pathlib.Path(folder) / "glove_jax.zip"
  with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED) as file:
    for path in sorted(_PACKAGE.rglob("*.py")):
      file.write(path, path.relative_to(_PACKAGE.parent))
  context.addPyFile(str(archive))
