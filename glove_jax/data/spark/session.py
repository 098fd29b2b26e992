"""A Spark session: started with Python workers like this process, its jobs shown by a bar."""

import atexit
import concurrent.futures
import contextlib
import os
import pathlib
import re
import shutil
import signal
import sys
import tempfile
import threading
import warnings
import zipfile
from collections.abc import Callable, Iterator
from typing import Any, NamedTuple, TypeVar

from glove_jax import installation
from glove_jax.errors import EngineError, InputError
from glove_jax.progress import drawn

T = TypeVar("T")

_PACKAGE = pathlib.Path(__file__).resolve().parents[2]
_POLL = 0.5  # seconds between looks at the state of a job
# A line of these in a traceback has the message that a user needs.
_INPUT_ERROR = re.compile(r"InputError: (.+)")
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


class HadoopFile(NamedTuple):
  """A file of a file system that Spark reads."""

  uri: str
  size: int
  changed: int  # time of the last change, in milliseconds


class Spark(NamedTuple):
  """A session and where its messages are."""

  session: Any
  log: pathlib.Path

  def run(self, stage: str, action: Callable[[], T]) -> T:
    """Returns `action()`, which runs Spark jobs, and shows their tasks as a bar.

    Args:
      stage: what is done, such as "counting words", for the bar and for errors.
      action: called in another thread.

    Raises:
      InputError: the text is at fault.
      EngineError: Spark has failed.
    """
    context = self.session.sparkContext
    with concurrent.futures.ThreadPoolExecutor(1) as pool, drawn(desc=stage, unit=" tasks") as bar:
      future = pool.submit(action)
      stages = {}
      try:
        while not concurrent.futures.wait([future], timeout=_POLL).done:
          done, bar.total = _count_tasks(context, stages)
          if done > bar.n:
            bar.update(done - bar.n)
        return future.result()
      except Exception as error:
        raise _describe(error, stage, self.log) from None
      finally:
        if not future.done():  # interrupted
          context.cancelAllJobs()

  def find(self, pattern: str) -> list[HadoopFile]:
    """Returns the files of a pattern such as `hdfs://host/wiki*.txt`, sorted by name."""
    jvm = self.session.sparkContext._jvm
    path = jvm.org.apache.hadoop.fs.Path(pattern)
    files = []
    try:
      for status in self._file_system(path).globStatus(path) or ():
        if status.isFile():
          uri = status.getPath().toString()
          files.append(HadoopFile(uri, status.getLen(), status.getModificationTime()))
    except Exception as error:
      raise _describe(error, f"listing {pattern}", self.log) from None
    return sorted(files)

  def read_head(self, uri: str, size: int) -> bytes:
    """Returns the first bytes of a file."""
    jvm = self.session.sparkContext._jvm
    path = jvm.org.apache.hadoop.fs.Path(uri)
    try:
      stream = self._file_system(path).open(path)
      try:
        return bytes(stream.readNBytes(size))
      finally:
        stream.close()
    except Exception as error:
      raise _describe(error, f"reading {uri}", self.log) from None

  def fetch(self, folder: str, target: pathlib.Path) -> None:
    """Moves the files in a folder of a file system that Spark reads to the local `target`."""
    jvm = self.session.sparkContext._jvm
    source = jvm.org.apache.hadoop.fs.Path(folder)
    file_system = self._file_system(source)
    try:
      for status in file_system.listStatus(source):
        name = status.getPath().getName()
        local = jvm.org.apache.hadoop.fs.Path(str(target.absolute() / name))
        file_system.copyToLocalFile(False, status.getPath(), local, True)
      file_system.delete(source, True)
    except Exception as error:
      raise _describe(error, f"fetching {folder}", self.log) from None

  def _file_system(self, path: Any) -> Any:
    return path.getFileSystem(self.session.sparkContext._jsc.hadoopConfiguration())


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
    raise _describe(error, "starting", log) from None
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


def _count_tasks(context: Any, stages: dict[int, tuple[int, int]]) -> tuple[int, int]:
  """Returns the tasks that are done and all of the jobs so far; keeps the state of `stages`."""
  tracker = context.statusTracker()
  active = set(tracker.getActiveStageIds())
  for number, (_, total) in stages.items():
    if number not in active:
      stages[number] = (total, total)
  for number in active:
    info = tracker.getStageInfo(number)
    if info is not None:
      stages[number] = (info.numCompletedTasks, info.numTasks)
  done = sum(completed for completed, _ in stages.values())
  return done, sum(total for _, total in stages.values())


def _describe(error: Exception, stage: str, log: pathlib.Path) -> Exception:
  """Returns the error of one line for a failure of Spark."""
  text = str(error)
  from_input = _INPUT_ERROR.search(text)
  if from_input:
    return InputError(from_input[1])
  causes = re.findall(r"^Caused by: (.+)", text, re.MULTILINE)
  lines = [line.strip() for line in text.splitlines() if line.strip()]
  reason = causes[-1] if causes else (lines or [type(error).__name__])[0]
  return EngineError(f"Spark failed while {stage}: {reason}; its messages are in {log}.")
