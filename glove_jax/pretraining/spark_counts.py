"""The vocabulary and the co-occurrence counts of a corpus by Spark, kept in the folder of a run."""

import contextlib
import pathlib
import shutil
import time
import uuid
from collections.abc import Iterator

from glove_jax.data.counts import partial_counts
from glove_jax.data.counts.cooccurrence import Store, Window
from glove_jax.data.spark import jobs, startup, text_files
from glove_jax.data.spark.jobs import SparkText
from glove_jax.data.spark.session import Spark
from glove_jax.data.spark.text_files import TextFile
from glove_jax.data.spark.workers import TextFormat
from glove_jax.data.text import vocab
from glove_jax.errors import InputError
from glove_jax.pretraining import cached_corpus
from glove_jax.pretraining.cached_corpus import Corpus
from glove_jax.pretraining.count_settings import CountSettings
from glove_jax.pretraining.text_record import mark_as_read, was_read

LOG = "spark.log"
SCRATCH = "spark"
_VOCABULARY = "vocab.txt"


def open_corpus(settings: CountSettings, folder: pathlib.Path) -> Corpus:
  """Returns the corpus of a run; its vocabulary is counted by Spark unless the folder has it.

  Raises:
    InputError: as `cached_corpus.open_corpus`, or Spark is not installed.
    EngineError: Spark has failed.
  """
  if settings.phrases != 0:
    raise InputError(
      f"phrases={settings.phrases}: engine=spark joins no phrases, expected 0."
    )
  start = time.monotonic()
  with startup.opened(settings.spark_master, folder / LOG) as spark:
    files = text_files.find(spark, settings.corpus, settings.encoding)
    paths = [file.name for file in files]
    fingerprint = text_files.fingerprint(files)
    if not was_read(folder, paths, fingerprint, made=[_VOCABULARY]):
      _check_tokenizer(settings, files)
      vocabulary = _count_words(settings, spark, files, folder)
      vocab.save(vocabulary, folder / _VOCABULARY)
      mark_as_read(folder, paths, fingerprint, made=[_VOCABULARY])
  corpus = cached_corpus.open_prepared(settings, folder)
  cached_corpus.log_vocabulary(corpus.vocabulary, f" of {settings.corpus}, by Spark", start)
  return corpus._replace(paths=paths)


def count(
  settings: CountSettings, corpus: Corpus, folder: pathlib.Path, *, window: Window, key: str
) -> Store:
  """Counts the co-occurrences of a corpus and stores them in `folder`.

  Raises:
    InputError: a file cannot be read, or has changed.
    EngineError: Spark has failed.
  """
  with startup.opened(settings.spark_master, corpus.folder / LOG) as spark:
    files = text_files.find(spark, settings.corpus, settings.encoding)
    if text_files.fingerprint(files) != corpus.fingerprint:
      raise InputError(f"{settings.corpus}: the text has changed since its words were counted.")
    with _text(settings, spark, files, corpus.folder) as text:
      part = jobs.count_pairs(
        text,
        text.scratch / "pairs",
        index=corpus.vocabulary.index,
        window=window,
        memory_gb=settings.memory_gb,
      )
      return partial_counts.finish([part], folder, memory_gb=settings.memory_gb, key=key)


def _count_words(
  settings: CountSettings, spark: Spark, files: list[TextFile], folder: pathlib.Path
) -> vocab.Vocabulary:
  """Returns the vocabulary of a file, else that of the corpus."""
  if settings.vocab:
    return vocab.load(settings.vocab)
  with _text(settings, spark, files, folder) as text:
    counts = jobs.count_words(text, min_count=settings.min_count)
  if not counts:
    raise InputError(f"{settings.corpus}: no words, expected a text.")
  return vocab.build(counts, min_count=settings.min_count, max_vocab=settings.max_vocab)


@contextlib.contextmanager
def _text(
  settings: CountSettings, spark: Spark, files: list[TextFile], folder: pathlib.Path
) -> Iterator[SparkText]:
  """Gives the text of the settings; what Spark writes is removed in the end."""
  scratch = folder / SCRATCH
  shared = settings.spark_folder
  text_format = TextFormat(
    source=settings.corpus,
    is_whole=False,
    encoding=settings.encoding,
    errors=settings.errors,
    tokenizer=settings.tokenizer,
    lowercase=settings.lowercase,
  )
  if shared:
    shared = f"{shared.rstrip('/')}/glove_jax-{uuid.uuid4().hex}"
  try:
    yield SparkText(spark, files, text_format, scratch, shared)
  finally:
    shutil.rmtree(scratch, ignore_errors=True)


def _check_tokenizer(settings: CountSettings, files: list[TextFile]) -> None:
  """Reports if the tokenizer does not find the words of such a text."""
  heads = [file.head for file in files if file.kind == "lines"][:8]
  sample = "\n".join(head.decode(settings.encoding, "replace") for head in heads)
  cached_corpus.log_tokenizer_advice(sample, settings.tokenizer)
