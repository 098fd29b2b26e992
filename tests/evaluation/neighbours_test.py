"""Neighbours of words and of sums of words."""

import numpy as np
import pytest

from glove_jax.errors import InputError
from glove_jax.evaluation import neighbours
from glove_jax.word_vectors import WordVectors

WORDS = {
  "king": [1, 2, 0], "man": [1, 0, 0], "woman": [0, 0, 1], "queen": [0, 2, 1], "x-ray": [3, 3, 3],
  "New York": [1, 1, 0], "C++": [0, 1, 1], "a - b": [2, 0, 1],
  "国王": [1, 2, 0.1], "男人": [1, 0, 0.1], "女人": [0, 0.1, 1], "1，000": [1, 1, 1],
}
VECTORS = WordVectors(list(WORDS), np.array(list(WORDS.values()), np.float32))


def error(query):
  with pytest.raises(InputError) as caught:
    neighbours.find(VECTORS, [query])
  return str(caught.value)


@pytest.mark.parametrize(
  ("query", "positive", "negative"),
  [
    ("king", ["king"], []),
    ("king - man + woman", ["king", "woman"], ["man"]),
    ("  king   -  man +   woman ", ["king", "woman"], ["man"]),
    ("- man + king", ["king"], ["man"]),
    ("国王 - 男人 + 女人", ["国王", "女人"], ["男人"]),
    ("国王 － 男人 ＋ 女人", ["国王", "女人"], ["男人"]),
    ("国王 \u2212 男人", ["国王"], ["男人"]),
    ("x-ray", ["x-ray"], []),
    ("x-ray - man", ["x-ray"], ["man"]),
    ("C++ + king", ["C++", "king"], []),
    ("New York - man", ["New York"], ["man"]),
    ("a - b", ["a - b"], []),  # a word that holds an operator
    ("king + king", ["king", "king"], []),
  ],
)
def test_sums_are_those_of_most_similar(query, positive, negative):
  (nearest,) = neighbours.find(VECTORS, [query], topn=5).values()
  expected = VECTORS.most_similar(positive, negative, topn=5)
  assert [word for word, _ in nearest] == [word for word, _ in expected]
  np.testing.assert_allclose([c for _, c in nearest], [c for _, c in expected], rtol=1e-5)


def test_chinese_commas_separate_queries_unless_a_word_holds_them():
  assert list(neighbours.find(VECTORS, ["国王，男人、女人", "1，000"])) == [
    "国王", "男人", "女人", "1，000",
  ]
  assert neighbours.find(VECTORS, ["", " "]) == {}


def test_mistakes_say_what_helps():
  assert error("kings - man") == "The word 'kings' is not among the 12 words; similar: king."
  assert error("King") == "The word 'King' is not among the 12 words; similar: king."
  assert error("king-man+woman") == (
    "The word 'king-man+woman' is not among the 12 words; for a sum write spaces: "
    "'king - man + woman'."
  )
  assert "'国王 - 男人'" in error("国王-男人")
  assert "x-rays" in error("x-rays") and "x-ray" in error("x-rays")
  for query in ("king - + woman", "king -  - man"):
    assert error(query).endswith("expected words between + and -, as in king - man + woman.")
  assert "\x1b" not in error("\x1b[31m") and len(error("x" * 5000)) < 200


LOWER_CASE = ["king", "new york", "ox", "I", *map(str, range(400))]
LOWER = WordVectors(LOWER_CASE, np.ones((len(LOWER_CASE), 2)))


@pytest.mark.parametrize(
  ("vectors", "text", "expected"),
  [
    (LOWER, "King", "king"),
    (LOWER, "King - OX + I", "king - ox + I"),
    (LOWER, "New York", "new york"),
    (LOWER, "King:Ox,KING：Ox；I", "king:ox,king：ox；I"),
    (LOWER, "king ~ OX", "king ~ ox"),
    (VECTORS, "King", "King"),  # New York and C++ have capitals
  ],
)
def test_questions_are_lower_cased_where_the_words_are(vectors, text, expected):
  assert neighbours.match_case(vectors, text) == expected


def test_words_of_a_query_without_a_direction_are_named():
  vectors = WordVectors(["a", "b", "c"], np.array([[0, 0], [1, 0], [0, 0]], np.float32))
  assert neighbours.zero_words(vectors, "b - a + c + a") == ["a", "c"]
  assert neighbours.zero_words(vectors, "b") == []


@pytest.mark.parametrize(
  ("text", "expected"),
  [
    ("king,queen", ("king", "queen")),
    ("king ， queen", ("king", "queen")),
    ("国王、女人", ("国王", "女人")),
    ("king ~ 1，000", ("king", "1，000")),
    ("1，000,king", ("1，000", "king")),
    ("New York ~ a - b", ("New York", "a - b")),
  ],
)
def test_pairs_may_hold_words_with_separators(text, expected):
  assert neighbours.parse_pair(VECTORS, text) == expected


@pytest.mark.parametrize(
  ("text", "message"),
  [
    ("king", "'king': expected two words, as in paris,france."),
    ("king,", "'king,': expected two words, as in paris,france."),
    ("king,man,woman", "'king,man,woman': expected two words, as in paris,france."),
    ("king,qeen", "The word 'qeen' is not among the 12 words; similar: queen."),
  ],
)
def test_other_pairs_are_refused(text, message):
  with pytest.raises(InputError) as caught:
    neighbours.parse_pair(VECTORS, text)
  assert str(caught.value) == message


@pytest.mark.parametrize(
  "text", ["king - man + woman", "man,king,woman", "man， king， woman"]
)
def test_an_analogy_is_a_sum_or_three_words(text):
  assert neighbours.parse_analogy(VECTORS, text) == "king - man + woman"


def test_other_analogies_are_refused():
  assert neighbours.parse_analogy(VECTORS, "1，000") == "1，000"
  for text in ("king,man", "king,,man", "a,b,c,d"):
    with pytest.raises(InputError, match=r"expected king - man \+ woman, or man,king,woman"):
      neighbours.parse_analogy(VECTORS, text)


def test_records_have_no_number_that_json_lacks():
  lists = neighbours.records({"a": [("b", 0.5), ("c", float("nan"))]})
  assert lists == {"a": [{"word": "b", "cosine": 0.5}, {"word": "c", "cosine": None}]}
