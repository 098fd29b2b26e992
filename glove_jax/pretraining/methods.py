"""The pretraining methods by name, and what they have in common."""

import dataclasses
import pathlib
from typing import Any

from glove_jax import compilation_cache, jax_environment, processes, runs
from glove_jax.data.counts import cooccurrence
from glove_jax.data.text import tokenization
from glove_jax.loop import EarlyStopping
from glove_jax.pretraining import (
  cached_corpus,
  cached_counts,
  counted_corpus,
  from_counts,
  from_windows,
  language_models,
  spark_counts,
  subword_corpus,
)
from glove_jax.pretraining.count_settings import CountSettings
from glove_jax.pretraining.language_model_settings import LanguageModelSettings
from glove_jax.pretraining.setting_groups import TextSettings
from glove_jax.word_vectors import WordVectors

# Each is a function (settings, corpus) -> (runs.Plan, Export).
METHODS = {
  "glove": from_counts.plan_glove,
  "glove_als": from_counts.plan_glove_als,
  "ppmi_svd": from_counts.plan_ppmi_svd,
  "word2vec": from_windows.plan_word2vec,
  "fasttext": from_windows.plan_fasttext,
  "bert": language_models.plan_bert,
  "gpt": language_models.plan_gpt,
}


@jax_environment.standard()
def run(settings: Any, workdir: str | pathlib.Path) -> WordVectors | None:
  """Pretrains, or resumes a pretraining, and leaves the result in a folder.

  Args:
    settings: of `parse`.
    workdir: folder of the run.

  Returns:
    The word vectors; None for `bert` and `gpt`, whose model lies in `model/` of the folder, and to
    all processes but the first, which writes the result.

  Raises:
    InputError: the text, or the folder of another run, are at fault.
  """
  compilation_cache.enable(settings.compilation_cache)
  with runs.open(workdir, settings) as opened:
    corpus = open_corpus(settings, opened.folder)
    plan, export = METHODS[settings.method](settings, corpus)
    params = opened.fit(
      plan, average_epochs=averaged_epochs(settings), stop=early_stopping(settings)
    )
    if not processes.is_first():
      return None
    vectors = export(params, opened.folder)
    opened.finish(params)
  if isinstance(settings, LanguageModelSettings):
    language_models.report_held_out(pathlib.Path(workdir))
  if vectors is None:
    return None
  return dataclasses.replace(vectors, tokenization=tokenization.load(workdir))


def count(settings: CountSettings, workdir: str | pathlib.Path) -> cooccurrence.Store:
  """Counts a corpus and leaves vocabulary and counts in a folder.

  A run whose `counts` is that folder uses them, and so does a run of the same settings in it.

  Args:
    settings: of a method that counts.
    workdir: the folder.

  Raises:
    InputError: the text, or the folder of another run, are at fault.
  """
  with runs.open(workdir, settings) as opened:
    corpus = open_corpus(settings, opened.folder)
    return cached_counts.count_cooccurrences(settings, corpus)


def open_corpus(
  settings: TextSettings, folder: pathlib.Path
) -> cached_corpus.Corpus | subword_corpus.SubwordCorpus:
  """Returns the corpus of a run, as its method takes it; the first process makes it for all.

  Args:
    settings: of any method.
    folder: of the run, which keeps what is made of the corpus.
  """
  with processes.first_alone():
    if isinstance(settings, LanguageModelSettings):
      return subword_corpus.open_corpus(settings, folder)
    if not processes.is_first():
      return cached_corpus.open_prepared(settings, folder)
    if getattr(settings, "counts", ""):
      return counted_corpus.open_corpus(settings, folder)
    if getattr(settings, "engine", "local") == "spark":
      return spark_counts.open_corpus(settings, folder)
    return cached_corpus.open_corpus(settings, folder)


def early_stopping(settings: Any) -> EarlyStopping | None:
  """Returns when to stop: after `patience` epochs without a better held-out loss."""
  patience = getattr(settings, "patience", 0)
  return EarlyStopping("held_out_loss", "min", patience) if patience else None


def averaged_epochs(settings: Any) -> int:
  """Returns the number of last epochs whose params are averaged: at most the last half of all."""
  return min(getattr(settings, "average_epochs", 1), (settings.epochs + 1) // 2)
