"""The vocabulary of a corpus in shards: counted by each shard, merged and cut by all alike."""

import heapq
import itertools
import operator
import pathlib
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence

from glove_jax.data.text import corpus, vocab, word_counts, word_tokenizers
from glove_jax.errors import InputError
from glove_jax.files import atomic_write, file_checksum
from glove_jax.pretraining import cached_corpus, shard_files
from glove_jax.pretraining.count_settings import CountSettings
from glove_jax.pretraining.shard_files import Shard, TextRecord
from glove_jax.progress import byte_bar, log_stage, waiting

NAME = "vocab.txt"


def count(settings: CountSettings, shard: Shard) -> None:
  """Counts the words of a shard, unless its folder has them."""
  start = time.monotonic()
  record = shard_files.read_text_record(shard)
  with waiting("comparing the text"):
    digests = shard_files.check_text(shard, record)
  if settings.vocab:
    log_stage("vocabulary", f"shard {shard.name}: that of {settings.vocab}, nothing to count")
    return
  if record is None:
    cached_corpus.check_tokenizer(settings, shard.paths)
    record = _write_words(shard, _words(settings, shard), digests)
  files = "1 file" if len(shard.paths) == 1 else f"{len(shard.paths)} files"
  text = f"shard {shard.name}: {record.tokens:,} tokens of {files}"
  log_stage("vocabulary", text, start)


def _words(settings: CountSettings, shard: Shard) -> dict[str, int]:
  """Returns how often each word of a shard occurs."""
  words = word_counts.WordCounts()
  tokenizer = word_tokenizers.make(settings.tokenizer, settings.lowercase)
  options = {"encoding": settings.encoding, "errors": settings.errors}
  with byte_bar("reading") as progress:
    for ids in corpus.read_ids(
      shard.paths, tokenizer, words.number, **options, progress=progress
    ):
      words.add(ids)
  return word_counts.by_word(words, words.counts())


def _write_words(shard: Shard, counts: Mapping[str, int], digests: list[str]) -> TextRecord:
  """Writes the words of a shard, sorted, and then the record of its text."""
  path = shard.folder / "words.txt"
  with atomic_write(path) as file:
    for word in sorted(counts):
      file.write(f"{word} {counts[word]}\n")
  record = TextRecord(digests, sum(counts.values()), file_checksum(path))
  shard_files.write_text_record(shard, record)
  return record


def merged(
  settings: CountSettings, workdir: pathlib.Path, shards: Sequence[Shard]
) -> vocab.Vocabulary:
  """Returns the vocabulary of the corpus, which whoever needs it first merges."""
  path = workdir / NAME
  if path.exists():
    return vocab.load(path)
  vocabulary = vocab.load(settings.vocab) if settings.vocab else _merge_words(settings, shards)
  vocab.save(vocabulary, path)  # by several processes at once, perhaps: all write the same
  return vocabulary


def _merge_words(settings: CountSettings, shards: Sequence[Shard]) -> vocab.Vocabulary:
  start = time.monotonic()
  missing = [shard for shard in shards if not (shard.folder / "text.json").exists()]
  if missing:
    raise shard_files.missing_error("words", "vocabulary", missing)
  kept = {}
  most_frequent = ("", 0)
  with waiting("merging the words"):
    for word, count in _merged_words(shards):
      if count >= settings.min_count:
        kept[word] = count
      if count > most_frequent[1]:
        most_frequent = (word, count)
  if not kept and most_frequent[0]:
    kept = dict([most_frequent])  # for the message
  vocabulary = vocab.build(kept, min_count=settings.min_count, max_vocab=settings.max_vocab)
  log_stage("vocabulary", f"{len(vocabulary):,} words of {len(shards)} shards", start)
  return vocabulary


def _merged_words(shards: Iterable[Shard]) -> Iterator[tuple[str, int]]:
  """Yields the words of all shards, sorted, each with its count in the corpus.

  One word of each shard is in memory.

  Raises:
    InputError: the words of a shard are damaged.
  """
  words = [_read_words(shard) for shard in shards]
  for word, counts in itertools.groupby(heapq.merge(*words), key=operator.itemgetter(0)):
    yield word, sum(count for _, count in counts)


def _read_words(shard: Shard) -> Iterator[tuple[str, int]]:
  path = shard.folder / "words.txt"
  record = shard_files.read_text_record(shard)
  if record is None or not path.exists() or file_checksum(path) != record.words:
    raise InputError(f"{path}: damaged or missing; delete {shard.folder} and count it again.")
  with open(path, encoding="utf-8", newline="\n") as file:
    for line in file:
      word, _, count = line.rpartition(" ")
      yield word, int(count)
