"""Co-occurrence counts of a corpus, and their packed rows, kept in the folder of the run."""

import pathlib
import shutil
import time
from collections.abc import Callable
from typing import NamedTuple

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


class PackedCounts(NamedTuple):
  """Counts packed by rows; first for the words, then for the contexts."""

  all_rows: list[list[packed_rows.Chunks]]
  other_rows: list[list[packed_rows.Chunks]]  # of other than frequent words, with frequent words


def pack(
  settings: GloveAlsSettings, store: cooccurrence.Store, folder: pathlib.Path, num_frequent: int
) -> PackedCounts:
  """Returns the counts packed by rows: those in the folder, else packed now.

  Args:
    settings: of the run.
    store: the counts.
    folder: of the run.
    num_frequent: how many words are frequent; 0: `other_rows` are not needed.
  """
  start = time.monotonic()
  with processes.first_alone():
    words = contexts = _pack_side(settings, store, folder / "packed", num_frequent, lambda: store)
    if not settings.symmetric:
      contexts = _pack_contexts(settings, store, folder, num_frequent)
  slots = sum(chunks.counts.size for chunks in words[0])
  padding = 1 - store.nonzeros / slots
  log_stage("packed", f"{slots:,} slots, {padding:.0%} of them padding", start)
  return PackedCounts([words[0], contexts[0]], [words[1], contexts[1]])


_Side = tuple[list[packed_rows.Chunks], list[packed_rows.Chunks]]  # all rows, other rows


def _pack_contexts(
  settings: GloveAlsSettings, store: cooccurrence.Store, folder: pathlib.Path, num_frequent: int
) -> _Side:
  """Returns the counts packed by contexts, for windows that are not symmetric."""
  transposed = folder / "transposed"

  def transpose() -> cooccurrence.Store:
    return cooccurrence.transpose(store, transposed, memory_gb=settings.memory_gb)

  contexts = _pack_side(settings, store, folder / "packed_contexts", num_frequent, transpose)
  shutil.rmtree(transposed, ignore_errors=True)
  return contexts


def _pack_side(
  settings: GloveAlsSettings,
  store: cooccurrence.Store,
  folder: pathlib.Path,
  num_frequent: int,
  make_counts: Callable[[], cooccurrence.Store],
) -> _Side:
  """Returns what the folders have packed of a store, else packs the counts that are made now."""
  others = folder.with_name(f"{folder.name}_other_words")
  others_key = f"{store.key} {num_frequent}"
  packed = packed_rows.open_packed(folder, key=store.key)
  packed_others = packed_rows.open_packed(others, key=others_key) if num_frequent else []
  if packed is not None and packed_others is not None:
    return packed, packed_others
  counts = make_counts()
  held_out = {"seed": settings.seed, "held_out": settings.held_out}
  if packed is None:
    packed = packed_rows.pack(counts, folder, key=store.key, **held_out)
  if packed_others is None:
    packed_others = packed_rows.pack(
      counts, others, first_row=num_frequent, num_cols=num_frequent, key=others_key, **held_out
    )
  return packed, packed_others
