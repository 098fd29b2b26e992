"""Suggests words of a vocabulary that the user may have meant."""

import difflib
from collections.abc import Mapping, Sequence

from glove_jax.errors import UnknownWordError, printable, quote

# difflib is slow: only common words of about the same length and with the same first letter.
_MAX_WORDS = 500_000
_MAX_CANDIDATES = 50_000
_MAX_LENGTH_DIFFERENCE = 2
_MAX_SUGGESTIONS = 3


def unknown_word(word: str, words: Sequence[str], index: Mapping[str, int]) -> UnknownWordError:
  """Returns the error for a word that is not in a vocabulary, with similar ones that are."""
  message = f"The word {quote(word)} is not among the {len(words):,} words"
  similar = similar_words(word, words, index)
  if similar:
    shown = [printable(each, 80) for each in similar]
    message += f"; similar: {', '.join(shown)}"
  return UnknownWordError(f"{message}.")


def similar_words(word: str, words: Sequence[str], index: Mapping[str, int]) -> list[str]:
  """Returns up to three words of a vocabulary with a similar spelling."""
  first_letter = word[:1].lower()
  candidates = []
  for candidate in words[:_MAX_WORDS]:
    length_difference = abs(len(candidate) - len(word))
    if length_difference <= _MAX_LENGTH_DIFFERENCE and candidate[:1].lower() == first_letter:
      candidates.append(candidate)
  close = difflib.get_close_matches(word, candidates[:_MAX_CANDIDATES], n=_MAX_SUGGESTIONS)
  forms = dict.fromkeys([word.lower(), word.capitalize(), *close])
  similar = [form for form in forms if form in index]
  return similar[:_MAX_SUGGESTIONS]
