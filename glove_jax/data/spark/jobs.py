"""Word counts and co-occurrence counts of a corpus as Spark jobs, whose results are Parquet files.

The sums are integers, so that they do not depend on how Spark divides the text: they are those of
the local engine. Java and pyspark are needed only here (the extra `spark`).
"""

import contextlib
import functools
import pathlib
import shutil
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from glove_jax.data.counts import pair_counting, pair_runs, partial_counts
from glove_jax.data.counts.pair_counting import Pairs, Window
from glove_jax.data.counts.partial_counts import PartialCounts
from glove_jax.data.spark import text_files, workers
from glove_jax.data.spark.session import Spark
from glove_jax.data.spark.text_files import TextFile
from glove_jax.data.spark.workers import TextFormat

_LARGEST_BLOCK = 1 << 21  # words whose pairs a worker adds up at a time
_ROWS = 1 << 20  # of a Parquet file that are read at a time


class SparkText(NamedTuple):
  """A corpus that Spark reads.

  Attributes:
    spark: an open session.
    files: of `text_files.find`.
    text_format: how they are read; `is_whole` is set for each kind of files.
    scratch: a local folder for results, which is removed with them.
    shared: a folder that all workers see, in which Spark writes results; empty: `scratch`.
  """

  spark: Spark
  files: Sequence[TextFile]
  text_format: TextFormat
  scratch: pathlib.Path
  shared: str = ""


def count_words(text: SparkText, *, min_count: int) -> dict[str, int]:
  """Returns the words that occur at least `min_count` times, with their counts.

  Where no word does, the most frequent one is returned.

  Raises:
    InputError: a file cannot be read or decoded.
    EngineError: Spark has failed.
  """
  from pyspark.sql import functions

  stage = "counting words"
  frame = _mapped(text, workers.count_words, workers.WORDS)
  words = frame.groupBy("word").agg(functions.sum("count").alias("count"))
  kept = words.where(functions.col("count") >= min_count)
  counts = {}
  with _written(text, stage, kept) as paths:
    for path in paths:
      for word, count in _read(path, ("word", "count")):
        counts.update(zip(word.to_pylist(), count.to_pylist(), strict=True))
  if not counts:
    ordered = words.orderBy(functions.desc("count"), "word")
    first = text.spark.run(stage, ordered.first)
    counts = {} if first is None else {first["word"]: first["count"]}
  return counts


def count_pairs(
  text: SparkText,
  folder: pathlib.Path,
  *,
  index: Mapping[str, int],
  window: Window,
  memory_gb: float,
  key: str = "",
) -> PartialCounts:
  """Counts the co-occurrences in a corpus and stores their sums in `folder`.

  Args:
    text: the corpus.
    folder: as for `partial_counts.count`.
    index: the id of each word.
    window: the context window.
    memory_gb: bound on the memory of a worker, and of this process, in units of 10^9 bytes.
    key: stored beside the sums.

  Raises:
    InputError: a file cannot be read or decoded, or the disk is full.
    EngineError: Spark has failed.
  """
  from pyspark.sql import functions

  counter = pair_counting.pair_counter(window, len(index))
  limits = pair_runs.resources(memory_gb, threads=1)
  count = functools.partial(
    workers.count_pairs,
    index=text.spark.session.sparkContext.broadcast(dict(index)),
    counter=counter,
    block_size=min(_LARGEST_BLOCK, limits.block_size(window.size)),
  )
  frame = _mapped(text, count, workers.PAIRS)
  pairs = frame.groupBy("row", "col").agg(functions.sum("sum").alias("sum"))
  with _written(text, "counting pairs", pairs.sortWithinPartitions("row", "col")) as paths:
    runs = map(_read_run, paths)
    return partial_counts.from_runs(
      runs, folder, vocab_size=len(index), window=window, memory_gb=memory_gb, key=key
    )


def _mapped(text: SparkText, function: Callable, schema: str) -> Any:
  """Returns the data frame of function(batches, text_format) of all files."""
  results = []
  for is_whole, frame in text_files.frames(text.spark, text.files):
    text_format = text.text_format._replace(is_whole=is_whole)
    mapped = functools.partial(function, text_format=text_format)
    results.append(frame.mapInArrow(mapped, schema))
  return functools.reduce(lambda first, second: first.union(second), results)


@contextlib.contextmanager
def _written(text: SparkText, stage: str, frame: Any) -> Iterator[list[pathlib.Path]]:
  """Writes a data frame as Parquet and gives the files, which are removed in the end."""
  folder = text.scratch / "parquet"
  shutil.rmtree(folder, ignore_errors=True)
  text.scratch.mkdir(parents=True, exist_ok=True)
  uri = text.shared or text_files.local_uri(folder)
  try:
    text.spark.run(stage, lambda: frame.write.parquet(uri))
    if text.shared:
      folder.mkdir()
      text.spark.fetch(uri, folder)
    yield sorted(folder.glob("*.parquet"))
  finally:
    shutil.rmtree(folder, ignore_errors=True)


def _read_run(path: pathlib.Path) -> Iterator[Pairs]:
  """Yields the pairs of a file, which are sorted."""
  for columns in _read(path, ("row", "col", "sum")):
    yield Pairs(*(column.to_numpy() for column in columns))


def _read(path: pathlib.Path, columns: Sequence[str]) -> Iterator[list[Any]]:
  """Yields the columns of a Parquet file, some rows at a time."""
  from pyarrow import parquet

  with parquet.ParquetFile(path) as file:
    for batch in file.iter_batches(batch_size=_ROWS, columns=list(columns)):
      yield [batch.column(name) for name in columns]
