from glove_jax.word_vectors import spelling


def suggest(word, words):
  return spelling.similar_words(word, words, {each: row for row, each in enumerate(words)})


def test_suggestions_are_words_of_another_case_then_those_spelled_alike():
  words = ["king", "kings", "Paris", "zebra", "ring"]
  assert suggest("kingg", words) == ["king", "kings"]
  assert suggest("paris", words) == ["Paris"]
  assert suggest("KING", words) == ["king"]
  assert suggest("qqqqqqqq", words) == []
  assert len(suggest("aab", ["aaa", "aac", "aad", "aae"])) == 3


def test_the_error_is_one_line_that_hides_control_characters():
  error = spelling.unknown_word("a\nb", ["a\nc"], {"a\nc": 0})
  assert str(error) == r"The word 'a\nb' is not among the 1 words; similar: a\nc."
