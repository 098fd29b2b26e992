"""Files beside a vocabulary: tokenizer_config.json, special_tokens_map.json and others."""

import pathlib
from collections.abc import Mapping
from typing import Any, NamedTuple

import tokenizers
from tokenizers import AddedToken

from glove_jax.data.subwords.tokenizer_reading import read_object
from glove_jax.errors import InputError, quote

_MAX_ID = 2**31 - 1
_KEYS = ("bos", "eos", "unk", "sep", "pad", "cls", "mask")
_FLAGS = ("single_word", "lstrip", "rstrip", "normalized", "special")
# Names of classes that read a tokenizer.json as it is.
_GENERIC = ("pretrained", "tokenizersbackend", "python")


class TokenizerSettings(NamedTuple):
  """What the files beside a vocabulary say."""

  folder: pathlib.Path
  values: dict[str, Any]           # of tokenizer_config.json
  tokenizer_class: str             # in lower case, without Tokenizer or Fast; "" if none is named
  model_type: str                  # of config.json, in lower case without hyphens
  names: dict[str, str]            # of special tokens, by key (`bos`, `eos`, `cls`, …)
  tokens: tuple[AddedToken, ...]   # these special tokens and further ones
  added: dict[int, AddedToken]     # tokens that are added to the vocabulary, by id
  ids: dict[str, int]              # of special tokens in config.json, by key
  vocab_size: int                  # of config.json; 0: not known

  @property
  def family(self) -> str:
    """The kind of tokenizer, such as `bert` or `roberta`; "" if no file says."""
    is_named = self.tokenizer_class and not self.is_generic
    return self.tokenizer_class if is_named else self.model_type

  @property
  def is_generic(self) -> bool:
    """Whether the settings say that a tokenizer.json is to be read as it is."""
    return self.tokenizer_class in _GENERIC

  def flag(self, key: str) -> bool | None:
    """Returns a yes or no of tokenizer_config.json; None where it is missing or null.

    Raises:
      InputError: the value is something else.
    """
    value = self.values.get(key)
    if value is not None and not isinstance(value, bool):
      raise InputError(
        f"{self.folder / 'tokenizer_config.json'}: {key} is {quote(value)}, expected true or "
        "false.")
    return value


def read(folder: pathlib.Path) -> TokenizerSettings:
  """Reads the files beside a vocabulary; each may be missing.

  `special_tokens_map.json` and `added_tokens.json` count where `tokenizer_config.json` lists no
  `added_tokens_decoder`, as in transformers.

  Raises:
    InputError: a file is damaged, or a value has another type than it should.
  """
  path = folder / "tokenizer_config.json"
  values = read_object(path)
  config = read_object(folder / "config.json")
  special = _special_values(path, values)
  added = values.get("added_tokens_decoder")
  if added is not None:
    added = _added_tokens(path, added)
  else:
    map_path = folder / "special_tokens_map.json"
    special |= _special_values(map_path, read_object(map_path))
    added_path = folder / "added_tokens.json"
    texts = {token.content for token in special.values()}
    added = _legacy_added_tokens(added_path, read_object(added_path), texts)
  names = {key: special[key].content for key in _KEYS if key in special}
  return TokenizerSettings(
    folder=folder,
    values=values,
    tokenizer_class=_class_name(values.get("tokenizer_class") or config.get("tokenizer_class")),
    model_type=_class_name(config.get("model_type")),
    names=names,
    tokens=tuple(special.values()),
    added=added,
    ids=_config_ids(config),
    vocab_size=_size(config.get("vocab_size")),
  )


def add_tokens(tokenizer: tokenizers.Tokenizer, settings: TokenizerSettings) -> None:
  """Adds the tokens of the files beside a vocabulary to a tokenizer, in place.

  Special tokens without an id are added where the model has an embedding for them: transformers
  gives them the ids after the vocabulary.

  Raises:
    InputError: a token's id is neither that of the vocabulary nor the next.
  """
  for token_id, token in sorted(settings.added.items()):
    before = tokenizer.token_to_id(token.content)
    tokenizer.add_tokens([token])
    actual = tokenizer.token_to_id(token.content)
    if actual != token_id:
      origin = "the next id is" if before is None else "its id in the vocabulary is"
      raise InputError(
        f"{settings.folder}: {quote(token.content)} is an added token with the id {token_id:,}, "
        f"but {origin} {actual}; expected the same.")
  present = {token.content for token in tokenizer.get_added_tokens_decoder().values()}
  for token in settings.tokens:
    is_in_vocabulary = tokenizer.token_to_id(token.content) is not None
    has_embedding = is_in_vocabulary or tokenizer.get_vocab_size() < settings.vocab_size
    # One that is there may take the space before it along, which a plain name does not say.
    if token.content not in present and has_embedding:
      tokenizer.add_special_tokens([token])


def _special_values(path: pathlib.Path, values: Mapping[str, Any]) -> dict[str, AddedToken]:
  """Returns special tokens by key: `bos` and so on; the text itself for further ones."""
  special = {}
  for key in _KEYS:
    value = values.get(f"{key}_token")
    if value is not None:
      special[key] = _token(path, f"{key}_token", value, is_special=True)
  for key in ("additional_special_tokens", "extra_special_tokens"):
    further = values.get(key) or []
    if isinstance(further, dict):
      further = list(further.values())
    if not isinstance(further, list):
      raise InputError(f"{path}: {key} is {quote(further)}, expected a list of tokens.")
    for value in further:
      token = _token(path, key, value, is_special=True)
      special[f"further {token.content}"] = token
  return special


def _token(path: pathlib.Path, key: str, value: Any, *, is_special: bool) -> AddedToken:
  """Returns a token that is written as a string, or as an object with its `content`."""
  flags = {"special": is_special, "normalized": not is_special}
  content = value
  if isinstance(value, dict):
    content = value.get("content")
    flags |= {flag: value[flag] for flag in _FLAGS if flag in value}
    if is_special:
      flags["special"] = True
  is_text = isinstance(content, str) and content and _is_unicode(content)
  if not is_text or not all(isinstance(flag, bool) for flag in flags.values()):
    raise InputError(f"{path}: {key} is {quote(value)}, expected a token.")
  return AddedToken(content, **flags)


def _added_tokens(path: pathlib.Path, added: Any) -> dict[int, AddedToken]:
  """Returns the tokens of an `added_tokens_decoder`, which has them by id."""
  if not isinstance(added, dict):
    raise InputError(f"{path}: added_tokens_decoder is {quote(added)}, expected an object.")
  tokens = {}
  for key, value in added.items():
    if not (key.isascii() and key.isdigit() and len(key) < 11):
      raise InputError(f"{path}: added_tokens_decoder has {quote(key)}, expected an id.")
    tokens[int(key)] = _token(path, "added_tokens_decoder", value, is_special=False)
  return tokens


def _legacy_added_tokens(
  path: pathlib.Path, added: Mapping[str, Any], special: set[str]
) -> dict[int, AddedToken]:
  """Returns the tokens of an added_tokens.json, which has ids by token."""
  tokens = {}
  for content, token_id in added.items():
    if not _is_id(token_id):
      raise InputError(f"{path}: {quote(content)} is {quote(token_id)}, expected an id.")
    tokens[token_id] = _token(path, "a token", content, is_special=content in special)
  return tokens


def _config_ids(config: Mapping[str, Any]) -> dict[str, int]:
  """Returns the ids of special tokens of a config.json; what is no id is left out."""
  ids = {}
  for key in _KEYS:
    token_id = config.get(f"{key}_token_id")
    if isinstance(token_id, list) and token_id:
      token_id = token_id[0]
    if _is_id(token_id):
      ids[key] = token_id
  return ids


def _is_id(value: Any) -> bool:
  return isinstance(value, int) and not isinstance(value, bool) and 0 <= value <= _MAX_ID


def _size(value: Any) -> int:
  return value if _is_id(value) else 0


def _is_unicode(text: str) -> bool:
  """Returns whether a text has no lone surrogates."""
  try:
    text.encode()
  except UnicodeEncodeError:
    return False
  return True


def _class_name(value: Any) -> str:
  """Returns the name of a class or a model in lower case: `bert` of BertTokenizerFast."""
  if not isinstance(value, str):
    return ""
  name = value.removesuffix("Fast").removesuffix("Tokenizer")
  return name.lower().replace("-", "").replace("_", "")
