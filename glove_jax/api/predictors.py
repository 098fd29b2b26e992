"""Fine-tuned models for Python: classifiers of texts and taggers of tokens."""

import dataclasses
import os
import pathlib
import shutil
import tempfile
from collections.abc import Sequence
from typing import Any

import numpy as np

from glove_jax import finetuning, jax_environment, run_folder, run_record
from glove_jax.api import inputs
from glove_jax.data.labelled import tagging
from glove_jax.data.labelled.tagging import Span
from glove_jax.errors import InputError
from glove_jax.files import write_json
from glove_jax.finetuning import stored_vectors
from glove_jax.finetuning.model import Model
from glove_jax.train import Params


class Predictor:
  """Base class of classifiers and taggers; made by `finetune` and `load`.

  Attributes:
    settings: the frozen dataclass of the run.
    params: nested dict of arrays.
    labels: classes, or tags.
    scores: {"dev": {name: value}, "test": …} of the run that trained it, where it had such parts.
  """

  def __init__(
    self,
    settings: Any,
    params: Params,
    model: Model,
    *,
    scores: dict | None = None,
    temporary: tempfile.TemporaryDirectory | None = None,
  ):
    self.settings = settings
    self.params = params
    self.scores = scores or {}
    self._model = model
    self._temporary = temporary  # removed with this object

  @property
  def labels(self) -> tuple[str, ...]:
    return tuple(self._model.labels)

  def save(self, folder: str | os.PathLike) -> None:
    """Writes a folder that `load` and `finetune.py --config.predict` take."""
    folder = pathlib.Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    settings = dataclasses.asdict(self.settings)
    self._model.save(self.params, folder)
    is_temporary = self._temporary and settings.get("init", "").startswith(self._temporary.name)
    if is_temporary and not stored_vectors.is_whole(folder):
      settings["init"] = self._copy_vectors(folder)
    (folder / run_record.NAME).unlink(missing_ok=True)  # of a run whose place this model takes
    write_json(folder / "config.json", settings)

  def _copy_vectors(self, folder: pathlib.Path) -> str:
    """Copies the run's initial vectors, which predictions need for words absent from training."""
    vectors = pathlib.Path(self.settings.init)
    target = folder / run_folder.INPUTS
    target.mkdir(exist_ok=True)
    for path in vectors.parent.glob(f"{vectors.stem}.*"):
      shutil.copy(path, target / path.name)
    return str(target / vectors.name)

  @jax_environment.standard()
  def _evaluate(self, data: Any, write) -> dict[str, float]:
    """Scores labelled data: a file, or what `write` writes as one."""
    with tempfile.TemporaryDirectory() as folder:
      path = write("test", data, pathlib.Path(folder))
      gold = finetuning.read_file(self.settings, path)
      return self._model.score(self.params, gold).overall

  def __repr__(self) -> str:
    return f"{type(self).__name__}({self.settings.method}, {len(self.labels)} labels)"


class Classifier(Predictor):
  """A classifier of texts."""

  @jax_environment.standard()
  def predict(self, texts: Sequence[str]) -> list[str]:
    """Returns the most probable label of each text."""
    return list(self._model.predict(self.params, _as_list(texts)))

  @jax_environment.standard()
  def predict_proba(self, texts: Sequence[str]) -> np.ndarray:
    """Returns the probability of each label, in the order of `labels`. -> [N, C]"""
    assert self._model.predict_proba is not None  # classifiers have it
    return np.asarray(self._model.predict_proba(self.params, _as_list(texts)))

  def evaluate(self, data: Any) -> dict[str, float]:
    """Returns scores, `accuracy` first, on labelled texts: a file, or a pair (texts, labels)."""
    return self._evaluate(data, inputs.labelled_file)

  def score(self, texts: Sequence[str], labels: Sequence[str]) -> float:
    """Returns the accuracy on texts and labels, as in scikit-learn."""
    return self.evaluate((texts, labels))["accuracy"]


class Tagger(Predictor):
  """A tagger of tokens."""

  @jax_environment.standard()
  def predict(self, sentences: Sequence[Sequence[str]]) -> list[list[str]]:
    """Returns a tag for each token of each sentence, in the key `scheme` (default: IOB2)."""
    sentences = _as_sentences(sentences)
    tags = []
    for tokens, spans in zip(sentences, self._model.predict(self.params, sentences), strict=True):
      tags.append(tagging.tags(spans, len(tokens), self.settings.scheme))
    return tags

  @jax_environment.standard()
  def predict_spans(self, sentences: Sequence[Sequence[str]]) -> list[list[Span]]:
    """Returns the spans of each sentence as (first token, token after the last, type)."""
    return self._model.predict(self.params, _as_sentences(sentences))

  def evaluate(self, data: Any) -> dict[str, float]:
    """Returns scores of spans, `f1` first, on a file or a pair (sentences, tags or spans)."""
    return self._evaluate(data, inputs.tagged_file)


def _as_list(texts: Sequence[str]) -> list[str]:
  if isinstance(texts, str):
    raise InputError(f"texts is the string {texts[:40]!r}, expected a list of strings.")
  items = list(texts)
  for number, text in enumerate(items):
    if not isinstance(text, str):
      raise InputError(f"text {number} is {text!r}, expected a string.")
  return items


def _as_sentences(sentences: Sequence[Sequence[str]]) -> list[list[str]]:
  if isinstance(sentences, str) or any(isinstance(tokens, str) for tokens in sentences):
    raise InputError(
      "sentences holds a string where a list of tokens is expected, such as [['Angela', 'Merkel']]."
    )
  return [_as_list(tokens) for tokens in sentences]
