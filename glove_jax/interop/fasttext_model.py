"""The model of Facebook's fastText as a value; reads `.bin` and `.ftz`, writes `.bin`."""

import dataclasses
import functools
import itertools
import os

import numpy as np

from glove_jax.data.windows import huffman
from glove_jax.interop import fasttext_format
from glove_jax.interop.fasttext_format import Args


@dataclasses.dataclass(frozen=True, eq=False)
class Model:
  """A fastText model with V words, L labels, D dimensions and, if pruned, P n-grams.

  Attributes:
    args: the arguments of training.
    words: V strings, most frequent first.
    counts: [V] int64.
    labels: L strings; empty unless the model is supervised.
    label_counts: [L] int64.
    tokens: number of words in the training text.
    prune: None, or [P, 2] int32 pairs (bucket, row), ordered by bucket: the buckets of n-grams that
      were kept, and their rows, counted from the end of the words' rows.
    input: [V + args.bucket, D] float32, or [V + P, D]: the rows of words, then of n-grams.
    output: [L, D] float32 of a supervised model, else [V, D].
    notes: remarks about the file that was read, for the user.
    index: word or label -> its position among the words, then the labels.

  Raises:
    ValueError: if these do not fit together.
  """

  args: Args
  words: list[str]
  counts: np.ndarray
  labels: list[str]
  label_counts: np.ndarray
  tokens: int
  prune: np.ndarray | None
  input: np.ndarray
  output: np.ndarray
  notes: tuple[str, ...] = ()
  index: dict[str, int] = dataclasses.field(init=False)

  def __post_init__(self):
    for name in ("input", "output"):
      array = np.ascontiguousarray(getattr(self, name), np.float32)
      object.__setattr__(self, name, array)
    for name in ("counts", "label_counts"):
      array = np.ascontiguousarray(getattr(self, name), np.int64)
      object.__setattr__(self, name, array)
    index = {}
    for position, entry in enumerate(itertools.chain(self.words, self.labels)):
      index[entry] = position
    object.__setattr__(self, "index", index)
    self._check_matrices()
    self._check_entries()

  def _check_matrices(self):
    num_words = len(self.words)
    num_ngrams = self.args.bucket if self.prune is None else len(self.prune)
    num_outputs = len(self.labels) if self.args.model == "supervised" else num_words
    input_shape = (num_words + num_ngrams, self.args.dim)
    output_shape = (num_outputs, self.args.dim)
    if self.input.shape != input_shape or self.output.shape != output_shape:
      raise ValueError(
        f"The input is {self.input.shape} and the output {self.output.shape}, expected "
        f"{input_shape} and {output_shape}."
      )

  def _check_entries(self):
    num_entries = len(self.words) + len(self.labels)
    num_counts = len(self.counts) + len(self.label_counts)
    if not len(self.index) == num_counts == num_entries:
      raise ValueError(
        f"{num_entries} words and labels, {len(self.index)} of them different, with {num_counts} "
        "counts, expected as many of each."
      )

  def __repr__(self) -> str:
    words = f"{len(self.words):,} words x {self.args.dim}"
    return f"Model({self.args.model}, {words}, {len(self.labels):,} labels)"

  @functools.cached_property
  def tree(self) -> list[tuple[int, int]]:
    """The Huffman tree of the labels; see `huffman.huffman`."""
    return huffman.huffman(self.label_counts.tolist())


def load(path: str | os.PathLike) -> Model:
  """Reads a `.bin` or `.ftz` of any version; quantized matrices become dense.

  Bytes of words that are not UTF-8 become surrogates (`errors="surrogateescape"`).

  Raises:
    InputError: naming the file, the byte, what was found and what was expected.
    OSError: if the file does not exist or cannot be read.
  """
  return Model(*fasttext_format.read(path))


def save(model: Model, path: str | os.PathLike):
  """Writes a `.bin` of version 12 that fastText and gensim load; the file is whole or absent.

  Raises:
    InputError: for a word that the format cannot hold, or for a pruned model, as only quantized
      files can be pruned.
  """
  fasttext_format.write(model, path)
