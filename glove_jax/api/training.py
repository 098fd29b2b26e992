"""Pretraining and fine-tuning from Python, as the programs `pretrain.py` and `finetune.py` do them."""

import contextlib
import os
import pathlib
import tempfile
from collections.abc import Iterable, Iterator
from typing import Any

from glove_jax import finetuning, pretraining, runs
from glove_jax.api import inputs, loading
from glove_jax.api.language_models import LanguageModel
from glove_jax.api.predictors import Predictor
from glove_jax.errors import InputError
from glove_jax.interop import huggingface
from glove_jax.word_vectors import WordVectors

TASKS = ("classify", "tag")


def pretrain(
  corpus: str | os.PathLike | Iterable[str],
  method: str = "glove_als",
  *,
  workdir: str | os.PathLike | None = None,
  init: Any = "",
  **settings: Any,
) -> WordVectors | LanguageModel:
  """Pretrains word vectors, or a language model, from raw text.

  Args:
    corpus: a file, a glob, paths, `sample` (the sample corpus of the extra `demo`), or an iterable of texts.
    method: `glove_als`, `glove`, `word2vec`, `fasttext`, `ppmi_svd`, `bert` or `gpt`.
    workdir: keep the run in this folder: the same call again resumes it, or returns its result. Without one the run
      is made in a temporary folder.
    init: vectors or an earlier run to start from.
    **settings: keys of the method (docs/settings.md), such as `dim=100` or `epochs=5`.

  Returns:
    The word vectors, or the model of `bert` and `gpt`.

  Raises:
    InputError: a file or a setting is at fault.
  """
  with _folder(workdir) as folder:
    values = {"method": method, "corpus": inputs.corpus_files(corpus, folder), **settings}
    if _is_set(init):
      values["init"] = _init_path(init, folder)
    parsed = pretraining.parse(values)
    with runs.open(folder, parsed) as run:
      prepared = pretraining.open_corpus(parsed, run.folder)
      plan, export = pretraining.METHODS[parsed.method](parsed, prepared)
      average_epochs = pretraining.averaged_epochs(parsed)
      params = run.fit(plan, average_epochs=average_epochs, stop=pretraining.early_stopping(parsed))
      vectors = export(params, run.folder)
    return loading.load_language_model(folder / "model") if vectors is None else vectors


def finetune(
  train: Any,
  *,
  dev: Any = "",
  test: Any = "",
  task: str = "classify",
  init: Any = "",
  method: str = "",
  workdir: str | os.PathLike | None = None,
  **settings: Any,
) -> Predictor:
  """Trains a classifier of texts or a tagger of tokens on labelled data.

  Args:
    train: a file of any known format, or a pair (texts, labels), or for taggers (sentences, tags or spans).
    dev: more of it, by which the best epoch is chosen; without it a tenth of `train` is held out.
    test: more of it, which is scored once at the end.
    task: `classify` or `tag`.
    init: what to start from: `WordVectors`, a file of vectors, a pretraining run, a language model, a Hugging Face
      folder, `pretrained` (Stanford's GloVe 6B.50d) or `minilm`; without it word vectors start at random.
    method: `cnn`, `bilstm`, `bag`, `averaged`, `fasttext_supervised`, `tagger`, `transformer` or
      `transformer_tagger`; by default the first that suits `task` and `init`.
    workdir: keep the run in this folder: the same call again resumes it, or returns its result.
    **settings: keys of the method (docs/settings.md), such as `epochs=10`.

  Returns:
    A `Classifier` or a `Tagger`; its `scores` are those on `dev` and `test`.

  Raises:
    InputError: data or a setting is at fault.
  """
  if task not in TASKS:
    raise InputError(f"task={task!r}, expected one of {', '.join(TASKS)}.")
  temporary = None if workdir else tempfile.TemporaryDirectory(prefix="glove_jax-")
  folder = pathlib.Path(workdir or temporary.name)
  write = inputs.tagged_file if task == "tag" else inputs.labelled_file
  values = {"train": write("train", train, folder), **settings}
  for part, data in (("dev", dev), ("test", test)):
    if _is_set(data):
      values[part] = write(part, data, folder)
  if _is_set(init):
    values["init"] = _init_path(init, folder)
  values["method"] = method or _default_method(task, values.get("init", ""))
  finetuning.run(finetuning.parse(values), folder)
  return loading.load_predictor(folder, temporary=temporary)


def _default_method(task: str, init: str) -> str:
  """Returns the transformer's method where `init` is a transformer, else that of word vectors."""
  is_transformer = init and (huggingface.find(init) / "config.json").is_file() and not _has_vectors(init)
  if is_transformer:
    return "transformer_tagger" if task == "tag" else "transformer"
  return "tagger" if task == "tag" else "cnn"


def _has_vectors(folder: str) -> bool:
  return (pathlib.Path(folder) / "vectors.txt").is_file()


def _is_set(value: Any) -> bool:
  """Returns whether an argument was given; arrays and `WordVectors` have no truth value of their own."""
  return value is not None and not (isinstance(value, str) and not value)


def _init_path(init: Any, folder: pathlib.Path) -> str:
  """Returns what the key `init` takes: a path or a name."""
  if isinstance(init, WordVectors):
    return inputs.vectors_file(init, folder)
  if isinstance(init, LanguageModel):
    return str(init.folder)
  if inputs.is_path(init):
    return os.fspath(init)
  raise InputError(f"init is {type(init).__name__}, expected WordVectors, a language model, a path or a name.")


@contextlib.contextmanager
def _folder(workdir: str | os.PathLike | None) -> Iterator[pathlib.Path]:
  """Gives the folder of a run, a temporary one where none is named."""
  if workdir:
    yield pathlib.Path(workdir)
    return
  with tempfile.TemporaryDirectory(prefix="glove_jax-") as folder:
    yield pathlib.Path(folder)
