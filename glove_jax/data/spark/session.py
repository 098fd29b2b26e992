"""A Spark session: its jobs shown by a bar, its failures told in a line, its file systems."""

import concurrent.futures
import pathlib
import re
import uuid
from collections.abc import Callable
from typing import Any, NamedTuple, TypeVar

from glove_jax.errors import EngineError, InputError
from glove_jax.progress import drawn

T = TypeVar("T")

_POLL = 0.5  # seconds between looks at the state of a job
# A line of these in a traceback has the message that a user needs.
_INPUT_ERROR = re.compile(r"InputError: (.+)")


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
    group = f"glove_jax-{uuid.uuid4().hex}"

    def run_group() -> T:
      context.setJobGroup(group, stage, True)
      return action()

    with concurrent.futures.ThreadPoolExecutor(1) as pool, drawn(desc=stage, unit=" tasks") as bar:
      future = pool.submit(run_group)
      stages = {}
      try:
        while not concurrent.futures.wait([future], timeout=_POLL).done:
          done, bar.total = _count_tasks(context, group, stages)
          if done > bar.n:
            bar.update(done - bar.n)
        return future.result()
      except Exception as error:
        raise describe_failure(error, stage, self.log) from None
      finally:
        while not future.done():  # interrupted; a job may not have begun yet
          context.cancelJobGroup(group)
          concurrent.futures.wait([future], timeout=_POLL)

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
      raise describe_failure(error, f"listing {pattern}", self.log) from None
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
      raise describe_failure(error, f"reading {uri}", self.log) from None

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
      raise describe_failure(error, f"fetching {folder}", self.log) from None

  def _file_system(self, path: Any) -> Any:
    return path.getFileSystem(self.session.sparkContext._jsc.hadoopConfiguration())


def _count_tasks(
  context: Any, group: str, stages: dict[int, tuple[int, int]]
) -> tuple[int, int]:
  """Returns the tasks that are done, and all, of the jobs of a group; keeps them in `stages`."""
  tracker = context.statusTracker()
  jobs = map(tracker.getJobInfo, tracker.getJobIdsForGroup(group))
  ours = {number for job in jobs if job is not None for number in job.stageIds}
  active = ours.intersection(tracker.getActiveStageIds())
  for number, (_, total) in stages.items():
    if number not in active:
      stages[number] = (total, total)
  for number in active:
    info = tracker.getStageInfo(number)
    if info is not None:
      stages[number] = (info.numCompletedTasks, info.numTasks)
  done = sum(completed for completed, _ in stages.values())
  return done, sum(total for _, total in stages.values())


def describe_failure(error: Exception, stage: str, log: pathlib.Path) -> Exception:
  """Returns the error of one line for a failure of Spark."""
  text = str(error)
  from_input = _INPUT_ERROR.search(text)
  if from_input:
    return InputError(from_input[1])
  causes = re.findall(r"^Caused by: (.+)", text, re.MULTILINE)
  lines = [line.strip() for line in text.splitlines() if line.strip()]
  reason = causes[-1] if causes else (lines or [type(error).__name__])[0]
  return EngineError(f"Spark failed while {stage}: {reason}; its messages are in {log}.")
