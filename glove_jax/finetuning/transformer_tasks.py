"""Tasks on a transformer, and the models that they make: in training, and of a finished run."""

import pathlib
from collections.abc import Callable, Sequence
from typing import NamedTuple

import jax
import numpy as np

from glove_jax import train
from glove_jax.data.labelled import packed_batches
from glove_jax.data.labelled.lexicon import Lexicon
from glove_jax.data.labelled.padded_batches import Examples
from glove_jax.data.subwords import subword_tokenizers
from glove_jax.finetuning import (
  architectures,
  packed_prediction,
  preprocessing,
  transformer_exports,
  transformer_heads,
)
from glove_jax.finetuning import model as model_lib
from glove_jax.finetuning import pretrained_transformers as transformers
from glove_jax.finetuning.model import Model, Predictor
from glove_jax.finetuning.pretrained_transformers import Pretrained
from glove_jax.finetuning.settings import BertClassifySettings, BertTagSettings
from glove_jax.finetuning.transformer_exports import Finetuned
from glove_jax.interop import huggingface
from glove_jax.models import lora
from glove_jax.progress import log_stage
from glove_jax.train import Params, Task

Sentences = Sequence[Sequence[str]]  # of words

# Texts that are predicted at a time: so few keep a CPU busy, and a small `dev` fills them.
PREDICTED_AT_A_TIME = 16


class TextTask(NamedTuple):
  """A task, with the functions that convert texts into its batches."""

  settings: BertClassifySettings | BertTagSettings
  pretrained: Pretrained
  lexicon: Lexicon
  predict: Callable  # of `train.make_predict`
  predict_packed: packed_prediction.Predict | None = None  # of a classifier

  def run(self, params: Params, examples: Examples) -> list[np.ndarray]:
    """Returns what the task predicts of each text."""
    lengths = self.lexicon.lengths
    if self.predict_packed is not None and packed_prediction.is_worthwhile(examples, lengths):
      return packed_prediction.run(
        self.predict_packed,
        self.predict,
        params,
        examples,
        lengths=lengths,
        batch_size=PREDICTED_AT_A_TIME,
      )
    return model_lib.run_batches(
      self.predict, params, examples, lengths=lengths, batch_size=PREDICTED_AT_A_TIME
    )

  def save(self, params: Params, folder: pathlib.Path) -> None:
    """Writes the transformer, with adapters merged, to `encoder/`, and the rest to `model/`."""
    params = self._merged(params)
    encoder = jax.device_get(transformers.transformer_of(params))
    huggingface.save(folder / "encoder", encoder, self.pretrained.config)
    subword_tokenizers.save_beside_model(self.pretrained.tokenizer, folder / "encoder")
    rest = transformers.with_transformer(params, {})
    model_lib.save_with_lexicon(self.lexicon, rest, folder)

  def export(self, params: Params, folder: pathlib.Path) -> str:
    """Writes a folder for other libraries; returns the name of the class that loads it."""
    params = jax.device_get(self._merged(params))
    encoder = transformers.transformer_of(params)
    model = Finetuned(self.pretrained, encoder, params["head"], self.lexicon.labels)
    if self.settings.clean:
      log_stage("note", f"clean={self.settings.clean} is not a part of what is exported.")
    if isinstance(self.settings, BertTagSettings):
      return transformer_exports.export_tagger(self.settings, model, folder)
    return transformer_exports.export_classifier(self.settings, model, folder)

  def _merged(self, params: Params) -> Params:
    if "lora" not in params:
      return params
    return lora.merge(params, alpha=self.settings.lora_alpha)


def make_text_task(
  settings: BertClassifySettings | BertTagSettings,
  pretrained: Pretrained,
  lexicon: Lexicon,
  task: Task,
) -> TextTask:
  """Returns a task with its functions that predict; a classifier has one for packed texts."""
  predict_packed = None
  has_positions = pretrained.config.positions >= packed_batches.ROW_TOKENS
  if isinstance(settings, BertClassifySettings) and has_positions:
    predict_packed = packed_prediction.make_predict(task)
  return TextTask(settings, pretrained, lexicon, train.make_predict(task), predict_packed)


def make_classifier(
  settings: BertClassifySettings,
  pretrained: Pretrained,
  lexicon: Lexicon,
  targets: Sequence[int] = (),
) -> Task:
  """Returns classification by a transformer; see `architectures.classifier`."""
  encoder = transformers.make_encoder(settings, pretrained)
  hidden = transformer_heads.hidden_layer(settings, pretrained.config)
  return architectures.classifier(settings, encoder, lexicon, targets, hidden=hidden)


def make_tagger(settings: BertTagSettings, pretrained: Pretrained, lexicon: Lexicon) -> Task:
  """Returns tagging by a transformer and, if the settings have filters for them, characters."""
  encoder = transformers.make_encoder(settings, pretrained)
  encoder = architectures.with_characters(settings, encoder, lexicon, dropout=settings.dropout)
  hidden = transformer_heads.hidden_layer(settings, pretrained.config)
  return architectures.tagger(settings, encoder, lexicon, hidden=hidden)


def classifier_model(text_task: TextTask, encoded: Sequence = ()) -> Model:
  """Returns a classifier as functions of its params."""
  settings, pretrained, lexicon = text_task[:3]

  def encode(texts: Sequence[str]) -> Examples:
    return transformers.encode_texts(settings, pretrained, texts)[0]

  predictor = Predictor(encode, text_task.run, text_task.save, encoded, text_task.export)
  return model_lib.make_classifier(lexicon.labels, predictor)


def tagger_model(text_task: TextTask, encoded: Sequence = ()) -> Model:
  """Returns a tagger as functions of its params."""
  settings, pretrained, lexicon = text_task[:3]

  def encode(sentences: Sentences) -> Examples:
    words = preprocessing.clean_tokens(settings, sentences)
    targets = [[0] * len(sentence) for sentence in words]
    return transformers.encode_words(settings, pretrained, lexicon, words, targets)[0]

  predictor = Predictor(encode, text_task.run, text_task.save, encoded, text_task.export)
  return model_lib.make_tagger(lexicon.labels, predictor)
