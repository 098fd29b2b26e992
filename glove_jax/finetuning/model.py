"""A fine-tuned model: pure functions of its params, the same in training, in a finished run and in Python."""

import pathlib
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

import jax
import numpy as np

from glove_jax import checkpoint
from glove_jax.data.labelled import lexicon as lexicon_lib
from glove_jax.data.labelled import padded_batches
from glove_jax.data.labelled.classification import Labelled
from glove_jax.data.labelled.lexicon import Lexicon
from glove_jax.data.labelled.padded_batches import Examples
from glove_jax.data.labelled.tagging import Span, Tagged
from glove_jax.errors import InputError
from glove_jax.finetuning import preprocessing, scoring
from glove_jax.finetuning.scoring import Scores
from glove_jax.train import Params, Task, TrainState


class Model(NamedTuple):
  """A classifier of texts, or a tagger of sentences."""

  labels: tuple[str, ...]  # classes, or tags
  metric: str  # accuracy or f1: what early stopping maximises
  score: Callable[[Params, Any], Scores]  # of labelled or tagged texts
  predict: Callable[[Params, Sequence], list]  # texts -> labels; sentences of tokens -> their entities as spans
  predict_proba: Callable[[Params, Sequence[str]], np.ndarray] | None  # texts -> [N, C]; None of taggers
  format_predictions: Callable[[Params, Sequence[str]], list[str]]  # lines -> those of predicted.txt
  save: Callable[[Params, pathlib.Path], None]  # into the folder of a run


def _reusing(encode: Callable[[Any], Any], encoded: Sequence[tuple[Any, Any]]) -> Callable[[Any], Any]:
  """Returns a function that encodes labelled texts, unless they are among those that are encoded already."""
  def encode_part(part: Any) -> Any:
    for other, result in encoded:
      if other is part:
        return result
    return encode(part)
  return encode_part


def make_classifier(
  labels: Sequence[str],
  *,
  encode: Callable[[Sequence[str]], Any],
  run: Callable[[Params, Any], Sequence[np.ndarray]],
  save: Callable[[Params, pathlib.Path], None],
  encoded: Sequence[tuple[Labelled, Any]] = (),
  to_probabilities: Callable[[np.ndarray], np.ndarray] = scoring.softmax,
) -> Model:
  """Returns a classifier of texts.

  Args:
    labels: C classes.
    encode: makes of texts what `run` takes.
    run: (params, encoded texts) -> [C] for each text: numbers that rank the classes.
    save: writes the model into a folder.
    encoded: the parts of a run, and what `encode` made of them: dev is scored after each epoch.
    to_probabilities: from what `run` returns, [N, C], to probabilities.
  """
  encode_part = _reusing(lambda part: encode(part.texts), encoded)

  def score(params: Params, part: Labelled) -> Scores:
    predictions = scoring.decode_labels(labels, run(params, encode_part(part)))
    return scoring.score_labels(predictions, part)

  def predict(params: Params, texts: Sequence[str]) -> list[str]:
    return scoring.decode_labels(labels, run(params, encode(texts)))

  def predict_proba(params: Params, texts: Sequence[str]) -> np.ndarray:
    rows = np.array(run(params, encode(texts)))
    return to_probabilities(rows.reshape(len(texts), len(labels)))

  def format_predictions(params: Params, lines: Sequence[str]) -> list[str]:
    return scoring.label_lines(predict(params, lines), lines)

  return Model(
    labels=tuple(labels),
    metric="accuracy",
    score=score,
    predict=predict,
    predict_proba=predict_proba,
    format_predictions=format_predictions,
    save=save,
  )


def make_tagger(
  settings: Any,
  tags: Sequence[str],
  *,
  encode: Callable[[Sequence[Sequence[str]]], Any],
  run: Callable[[Params, Any], Sequence[np.ndarray]],
  save: Callable[[Params, pathlib.Path], None],
  encoded: Sequence[tuple[Tagged, Any]] = (),
) -> Model:
  """Returns a tagger of sentences.

  Args:
    settings: of the run: how lines become tokens, and the scheme of predicted tags.
    tags: that are learnt.
    encode: makes of sentences of tokens what `run` takes.
    run: (params, encoded sentences) -> the tags of each sentence [T], as indices.
    save: writes the model into a folder.
    encoded: the parts of a run, and what `encode` made of them: dev is scored after each epoch.
  """
  encode_part = _reusing(lambda part: encode(part.sentences), encoded)

  def score(params: Params, part: Tagged) -> Scores:
    rows = run(params, encode_part(part))
    predictions = scoring.decode_spans(tags, rows, list(map(len, part.sentences)))
    return scoring.score_spans(predictions, part)

  def predict(params: Params, sentences: Sequence[Sequence[str]]) -> list[list[Span]]:
    rows = run(params, encode(sentences))
    return scoring.decode_spans(tags, rows, list(map(len, sentences)))

  def format_predictions(params: Params, lines: Sequence[str]) -> list[str]:
    sentences = preprocessing.tokenize(settings, lines)
    return scoring.tag_lines(sentences, predict(params, sentences), settings.scheme)

  return Model(
    labels=tuple(tags),
    metric="f1",
    score=score,
    predict=predict,
    predict_proba=None,
    format_predictions=format_predictions,
    save=save,
  )


def run_batches(
  predict: Callable, params: Params, examples: Examples, *, batch_size: int, lengths: Sequence[int]
) -> list[np.ndarray]:
  """Returns a task's prediction for each text, in order.

  Args:
    predict: of `train.make_predict`.
    params: of the task.
    examples: the texts.
    batch_size: of training.
    lengths: that texts are padded to.
  """
  predictions = [None] * len(examples.ids)
  rows = max(100, batch_size)  # few training texts make small batches; prediction has no use for these
  batches = padded_batches.in_order(examples, batch_size=rows, bounds=np.array(lengths))
  for indices, batch in batches:
    for index, prediction in zip(indices, predict(params, batch), strict=False):
      predictions[index] = prediction
  return predictions


def save_with_lexicon(lexicon: Lexicon, params: Params, folder: pathlib.Path) -> None:
  """Writes the params of a model to `model/` in the folder of a run, and its lexicon to `lexicon.json`."""
  lexicon_lib.save(lexicon, folder / "lexicon.json")
  checkpoint.save(folder / "model", TrainState(np.int32(0), params, ()), keep=1)


def load_params(template: Params, folder: pathlib.Path) -> Params:
  """Returns the params in `model/` in the folder of a run.

  Args:
    template: arrays, or their shapes and types.
    folder: of a run.

  Raises:
    InputError: the folder has no model, or one of other names, shapes or types.
  """
  saved = checkpoint.restore(folder / "model", TrainState(np.int32(0), template, ()))
  if saved is None:
    raise InputError(f"{folder / 'model'}: no model; expected a fine-tuned workdir.")
  return saved.params


def load_task_params(task: Task, folder: pathlib.Path) -> Params:
  """Returns the params of a task in the folder of a run."""
  return load_params(jax.eval_shape(task.init, jax.random.key(0)), folder)
