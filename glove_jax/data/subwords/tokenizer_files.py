"""Tokenizer files: reads those of BERT, GPT-2, RoBERTa, XLM-R and the `tokenizers` library."""

import contextlib
import json
import os
import pathlib

from tokenizers import models

from glove_jax.data.subwords import (
  sentencepiece_files,
  special_tokens,
  tokenizer_json,
  tokenizer_layouts,
  tokenizer_settings,
  vocabulary_files,
)
from glove_jax.data.subwords.library_errors import call_library
from glove_jax.data.subwords.tokenizer_layouts import Tokenizer
from glove_jax.data.subwords.tokenizer_reading import parse_json, read_object, read_text
from glove_jax.data.subwords.tokenizer_settings import TokenizerSettings
from glove_jax.errors import InputError
from glove_jax.files import atomic_write

# Of a folder, the first that exists is read.
_FILES = ("tokenizer.json", "vocab.txt", "vocab.json", "encoder.json", sentencepiece_files.FILE)

_TEXT = "A text, naïve 中文 1."
_TRIED_TOKENS = 100

# Models without token types, some of which use BERT's tokenizer.
_WITHOUT_TYPES = ("distilbert", "gpt2", "modernbert", "mpnet")


def load(path: str | os.PathLike, *, lowercase: bool | None = None) -> Tokenizer:
  """Reads a tokenizer.

  The files beside it count as in transformers: `tokenizer_config.json`, `special_tokens_map.json`,
  `added_tokens.json`, and `config.json` for the tokens that begin and end a text. Texts that
  contain a special token, such as [SEP] or <|user|>, are read as having that token.

  Args:
    path: `tokenizer.json`; a WordPiece vocabulary, one token a line (`vocab.txt`); a BPE vocabulary
      (`vocab.json` or `encoder.json`, or a name that ends so) with its merges beside it; XLM-R's
      `sentencepiece.bpe.model`; or a folder with one of these.
    lowercase: for a WordPiece vocabulary, convert texts to lower case and strip accents. None: as
      `tokenizer_config.json` beside it says, else if no token has an ASCII capital.

  Raises:
    InputError: the file is missing, damaged, or none of these.
  """
  path = pathlib.Path(path)
  if path.is_dir():
    path = _file_of_folder(path)
  settings = tokenizer_settings.read(path.parent)
  if path.suffix == ".json":
    tokenizer = _read_json(path, settings)
  elif path.suffix == ".model":
    tokenizer = sentencepiece_files.read(path, settings)
  else:
    tokenizer = vocabulary_files.read_wordpiece(path, settings, lowercase)
  if tokenizer.get_vocab_size() == 0:
    raise InputError(f"{path}: the tokenizer has no tokens, expected a vocabulary.")
  call_library(path, lambda: _complete(tokenizer, settings))
  call_library(path, lambda: _try_out(tokenizer))
  return tokenizer


def save(tokenizer: Tokenizer, path: str | os.PathLike) -> None:
  """Writes a `tokenizer.json`, which `load` reads."""
  with atomic_write(path) as file:
    file.write(tokenizer.to_str(pretty=True) + "\n")


def save_beside_model(tokenizer: Tokenizer, folder: str | os.PathLike) -> None:
  """Writes `tokenizer.json` and `tokenizer_config.json` for transformers to a model's folder.

  Where the folder has a `config.json` already, it says whether the model takes token types.
  """
  folder = pathlib.Path(folder)
  special = special_tokens.special_tokens(tokenizer)
  inputs = ["input_ids", "attention_mask"]
  if 1 in tokenizer.encode("", "").type_ids and _takes_types(folder):
    inputs.insert(1, "token_type_ids")
  config = {
    # Without the class, transformers would build its default tokenizer, which lower-cases.
    "tokenizer_class": "PreTrainedTokenizerFast",
    "clean_up_tokenization_spaces": False,
    "model_input_names": inputs,
  }
  template = tokenizer.encode("").ids
  is_encoder = special.mask is not None and template[:1] == [special.start]
  start, end = ("cls_token", "sep_token") if is_encoder else ("bos_token", "eos_token")
  ids = {start: special.start, end: special.end, "mask_token": special.mask}
  ids |= {"pad_token": special.pad, "unk_token": special.unknown}
  for name, token_id in ids.items():
    if token_id is not None:
      config[name] = tokenizer.id_to_token(token_id)
  save(tokenizer, folder / "tokenizer.json")
  with atomic_write(folder / "tokenizer_config.json") as file:
    file.write(json.dumps(config, indent=2) + "\n")


def save_for_task(tokenizer: Tokenizer, folder: str | os.PathLike, *, max_length: int) -> None:
  """Writes what `save_beside_model` does, the length of the longest text, and the special tokens.

  Args:
    tokenizer: of the model.
    folder: has the model's `config.json`.
    max_length: tokens at most, to which transformers truncates a text where it is asked to.
  """
  folder = pathlib.Path(folder)
  save_beside_model(tokenizer, folder)
  config = read_object(folder / "tokenizer_config.json") | {"model_max_length": max_length}
  special = {key: token for key, token in config.items() if key.endswith("_token")}
  files = {"tokenizer_config.json": config, "special_tokens_map.json": special}
  for name, content in files.items():
    with atomic_write(folder / name) as file:
      file.write(json.dumps(content, indent=2) + "\n")


def _takes_types(folder: pathlib.Path) -> bool:
  """Returns whether a model takes token types. GPT-2 would take them for further tokens."""
  config = read_object(folder / "config.json")
  types = config.get("type_vocab_size", 2)
  return config.get("model_type") not in _WITHOUT_TYPES and isinstance(types, int) and types > 1


def has_files(folder: str | os.PathLike) -> bool:
  """Returns whether a folder has a tokenizer that `load` reads."""
  return any((pathlib.Path(folder) / name).exists() for name in _FILES)


def _file_of_folder(folder: pathlib.Path) -> pathlib.Path:
  for name in _FILES:
    if (folder / name).exists():
      return folder / name
  for name in sentencepiece_files.OTHER_FILES:
    if (folder / name).exists():
      raise sentencepiece_files.unsupported(folder / name)
  raise InputError(
    f"{folder}: found no {', '.join(_FILES[:-1])} or {_FILES[-1]}, expected one of them."
  )


def _read_json(path: pathlib.Path, settings: TokenizerSettings) -> Tokenizer:
  text = read_text(path)
  content = parse_json(path, text)
  if not isinstance(content, dict) or not isinstance(content.get("model"), dict):
    return vocabulary_files.read_bpe(path, content, settings)
  return tokenizer_json.read(path, text, content, settings)


def _complete(tokenizer: Tokenizer, settings: TokenizerSettings) -> None:
  """Adds tokens, sets the special ones, and a template where the tokenizer has none."""
  tokenizer_settings.add_tokens(tokenizer, settings)
  names = settings.names
  if tokenizer.post_processor is None and isinstance(tokenizer.model, models.WordPiece):
    start, end = names.get("cls", "[CLS]"), names.get("sep", "[SEP]")
    if None not in (tokenizer.token_to_id(start), tokenizer.token_to_id(end)):
      tokenizer_layouts.add_bert_template(tokenizer, start, end)
  special = special_tokens.find(tokenizer, names=names, ids=settings.ids)
  special_tokens.attach(tokenizer, special)
  present = tokenizer.get_added_tokens_decoder()
  for token_id in special:
    if token_id is not None and token_id not in present:
      tokenizer.add_special_tokens([tokenizer.id_to_token(token_id)])
  start, end = None, None
  if settings.flag("add_bos_token") and special.start is not None:
    start = tokenizer.id_to_token(special.start)
  if settings.flag("add_eos_token") and special.end is not None:
    end = tokenizer.id_to_token(special.end)
  has_template = len(tokenizer.encode("").ids) > 0
  if (start or end) and not has_template:
    tokenizer_layouts.add_gpt2_template(tokenizer, start, end)


def _try_out(tokenizer: Tokenizer) -> None:
  """Encodes a text and decodes tokens: with some settings the library panics, which is raised."""
  with contextlib.suppress(Exception):  # no token may stand for this text, but for others
    tokenizer.encode(_TEXT)
  tokenizer.decode(list(range(min(tokenizer.get_vocab_size(), _TRIED_TOKENS))))
