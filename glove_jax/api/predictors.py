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
from glove_jax.data.labelled.tagging import Span
from glove_jax.errors import InputError, quote
from glove_jax.files import write_json
from glove_jax.finetuning import part_files
from glove_jax.finetuning import predictions as prediction_files
from glove_jax.finetuning.model import Model
from glove_jax.finetuning.predictions import Classified, TaggedText, TextSpan
from glove_jax.progress import log_stage
from glove_jax.train import Params

# How the files of `inputs` are read.
_OWN_FILES = {
  "encoding": "utf-8",
  "errors": "strict",
  "format": "auto",
  "label_column": "",
  "text_column": "",
  "header": None,
  "delimiter": "",
  "label_names": "",
  "token_column": 0,
  "tag_column": -1,
}


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
    folder: pathlib.Path | None = None,
    temporary: tempfile.TemporaryDirectory | None = None,
  ):
    self.settings = settings
    self.params = params
    self.scores = scores or {}
    self._model = model
    self._folder = folder
    self._temporary = temporary  # removed with this object

  @property
  def labels(self) -> tuple[str, ...]:
    return tuple(self._model.labels)

  def save(self, folder: str | os.PathLike) -> None:
    """Writes a folder that `load` and `finetune.py --config.predict` take."""
    folder = pathlib.Path(folder)
    run_folder.refuse_links(folder)
    folder.mkdir(parents=True, exist_ok=True)
    settings = dataclasses.asdict(self.settings)
    self._model.save(self.params, folder)
    vectors = folder / run_folder.INPUTS / pathlib.Path(settings.get("init", "")).name
    if vectors.is_file():  # those of Python, which the model has brought along
      settings["init"] = str(vectors)
    (folder / run_record.NAME).unlink(missing_ok=True)  # of a run whose place this model takes
    write_json(folder / "config.json", settings)
    if self._folder is None or folder.resolve() == self._folder.resolve():
      return
    layout = self._folder / part_files.LAYOUT
    if layout.is_file():
      shutil.copy(layout, folder / layout.name)

  def export(self, folder: str | os.PathLike) -> str:
    """Writes a new folder that transformers or sentence-transformers load, with the head.

    Returns the class that loads it, such as `transformers.BertForSequenceClassification`. Raises
    InputError where the libraries have no such model, or the folder holds other files.
    """
    return finetuning.export(self._finished({}), folder)

  def predict_file(
    self,
    source: str | os.PathLike,
    predictions: str | os.PathLike | None = None,
    *,
    texts: str = "auto",
    probabilities: bool = False,
    **reading: Any,
  ) -> list[Classified] | list[TaggedText]:
    """Labels the texts of a file, in their order.

    Args:
      source: a file of a text a line, or one as `finetune` trains on, whose labels are not used.
      predictions: a file to write: .txt, .tsv, .csv, .jsonl or, for a tagger, .conll.
      texts: `lines` takes each line for a text, `tokens` (taggers) each line for a token; `auto`
        detects the format.
      probabilities: whether to give the probabilities of all classes.
      **reading: keys of the file where it is not as the training texts, such as `encoding`.

    Returns:
      For each text its label; or of a tagger its tokens, tags and spans of characters.
    """
    run = self._finished(reading)
    format = "txt"
    if predictions is not None:
      format = prediction_files.choose_format(self.settings, os.fspath(predictions))
    labelled, description = finetuning.predict_file(
      run, os.fspath(source), how=texts, probabilities=probabilities
    )
    log_stage("texts", f"{source}: {description}")
    if predictions is not None:
      prediction_files.write(labelled, os.fspath(predictions), format)
    return labelled

  def _finished(self, reading: dict[str, Any]) -> finetuning.FinishedRun:
    run = finetuning.FinishedRun(self.settings, self.params, self._model, self._folder)
    keys = {field.name for field in dataclasses.fields(self.settings)}
    unknown = sorted(set(reading) - (set(finetuning.READING_KEYS) & keys))
    if unknown:
      raise InputError(f"{unknown[0]} is no key of how files are read.")
    return run.reading(reading)

  def _evaluate(self, data: Any, write, reading: dict[str, Any]) -> dict[str, float]:
    """Scores labelled data: a file, or what `write` writes as one."""
    with tempfile.TemporaryDirectory() as folder:
      path = write("test", data, pathlib.Path(folder))
      if not inputs.is_path(data):
        reading = _OWN_FILES  # whatever the format of the training texts
      keys = {field.name for field in dataclasses.fields(self.settings)}
      run = self._finished({key: value for key, value in reading.items() if key in keys})
      return finetuning.score_file(run, path).overall

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

  def evaluate(self, data: Any, **reading: Any) -> dict[str, float]:
    """Returns scores, `accuracy` first, on labelled texts.

    Args:
      data: a file, or a pair (texts, labels).
      **reading: keys of a file that is not as the training texts, such as `format`.
    """
    return self._evaluate(data, inputs.labelled_file, reading)

  def score(self, texts: Sequence[str], labels: Sequence[str]) -> float:
    """Returns the accuracy on texts and labels, as in scikit-learn."""
    return self.evaluate((texts, labels))["accuracy"]


class Tagger(Predictor):
  """A tagger of tokens."""

  @jax_environment.standard()
  def predict(
    self, texts: Sequence[str] | Sequence[Sequence[str]]
  ) -> list[list[TextSpan]] | list[list[str]]:
    """Returns the entities of raw texts, or the tags of sentences that are tokenized.

    Args:
      texts: strings, which the key `tokenizer` splits; or lists of tokens.

    Returns:
      For each string its entities as (start, end, type, text), in characters. For each list a tag
      for each token, in the key `scheme` (default: IOB2).
    """
    if _are_strings(texts):
      return [tagged.spans for tagged in self._tag(texts)]
    return [tagged.tags for tagged in self._tag(_as_sentences(texts))]

  @jax_environment.standard()
  def predict_spans(
    self, texts: Sequence[str] | Sequence[Sequence[str]]
  ) -> list[list[TextSpan]] | list[list[Span]]:
    """Returns the spans of each sentence as (first token, token after the last, type).

    Those of strings are in characters, as of `predict`.
    """
    if _are_strings(texts):
      return [tagged.spans for tagged in self._tag(texts)]
    return self._model.predict(self.params, _as_sentences(texts))

  def evaluate(self, data: Any, **reading: Any) -> dict[str, float]:
    """Returns scores of spans, `f1` first.

    Args:
      data: a file, or a pair (sentences, tags or spans).
      **reading: keys of a file that is not as the training texts, such as `tag_column`.
    """
    return self._evaluate(data, inputs.tagged_file, reading)

  def _tag(self, texts: Sequence) -> list[TaggedText]:
    return prediction_files.tag(self.settings, self._model, self.params, list(texts))


def _are_strings(texts: Sequence) -> bool:
  """Returns whether all texts are strings; raises InputError where only some are."""
  if isinstance(texts, str):
    raise InputError(f"texts is the string {quote(texts, 40)}, expected a list of strings.")
  strings = [isinstance(text, str) for text in texts]
  if any(strings) and not all(strings):
    raise InputError("texts holds strings and lists, expected either strings or lists of tokens.")
  return bool(strings) and all(strings)


def _as_list(texts: Sequence[str]) -> list[str]:
  if isinstance(texts, str):
    raise InputError(f"texts is the string {texts[:40]!r}, expected a list of strings.")
  items = list(texts)
  for number, text in enumerate(items):
    if not isinstance(text, str):
      raise InputError(f"text {number} is {text!r}, expected a string.")
  return items


def _as_sentences(sentences: Sequence[Sequence[str]]) -> list[list[str]]:
  return [_as_list(tokens) for tokens in sentences]
