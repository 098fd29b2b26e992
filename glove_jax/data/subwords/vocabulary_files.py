"""Vocabulary files: WordPiece's `vocab.txt`, and those of byte-level BPE with their merges."""

import pathlib
from typing import Any

from tokenizers import AddedToken, models

from glove_jax.data.subwords import tokenizer_layouts
from glove_jax.data.subwords.library_errors import call_library
from glove_jax.data.subwords.special_tokens import BERT_SPECIAL, END_OF_TEXT
from glove_jax.data.subwords.tokenizer_layouts import Tokenizer
from glove_jax.data.subwords.tokenizer_reading import read_text
from glove_jax.data.subwords.tokenizer_settings import TokenizerSettings
from glove_jax.errors import InputError, quote

# The vocabulary and the merges of a BPE, as transformers names them, and as OpenAI does.
BPE_FILES = (("vocab.json", "merges.txt"), ("encoder.json", "vocab.bpe"))

# Families whose words are BERT's, and whose BPE is GPT-2's. Others split words in their own way.
_WORDPIECE_FAMILIES = (
  "bert", "distilbert", "electra", "mobilebert", "convbert", "squeezebert", "layoutlm", "lxmert",
  "retribert", "megatronbert", "nezha", "mpnet",
)
_BPE_FAMILIES = ("gpt2", "roberta", "bart", "longformer", "opt", "gptneo", "gptj", "led")
_ROBERTA_FAMILIES = ("roberta", "bart", "longformer", "led")
_SPECIAL_KEYS = ("pad", "unk", "cls", "sep", "mask")
_MPNET_SPECIAL = ("<pad>", "[UNK]", "<s>", "</s>", "<mask>")
_ROBERTA_TOKENS = ("<s>", "</s>", "<pad>", "<unk>", "<mask>")


def read_wordpiece(
  path: pathlib.Path, settings: TokenizerSettings, lowercase: bool | None
) -> Tokenizer:
  """Reads a WordPiece vocabulary, a token a line.

  Args:
    path: of the vocabulary.
    settings: of the files beside it.
    lowercase: convert texts to lower case; None: as the settings say, else if no token has an ASCII
      capital.
  """
  _check_class(settings, _WORDPIECE_FAMILIES, "BERT's")
  is_mpnet = settings.family == "mpnet"
  usual = zip(_SPECIAL_KEYS, _MPNET_SPECIAL if is_mpnet else BERT_SPECIAL, strict=True)
  special = tuple(settings.names.get(key, name) for key, name in usual)
  vocab = _wordpiece_vocab(path, special)
  if lowercase is None:
    lowercase = settings.flag("do_lower_case")
  if lowercase is None:
    lowercase = not _has_capitals(vocab)
  tokenizer = tokenizer_layouts.bert_tokenizer(
    vocab,
    lowercase=lowercase,
    strip_accents=settings.flag("strip_accents"),
    handle_chinese_chars=settings.flag("tokenize_chinese_chars") is not False,
    special=special,
  )
  if is_mpnet:  # RoBERTa's template and mask, which takes the space before it along
    _, _, start, end, mask = special
    tokenizer_layouts.add_roberta_template(tokenizer, start, end)
    tokenizer.add_special_tokens([AddedToken(mask, lstrip=True, normalized=False)])
  return tokenizer


def read_bpe(path: pathlib.Path, vocab: Any, settings: TokenizerSettings) -> Tokenizer:
  """Returns a byte-level BPE.

  Args:
    path: of its vocabulary; its name says that of the merges beside it.
    vocab: the content of the vocabulary.
    settings: of the files beside it.
  """
  merges_path = _merges_path(path)
  if merges_path is None or not is_vocabulary(vocab):
    raise InputError(
      f"{path}: found no tokenizer, expected a tokenizer.json, or a vocabulary (…vocab.json, "
      "…encoder.json) that numbers its tokens from 0 on.")
  _check_class(settings, _BPE_FAMILIES, "GPT-2's")
  merges = _read_merges(merges_path, path.name, vocab)
  model = call_library(path, lambda: models.BPE(fill_unused_ids(vocab), merges))
  prefix_space = bool(settings.flag("add_prefix_space"))
  tokenizer = tokenizer_layouts.gpt2_tokenizer(model, add_prefix_space=prefix_space)
  is_unnamed = settings.family == "" and END_OF_TEXT not in vocab
  is_roberta = is_unnamed and vocab.keys() >= set(_ROBERTA_TOKENS)
  if settings.family in _ROBERTA_FAMILIES or is_roberta:
    _make_roberta(path, tokenizer, settings)
  return tokenizer


def is_vocabulary(vocab: Any) -> bool:
  """Returns whether this is a dictionary with distinct ids, more than half of which are used."""
  if not isinstance(vocab, dict) or not vocab:
    return False
  if not all(type(token_id) is int for token_id in vocab.values()):
    return False
  ids = set(vocab.values())
  return len(ids) == len(vocab) and min(ids) >= 0 and max(ids) + 1 < 2 * len(ids)


def fill_unused_ids(vocab: dict[str, int]) -> dict[str, int]:
  """Returns a vocabulary with a token `[unusedN]`, BERT's name, for each id that is not used."""
  filled = dict(vocab)
  for token_id in set(range(len(vocab))) - set(vocab.values()):
    filled[_unused_name(filled, token_id)] = token_id
  if len(filled) > len(vocab):  # ids beyond the number of tokens remain, and may be apart
    for token_id in set(range(max(filled.values()))) - set(filled.values()):
      filled[_unused_name(filled, token_id)] = token_id
  return filled


def _unused_name(vocab: dict[str, int], token_id: int) -> str:
  name = f"[unused{token_id}]"
  while name in vocab:
    name = f"[{name}]"
  return name


def _wordpiece_vocab(path: pathlib.Path, special: tuple[str, ...]) -> dict[str, int]:
  # Like the tokenizers library: the line's number is the id, white space at its end does not count.
  # A token that is a line break makes two empty lines.
  lines = [line.rstrip() for line in read_text(path).rstrip("\r\n").split("\n")]
  vocab = {}
  repeated = None
  for number, token in enumerate(lines):
    if not token:
      continue
    if vocab.setdefault(token, number) != number and repeated is None:
      repeated = number
  _, unknown, start, end, _ = special
  if not vocab.keys() >= {unknown, start, end}:
    missing = ", ".join(name for name in special if name not in vocab)
    raise InputError(
      f"{path}: has no {missing}, expected a WordPiece vocabulary, one token a line.")
  if repeated is not None:
    token = lines[repeated]
    raise InputError(
      f"{path}:{repeated + 1}: {quote(token)} is already on line {vocab[token] + 1}, expected "
      "different tokens.")
  for number, token in enumerate(lines):
    if not token:
      vocab[_unused_name(vocab, number)] = number
  return vocab


def _has_capitals(vocab: dict[str, int]) -> bool:
  for token in vocab:
    special = token[0] in "[<"
    if not special and any("A" <= letter <= "Z" for letter in token):
      return True
  return False


def _merges_path(path: pathlib.Path) -> pathlib.Path | None:
  """Returns the file of merges that belongs to a BPE vocabulary, by its name."""
  for vocab_name, merges_name in BPE_FILES:
    if path.name.endswith(vocab_name):
      return path.with_name(path.name.removesuffix(vocab_name) + merges_name)
  return None


def _read_merges(
  path: pathlib.Path, vocab_name: str, vocab: dict[str, int]
) -> list[tuple[str, str]]:
  merges = []
  for number, line in enumerate(read_text(path).split("\n"), 1):
    line = line.removesuffix("\r")
    pair = tuple(line.split(" "))
    is_merge = len(pair) == 2 and {*pair, "".join(pair)} <= vocab.keys()
    if is_merge:
      merges.append(pair)
      continue
    is_comment = line.startswith("#version") or (number == 1 and line.startswith("#"))
    if line.strip() and not is_comment:
      raise InputError(
        f"{path}:{number}: found {quote(line)}, expected two tokens of {vocab_name} whose "
        "concatenation is a token too.")
  return merges


def _make_roberta(path: pathlib.Path, tokenizer: Tokenizer, settings: TokenizerSettings) -> None:
  """Puts <s> and </s> around texts, and makes RoBERTa's special tokens such."""
  names = settings.names
  start = names.get("cls") or names.get("bos") or "<s>"
  end = names.get("sep") or names.get("eos") or "</s>"
  missing = [token for token in (start, end) if tokenizer.token_to_id(token) is None]
  if missing:
    raise InputError(f"{path}: has no {quote(missing[0])}, expected a vocabulary of RoBERTa's.")
  special = [token for token in _ROBERTA_TOKENS if tokenizer.token_to_id(token) is not None]
  configured = {token.content for token in settings.tokens}
  tokenizer.add_special_tokens([token for token in special if token not in configured])
  tokenizer_layouts.add_roberta_template(tokenizer, start, end)


def _check_class(settings: TokenizerSettings, families: tuple[str, ...], whose: str) -> None:
  """Raises InputError if a file names a tokenizer that splits texts into words in another way."""
  name = settings.values.get("tokenizer_class")
  is_ours = settings.tokenizer_class in ("", *families) or settings.is_generic
  if not is_ours:
    raise InputError(
      f"{settings.folder / 'tokenizer_config.json'}: tokenizer_class is {quote(name)}, whose rules "
      f"are not {whose}; expected a tokenizer.json in the folder (transformers' save_pretrained "
      "writes one where it can).")
