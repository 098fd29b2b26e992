"""Fine-tuning: settings and labelled data become a training plan and a model.

settings = finetuning.parse(config)
data = finetuning.read(settings)                              # {"train", "dev", "test"}
plan, model = finetuning.METHODS[settings.method](settings, data)
params = run.fit(plan, stop=finetuning.early_stopping(settings, data, model))

settings, params, model = finetuning.load(folder)             # a finished run
model.predict(params, ["a fine film"])
"""

import importlib
import pathlib
from collections.abc import Callable
from typing import Any

from glove_jax.errors import InputError
from glove_jax.finetuning import settings as settings_lib
from glove_jax.finetuning.datasets import read, record_files
from glove_jax.finetuning.model import Model
from glove_jax.finetuning.optimization import early_stopping
from glove_jax.finetuning.scoring import Scores
from glove_jax.finetuning.settings import SETTINGS, config, parse
from glove_jax.train import Params

__all__ = [
  "METHODS",
  "SETTINGS",
  "Model",
  "Scores",
  "config",
  "early_stopping",
  "load",
  "parse",
  "read",
  "record_files",
]


def _late(module: str, function: str) -> Callable:
  """Returns a function that imports its module when it is called, as imports take time."""

  def call(*args: Any) -> Any:
    return getattr(importlib.import_module(f"glove_jax.finetuning.{module}"), function)(*args)

  return call


_KINDS = {  # method -> the module that makes its model, and what the model does
  "fasttext_supervised": ("fasttext_models", "classifier"),
  "bag": ("word_vector_models", "classifier"),
  "cnn": ("word_vector_models", "classifier"),
  "bilstm": ("word_vector_models", "classifier"),
  "averaged": ("averaged_models", "classifier"),
  "tagger": ("word_vector_models", "tagger"),
  "transformer": ("transformer_models", "classifier"),
  "transformer_tagger": ("transformer_models", "tagger"),
}

# (settings, data) -> (runs.Plan, Model)
METHODS = {method: _late(module, kind) for method, (module, kind) in _KINDS.items()}

# (settings, folder) -> (params, Model)
_LOADERS = {method: _late(module, f"load_{kind}") for method, (module, kind) in _KINDS.items()}


def load(folder: str | pathlib.Path) -> tuple[Any, Params, Model]:
  """Returns the settings, the params and the model of a finished run.

  Raises:
    InputError: the folder holds no finished fine-tuning run, or its model is damaged.
  """
  folder = pathlib.Path(folder)
  settings = settings_lib.read(folder)
  last_file = "model.bin" if settings.method == "fasttext_supervised" else "lexicon.json"
  if not (folder / last_file).is_file():
    raise InputError(
      f"{folder}: no finished run that can label texts; expected a folder of finetune.py."
    )
  params, model = _LOADERS[settings.method](settings, folder)
  return settings, params, model
