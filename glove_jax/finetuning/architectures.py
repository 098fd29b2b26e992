"""The encoders and tasks that settings describe."""

from collections.abc import Sequence

import numpy as np

from glove_jax.data.labelled import tagging
from glove_jax.data.labelled.lexicon import Lexicon
from glove_jax.errors import InputError
from glove_jax.finetuning.datasets import SCHEME
from glove_jax.finetuning.encoder_settings import WordEncoder
from glove_jax.finetuning.settings import (
  BertClassifySettings,
  BertTagSettings,
  ClassifySettings,
  TagSettings,
)
from glove_jax.finetuning.training_settings import TaggingHead
from glove_jax.models import bilstm, char_cnn, cnn, crf, word_embeddings
from glove_jax.models.encoder import Encoder
from glove_jax.tasks import classify, tag
from glove_jax.tasks.heads import HiddenLayer
from glove_jax.train import Task


def word_encoder(settings: WordEncoder, name: str, inputs: Encoder) -> Encoder:
  """Returns the encoder of a name, `bag`, `cnn` or `bilstm`, on word embeddings."""
  if name == "cnn":
    return cnn.cnn(inputs, widths=_widths(settings), filters=settings.filters)
  if name == "bilstm":
    return bilstm.bilstm(
      inputs,
      size=settings.lstm_size,
      layers=settings.layers,
      dropout=settings.layer_dropout,
      recurrent_dropout=settings.recurrent_dropout,
    )
  return inputs


def _widths(settings: WordEncoder) -> tuple[int, ...]:
  """Returns the window sizes of a CNN."""
  widths = settings.widths.split(",")
  if not all(width.strip().isdigit() and int(width) for width in widths):
    raise InputError(f"widths={settings.widths!r}, expected numbers of words, as 3,4,5.")
  return tuple(map(int, widths))


def embeddings(settings: WordEncoder, table: np.ndarray) -> Encoder:
  """Returns word embeddings that start from a table [V + 2, D]."""
  return word_embeddings.word_embeddings(
    table,
    dropout=settings.input_dropout,
    word_dropout=settings.word_dropout,
    variational=settings.variational,
  )


def with_characters(
  settings: TaggingHead, words: Encoder, lexicon: Lexicon, *, dropout: float
) -> Encoder:
  """Returns an encoder of words and, if the settings have filters for them, their characters."""
  if not settings.char_filters:
    return words
  characters = char_cnn.char_cnn(
    len(lexicon.characters) + 2,
    dim=settings.char_dim,
    filters=settings.char_filters,
    dropout=dropout,
  )
  return word_embeddings.concatenate(words=words, chars=characters)


def word_classifier(
  settings: ClassifySettings, lexicon: Lexicon, table: np.ndarray, targets: Sequence[int] = ()
) -> Task:
  """Returns classification on word vectors; see `classifier`."""
  encoder = word_encoder(settings, settings.method, embeddings(settings, table))
  return classifier(settings, encoder, lexicon, targets)


def word_tagger(settings: TagSettings, lexicon: Lexicon, table: np.ndarray) -> Task:
  """Returns tagging on word vectors and characters."""
  words = embeddings(settings, table)
  inputs = with_characters(settings, words, lexicon, dropout=settings.input_dropout)
  return tagger(settings, word_encoder(settings, settings.encoder, inputs), lexicon)


def classifier(
  settings: ClassifySettings | BertClassifySettings,
  encoder: Encoder,
  lexicon: Lexicon,
  targets: Sequence[int] = (),
  *,
  hidden: HiddenLayer | None = None,
) -> Task:
  """Returns classification by an encoder.

  Args:
    settings: of the run.
    encoder: of the texts.
    lexicon: its labels are the classes.
    targets: classes of the training texts, which class weights balance.
    hidden: a layer before the output layer.
  """
  num_classes = len(lexicon.labels)
  class_weights = None
  if settings.class_weights and len(targets):
    class_weights = classify.balanced_class_weights(np.array(targets), num_classes)
  return classify.classify(
    encoder,
    num_classes,
    pooling=settings.pooling,
    dropout=settings.dropout,
    label_smoothing=settings.label_smoothing,
    class_weights=class_weights,
    mixup=settings.mixup,
    hidden=hidden,
  )


def tagger(
  settings: TagSettings | BertTagSettings,
  encoder: Encoder,
  lexicon: Lexicon,
  *,
  hidden: HiddenLayer | None = None,
) -> Task:
  """Returns tagging by an encoder; the labels of the lexicon are the tags."""
  return tag.tag(
    encoder,
    len(lexicon.labels),
    use_crf=settings.use_crf,
    allowed=_allowed(lexicon.labels),
    dropout=settings.dropout,
    label_smoothing=settings.label_smoothing,
    hidden=hidden,
  )


def _allowed(tags: Sequence[str]) -> crf.AllowedTransitions | None:
  """Returns which tags may follow each other; None, all, for those of a model trained elsewhere."""
  types = dict.fromkeys(name.partition("-")[2] for name in tags if name != "O")
  if set(tags) != set(tagging.names(list(types), SCHEME)):
    return None
  return tag.allowed(tags, SCHEME)
