"""Pretrained transformers to fine-tune: reading, encoders, adapters, learning rates by layer."""

import pathlib
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp

from glove_jax import checkpoint, temporary_folders
from glove_jax.data.labelled import padded_batches
from glove_jax.data.labelled.lexicon import Lexicon
from glove_jax.data.labelled.padded_batches import Examples
from glove_jax.data.subwords import examples as subword_examples
from glove_jax.data.subwords import subword_tokenizers
from glove_jax.errors import InputError
from glove_jax.finetuning import optimization, preprocessing, transformer_heads
from glove_jax.finetuning.encoder_settings import TransformerEncoder
from glove_jax.finetuning.settings import BertClassifySettings, BertTagSettings
from glove_jax.interop import huggingface, sentence_transformers_folder
from glove_jax.models import lora, transformer, transformer_encoder
from glove_jax.models.encoder import Encoder
from glove_jax.progress import log_stage
from glove_jax.train import Params, Task


class Pretrained(NamedTuple):
  """A pretrained transformer without the heads of its pretraining."""

  folder: pathlib.Path
  config: transformer.Config
  params: Params
  tokenizer: subword_tokenizers.Tokenizer
  max_length: int  # subword tokens of a text
  note: str = ""   # on tensors of the folder that are not used
  hidden: Mapping[str, Any] = {}  # of a head: the dense layer and the norm of the pretraining


def read(settings: TransformerEncoder, folder: str | pathlib.Path) -> Pretrained:
  """Returns the transformer in a folder.

  Raises:
    InputError: the folder has none, its tokenizer is another model's, or `max_length` does not fit.
  """
  loaded = huggingface.load(folder, heads=False)
  tokenizer = subword_tokenizers.load(folder)
  size = tokenizer.get_vocab_size()
  if size > loaded.config.vocab_size:
    expected = f"expected the model's {loaded.config.vocab_size:,} at most."
    raise InputError(f"{folder}: a tokenizer of {size:,} subword tokens, {expected}")
  positions = loaded.config.positions
  if settings.max_length > positions or 0 < settings.max_length < 8:
    expected = f"expected 8 to {positions}, the positions of {folder}; or 0."
    raise InputError(f"max_length={settings.max_length}, {expected}")
  config = loaded.config._replace(
    dropout=settings.layer_dropout,
    dtype=settings.dtype,
    remat=settings.remat,
  )
  return Pretrained(
    folder=pathlib.Path(folder),
    config=config,
    params={name: loaded.params[name] for name in transformer.param_specs(config)},
    tokenizer=tokenizer,
    # Batches are padded to multiples of 4, which the model needs positions for.
    max_length=min(settings.max_length or positions, positions // 4 * 4),
    note=huggingface.note_of_unused(loaded.unused_tensors),
  )


def read_init(settings: TransformerEncoder) -> Pretrained:
  """Returns the transformer that `init` names, and reports its size."""
  if not settings.init:
    expected = "a folder as transformers saves it, a run of bert or gpt, or minilm."
    raise InputError(f"init is empty, expected {expected}")
  pretrained = read(settings, huggingface.model_folder(settings.init))
  if settings.head == "dense" and not settings.from_scratch:
    pretrained = pretrained._replace(
      hidden=transformer_heads.pretrained_hidden(pretrained.folder, pretrained.config)
    )
  config = pretrained.config
  size = sum(leaf.size for leaf in jax.tree.leaves(pretrained.params))
  vocab_size = pretrained.tokenizer.get_vocab_size()
  text = (
    f"{config.layers} layers of {config.dim}, {size:,} parameters, {vocab_size:,} subword tokens"
  )
  scratch = ", params drawn anew" if settings.from_scratch else ""
  log_stage("start", f"{text}{temporary_folders.after_colon(pretrained.folder)}{scratch}")
  if pretrained.note:
    log_stage("start", pretrained.note)
  if sentence_transformers_folder.has_dense_layers(pretrained.folder):
    log_stage("start", "the dense layers of sentence-transformers are left out")
  return pretrained


def make_encoder(settings: TransformerEncoder, pretrained: Pretrained) -> Encoder:
  """Returns the transformer as an encoder; `word_dropout` masks subword tokens in training."""
  special = subword_tokenizers.special_tokens(pretrained.tokenizer)
  rate = settings.word_dropout
  if rate and special.mask is None:
    message = f"{pretrained.folder} knows no [MASK], expected 0, or a BERT."
    raise InputError(f"word_dropout={rate}: {message}")
  return transformer_encoder.transformer_encoder(
    pretrained.config,
    word_dropout=rate,
    mask_id=special.mask,
    special_ids=[token for token in special if token is not None],
  )


def encode_texts(
  settings: BertClassifySettings, pretrained: Pretrained, texts: Sequence[str]
) -> tuple[Examples, int]:
  """Returns texts or pairs as subword tokens, and how many of them are truncated.

  Raises:
    InputError: there are pairs, and the model is a GPT, which has nothing between texts.
  """
  pairs = preprocessing.text_pairs(settings, texts)
  examples, truncated = subword_examples.encode_texts(
    pretrained.tokenizer,
    pairs,
    [0] * len(texts),
    longest=pretrained.max_length,
  )
  if examples.types and pretrained.config.causal:
    expected = "expected a BERT for pairs of texts (a tab in a text)."
    raise InputError(f"{pretrained.folder}: found a model of single texts, {expected}")
  if pretrained.config.types < 2:
    examples = examples._replace(types=None)  # RoBERTa, say, has but separators between texts
  return examples, truncated


def encode_words(
  settings: BertTagSettings,
  pretrained: Pretrained,
  lexicon: Lexicon,
  sentences: Sequence[Sequence[str]],
  targets: Sequence,
) -> tuple[Examples, int]:
  """Returns sentences as subword tokens with tags, and how many words are truncated."""
  examples, truncated = subword_examples.encode_tagged_words(
    pretrained.tokenizer,
    sentences,
    targets,
    longest=pretrained.max_length,
  )
  if settings.char_filters:
    pairs = zip(sentences, examples.first, strict=True)
    kept = [sentence[: len(first)] for sentence, first in pairs]
    examples = examples._replace(chars=padded_batches.character_ids(kept, lexicon.alphabet))
  return examples, truncated


def with_adapters(settings: TransformerEncoder, task: Task) -> Task:
  """Returns the task with low-rank adapters, if so configured."""
  if not settings.lora_rank:
    return task
  return lora.lora(
    task,
    rank=settings.lora_rank,
    alpha=settings.lora_alpha,
    adapt=settings.lora_adapt,
  )


def lr_multipliers(
  settings: BertClassifySettings | BertTagSettings, layers: int
) -> dict[str, float]:
  """Returns learning-rate factors by name pattern; the first match counts.

  Heads have 1, the last layer `layer_decay`, the embeddings its power of layers + 1
  (discriminative fine-tuning: Howard & Ruder 2018, sec. 3.2). Those of the settings come first.
  """
  multipliers = dict(lora.LR_MULTIPLIERS) if settings.lora_rank else {}
  multipliers |= optimization.parse_pairs("lr_multipliers", settings.lr_multipliers)
  decay = settings.layer_decay
  if decay < 1:
    by_layer = {"(^|/)embed/": decay ** (layers + 1)}
    for layer in range(layers):
      by_layer[f"(^|/)layers/{layer}/"] = decay ** (layers - layer)
    multipliers |= by_layer
  return multipliers


def transfer(pretrained: Pretrained, params: Params) -> Params:
  """Returns a task's params that begin with those of a pretrained transformer.

  The hidden layer of a head begins with that of the pretraining, where that had one: BERT's pooler,
  the head of ModernBERT.
  """
  transferred = checkpoint.transfer(pretrained.params, transformer_of(params))
  params = with_transformer(params, transferred)
  if not pretrained.hidden:
    return params
  hidden = {name: params["head"][name] for name in pretrained.hidden if name in params["head"]}
  if jax.tree.map(jnp.shape, hidden) != jax.tree.map(jnp.shape, dict(pretrained.hidden)):
    return params
  log_stage("start", "the dense layer of the head is that of the pretraining")
  return {**params, "head": {**params["head"], **pretrained.hidden}}


def transformer_of(params: Params) -> Params:
  """Returns the params of the transformer among those of a task."""
  return params["encoder"].get("words", params["encoder"])


def with_transformer(params: Params, new: Mapping[str, Any]) -> Params:
  """Returns a task's params with others for the transformer."""
  encoder = params["encoder"]
  if "words" in encoder:
    new = {**encoder, "words": new}
  return {**params, "encoder": new}
