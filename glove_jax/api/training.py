"""Pretraining and fine-tuning from Python, as the programs `pretrain.py` and `finetune.py` do."""

import os
import pathlib
import tempfile
from collections.abc import Iterable
from typing import Any

from glove_jax import finetuning, pretraining, run_folder, temporary_folders
from glove_jax.api import inputs, loading
from glove_jax.api.language_models import LanguageModel
from glove_jax.api.predictors import Predictor
from glove_jax.errors import InputError
from glove_jax.interop import huggingface
from glove_jax.progress import silence
from glove_jax.word_vectors import WordVectors

TASKS = ("classify", "tag")

Source = WordVectors | LanguageModel | str | os.PathLike | None  # what training may start from


def pretrain(
  corpus: str | os.PathLike | Iterable[str],
  method: str = "glove_als",
  *,
  workdir: str | os.PathLike | None = None,
  init: Source = None,
  verbose: bool = True,
  **settings: Any,
) -> WordVectors | LanguageModel:
  """Pretrains word vectors, or a language model, from raw text.

  Args:
    corpus: a file, a glob, paths, `sample` (the sample corpus of the extra `demo`), or an iterable
      of texts.
    method: `glove_als`, `glove`, `word2vec`, `fasttext`, `ppmi_svd`, `bert` or `gpt`.
    workdir: keeps the run in this folder, where the same call resumes it or returns its result.
      Without one the run is made in a temporary folder.
    init: vectors or an earlier run to start from.
    verbose: show progress bars and a line about each stage.
    **settings: keys of the method (docs/settings.md), such as `dim=100` or `epochs=5`.

  Returns:
    The word vectors, or the model of `bert` and `gpt`.

  Raises:
    InputError: a file or a setting is at fault.
  """
  folder, temporary = _open_folder(workdir, settings)
  values = {"method": method, "corpus": inputs.corpus_files(corpus, folder), **settings}
  if init is not None:
    values["init"] = _init_path(init, folder)
  with silence(not verbose):
    vectors = pretraining.run(pretraining.parse(values), folder)
  if vectors is not None:
    return vectors
  return loading.load_language_model(folder / "model", temporary=temporary)


def finetune(
  train: Any,
  *,
  dev: Any = None,
  test: Any = None,
  task: str = "classify",
  init: Source = None,
  workdir: str | os.PathLike | None = None,
  verbose: bool = True,
  **settings: Any,
) -> Predictor:
  """Trains a classifier of texts or a tagger of tokens on labelled data.

  Args:
    train: a file or folder of any supported format, `sample` (a toy), or a pair (texts, labels), or
      for taggers (sentences, tags or spans).
    dev: the same, to choose the best epoch; without it a tenth of `train` is held out.
    test: the same, scored once at the end.
    task: `classify` or `tag`.
    init: `WordVectors`, a file of vectors, a pretraining run, a language model, a Hugging Face
      folder, `pretrained` (Stanford's GloVe 6B.50d) or `minilm`; none: vectors start at random.
    workdir: keeps the run in this folder, where the same call resumes it or returns its result.
    verbose: show progress bars and a line about each stage.
    **settings: keys of the method (docs/settings.md), such as `epochs=10`. `method` is `cnn`,
      `bilstm`, `bag`, `averaged`, `fasttext_supervised`, `tagger`, `transformer` or
      `transformer_tagger`, by default the first that suits `task` and `init`.

  Returns:
    A `Classifier` or a `Tagger`; its `scores` are those on `dev` and `test`.
  Raises:
    InputError: data or a setting is at fault.
  """
  folder, temporary = _open_folder(workdir, settings)
  values = settings | _data_files({"train": train, "dev": dev, "test": test}, task, folder)
  if init is not None:
    values["init"] = _init_path(init, folder)
  for key in ("label_column", "text_column"):
    if key in values:
      values[key] = inputs.column(values[key])
  values.setdefault("method", _default_method(task, values.get("init", "")))
  with silence(not verbose):
    _finetune(values, folder)
  return loading.load_predictor(folder, temporary=temporary)


def _finetune(values: dict[str, Any], folder: pathlib.Path) -> None:
  """Leaves a finished run in a folder, and prints its scores."""
  finetuned = finetuning.run(finetuning.parse(values), folder)
  for part, scores in finetuned.scores.items():
    finetuning.log_scores(part, scores)


def _data_files(data: dict[str, Any], task: str, folder: pathlib.Path) -> dict[str, str]:
  """Returns the file of each part that there is; see `inputs`."""
  if task not in TASKS:
    raise InputError(f"task={task!r}, expected one of {', '.join(TASKS)}.")
  write = inputs.tagged_file if task == "tag" else inputs.labelled_file
  return {part: write(part, value, folder) for part, value in data.items() if value is not None}


def _open_folder(
  workdir: str | os.PathLike | None, settings: dict[str, Any]
) -> tuple[pathlib.Path, tempfile.TemporaryDirectory | None]:
  """Returns the folder of a run; a temporary one is removed with the object that holds it."""
  if workdir:
    run_folder.refuse_links(pathlib.Path(workdir))
    return pathlib.Path(workdir), None
  if settings.get("track") == "tensorboard":
    raise InputError("track='tensorboard' writes into the folder of the run: expected workdir=….")
  temporary = temporary_folders.make()
  return pathlib.Path(temporary.name), temporary


def _default_method(task: str, init: str) -> str:
  """Returns the transformer's method where `init` is a transformer, else that of word vectors."""
  if init and _is_transformer(init):
    return "transformer_tagger" if task == "tag" else "transformer"
  return "tagger" if task == "tag" else "cnn"


def _is_transformer(init: str) -> bool:
  has_vectors = (pathlib.Path(init) / "vectors.txt").is_file()
  return not has_vectors and (huggingface.model_folder(init) / "config.json").is_file()


def _init_path(init: Source, folder: pathlib.Path) -> str:
  """Returns what the key `init` takes: a path or a name."""
  if isinstance(init, WordVectors):
    return inputs.vectors_file(init, folder)
  if isinstance(init, LanguageModel):
    return str(init.folder)
  if isinstance(init, (str, os.PathLike)):
    return os.fspath(init)
  kind = type(init).__name__
  raise InputError(f"init is of type {kind}, expected WordVectors, a language model, or a path.")
