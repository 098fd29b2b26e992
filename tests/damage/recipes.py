"""Tiny runs of every recipe in this process, and what they leave, for `mutate.py` and `kill.py`.

A run takes a second: what is compiled for a recipe is kept for its later runs.
"""

import json
import os
import pathlib
import shutil
from collections.abc import Callable
from typing import Any, NamedTuple

import finetuning_data
import numpy as np
import small_corpus

from glove_jax import finetuning, pretraining
from glove_jax.finetuning import running
from glove_jax.pretraining import methods
from glove_jax.progress import silence

_OFTEN = {"log_every": 1, "save_every": 2}
_TEXT = {"dim": 4, "min_count": 1, "evaluate": False, **_OFTEN}
_WINDOWS = {"batch_size": 32, "updates_per_step": 2, "block_size": 8, "shared_negatives": 4}
_TRANSFORMER = {"layers": 1, "heads": 2, "dim": 8, "context_length": 16, "batch_size": 4, **_OFTEN}
_TASK = {"epochs": 2, "batch_size": 30, "dim": 4, "length_buckets": 1, **_OFTEN}

PRETRAIN = {
  "glove": {"method": "glove", "epochs": 4, "batch_size": 256, "held_out": 0.1, "patience": 9},
  "glove_average": {"method": "glove", "epochs": 4, "batch_size": 256},
  "glove_als": {"method": "glove_als", "epochs": 2, "symmetric": False, "held_out": 0.1},
  "glove_als_phrases": {
    "method": "glove_als", "epochs": 2, "phrases": 1, "phrase_threshold": 0.1,
    "phrase_min_count": 1,
  },
  "ppmi_svd": {"method": "ppmi_svd"},
  "word2vec": {"method": "word2vec", "epochs": 2, **_WINDOWS},
  "fasttext": {"method": "fasttext", "epochs": 2, **_WINDOWS},
  "bert": {"method": "bert", "max_vocab": 40, "steps": 5, "dev": "{text}", **_TRANSFORMER},
  "gpt": {
    "method": "gpt", "max_vocab": 300, "steps": 5, "dev": "{text}", "max_new_tokens": 2,
    **_TRANSFORMER,
  },
}
FINETUNE = {
  "averaged": {"method": "averaged", "init": "{words}/vectors.txt", **_OFTEN},
  "bag": {"method": "bag", **_TASK},
  "cnn": {"method": "cnn", "filters": 3, "init": "{words}/vectors.txt", **_TASK},
  "bilstm": {"method": "bilstm", "lstm_size": 3, "patience": 1, **_TASK},
  "tagger": {"method": "tagger", "lstm_size": 3, "char_filters": 2, "char_dim": 2, **_TASK},
  "fasttext_supervised": {
    "method": "fasttext_supervised", "epochs": 2, "dim": 4, "updates_per_step": 2, **_OFTEN,
  },
  "transformer": {
    "method": "transformer", "init": "{transformers}/bert", "epochs": 2, "batch_size": 40,
    "length_buckets": 1, **_OFTEN,
  },
  "transformer_tagger": {
    "method": "transformer_tagger", "init": "{transformers}/bert", "epochs": 2, "batch_size": 40,
    "length_buckets": 1, **_OFTEN,
  },
}
RECIPES = (*PRETRAIN, *FINETUNE)
_NOT_COMPARED = {".lock", "run.json", "README.md"}  # hold times and paths


class Data(NamedTuple):
  """The files that the recipes learn from."""

  text: pathlib.Path
  words: pathlib.Path
  transformers: pathlib.Path


def write_data(folder: pathlib.Path) -> Data:
  """Writes the files of all recipes."""
  for name in ("words", "transformers"):
    (folder / name).mkdir(parents=True)
  return Data(
    small_corpus.write_text(folder / "text.txt", documents=30),
    finetuning_data.write_word_tasks(folder / "words"),
    finetuning_data.write_transformer_tasks(folder / "transformers"),
  )


def run(name: str, data: Data, folder: pathlib.Path) -> None:
  """Starts a recipe in a folder, or resumes it."""
  with silence():
    if name in PRETRAIN:
      values = {"corpus": str(data.text), **_fill(PRETRAIN[name], data)}
      if values["method"] not in ("bert", "gpt"):
        values = {**_TEXT, **values}
      _pretrain(name, values, folder)
    else:
      settings = finetuning.parse(_task_values(name, data))
      running.train(settings, folder, _cached(name, finetuning.METHODS[settings.method]))


def _pretrain(name: str, values: dict[str, Any], folder: pathlib.Path) -> None:
  settings = pretraining.parse(values)
  method = methods.METHODS[settings.method]
  methods.METHODS[settings.method] = _with_update(name, method)
  try:
    methods.run(settings, folder)
  finally:
    methods.METHODS[settings.method] = method


def _task_values(name: str, data: Data) -> dict[str, Any]:
  values = _fill(FINETUNE[name], data)
  is_transformer = values["method"].startswith("transformer")
  files = data.transformers if is_transformer else data.words
  suffix = ".conll" if "tagger" in name else ".txt"
  return finetuning_data.settings(files, suffix, **values)


def _fill(values: dict[str, Any], data: Data) -> dict[str, Any]:
  filled = {}
  for key, value in values.items():
    filled[key] = value.format_map(data._asdict()) if isinstance(value, str) else value
  return filled


_updates: dict[str, Any] = {}  # recipe -> its compiled update
_plans: dict[str, Any] = {}  # recipe -> (plan, model), which read nothing in the folder of a run


def _with_update(name: str, method: Callable) -> Callable:
  """Returns a method whose update is that of the recipe's first run: it is compiled once."""

  def plan(settings, corpus):
    made, export = method(settings, corpus)
    return made._replace(update=_updates.setdefault(name, made.update)), export

  return plan


def _cached(name: str, method: Callable) -> Callable:
  def plan(settings, data):
    if name not in _plans:
      _plans[name] = method(settings, data)
    return _plans[name]

  return plan


def results(folder: pathlib.Path) -> dict[str, Any]:
  """Returns all files of a run, with their contents as far as these must be the same."""
  contents = {}
  for path in sorted(folder.rglob("*")):
    name = path.relative_to(folder).as_posix()
    if path.is_dir():
      continue
    contents[_without_state(name)] = _content(path, name)
  return contents


def _without_state(name: str) -> str:
  """Returns the name of a file; orbax's own files of a state, whose names vary, are one."""
  parts = name.split("/")
  return "/".join(parts[: parts.index("state") + 1]) if "state" in parts else name


def _content(path: pathlib.Path, name: str) -> Any:
  if name in _NOT_COMPARED or "/state/" in name or path.name in ("manifest.json", "meta.json"):
    return "exists"
  if path.name == "metrics.jsonl":
    return [_without_time(line) for line in path.read_text().splitlines()]
  return path.read_bytes()


def _without_time(line: str) -> dict[str, float]:
  record = json.loads(line)
  record.pop("time_s")
  return record


def predictions(name: str, folder: pathlib.Path) -> list:
  """Returns what a finished fine-tuned run predicts of new texts."""
  if name in PRETRAIN:
    return []
  texts = ["w1 good0 w3", "bad1 in Town3", "name3 Smith new"]
  with silence():
    _, params, model = finetuning.load(folder)
    if "tagger" in name:
      return model.predict(params, [text.split() for text in texts])
    return model.predict(params, texts)


def copy(source: pathlib.Path, target: pathlib.Path) -> pathlib.Path:
  """Copies the folder of a run to a place that is free."""
  shutil.rmtree(target, ignore_errors=True)
  shutil.copytree(source, target)
  return target


def prepare_process() -> None:
  """Sets one device and a compilation cache; call it before JAX computes."""
  import jax

  os.environ.setdefault("JAX_PLATFORMS", "cpu")
  jax.config.update("jax_num_cpu_devices", 1)
  np.seterr(all="ignore")
