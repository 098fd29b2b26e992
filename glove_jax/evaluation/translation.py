"""Word translation: is the translation of a word among its nearest words of another language?"""

import os
from collections.abc import Sequence

from glove_jax import alignment as alignment_lib
from glove_jax.alignment import Alignment
from glove_jax.evaluation import evaluation_sets
from glove_jax.evaluation.dictionaries import Pair, read_dictionary
from glove_jax.word_vectors import WordVectors

RANKS = (1, 5, 10)
HELD_OUT = 5  # one in so many words is for the score


def evaluate(
  source: WordVectors,
  target: WordVectors,
  *,
  dictionary_file: str | os.PathLike | None = None,
  test_files: Sequence[str | os.PathLike] = (),
  restrict_vocab: int | None = alignment_lib.RESTRICT_VOCAB,
) -> dict:
  """Aligns two tables by a dictionary and scores the translation of other words.

  Args:
    source, target: vectors of the same dimension.
    dictionary_file: the pairs that they are aligned by; None: the words that both have.
    test_files: dictionaries for the score; none: every fifth word of the dictionary, by which the
      tables are not aligned then.
    restrict_vocab: only the first so many words of each side are searched; None: all.

  Returns:
    {set: see `score`, and "dictionary": number of pairs that the tables are aligned by}.

  Raises:
    InputError: a file cannot be read, or no pair has two vectors.
  """
  if dictionary_file is None:
    pairs = alignment_lib.identical_words(source, target)
    name = "identical words"
  else:
    pairs = read_dictionary(dictionary_file)
    name = evaluation_sets.set_name(dictionary_file)
  tests = {evaluation_sets.set_name(path): read_dictionary(path) for path in test_files}
  if not tests:
    pairs, tests[f"{name}, held out"] = _hold_out(pairs)
  aligned = alignment_lib.align(source, target, pairs)
  scores = {}
  for test_name, test_pairs in tests.items():
    result = score(aligned, test_pairs, restrict_vocab=restrict_vocab)
    scores[test_name] = {**result, "dictionary": aligned.num_pairs}
  return scores


def _hold_out(pairs: Sequence[Pair]) -> tuple[list[Pair], list[Pair]]:
  """Returns the pairs to align by, and those of every fifth source word."""
  words = list(dict.fromkeys(word for word, _ in pairs))
  held_out = set(words[HELD_OUT - 1 :: HELD_OUT])
  train = [pair for pair in pairs if pair[0] not in held_out]
  test = [pair for pair in pairs if pair[0] in held_out]
  return train, test


def score(
  alignment: Alignment,
  dictionary: Sequence[Pair],
  *,
  methods: Sequence[str] = alignment_lib.METHODS,
  restrict_vocab: int | None = alignment_lib.RESTRICT_VOCAB,
) -> dict:
  """Computes the precision at ranks 1, 5 and 10, as Conneau et al. 2018, sec. 3.1.

  Only words that have a vector, and a translation that is searched, count; of several
  translations, one is enough.

  Args:
    alignment: of `alignment.align`, with another dictionary.
    dictionary: words and their translations.
    methods: how translations are found; see `alignment.translate`.
    restrict_vocab: only the first so many words of each side are searched; None: all.

  Returns:
    {method: {"precision@1": fraction or None, "precision@5", "precision@10"}, "words": number that
    count, "of": number of all}.
  """
  gold = _gold_translations(alignment, dictionary, restrict_vocab)
  words = list(gold)
  scores: dict = {"words": len(words), "of": len({word for word, _ in dictionary})}
  for method in methods:
    translations = []
    if words:
      translations = alignment_lib.translate(
        alignment, words, topn=max(RANKS), method=method, restrict_vocab=restrict_vocab
      )
    found_ranks = []
    for word, found in zip(words, translations, strict=True):
      is_gold = [translation in gold[word] for translation, _ in found]
      found_ranks.append(is_gold.index(True) + 1 if any(is_gold) else max(RANKS) + 1)
    scores[method] = {f"precision@{rank}": _fraction(found_ranks, rank) for rank in RANKS}
  return scores


def _gold_translations(
  alignment: Alignment, dictionary: Sequence[Pair], restrict_vocab: int | None
) -> dict[str, set[str]]:
  """Returns the translations of each word that has a vector, among those that are searched."""
  searched = set(alignment.target.words[:restrict_vocab])
  gold: dict[str, set[str]] = {}
  for word, translation in dictionary:
    if word in alignment.source and translation in searched:
      gold.setdefault(word, set()).add(translation)
  return gold


def _fraction(ranks: Sequence[int], limit: int) -> float | None:
  if not ranks:
    return None
  return sum(rank <= limit for rank in ranks) / len(ranks)
