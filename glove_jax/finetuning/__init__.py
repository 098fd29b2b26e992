"""Fine-tuning: settings and labelled data become a training plan and a model.

  settings = finetuning.parse({"method": "cnn", "train": "train.tsv"})
  finetuned = finetuning.run(settings, "runs/films")            # trains, scores, saves

  settings, params, model = finetuning.load("runs/films")       # a finished run
  model.predict(params, ["a fine film"])
  run = finetuning.open_finished("runs/films")
  finetuning.score_file(run, "new.tsv").overall
"""

import dataclasses
import pathlib
from typing import Any

from glove_jax import compilation_cache, jax_environment, run_record
from glove_jax.errors import InputError
from glove_jax.finetuning import (
  averaged_models,
  exported_models,
  fasttext_models,
  preprocessing,
  transformer_models,
  word_vector_models,
)
from glove_jax.finetuning import settings as settings_lib
from glove_jax.finetuning.datasets import read, read_file
from glove_jax.finetuning.exported_models import has_head
from glove_jax.finetuning.finished_runs import (
  READING_KEYS,
  FinishedRun,
  export,
  record_scores,
  score_file,
  split_files,
)
from glove_jax.finetuning.labelling import predict_file, predict_to_file, predict_to_stream
from glove_jax.finetuning.model import Model
from glove_jax.finetuning.running import Finetuned, train
from glove_jax.finetuning.scoring import Scores, log_scores
from glove_jax.finetuning.settings import SETTINGS, config, parse
from glove_jax.train import Params

__all__ = [
  "METHODS",
  "READING_KEYS",
  "SETTINGS",
  "Finetuned",
  "FinishedRun",
  "Model",
  "Scores",
  "config",
  "export",
  "has_head",
  "load",
  "log_scores",
  "open_finished",
  "parse",
  "predict_file",
  "predict_to_file",
  "predict_to_stream",
  "read",
  "read_file",
  "record_scores",
  "run",
  "score_file",
  "split_files",
]

# (settings, data) -> (runs.Plan, Model)
METHODS = {
  "averaged": averaged_models.classifier,
  "bag": word_vector_models.classifier,
  "cnn": word_vector_models.classifier,
  "bilstm": word_vector_models.classifier,
  "tagger": word_vector_models.tagger,
  "fasttext_supervised": fasttext_models.classifier,
  "transformer": transformer_models.classifier,
  "transformer_tagger": transformer_models.tagger,
}

# (settings, folder) -> (params, Model)
LOADERS = {
  "averaged": averaged_models.load_classifier,
  "bag": word_vector_models.load_classifier,
  "cnn": word_vector_models.load_classifier,
  "bilstm": word_vector_models.load_classifier,
  "tagger": word_vector_models.load_tagger,
  "fasttext_supervised": fasttext_models.load_classifier,
  "transformer": transformer_models.load_classifier,
  "transformer_tagger": transformer_models.load_tagger,
}


@jax_environment.standard()
def run(settings: Any, workdir: str | pathlib.Path) -> Finetuned:
  """Trains a model, or resumes its training, and leaves it with its scores in a folder.

  Args:
    settings: of `parse`.
    workdir: folder of the run.

  Raises:
    InputError: the data, or the folder of another run, are at fault.
  """
  compilation_cache.enable(settings.compilation_cache)
  return train(settings, workdir, METHODS[settings.method])


@jax_environment.standard()
def load(folder: str | pathlib.Path) -> tuple[Any, Params, Model]:
  """Returns the settings, the params and the model of a finished run.

  Args:
    folder: of the run; or of transformers, with the head of a classifier or a tagger.

  Raises:
    InputError: the folder holds no finished fine-tuning run, or its model is damaged.
  """
  folder = pathlib.Path(folder)
  if has_head(folder):
    return exported_models.load(folder)
  settings = settings_lib.read(folder)
  last_file = "model.bin" if settings.method == "fasttext_supervised" else "lexicon.json"
  if not (folder / last_file).is_file():
    raise InputError(
      f"{folder}: no finished run that can label texts, expected a folder of finetune.py."
    )
  run_record.check_results(folder)
  compilation_cache.enable(settings.compilation_cache)
  kept_phrases = folder / preprocessing.PHRASES
  if getattr(settings, "phrases", "") and kept_phrases.is_file():
    settings = dataclasses.replace(settings, phrases=str(kept_phrases))
  params, model = LOADERS[settings.method](settings, folder)
  return settings, params, model


def open_finished(folder: str | pathlib.Path) -> FinishedRun:
  """Returns a finished run, which labels and scores files; raises as `load`."""
  return FinishedRun(*load(folder), pathlib.Path(folder))
