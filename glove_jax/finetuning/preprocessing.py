"""From texts to words: cleaning, tokenization, lower-casing."""

import functools
import pathlib
from collections.abc import Callable, Iterable, Sequence

from glove_jax.data.labelled import fasttext_bags, word_parts
from glove_jax.data.text import (
  cleaning,
  phrases,
  script_check,
  token_offsets,
  word_tokenizers,
)
from glove_jax.finetuning.data_settings import TaggedData
from glove_jax.finetuning.encoder_settings import TransformerEncoder, WordEncoder
from glove_jax.finetuning.settings import (
  BertTagSettings,
  ClassifySettings,
  FastTextSupervisedSettings,
  TagSettings,
)
from glove_jax.progress import log_stage

PHRASES = "phrases.txt"  # in the folder of a run


def tokenize(settings: ClassifySettings | TaggedData, texts: Iterable[str]) -> list[list[str]]:
  """Returns the tokens of each text, as they are written."""
  split = word_tokenizers.make(settings.tokenizer, lowercase=False).tokens
  return [_without_newlines(split(text)) for text in texts]


def tokens_with_offsets(
  settings: TaggedData, text: str
) -> tuple[list[str], list[token_offsets.Offsets]]:
  """Returns the tokens of a raw text, and where each begins and ends in it."""
  split = word_tokenizers.make(settings.tokenizer, lowercase=False).tokens

  def split_text(part: str) -> list[str]:
    return _without_newlines(split(part))

  return token_offsets.align(text, split_text)


def _without_newlines(tokens: list[str]) -> list[str]:
  return [token for token in tokens if token != "\n"] if "\n" in tokens else tokens


def words_of_texts(settings: ClassifySettings, texts: Iterable[str]) -> list[list[str]]:
  """Returns the first `max_words` words of each text, cleaned, as they are looked up."""
  clean = cleaning.make(settings.clean)
  tokens = tokenize(settings, map(clean, texts))
  if settings.phrases:
    tokens = _join_phrases(settings, tokens)
  if settings.max_words:
    tokens = [text[: settings.max_words] for text in tokens]
  return lookup_words(settings, tokens)


def _join_phrases(
  settings: ClassifySettings, texts: Iterable[Sequence[str]]
) -> list[list[str]]:
  """Returns texts with the phrases of a pretraining run joined, in the case of that run."""
  pairs = _load_phrases(settings.phrases)
  joined = []
  for text in texts:
    words = map(str.lower, text) if settings.lowercase else text
    joined.append(phrases.join(pairs, list(words)))
  return joined


def keep_phrases(settings: WordEncoder, folder: pathlib.Path) -> None:
  """Writes the phrases that a run joins into its folder."""
  if getattr(settings, "phrases", ""):
    phrases.save(_load_phrases(settings.phrases), folder / PHRASES)


@functools.lru_cache(maxsize=1)
def _load_phrases(path: str) -> phrases.Phrases:
  return phrases.load(path)


def check_tokenizer(
  settings: ClassifySettings | FastTextSupervisedSettings, texts: Sequence[str]
) -> None:
  """Reports if the tokenizer does not find the words of texts in such a script."""
  for line in script_check.advice(script_check.sample_of(texts), settings.tokenizer):
    log_stage("tokenizer", line)


def clean_tokens(
  settings: TagSettings | BertTagSettings, sentences: Iterable[Sequence[str]]
) -> list[list[str]]:
  """Cleans each token separately; a token that would become empty stays unchanged."""
  if not settings.clean:
    return list(map(list, sentences))
  clean = cleaning.make(settings.clean)
  cleaned = []
  for sentence in sentences:
    cleaned.append([clean(token).strip() or token for token in sentence])
  return cleaned


def lookup_words(settings: WordEncoder, texts: Iterable[Sequence[str]]) -> list[list[str]]:
  """Returns tokens as they are looked up: lower-cased, with their parts marked if these count."""
  if not settings.lowercase:
    return list(map(list, texts))
  if uses_word_parts(settings):
    return [list(map(word_parts.mark, text)) for text in texts]
  return [list(map(str.lower, text)) for text in texts]


def uses_word_parts(settings: WordEncoder) -> bool:
  """Returns whether words without a vector have the mean vector of their parts."""
  return bool(settings.init) and settings.word_parts


def text_pairs(settings: TransformerEncoder, texts: Iterable[str]) -> list[tuple[str, ...]]:
  """Returns each text, cleaned, or the two texts of a pair, which a tab separates."""
  clean = cleaning.make(settings.clean)
  return [tuple(map(clean, text.split("\t", 1))) for text in texts]


def fasttext_words(settings: FastTextSupervisedSettings) -> Callable[[str], list[str]]:
  """Returns a function from a text to its words as fastText reads them, `</s>` included."""
  clean = cleaning.make(settings.clean)
  tokenizer = word_tokenizers.make(settings.tokenizer, settings.lowercase)

  def split(text: str) -> list[str]:
    return fasttext_bags.split_words(tokenizer.tokens(clean(text)))

  return split
