"""Tokenizer files: reads those of BERT, GPT-2 and the `tokenizers` library, writes the latter."""

import json
import os
import pathlib
from collections.abc import Callable
from typing import Any

from tokenizers import models

from glove_jax.data.subwords.tokenizer_layouts import (
  BERT_SPECIAL,
  Tokenizer,
  bert_tokenizer,
  gpt2_tokenizer,
  special_tokens,
  without_limits,
)
from glove_jax.errors import InputError
from glove_jax.files import atomic_write

_LARGEST = 1 << 28  # bytes of a file
# The vocabulary and the merges of a BPE, as transformers names them, and as OpenAI does.
_BPE_FILES = (("vocab.json", "merges.txt"), ("encoder.json", "vocab.bpe"))
# Of a folder, the first that exists is read.
_FILES = ("tokenizer.json", "vocab.txt", "vocab.json", "encoder.json")


def load(path: str | os.PathLike, *, lowercase: bool | None = None) -> Tokenizer:
  """Reads a tokenizer.

  Args:
    path: `tokenizer.json`; a WordPiece vocabulary, one token a line (`vocab.txt`); a BPE vocabulary
      (`vocab.json` or `encoder.json`, or a name that ends so) with its merges beside it; or a
      folder with one of these.
    lowercase: for a WordPiece vocabulary, convert texts to lower case and strip accents. None: as
      `tokenizer_config.json` beside it says, else if no token has an ASCII capital. `strip_accents`
      and `tokenize_chinese_chars` are read from that file too.

  Raises:
    InputError: the file is missing, damaged, or none of these.
  """
  path = pathlib.Path(path)
  if path.is_dir():
    path = _file_of_folder(path)
  text = _read(path)
  if path.suffix != ".json":
    return _wordpiece(path, text, lowercase)
  try:
    content = json.loads(text)
  except (ValueError, RecursionError) as error:
    raise InputError(f"{path}: not JSON ({_one_line(error)}).") from None
  if isinstance(content, dict) and isinstance(content.get("model"), dict):
    tokenizer = _call_library(path, lambda: Tokenizer.from_str(text))
    return without_limits(tokenizer)
  return _bpe(path, content)


def save(tokenizer: Tokenizer, path: str | os.PathLike) -> None:
  """Writes a `tokenizer.json`, which `load` reads."""
  with atomic_write(path) as file:
    file.write(tokenizer.to_str(pretty=True) + "\n")


def save_beside_model(tokenizer: Tokenizer, folder: str | os.PathLike) -> None:
  """Writes `tokenizer.json` and `tokenizer_config.json` for transformers to a model's folder."""
  special = special_tokens(tokenizer)
  inputs = ["input_ids", "attention_mask"]
  ids = {"bos_token": special.start, "eos_token": special.end}
  if special.mask is not None:
    inputs = ["input_ids", "token_type_ids", "attention_mask"]
    ids = {"cls_token": special.start, "sep_token": special.end, "mask_token": special.mask}
  config = {
    # Without the class, transformers would build its default tokenizer, which lower-cases.
    "tokenizer_class": "PreTrainedTokenizerFast",
    "clean_up_tokenization_spaces": False,
    "model_input_names": inputs,
  }
  ids |= {"pad_token": special.pad, "unk_token": special.unknown}
  for name, token_id in ids.items():
    if token_id is not None:
      config[name] = tokenizer.id_to_token(token_id)
  folder = pathlib.Path(folder)
  save(tokenizer, folder / "tokenizer.json")
  with atomic_write(folder / "tokenizer_config.json") as file:
    file.write(json.dumps(config, indent=2) + "\n")


def has_files(folder: str | os.PathLike) -> bool:
  """Returns whether a folder has a tokenizer that `load` reads."""
  return any((pathlib.Path(folder) / name).exists() for name in _FILES)


def _file_of_folder(folder: pathlib.Path) -> pathlib.Path:
  for name in _FILES:
    if (folder / name).exists():
      return folder / name
  raise InputError(
    f"{folder}: found no {', '.join(_FILES[:-1])} or {_FILES[-1]}, expected one of them."
  )


def _read(path: pathlib.Path) -> str:
  try:
    size = path.stat().st_size
    if size > _LARGEST:
      raise InputError(f"{path}: {size:,} bytes, expected {_LARGEST:,} at most.")
    return path.read_text(encoding="utf-8")
  except UnicodeDecodeError as error:
    raise InputError(
      f"{path}: byte {error.start:,} is not UTF-8, expected a tokenizer's vocabulary.") from None
  except OSError as error:
    raise InputError(f"{path}: {error.strerror or error}.") from None


def _wordpiece(path: pathlib.Path, text: str, lowercase: bool | None) -> Tokenizer:
  vocab = _wordpiece_vocab(path, text)
  config = _wordpiece_config(path.with_name("tokenizer_config.json"))
  if lowercase is None:
    lowercase = config.get("do_lower_case")
  if lowercase is None:
    lowercase = not _has_capitals(vocab)
  strip_accents = config.get("strip_accents")
  if strip_accents is not None:
    strip_accents = bool(strip_accents)
  return bert_tokenizer(
    vocab,
    lowercase=bool(lowercase),
    strip_accents=strip_accents,
    handle_chinese_chars=bool(config.get("tokenize_chinese_chars", True)),
  )


def _wordpiece_vocab(path: pathlib.Path, text: str) -> dict[str, int]:
  vocab = {}
  repeated = None
  for number, line in enumerate(text.removesuffix("\n").split("\n")):
    token = line.removesuffix("\r")
    if vocab.setdefault(token, number) != number and repeated is None:
      repeated = number
  missing = [name for name in BERT_SPECIAL if name not in vocab]
  if missing:
    raise InputError(
      f"{path}: has no {', '.join(missing)}, expected a WordPiece vocabulary, one token a line.")
  if repeated is not None:
    token = text.split("\n")[repeated].removesuffix("\r")
    raise InputError(
      f"{path}:{repeated + 1}: {token[:80]!r} is already on line {vocab[token] + 1}, expected "
      "different tokens.")
  return vocab


def _wordpiece_config(path: pathlib.Path) -> dict[str, Any]:
  """Returns the settings of a `tokenizer_config.json` that are not null; {} without the file."""
  if not path.exists():
    return {}
  try:
    config = json.loads(_read(path))
    return {name: value for name, value in config.items() if value is not None}
  except (ValueError, AttributeError, RecursionError) as error:
    raise InputError(f"{path}: not a JSON object ({_one_line(error)}).") from None


def _has_capitals(vocab: dict[str, int]) -> bool:
  for token in vocab:
    special = token.startswith("[")
    if not special and any("A" <= letter <= "Z" for letter in token):
      return True
  return False


def _bpe(path: pathlib.Path, vocab: Any) -> Tokenizer:
  merges_path = _merges_path(path)
  if merges_path is None or not _is_vocabulary(vocab):
    raise InputError(
      f"{path}: found no tokenizer, expected a tokenizer.json, or a vocabulary (…vocab.json, "
      "…encoder.json) that numbers its tokens from 0 on.")
  merges = _read_merges(merges_path, path.name, vocab)
  return _call_library(path, lambda: gpt2_tokenizer(models.BPE(vocab, merges)))


def _merges_path(path: pathlib.Path) -> pathlib.Path | None:
  """Returns the file of merges that belongs to a BPE vocabulary, by its name."""
  for vocab_name, merges_name in _BPE_FILES:
    if path.name.endswith(vocab_name):
      return path.with_name(path.name.removesuffix(vocab_name) + merges_name)
  return None


def _is_vocabulary(vocab: Any) -> bool:
  """Returns whether this is a dictionary with the values 0 to its size - 1."""
  if not isinstance(vocab, dict):
    return False
  if not all(isinstance(token_id, int) for token_id in vocab.values()):
    return False
  return set(vocab.values()) == set(range(len(vocab)))


def _read_merges(
  path: pathlib.Path, vocab_name: str, vocab: dict[str, int]
) -> list[tuple[str, str]]:
  merges = []
  for number, line in enumerate(_read(path).split("\n"), 1):
    is_comment = number == 1 and line.startswith("#")
    if not line or is_comment:
      continue
    pair = tuple(line.removesuffix("\r").split(" "))
    if len(pair) != 2 or not {*pair, "".join(pair)} <= vocab.keys():
      raise InputError(
        f"{path}:{number}: found {line[:80]!r}, expected two tokens of {vocab_name} whose "
        "concatenation is a token too.")
    merges.append(pair)
  return merges


def _call_library(path: pathlib.Path, make: Callable[[], Tokenizer]) -> Tokenizer:
  try:
    return make()
  except BaseException as error:  # panics of the library are no Exceptions
    if isinstance(error, (KeyboardInterrupt, SystemExit, MemoryError)):
      raise
    raise InputError(
      f"{path}: the tokenizers library cannot read it ({_one_line(error)}).") from None


def _one_line(error: BaseException) -> str:
  return " ".join(str(error).split())[:300]
