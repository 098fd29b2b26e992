"""Counts a corpus in shards: in processes, on one machine or many, that share a folder only.

Three stages follow one another, and each of the first two is one process for each shard:

  vocabulary   the words of a shard
  pairs        the co-occurrences of a shard, with the vocabulary of all
  merge        the sum, which is equal to a count in one process, byte for byte

A finished stage of a shard is not done again; one that was killed is.
"""

import hashlib
import json
import pathlib
import time
from collections.abc import Sequence

from glove_jax import run_folder, run_record
from glove_jax.data.counts import cooccurrence, partial_counts
from glove_jax.data.text import corpus, fingerprints, vocab, word_tokenizers
from glove_jax.errors import InputError
from glove_jax.files import remove_leftovers
from glove_jax.pretraining import cached_corpus, cached_counts, shard_files, shard_vocabulary
from glove_jax.pretraining.count_settings import CountSettings
from glove_jax.pretraining.shard_files import Shard, TextRecord
from glove_jax.pretraining.text_record import mark_as_read
from glove_jax.progress import byte_bar, count_bar, log_stage, waiting

STAGES = ("vocabulary", "pairs", "merge")


def count_shard(
  settings: CountSettings, workdir: pathlib.Path, *, stage: str, number: int, num_shards: int
) -> None:
  """Does a stage of one shard: `vocabulary` or `pairs`.

  Args:
    settings: the same for all shards.
    workdir: a folder that all processes see.
    stage: `pairs` needs the `vocabulary` of all shards.
    number: of the shard, from 0.
    num_shards: the same for all shards.

  Raises:
    InputError: text or settings are at fault or have changed, or shards are missing.
  """
  shards = _open(settings, workdir, num_shards)
  shard = shards[number]
  shard.folder.mkdir(parents=True, exist_ok=True)
  with run_folder.lock(shard.folder):
    remove_leftovers(shard.folder)
    if stage == "vocabulary":
      shard_vocabulary.count(settings, shard)
    else:
      _count_pairs(settings, workdir, shards, shard)


def merge(settings: CountSettings, workdir: pathlib.Path) -> cooccurrence.Store:
  """Merges the counts of all shards: the workdir then has what a run on the corpus would count.

  Raises:
    InputError: shards are missing, or were counted with different vocabularies or settings.
  """
  start = time.monotonic()
  shards = _open(settings, workdir, None)
  with run_folder.lock(workdir):
    remove_leftovers(workdir)
    vocabulary = shard_vocabulary.merged(settings, workdir, shards)
    fingerprint = _fingerprint(shards)
    key = cached_corpus.content_key(
      settings, fingerprint, vocabulary.words, *cached_counts.COUNTED
    )
    store = cooccurrence.open_store(workdir / cached_counts.FOLDER, key=key)
    if store is None:
      store = _merge_pairs(settings, workdir, shards, vocabulary, key)
    paths = corpus.find_files(settings.corpus)
    mark_as_read(workdir, paths, fingerprint, made=(shard_vocabulary.NAME,))
  log_stage("counts", f"{store.nonzeros:,} non-zeros of {len(shards)} shards", start)
  return store


def _open(settings: CountSettings, workdir: pathlib.Path, num_shards: int | None) -> list[Shard]:
  """Returns the shards; keeps the settings in the workdir, or compares them with those there."""
  if settings.phrases != 0:
    raise InputError(
      f"phrases={settings.phrases}: phrases are found in the whole text, expected 0 for shards."
    )
  paths = corpus.find_files(settings.corpus)
  workdir.mkdir(parents=True, exist_ok=True)
  record = run_folder.check_settings(workdir, settings)
  shards = shard_files.open_shards(workdir, paths, num_shards)
  run_record.write(workdir, record)
  return shards


def _count_pairs(
  settings: CountSettings, workdir: pathlib.Path, shards: Sequence[Shard], shard: Shard
) -> None:
  """Counts the co-occurrences of a shard, unless its folder has them."""
  start = time.monotonic()
  vocabulary = shard_vocabulary.merged(settings, workdir, shards)
  key = _part_key(settings, vocabulary)
  part = _open_part(shard, key)
  if part is None:
    record = shard_files.read_text_record(shard)
    with waiting("comparing the text"):
      digests = shard_files.check_text(shard, record)
    record = record or TextRecord(digests)
    shard_files.write_text_record(shard, record)
    part = _count_part(settings, shard, vocabulary, key)
  log_stage("pairs", f"shard {shard.name}: {part.size:,} pairs", start)


def _count_part(
  settings: CountSettings, shard: Shard, vocabulary: vocab.Vocabulary, key: str
) -> partial_counts.PartialCounts:
  tokenizer = word_tokenizers.make(settings.tokenizer, settings.lowercase)
  options = {"encoding": settings.encoding, "errors": settings.errors}
  with byte_bar("counting") as progress:
    return partial_counts.count(
      corpus.encode(shard.paths, vocabulary.index, tokenizer, **options, progress=progress),
      shard.folder / "pairs",
      vocab_size=len(vocabulary),
      window=cached_counts.window(settings),
      memory_gb=settings.memory_gb,
      key=key,
    )


def _open_part(shard: Shard, key: str) -> partial_counts.PartialCounts | None:
  """Returns the counts of a shard; None if there are none.

  Raises:
    InputError: they are of another vocabulary, or damaged.
  """
  part = partial_counts.open_part(shard.folder / "pairs", key=None)
  if part is not None and part.key != key:
    vocabulary = shard.folder.parents[1] / shard_vocabulary.NAME
    raise InputError(
      f"{part.folder}: was counted with another vocabulary than {vocabulary}, or with other"
      f" settings; delete it to count shard {shard.name} again."
    )
  return part


def _part_key(settings: CountSettings, vocabulary: vocab.Vocabulary) -> str:
  """Returns a hash of all that must be equal in shards that are added."""
  keys = ("tokenizer", "lowercase", "encoding", "errors", *cached_counts.COUNTED)
  values = [getattr(settings, key) for key in keys]
  parts = json.dumps([vocabulary.words, values])
  return hashlib.blake2b(parts.encode(), digest_size=16).hexdigest()


def _merge_pairs(
  settings: CountSettings,
  workdir: pathlib.Path,
  shards: Sequence[Shard],
  vocabulary: vocab.Vocabulary,
  key: str,
) -> cooccurrence.Store:
  part_key = _part_key(settings, vocabulary)
  parts = []
  missing = []
  for shard in shards:
    part = _open_part(shard, part_key)
    if part is None:
      missing.append(shard)
    else:
      parts.append(part)
  if missing:
    raise shard_files.missing_error("pairs", "pairs", missing)
  total = sum(part.size for part in parts)
  if settings.symmetric:
    total *= 3  # about: both halves are merged once more
  with count_bar("merging", total, unit="pair") as advance:
    return partial_counts.finish(
      parts,
      workdir / cached_counts.FOLDER,
      memory_gb=settings.memory_gb,
      advance=advance,
      key=key,
    )


def _fingerprint(shards: Sequence[Shard]) -> str:
  """Returns the hash of all files in the order of the corpus, from those of the shards."""
  digests = {}
  missing = []
  for shard in shards:
    record = shard_files.read_text_record(shard)
    if record is None:
      missing.append(shard)
    else:
      digests.update(zip(shard.positions, record.digests, strict=True))
  if missing:
    raise shard_files.missing_error("pairs", "pairs", missing)
  ordered = [bytes.fromhex(digests[position]) for position in sorted(digests)]
  return fingerprints.combine(ordered)
