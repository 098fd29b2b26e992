"""The hidden layer that the family's heads have: what settings ask for, what pretraining left."""

import pathlib

from glove_jax.errors import InputError
from glove_jax.files import read_json
from glove_jax.finetuning.settings import BertClassifySettings, BertTagSettings
from glove_jax.interop import huggingface_config, huggingface_heads
from glove_jax.interop.huggingface_heads import CLASSIFIER, EXPORT_MARK, TAGGER
from glove_jax.models.transformer import Config
from glove_jax.tasks.heads import HiddenLayer
from glove_jax.train import Params


def hidden_layer(
  settings: BertClassifySettings | BertTagSettings, config: Config
) -> HiddenLayer | None:
  """Returns the layer before the output layer that the family's heads have, if so configured.

  Raises:
    InputError: they have none.
  """
  if not settings.head:
    return None
  task = TAGGER if isinstance(settings, BertTagSettings) else CLASSIFIER
  model_type = huggingface_config.model_type_of(config)
  head = huggingface_heads.head_of(model_type, task)
  if not head.dense:
    raise InputError(
      f"head={settings.head}: {huggingface_heads.class_name(model_type, task)} has no dense layer"
      " before its output layer, expected head= (empty)."
    )
  return HiddenLayer(
    activation=huggingface_heads.activation(head, config),
    bias=huggingface_heads.has_bias(head, config),
    norm=bool(head.norm),
    norm_bias="norm" in config.biases,
    epsilon=config.epsilon,
  )


def pretrained_hidden(folder: pathlib.Path, config: Config) -> Params:
  """Returns the dense layer and the norm of a head that are pretrained; {} where none are."""
  model_type = huggingface_config.model_type_of(config)
  if model_type not in ("bert", "modernbert"):
    return {}  # in a file of theirs, it is that of another task
  export = read_json(folder / "config.json").get(EXPORT_MARK)
  if isinstance(export, dict) and not export.get("head"):
    return {}  # it stands for no layer
  return huggingface_heads.read_hidden(folder, model_type, config)
