"""Pieces of words: BERT's WordPiece and GPT-2's byte-level BPE, loaded or trained, by the `tokenizers` library.

Characters are a byte-level BPE too, which joins no two of them: a frequent one is a piece, a rare one its bytes.

WordPiece (Schuster & Nakajima 2012) writes `##` before what continues a word. Byte-level BPE (Radford et al. 2019,
sec. 2.2) takes any text and gives it back; a piece may be a part of a character.
"""

import collections
import functools
import json
import os
import pathlib
from collections.abc import Callable, Iterable, Sequence
from typing import NamedTuple

import tokenizers
from tokenizers import Regex, decoders, models, normalizers, pre_tokenizers, processors, trainers

from glove_jax.errors import InputError
from glove_jax.files import atomic_write

Tokenizer = tokenizers.Tokenizer

BERT_SPECIAL = ("[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]")
END_OF_TEXT = "<|endoftext|>"
KINDS = ("wordpiece", "bpe", "characters")
_LARGEST = 1 << 28  # bytes of a file
# A folder's files, the first pair that is there: transformers' names, then OpenAI's.
_BPE_FILES = (("vocab.json", "merges.txt"), ("encoder.json", "vocab.bpe"))
_FILES = ("tokenizer.json", "vocab.txt", *(vocab for vocab, _ in _BPE_FILES))


class Special(NamedTuple):
  """Ids of the pieces that no text has; None where a tokenizer has none."""

  start: int | None    # begins a text: [CLS], or GPT-2's end of text, which stands between texts
  end: int | None      # ends a text: [SEP], or the same
  pad: int | None
  unknown: int | None
  mask: int | None


class Encoded(NamedTuple):
  """A text, or two, in pieces."""

  ids: list[int]
  types: list[int]                 # 0, and 1 for the second text
  offsets: list[tuple[int, int]]   # the characters of its text that a piece stands for; (0, 0) for special pieces
  words: list[int | None]          # which word of its text a piece is of; None for special pieces
  cut: bool                        # whether the text goes on


def load(path: str | os.PathLike, *, lowercase: bool | None = None) -> Tokenizer:
  """A tokenizer from its files.

  Args:
    path: `tokenizer.json`; a WordPiece vocabulary, a piece a line (`vocab.txt`); a BPE vocabulary (`vocab.json` or
      `encoder.json`, or a name that ends so) with its merges beside it; or a folder with one of these.
    lowercase: of a WordPiece vocabulary: lower the case, and drop accents. None: what `tokenizer_config.json` beside it
      says, else whether the vocabulary has no piece with an ASCII capital. `strip_accents` and
      `tokenize_chinese_chars` are read from there too.

  Raises:
    InputError: the file is missing, damaged, or none of these.
  """
  path = pathlib.Path(path)
  if path.is_dir():
    found = next((path / name for name in _FILES if (path / name).exists()), None)
    if found is None:
      raise InputError(f"{path}: found no {', '.join(_FILES[:-1])} or {_FILES[-1]}.")
    path = found
  text = _read(path)
  if path.suffix != ".json":
    return _wordpiece(path, text, lowercase)
  try:
    whole = json.loads(text)
  except (ValueError, RecursionError) as error:
    raise InputError(f"{path}: not JSON ({_line(error)}).") from None
  if isinstance(whole, dict) and isinstance(whole.get("model"), dict):
    return _plain(_guarded(path, lambda: Tokenizer.from_str(text)))
  return _bpe(path, whole)


def save(tokenizer: Tokenizer, path: str | os.PathLike) -> None:
  """Writes `tokenizer.json`, which `load` reads."""
  with atomic_write(path) as file:
    file.write(tokenizer.to_str(pretty=True) + "\n")


def save_beside_model(tokenizer: Tokenizer, folder: str | os.PathLike) -> None:
  """Writes `tokenizer.json` and `tokenizer_config.json` into a model's folder, for transformers."""
  found = special(tokenizer)
  names = {"cls_token": found.start, "sep_token": found.end, "mask_token": found.mask} if found.mask is not None else {
    "bos_token": found.start, "eos_token": found.end}
  names |= {"pad_token": found.pad, "unk_token": found.unknown}
  # Without the class transformers would make a tokenizer of its own of the pieces, and lower the case as BERT's does.
  inputs = ["input_ids", *(["token_type_ids"] if found.mask is not None else []), "attention_mask"]
  told = {"tokenizer_class": "PreTrainedTokenizerFast", "clean_up_tokenization_spaces": False,
          "model_input_names": inputs,
          **{name: tokenizer.id_to_token(piece) for name, piece in names.items() if piece is not None}}
  save(tokenizer, pathlib.Path(folder) / "tokenizer.json")
  with atomic_write(pathlib.Path(folder) / "tokenizer_config.json") as file:
    file.write(json.dumps(told, indent=2) + "\n")


def train(
  kind: str, texts: Callable[[], Iterable[str]], *, vocab_size: int, lowercase: bool | None = None, min_count: int = 2,
) -> Tokenizer:
  """A tokenizer of one's own text; the same text gives the same one.

  Args:
    kind: of KINDS.
    texts: gives the text from its start, in lines, say; no piece goes over the end of one. Called twice at most.
    vocab_size: pieces at most, the special ones with them. BPE and characters have 257 at least.
    lowercase: None: WordPiece does, the others do not.
    min_count: of two pieces side by side, to become one; of characters so of a character's bytes.

  Raises:
    InputError: the kind is unknown, or the vocabulary is too small for it.
  """
  if kind not in KINDS:
    raise InputError(f"the tokenizer {kind!r} is unknown, expected one of {', '.join(KINDS)}.")
  least = len(BERT_SPECIAL) + 8 if kind == "wordpiece" else 257
  if vocab_size < least:
    raise InputError(f"a {kind} vocabulary of {vocab_size} pieces, expected {least} at least.")
  common = {"vocab_size": vocab_size, "min_frequency": min_count, "show_progress": False}
  if kind in ("bpe", "characters"):
    tokenizer = _like_gpt2(models.BPE(), lowercase=bool(lowercase), characters=kind == "characters")
    tokenizer.train_from_iterator(iter(texts()), trainers.BpeTrainer(
      special_tokens=[END_OF_TEXT], initial_alphabet=sorted(pre_tokenizers.ByteLevel.alphabet()), **common))
    return tokenizer
  tokenizer = _like_bert({}, lowercase=lowercase is not False)
  letters, inner = _alphabet(tokenizer, texts(), (vocab_size - len(BERT_SPECIAL)) // 4)
  # The library numbers the inner letters in the order of a hash table, another one each time, and ties go by numbers.
  # As special pieces they are numbered as they are given; below they are special no more.
  tokenizer.train_from_iterator(iter(texts()), trainers.WordPieceTrainer(
    special_tokens=[*BERT_SPECIAL, *("##" + letter for letter in inner)], initial_alphabet=letters,
    limit_alphabet=len(letters), **common))
  return _like_bert(tokenizer.get_vocab(), lowercase=lowercase is not False)


def _alphabet(tokenizer: Tokenizer, texts: Iterable[str], most: int) -> tuple[list[str], list[str]]:
  """The most frequent characters as WordPiece sees them, and those of them that may continue a word."""
  counts: collections.Counter[str] = collections.Counter()
  for text in texts:
    counts.update(tokenizer.normalizer.normalize_str(text))
  found = sorted((letter for letter in counts if not letter.isspace()), key=lambda letter: (-counts[letter], letter))
  letters = sorted(found[:most])
  cut = tokenizer.pre_tokenizer.pre_tokenize_str
  return letters, [letter for letter in letters if len(cut(tokenizer.normalizer.normalize_str(f"a{letter}a"))) == 1]


def has_files(folder: str | os.PathLike) -> bool:
  """Whether a folder has a tokenizer that `load` would read."""
  return any((pathlib.Path(folder) / name).exists() for name in _FILES)


def check_numbers(tokenizer: Tokenizer, source: str) -> None:
  """InputError unless the pieces are numbered from 0 on without a gap: a language model has a row for each."""
  size, numbers = tokenizer.get_vocab_size(), set(tokenizer.get_vocab().values())
  if numbers != set(range(size)):
    raise InputError(f"{source}: {size:,} pieces, none of them with the number "
                     f"{min(set(range(size)) - numbers)}; expected 0 to {size - 1:,}.")


def special(tokenizer: Tokenizer) -> Special:
  """The special pieces, by BERT's names or GPT-2's."""
  def first(*names: str) -> int | None:
    return next((found for name in names if (found := tokenizer.token_to_id(name)) is not None), None)
  return Special(first("[CLS]", END_OF_TEXT), first("[SEP]", END_OF_TEXT), first("[PAD]", END_OF_TEXT),
                 first("[UNK]"), first("[MASK]"))


def encode(tokenizer: Tokenizer, text: str, pair: str | None = None, *, longest: int = 0) -> Encoded:
  """A text, or a pair, as pieces with the special ones around them, [CLS] a [SEP] b [SEP].

  longest: pieces at most, cut from the end of the longer text; 0: no bound.
  """
  return _encoded(tokenizer, text, pair, longest, split=False)


def encode_words(tokenizer: Tokenizer, words: Sequence[str], *, longest: int = 0) -> tuple[Encoded, list[int]]:
  """A text that is in words already, as for tagging: its pieces, and where the first piece of each word is.

  A word that has no piece (of a control character, say), or that `longest` cuts off, is at -1.
  """
  if isinstance(tokenizer.model, models.BPE):  # a space goes before a word, as in running text
    words = [word if number == 0 else " " + word for number, word in enumerate(words)]
  found = _encoded(tokenizer, list(words), None, longest, split=True)
  first = [-1] * len(words)
  for place, word in reversed(list(enumerate(found.words))):
    if word is not None:
      first[word] = place
  return found, first


@functools.lru_cache(maxsize=4)
def _shortened(tokenizer: Tokenizer, longest: int) -> Tokenizer:
  """A copy that gives so many pieces at most, kept for more texts: to make one takes as long as thousands of words."""
  tokenizer = _plain(Tokenizer.from_str(tokenizer.to_str()))
  tokenizer.enable_truncation(longest)
  return tokenizer


def _encoded(tokenizer: Tokenizer, text, pair, longest: int, *, split: bool) -> Encoded:
  found = tokenizer.encode(text, pair, is_pretokenized=split)
  cut = 0 < longest < len(found.ids)
  if cut:
    found = _shortened(tokenizer, longest).encode(text, pair, is_pretokenized=split)
  return Encoded(found.ids, found.type_ids, found.offsets, found.word_ids, cut)


def _read(path: pathlib.Path) -> str:
  try:
    if (size := path.stat().st_size) > _LARGEST:
      raise InputError(f"{path}: {size:,} bytes, expected {_LARGEST:,} at most.")
    return path.read_text(encoding="utf-8")
  except UnicodeDecodeError as error:
    raise InputError(f"{path}: byte {error.start:,} is not UTF-8; expected a tokenizer's vocabulary.") from None
  except OSError as error:
    raise InputError(f"{path}: {error.strerror or error}.") from None


def _wordpiece(path: pathlib.Path, text: str, lowercase: bool | None) -> Tokenizer:
  pieces = text.removesuffix("\n").split("\n")
  vocab = {piece.removesuffix("\r"): number for number, piece in enumerate(pieces)}
  if missing := [name for name in BERT_SPECIAL if name not in vocab]:
    raise InputError(f"{path}: has no {', '.join(missing)}; expected a WordPiece vocabulary, a piece a line.")
  if len(vocab) != len(pieces):
    twice = next(piece for number, piece in enumerate(pieces) if vocab[piece.removesuffix("\r")] != number)
    raise InputError(f"{path}:{pieces.index(twice) + 1}: {twice[:80]!r} comes twice, expected different pieces.")
  config, told = path.with_name("tokenizer_config.json"), {}
  if config.exists():
    try:
      told = {name: value for name, value in json.loads(_read(config)).items() if value is not None}
    except (ValueError, AttributeError, RecursionError) as error:
      raise InputError(f"{config}: not a JSON object ({_line(error)}).") from None
  if lowercase is None:
    lowercase = told.get("do_lower_case", not any(
      "A" <= letter <= "Z" for piece in vocab if piece[:1] != "[" for letter in piece))
  accents = told.get("strip_accents")
  return _like_bert(vocab, lowercase=bool(lowercase), strip_accents=None if accents is None else bool(accents),
                    handle_chinese_chars=bool(told.get("tokenize_chinese_chars", True)))


def _like_bert(vocab: dict[str, int], *, lowercase: bool, **more) -> Tokenizer:
  tokenizer = Tokenizer(models.WordPiece(vocab, unk_token="[UNK]", max_input_chars_per_word=100))
  tokenizer.normalizer = normalizers.BertNormalizer(lowercase=lowercase, **more)
  tokenizer.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
  tokenizer.decoder = decoders.WordPiece()
  if vocab:
    tokenizer.add_special_tokens(list(BERT_SPECIAL))
    tokenizer.post_processor = processors.BertProcessing(("[SEP]", vocab["[SEP]"]), ("[CLS]", vocab["[CLS]"]))
  return tokenizer


def _bpe(path: pathlib.Path, vocab) -> Tokenizer:
  suffixes = [(ours, merges) for ours, merges in _BPE_FILES if path.name.endswith(ours)]
  if not suffixes or not isinstance(vocab, dict) or not all(
      isinstance(number, int) and 0 <= number < len(vocab) for number in vocab.values()) or \
      len(set(vocab.values())) != len(vocab):
    raise InputError(f"{path}: found no tokenizer; expected a tokenizer.json, or a vocabulary (…vocab.json, "
                     "…encoder.json) that numbers its pieces from 0 on.")
  ours, theirs = suffixes[0]
  merges_path = path.with_name(path.name.removesuffix(ours) + theirs)
  merges = []
  for number, line in enumerate(_read(merges_path).split("\n"), 1):
    if not line or (number == 1 and line.startswith("#")):
      continue
    pair = tuple(line.removesuffix("\r").split(" "))
    if len(pair) != 2 or not {*pair, "".join(pair)} <= vocab.keys():
      raise InputError(f"{merges_path}:{number}: {line[:80]!r} is no pair of pieces that {path.name} has, joined too.")
    merges.append(pair)
  return _guarded(path, lambda: _like_gpt2(models.BPE(vocab, merges), lowercase=False))


def _like_gpt2(model: models.BPE, *, lowercase: bool, characters: bool = False) -> Tokenizer:
  tokenizer = Tokenizer(model)
  if lowercase:
    tokenizer.normalizer = normalizers.Lowercase()
  tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=not characters)
  if characters:
    each = pre_tokenizers.Split(Regex(r"[\s\S]"), "isolated")
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence([each, tokenizer.pre_tokenizer])
  tokenizer.decoder = decoders.ByteLevel()
  if tokenizer.token_to_id(END_OF_TEXT) is not None:
    tokenizer.add_special_tokens([END_OF_TEXT])
  return _plain(tokenizer)


def _plain(tokenizer: Tokenizer) -> Tokenizer:
  # Some files say that all texts are padded, or cut, to so many pieces: MiniLM's, to 128.
  tokenizer.no_padding()
  tokenizer.no_truncation()
  # A text that speaks of <|endoftext|> does not end there.
  if isinstance(tokenizer.model, models.BPE):
    tokenizer.encode_special_tokens = True
  return tokenizer


def _guarded(path: pathlib.Path, make) -> Tokenizer:
  try:
    return make()
  except BaseException as error:  # the library's panics are no Exceptions
    if isinstance(error, (KeyboardInterrupt, SystemExit, MemoryError)):
      raise
    raise InputError(f"{path}: the tokenizers library cannot read it ({_line(error)}).") from None


def _line(error: BaseException) -> str:
  return " ".join(str(error).split())[:300]
