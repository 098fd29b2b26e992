"""A corpus that was counted before, by `count.py` or by another run: its text is not read."""

import pathlib
import shutil
import time

from glove_jax.errors import InputError
from glove_jax.files import atomic_write
from glove_jax.pretraining import cached_corpus, text_record
from glove_jax.pretraining.cached_corpus import Corpus
from glove_jax.pretraining.count_settings import CountSettings


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
  made = cached_corpus.made_files(settings)
  if not text_record.was_read(folder, paths, fingerprint, made=made):
    for name in made:
      _copy(source / name, folder / name)
    text_record.mark_as_read(folder, paths, fingerprint, made=made)
  corpus = cached_corpus.open_prepared(settings, folder)
  cached_corpus.log_vocabulary(corpus.vocabulary, f", counted in {settings.counts}", start)
  return corpus


def no_counts(settings: CountSettings) -> InputError:
  """Returns the error for a folder without the counts of its text and settings."""
  return InputError(
    f"counts={settings.counts}: holds no finished counts of its settings; counts of shards are"
    " finished by count.py --stage=merge."
  )


def _copy(source: pathlib.Path, target: pathlib.Path) -> None:
  with open(source, "rb") as original, atomic_write(target, "wb") as copy:
    shutil.copyfileobj(original, copy)
