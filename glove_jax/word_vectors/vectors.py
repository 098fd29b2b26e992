"""Word vectors as a value: look up, compare, find neighbours, solve analogies, transform."""

import os
from collections.abc import Iterable
from typing import Any

import numpy as np

from glove_jax import vector_writer
from glove_jax.errors import InputError
from glove_jax.word_vectors import combinations, gensim_evaluation, postprocessing
from glove_jax.word_vectors.search import WordSearch


class WordVectors(WordSearch):
  """An immutable table of V words and their vectors of dimension D.

  `glove_jax.load_vectors` loads it. Names follow gensim's `KeyedVectors`; docs/evaluating.md has a
  table of all. Methods that make other vectors return a new table.

  Args:
    words: V different strings, by convention the most frequent first.
    vectors: [V, D] float32; row i belongs to `words[i]`.
    notes: remarks about the file that was read, such as how many duplicates were dropped.
    tokenization: how the text of a pretraining run became words (`data.text.tokenization`), so that
      fine-tuning splits its texts alike; None if that is not known.
    compose: returns the vector [D] of a word that is not in the table, zeros if it has none, as the
      n-grams of a fastText model do; None: such words have no vectors.

  Raises:
    ValueError: the numbers of words and rows differ, or a word occurs twice.
  """

  def vectors_for_all(self, words: Iterable[str], allow_inference: bool = True) -> "WordVectors":
    """Returns a table of those of the words that have vectors, each once, in their order.

    Args:
      words: any words.
      allow_inference: whether to compose vectors of words without a row.
    """
    has_vector = self.has_vector if allow_inference else self.__contains__
    return self.subset(filter(has_vector, dict.fromkeys(words)))

  def subset(self, words: Iterable[str]) -> "WordVectors":
    """Returns a table of some words in their order; UnknownWordError as `get_vector`."""
    words = list(words)
    vectors = self[words] if words else self.vectors[:0]
    return self._part(words, vectors)

  def restrict(self, to: int | Iterable[str]) -> "WordVectors":
    """Returns a smaller table in the same order.

    Args:
      to: the first so many words are kept; or those of several words that have a row.
    """
    if isinstance(to, int):
      if to < 0:
        raise InputError(f"Found {to} words to keep, expected 0 or more.")
      return self._part(self.words[:to], self.vectors[:to])
    kept = set(to)
    rows = [row for row, word in enumerate(self.words) if word in kept]
    return self._part([self.words[row] for row in rows], self.vectors[rows])

  def normalized(self) -> "WordVectors":
    """Returns a copy whose vectors have norm 1; all-zero vectors stay zero."""
    return self._with(self.words, self.get_normed_vectors())

  def centered(self) -> "WordVectors":
    """Returns a copy whose vectors have mean 0."""
    return self._with(self.words, postprocessing.center(self.vectors))

  def all_but_the_top(self, num_components: int | None = None) -> "WordVectors":
    """Returns a copy without the mean and the first principal components.

    Mu & Viswanath 2018, "All-but-the-Top: Simple and Effective Postprocessing for Word
    Representations", algorithm 1.

    Args:
      num_components: how many components, from 0 to D; None: D / 100, at least one.
    """
    if num_components is not None and not 0 <= num_components <= self.dim:
      raise InputError(f"Found {num_components} components, expected 0 to {self.dim}.")
    vectors = postprocessing.all_but_the_top(self.vectors, num_components)
    return self._with(self.words, vectors)

  def concat(
    self, *others: "WordVectors", keep: str = "shared", normalize: bool = True
  ) -> "WordVectors":
    """Returns a table with the vectors of several tables side by side: [V, D1 + D2 + …].

    Yin & Schütze 2016, "Learning Word Meta-Embeddings", CONC.

    Args:
      others: other tables.
      keep: "shared", the words that all tables have; or "all", with zeros where one lacks a word.
      normalize: whether to divide vectors by their norms first, so that all tables weigh the same.
    """
    tables = [self, *others]
    return self._with(*combinations.concatenate(tables, keep=keep, normalize=normalize))

  def average(
    self, *others: "WordVectors", keep: str = "shared", normalize: bool = True
  ) -> "WordVectors":
    """Returns a table with the means of the vectors that several tables have for a word.

    Vectors of fewer dimensions are filled up with zeros. Coates & Bollegala 2018, "Frustratingly
    Easy Meta-Embedding".

    Args:
      others: other tables.
      keep: "shared", the words that all tables have; or "all", where the mean is over those that
        have the word.
      normalize: whether to divide vectors by their norms first, so that all tables weigh the same.
    """
    tables = [self, *others]
    return self._with(*combinations.average(tables, keep=keep, normalize=normalize))

  def evaluate_word_pairs(
    self,
    pairs: str | os.PathLike,
    delimiter: str = "\t",
    *,
    encoding: str = "utf8",
    restrict_vocab: int | None = 300_000,
    case_insensitive: bool = True,
    dummy4unknown: bool = False,
  ) -> tuple[Any, Any, float]:
    """Computes the correlation of cosines with scores by people, as gensim does.

    Args:
      pairs: a file with two words and a score a line; other lines are skipped.
      delimiter: between them.
      encoding: of the file.
      restrict_vocab: only the first so many words have vectors.
      case_insensitive: whether words are compared in upper case, of which the first counts.
      dummy4unknown: whether the cosine of a pair with an unknown word is 0; else it does not count.

    Returns:
      Pearson's and Spearman's correlation, each as (statistic, p-value), and the percentage of
      pairs with an unknown word.

    Raises:
      InputError: fewer than two pairs count.
    """
    options = gensim_evaluation.Options(restrict_vocab, case_insensitive, dummy4unknown)
    return gensim_evaluation.word_pairs(
      self, pairs, options, delimiter=delimiter, encoding=encoding
    )

  def evaluate_word_analogies(
    self,
    analogies: str | os.PathLike,
    restrict_vocab: int | None = 300_000,
    *,
    case_insensitive: bool = True,
    dummy4unknown: bool = False,
  ) -> tuple[float, list[dict[str, Any]]]:
    """Computes the fraction of analogies that 3CosAdd solves, as gensim does.

    Args:
      analogies: a file with four words a line, in sections after lines `: NAME`; other lines are
        skipped.
      restrict_vocab: only the first so many words have vectors, and are answers.
      case_insensitive: whether words are compared in upper case, of which the first counts.
      dummy4unknown: whether a question with an unknown word is wrong; else it does not count.

    Returns:
      The accuracy, 0 without questions; and for each section, and all of them, {"section": name,
      "correct": questions, "incorrect": questions}.

    Raises:
      InputError: a question stands before the first section.
    """
    options = gensim_evaluation.Options(restrict_vocab, case_insensitive, dummy4unknown)
    return gensim_evaluation.word_analogies(self, analogies, options)

  def save(self, path: str | os.PathLike, format: str = "glove") -> None:
    """Writes a file that `vector_files.load` reads back bit for bit; it is whole or absent.

    Args:
      path: of the file; for "npy" the words are written beside it, to NAME.words.txt.
      format: "glove" (text), "word2vec" (text with a header), "word2vec-binary", "npy" or
        "safetensors", which holds the words too.

    Raises:
      InputError: for a word that the format cannot hold.
    """
    vector_writer.write(self.words, self.vectors, path, format)

  def _part(self, words: list[str], vectors: np.ndarray) -> "WordVectors":
    """Returns vectors of the same space."""
    return WordVectors(words, vectors, self.notes, self.tokenization, self.compose)

  def _with(self, words: list[str], vectors: np.ndarray) -> "WordVectors":
    """Returns other vectors; words cannot be composed in their space."""
    return WordVectors(words, vectors, self.notes, self.tokenization)
