"""A corpus that was counted before, by `count.py` or by another run: its text is not read."""

import pathlib
import shutil
import time

from glove_jax.data.text import phrases, vocab, word_tokenizers
from glove_jax.errors import InputError
from glove_jax.files import atomic_write
from glove_jax.pretraining import text_record
from glove_jax.pretraining.cached_corpus import Corpus
from glove_jax.pretraining.count_settings import CountSettings
from glove_jax.pretraining.setting_groups import WordTextSettings
from glove_jax.progress import log_stage


def open_corpus(settings: CountSettings, folder: pathlib.Path) -> Corpus:
  """Returns the corpus of the counts in the folder `settings.counts`.

  Its vocabulary and phrases are copied to the folder of the run.

  Raises:
    InputError: the folder has no finished counts, or other ones than when the run began.
  """
  start = time.monotonic()
  source = pathlib.Path(settings.counts)
  record = text_record.read(source)
  if record is None:
    raise no_counts(settings)
  paths, fingerprint = record
  made = ("vocab.txt", "phrases.txt") if settings.phrases != 0 else ("vocab.txt",)
  if not text_record.was_read(folder, paths, fingerprint, made=made):
    for name in made:
      _copy(source / name, folder / name)
    text_record.mark_as_read(folder, paths, fingerprint, made=made)
  corpus = open_prepared(settings, folder)
  vocabulary = corpus.vocabulary
  total = vocabulary.counts.sum()
  text = f"{len(vocabulary):,} words, {total:,} tokens, counted in {settings.counts}"
  log_stage("vocabulary", text, start)
  return corpus


def open_prepared(settings: WordTextSettings, folder: pathlib.Path) -> Corpus:
  """Returns the corpus that a run has read before, or another process of it, from its folder."""
  paths, fingerprint = text_record.read(folder)
  return Corpus(
    folder=folder,
    paths=paths,
    fingerprint=fingerprint,
    tokenizer=word_tokenizers.make(settings.tokenizer, settings.lowercase),
    encoding=settings.encoding,
    errors=settings.errors,
    vocabulary=vocab.load(folder / "vocab.txt"),
    phrases=phrases.load(folder / "phrases.txt") if settings.phrases != 0 else None,
    tokens=None,
  )


def no_counts(settings: CountSettings) -> InputError:
  """Returns the error for a folder without the counts of its text and settings."""
  return InputError(
    f"counts={settings.counts}: holds no finished counts of its settings; counts of shards are"
    " finished by count.py --stage=merge."
  )


def _copy(source: pathlib.Path, target: pathlib.Path) -> None:
  with open(source, "rb") as original, atomic_write(target, "wb") as copy:
    shutil.copyfileobj(original, copy)
