"""Writes word vectors as a pipeline that `spacy.load` opens; needs spaCy."""

import os
import pathlib

from glove_jax import installation
from glove_jax.data.text import word_tokenizers
from glove_jax.errors import InputError
from glove_jax.exports import scripts
from glove_jax.exports.vector_table import VectorTable
from glove_jax.files import write_json

_JIEBA = {"nlp": {"tokenizer": {"segmenter": "jieba"}}}


def write(table: VectorTable, folder: str | os.PathLike) -> None:
  """Writes an empty pipeline whose words have the vectors of the table.

  spaCy's tokenizer for any language splits the text; for Chinese words, jieba or characters. Where
  the vocabulary is lower-cased, tokens are looked up by their lower-cased form.

  Raises:
    InputError: spaCy is not installed.
  """
  spacy = _import_spacy()
  language, config = _language(table)
  nlp = spacy.blank(language, config=config)
  for word in table.words:
    nlp.vocab.strings.add(word)
  nlp.vocab.vectors = spacy.vectors.Vectors(
    strings=nlp.vocab.strings, data=table.vectors, keys=table.words, name="word vectors"
  )
  folder = pathlib.Path(folder)
  nlp.to_disk(folder)
  if scripts.is_lowercase(table):
    # `to_disk` leaves out by which form tokens are looked up, and `from_disk` reads it.
    values = {"mode": "default", "attr": int(spacy.attrs.LOWER)}
    write_json(folder / "vocab" / "vectors.cfg", values)


def describe(table: VectorTable) -> str:
  """Returns how the pipeline splits texts and looks up tokens, for the model card."""
  language, config = _language(table)
  splitting = "by jieba" if config else f"by spaCy's tokenizer `{language}`"
  if language == "zh" and not config:
    splitting = "into characters"
  form = "their lower-cased form" if scripts.is_lowercase(table) else "the form in the text"
  return f"Texts are split {splitting}; tokens are looked up by {form}."


def _language(table: VectorTable) -> tuple[str, dict]:
  """Returns the language of the pipeline and its configuration."""
  tokenizer = table.tokenization.tokenizer if table.tokenization else ""
  if tokenizer == "jieba":
    return "zh", _JIEBA
  if tokenizer == "characters":
    return "zh", {}
  if tokenizer in word_tokenizers.TOKENIZERS:
    return "xx", {}
  return ("zh", _JIEBA) if scripts.is_chinese(table.words) else ("xx", {})


def _import_spacy():
  try:
    import spacy
    import spacy.vectors
  except ImportError:
    raise InputError(
      f"The format spacy needs spaCy: {installation.pip_install('spacy')}; without it, export to "
      "word2vec and run `spacy init vectors`."
    ) from None
  return spacy
