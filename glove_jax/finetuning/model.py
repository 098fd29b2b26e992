"""A fine-tuned model as pure functions of its params: in training, and of a finished run."""

import pathlib
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

import jax
import numpy as np

from glove_jax import checkpoint, parallel
from glove_jax.data.labelled import lexicon as lexicon_lib
from glove_jax.data.labelled import padded_batches
from glove_jax.data.labelled.classification import Labelled
from glove_jax.data.labelled.lexicon import Lexicon
from glove_jax.data.labelled.padded_batches import Examples
from glove_jax.data.labelled.tagging import Span, Tagged
from glove_jax.errors import InputError
from glove_jax.finetuning import scoring
from glove_jax.finetuning.baseline import Baseline
from glove_jax.finetuning.scoring import Scores
from glove_jax.progress import count_bar
from glove_jax.train import Params, Task, TrainState

# Texts that are predicted at a time, whatever the batches of training: few, as is a small `dev`.
PREDICTED_AT_A_TIME = 64


class Model(NamedTuple):
  """A classifier of texts, or a tagger of sentences, as functions of params.

  Fields:
    labels: classes, or tags.
    metric: `accuracy` or `f1`: what early stopping maximises on dev.
    score: (params, labelled or tagged texts) -> scores.
    predict: (params, texts) -> the label of each text; of a tagger (params, sentences of tokens) ->
      the entities of each sentence, as spans.
    predict_proba: (params, texts) -> probabilities [N, C]; None for a tagger.
    predict_with_proba: (params, texts) -> (labels, probabilities [N, C]); None for a tagger.
    save: (params, folder) writes the model into the folder of a run.
    export: (params, folder) writes a folder for other libraries, and returns the name of the class
      that loads it; None where no library has such models.
    baseline: makes the baseline whose scores stand beside those of the model, after training;
      None for taggers, whose baseline is `tag_baseline`, and for finished runs.
  """

  labels: tuple[str, ...]
  metric: str
  score: Callable[[Params, Any], Scores]
  predict: Callable[[Params, Sequence], list]
  predict_proba: Callable[[Params, Sequence[str]], np.ndarray] | None
  predict_with_proba: Callable[[Params, Sequence[str]], tuple[list[str], np.ndarray]] | None
  save: Callable[[Params, pathlib.Path], None]
  export: Callable[[Params, pathlib.Path], str] | None = None
  baseline: Callable[[], Baseline] | None = None


class Predictor(NamedTuple):
  """What a method contributes to its model.

  Fields:
    encode: texts, or sentences of tokens -> what `run` takes.
    run: (params, encoded texts) -> scores [C] of classes, or tags [T], for each text.
    save: (params, folder) writes the model into the folder of a run.
    encoded: parts of the run with what `encode` made of them.
    export: as of `Model`.
  """

  encode: Callable[[Sequence], Any]
  run: Callable[[Params, Any], Sequence[np.ndarray]]
  save: Callable[[Params, pathlib.Path], None]
  encoded: Sequence[tuple[Any, Any]] = ()
  export: Callable[[Params, pathlib.Path], str] | None = None

  def run_part(self, params: Params, part: Any, texts: Sequence) -> Sequence[np.ndarray]:
    """Runs the texts of a labelled part; dev, which is scored after each epoch, is encoded once."""
    for other, encoding in self.encoded:
      if other is part:
        return self.run(params, encoding)
    return self.run(params, self.encode(texts))


def make_classifier(
  labels: Sequence[str],
  predictor: Predictor,
  to_probabilities: Callable[[np.ndarray], np.ndarray] = scoring.softmax,
) -> Model:
  """Returns a classifier of texts.

  Args:
    labels: C classes.
    predictor: scores classes.
    to_probabilities: from scores [N, C] to probabilities.
  """

  def score(params: Params, part: Labelled) -> Scores:
    rows = predictor.run_part(params, part, part.texts)
    return scoring.score_labels(scoring.decode_labels(labels, rows), part)

  def predict(params: Params, texts: Sequence[str]) -> list[str]:
    rows = predictor.run(params, predictor.encode(texts))
    return scoring.decode_labels(labels, rows)

  def predict_with_proba(params: Params, texts: Sequence[str]) -> tuple[list[str], np.ndarray]:
    rows = predictor.run(params, predictor.encode(texts))
    probabilities = to_probabilities(np.array(rows).reshape(len(texts), len(labels)))
    return scoring.decode_labels(labels, rows), probabilities

  def predict_proba(params: Params, texts: Sequence[str]) -> np.ndarray:
    return predict_with_proba(params, texts)[1]

  return Model(
    labels=tuple(labels),
    metric="accuracy",
    score=score,
    predict=predict,
    predict_proba=predict_proba,
    predict_with_proba=predict_with_proba,
    save=predictor.save,
    export=predictor.export,
  )


def make_tagger(tags: Sequence[str], predictor: Predictor) -> Model:
  """Returns a tagger of sentences.

  Args:
    tags: that are learnt.
    predictor: gives the best tags as indices.
  """

  def score(params: Params, part: Tagged) -> Scores:
    rows = predictor.run_part(params, part, part.sentences)
    return scoring.score_spans(scoring.decode_spans(tags, rows, part.sentences), part)

  def predict(params: Params, sentences: Sequence[Sequence[str]]) -> list[list[Span]]:
    rows = predictor.run(params, predictor.encode(sentences))
    return scoring.decode_spans(tags, rows, sentences)

  return Model(
    labels=tuple(tags),
    metric="f1",
    score=score,
    predict=predict,
    predict_proba=None,
    predict_with_proba=None,
    save=predictor.save,
    export=predictor.export,
  )


def run_batches(
  predict: Callable, params: Params, examples: Examples, *, lengths: Sequence[int],
  batch_size: int = PREDICTED_AT_A_TIME,
) -> list[np.ndarray]:
  """Returns a task's prediction for each text, in order.

  Args:
    predict: of `train.make_predict`.
    params: of the task.
    examples: the texts.
    lengths: that texts are padded to.
    batch_size: texts that are predicted at a time.
  """
  params = parallel.put(params)  # once, and not with each batch
  predictions = [None] * len(examples.ids)
  batches = padded_batches.batches_in_order(
    examples, batch_size=batch_size, bounds=np.array(lengths)
  )
  sizes = list(map(len, examples.ids))
  with count_bar("predicting", sum(sizes), unit="token") as advance:
    for indices, batch in batches:
      for index, prediction in zip(indices, predict(params, batch), strict=False):
        predictions[index] = prediction
      advance(sum(sizes[index] for index in indices))
  return predictions


def save_with_lexicon(lexicon: Lexicon, params: Params, folder: pathlib.Path) -> None:
  """Writes params to `model/` in the folder of a run, and a lexicon to `lexicon.json`."""
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
    raise InputError(f"{folder / 'model'}: no model, expected a fine-tuned workdir.")
  return saved.params


def load_task_params(task: Task, folder: pathlib.Path) -> Params:
  """Returns the params of a task in the folder of a run."""
  return load_params(jax.eval_shape(task.init, jax.random.key(0)), folder)
