"""Word translation: is the translation of a word among its nearest words of another language?"""

from collections.abc import Sequence

from glove_jax import alignment as alignment_lib
from glove_jax.alignment import Alignment
from glove_jax.evaluation.dictionaries import Pair

RANKS = (1, 5, 10)


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
