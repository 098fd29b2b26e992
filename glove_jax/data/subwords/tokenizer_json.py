"""The file tokenizer.json of the `tokenizers` library, and what other files change about it."""

import json
import pathlib
from typing import Any

from tokenizers import normalizers, pre_tokenizers

from glove_jax.data.subwords import tokenizer_layouts, vocabulary_files
from glove_jax.data.subwords.library_errors import call_library
from glove_jax.data.subwords.tokenizer_layouts import Tokenizer
from glove_jax.data.subwords.tokenizer_settings import TokenizerSettings
from glove_jax.errors import InputError, quote


def read(
  path: pathlib.Path, text: str, content: dict[str, Any], settings: TokenizerSettings
) -> Tokenizer:
  """Returns the tokenizer of a tokenizer.json; ids that it leaves out get tokens.

  Args:
    path: of the file.
    text: its text.
    content: the object that the text stands for.
    settings: of the files beside it, which decide over case and spaces.

  Raises:
    InputError: the file is damaged, most ids are left out, two tokens have the same, or an added
      token has another than the library gives it.
  """
  tokenizer = call_library(path, lambda: Tokenizer.from_str(text))  # which checks the types
  _check_template(path, content.get("post_processor"))
  vocab = content["model"].get("vocab")
  ids = {token["content"]: token["id"] for token in content.get("added_tokens") or []}
  if isinstance(vocab, dict) and vocab:
    complete = _complete_vocabulary(path, {**ids, **vocab})
    # The library numbers added tokens from the size of its own vocabulary on.
    has_gaps = max(vocab.values()) >= len(vocab) or len(complete) > len({**ids, **vocab})
    if has_gaps:
      content["model"]["vocab"] = complete
      tokenizer = call_library(path, lambda: Tokenizer.from_str(json.dumps(content)))
  for token, token_id in ids.items():
    actual = tokenizer.token_to_id(token)
    if actual != token_id:
      raise InputError(
        f"{path}: the added token {quote(token)} has the id {quote(token_id)}, expected {actual}, "
        "that of the vocabulary or the next.")
  _apply_settings(tokenizer, settings)
  return tokenizer_layouts.without_limits(tokenizer)


def _check_template(path: pathlib.Path, template: dict[str, Any] | None) -> None:
  """Checks that a template's special tokens have ids, without which the library would panic."""
  if template is None:
    return
  for part in template.get("processors", []):
    _check_template(path, part)
  for piece in [*template.get("single", []), *template.get("pair", [])]:
    token = piece.get("SpecialToken", {}).get("id")
    if token is not None and token not in template["special_tokens"]:
      raise InputError(
        f"{path}: the template has {quote(token)}, expected one of its special tokens.")


def _complete_vocabulary(path: pathlib.Path, vocab: dict[str, int]) -> dict[str, int]:
  """Returns a vocabulary without unused ids.

  Raises:
    InputError: most ids are unused, or two tokens have the same.
  """
  if not vocabulary_files.is_vocabulary(vocab):
    raise InputError(
      f"{path}: {len(vocab):,} tokens with ids up to {max(vocab.values()):,}, expected different "
      f"ids from 0 to {len(vocab) - 1:,}.")
  return vocabulary_files.fill_unused_ids(vocab)


def _apply_settings(tokenizer: Tokenizer, settings: TokenizerSettings) -> None:
  """Changes what tokenizer_config.json decides over a tokenizer.json, as transformers does."""
  if settings.is_generic:
    return
  normalizer = tokenizer.normalizer
  if isinstance(normalizer, normalizers.BertNormalizer):
    lowercase = settings.flag("do_lower_case")
    chinese = settings.flag("tokenize_chinese_chars")
    accents = normalizer.strip_accents
    if "strip_accents" in settings.values:
      accents = settings.flag("strip_accents")
    tokenizer.normalizer = normalizers.BertNormalizer(
      clean_text=normalizer.clean_text,
      handle_chinese_chars=normalizer.handle_chinese_chars if chinese is None else chinese,
      strip_accents=accents,
      lowercase=normalizer.lowercase if lowercase is None else lowercase,
    )
  prefix_space = settings.flag("add_prefix_space")
  pre_tokenizer = tokenizer.pre_tokenizer
  if prefix_space is not None and isinstance(pre_tokenizer, pre_tokenizers.ByteLevel):
    pre_tokenizer.add_prefix_space = prefix_space
    tokenizer.pre_tokenizer = pre_tokenizer
