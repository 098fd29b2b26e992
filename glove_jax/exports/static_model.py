"""Writes word vectors as a static model for sentence-transformers and model2vec.

The vector of a text is the mean of its words' vectors. Both libraries open the same folder.
"""

import os
import pathlib

from glove_jax.exports import static_tokenizer
from glove_jax.exports.vector_table import VectorTable
from glove_jax.files import atomic_write, write_json
from glove_jax.interop import safetensors_io, safetensors_matrix

_CONFIG = {
  "model_type": "model2vec",
  "architectures": ["StaticModel"],
  "normalize": False,  # the vector of a word is its row
  "max_length": None,  # no text is truncated
  "embedding_dtype": "float32",
}
_MODULES = [
  {"idx": 0, "name": "0", "path": ".", "type": "sentence_transformers.models.StaticEmbedding"}
]
_SPLITTING = {
  "words": "letters and digits, with at most one inner apostrophe",
  "unicode": "letters and digits with their marks and inner apostrophes, in normal form C",
  "punctuation": "words, numbers and signs of punctuation",
  "whitespace": "what white space separates",
  "characters": "single characters",
  "jieba": "the most probable words of the vocabulary (a unigram model of their frequencies)",
}


def write(table: VectorTable, folder: str | os.PathLike) -> None:
  """Writes `model.safetensors`, `tokenizer.json`, `config.json` and `modules.json`."""
  folder = pathlib.Path(folder)
  _write_embeddings(table, folder / safetensors_io.WEIGHTS_FILE)
  with atomic_write(folder / "tokenizer.json") as file:
    file.write(static_tokenizer.to_json(table))
  write_json(folder / "config.json", {**_CONFIG, "hidden_dim": table.dim})
  write_json(folder / "modules.json", _MODULES)


def describe(table: VectorTable) -> str:
  """Returns what the tokenizer does with a text, for the model card."""
  name = static_tokenizer.tokenizer_name(table)
  source = "as in the run" if table.tokenization else "as the vocabulary looks"
  if name == "jieba":
    source = "jieba itself cannot leave with the model, and some words are split otherwise"
  return f"{_SPLITTING[name]} ({source})"


def _write_embeddings(table: VectorTable, path: pathlib.Path) -> None:
  zero_rows = int(static_tokenizer.has_unknown_token(table))
  with atomic_write(path, "wb") as file:
    safetensors_matrix.write(
      file, "embeddings", table.vectors, metadata={"format": "pt"}, zero_rows=zero_rows
    )
