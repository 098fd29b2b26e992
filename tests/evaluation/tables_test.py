"""Tables of scores and of neighbours."""


import numpy as np
from example_vectors import number_grid

from glove_jax.evaluation import intrinsic, tables
from glove_jax.word_vectors import WordVectors


def test_the_table_aligns_wide_characters_and_shows_coverage():
  vectors = WordVectors(["国家", "经济", "ab"], np.eye(3) + 0.1)
  scores = {
    "similarity": {"词": {"spearman": 0.5, "pairs": 3, "of": 1204},
                   "no": {"spearman": None, "pairs": 0, "of": 2}},
    "analogy": {"一": {"accuracy": 0.2074, "questions": 1, "of": 2}},
    "settings": {"words": 3, "dim": 3, "lowercase": True, "method": "3cosadd", "candidates": 3},
  }
  lines = tables.format_table(scores).splitlines()
  assert lines[0] == "3 words x 3; questions lower-cased; 3cosadd among 3 words"
  assert lines[2:] == ["similarity  Spearman          coverage",
                       "词             0.500  3 of 1,204 pairs",
                       "no                 -      0 of 2 pairs",
                       "",
                       "analogies  accuracy          coverage",
                       "一           20.74%  1 of 2 questions"]
  near = tables.format_neighbours(vectors, ["国家", "ab"], topn=1)
  assert near == "国家  经济 0.187\nab    国家 0.187"


def test_without_sets_the_table_says_how_to_get_them():
  scores = intrinsic.evaluate(number_grid(), similarity_files=[], analogy_files=[])
  assert "pip install -e '.[demo]'" in tables.format_table(scores)
