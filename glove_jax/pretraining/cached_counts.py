"""Co-occurrence counts of a corpus, and their packed rows, kept in the folder of the run."""

import pathlib
import shutil
import time
from collections.abc import Callable

from glove_jax import processes
from glove_jax.data.counts import cooccurrence, packed_rows
from glove_jax.errors import InputError
from glove_jax.pretraining import cached_corpus, counted_corpus, spark_counts
from glove_jax.pretraining.cached_corpus import Corpus
from glove_jax.pretraining.count_settings import CountSettings
from glove_jax.pretraining.settings import GloveAlsSettings
from glove_jax.progress import byte_bar, log_stage

FOLDER = "cooccurrence"
COUNTED = ("window", "symmetric", "weighting")  # settings on which the counts of a text depend


def count_cooccurrences(settings: CountSettings, corpus: Corpus) -> cooccurrence.Store:
  """Returns the co-occurrence counts of a corpus: those in its folder, else counted now.

  With `counts` they are those in that folder.

  Raises:
    InputError: no two words of the vocabulary co-occur, or the folder `counts` lacks them.
  """
  start = time.monotonic()
  key = cached_corpus.cache_key(settings, corpus, *COUNTED)
  folder = pathlib.Path(settings.counts) if settings.counts else corpus.folder
  with processes.first_alone():
    store = cooccurrence.open_store(folder / FOLDER, key=key)
    if store is None and settings.counts:
      raise counted_corpus.no_counts(settings)
    if store is None:
      store = _count(settings, corpus, key)
  cached_corpus.release_tokens(corpus)
  log_stage("counts", f"{store.nonzeros:,} non-zeros, window {settings.window}", start)
  if not store.nonzeros:
    raise InputError(f"{corpus}: no two words of the vocabulary stand in one document.")
  return store


def _count(settings: CountSettings, corpus: Corpus, key: str) -> cooccurrence.Store:
  if settings.engine == "spark":
    return spark_counts.count(
      settings, corpus, corpus.folder / FOLDER, window=window(settings), key=key
    )
  with byte_bar("counting") as progress:
    return cooccurrence.count(
      cached_corpus.token_ids(corpus, progress),
      corpus.folder / FOLDER,
      vocab_size=len(corpus.vocabulary),
      window=window(settings),
      memory_gb=settings.memory_gb,
      key=key,
    )


def window(settings: CountSettings) -> cooccurrence.Window:
  """Returns the context window of the settings."""
  return cooccurrence.Window(
    settings.window, symmetric=settings.symmetric, weighting=settings.weighting
  )


def packed_sides(
  settings: GloveAlsSettings, store: cooccurrence.Store, folder: pathlib.Path
) -> list[list[packed_rows.Chunks]]:
  """Returns the counts packed by rows, for the words and for the contexts."""
  start = time.monotonic()
  with processes.first_alone():
    words = contexts = _packed(settings, store, folder / "packed", lambda: store)
    if not settings.symmetric:
      contexts = _packed_contexts(settings, store, folder)
  slots = sum(chunks.counts.size for chunks in words)
  padding = 1 - store.nonzeros / slots
  log_stage("packed", f"{slots:,} slots, {padding:.0%} of them padding", start)
  return [words, contexts]


def _packed_contexts(
  settings: GloveAlsSettings, store: cooccurrence.Store, folder: pathlib.Path
) -> list[packed_rows.Chunks]:
  """Returns the counts packed by contexts, for windows that are not symmetric."""
  transposed = folder / "transposed"

  def transpose() -> cooccurrence.Store:
    return cooccurrence.transpose(store, transposed, memory_gb=settings.memory_gb)

  contexts = _packed(settings, store, folder / "packed_contexts", transpose)
  shutil.rmtree(transposed, ignore_errors=True)
  return contexts


def _packed(
  settings: GloveAlsSettings,
  store: cooccurrence.Store,
  folder: pathlib.Path,
  make_counts: Callable[[], cooccurrence.Store],
) -> list[packed_rows.Chunks]:
  """Returns what the folder has packed of a store, else packs the counts that are made now."""
  packed = packed_rows.open_packed(folder, key=store.key)
  if packed is not None:
    return packed
  return packed_rows.pack(
    make_counts(), folder, seed=settings.seed, held_out=settings.held_out, key=store.key
  )
