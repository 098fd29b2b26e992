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


def test_translations_have_a_row_for_each_method():
  precisions = {"precision@1": 0.5, "precision@5": 0.75, "precision@10": None}
  scores = {"en-fr": {"csls": precisions, "nn": precisions, "words": 1500, "of": 1600}}
  assert tables.format_translation(scores).splitlines() == [
    "translation  precision@1 / 5 / 10              coverage",
    "en-fr, CSLS     50.0% / 75.0% / -  1,500 of 1,600 words",
    "en-fr, NN       50.0% / 75.0% / -  1,500 of 1,600 words"]


def test_words_and_names_are_escaped_and_cut():
  words = ["\x1b[31mred", "x" * 5000, "new\u2028line", "天"]
  vectors = WordVectors(words, np.eye(4) + 0.1)
  near = tables.format_neighbours(vectors, words, topn=3)
  assert near.replace("\n", "").isprintable()
  assert "\x1b" not in near and "\\x1b[31mred" in near and "new\\u2028line" in near
  assert len(near.splitlines()) == 4 and max(map(len, near.splitlines())) < 400
  scores = {
    "similarity": {"\x1b[31mset": {"spearman": 0.5, "pairs": 3, "of": 3}},
    "analogy": {"JJ_JJR": {"accuracy": 0.5, "questions": 1, "of": 2},
                "AB_CD\x07": {"accuracy": 0.5, "questions": 1, "of": 2}},
    "settings": {"words": 3, "dim": 3, "lowercase": True, "method": "3cosadd", "candidates": 3},
  }
  table = tables.format_table(scores)
  assert "\x1b" not in table and "\x07" not in table
  assert "JJ_JJR (adjective to comparative)" in table


def test_without_chinese_sets_the_table_says_which_there_are_and_where():
  scores = intrinsic.evaluate(number_grid(), similarity_files=[], analogy_files=[])
  table = tables.format_table(scores, language="zh")
  for part in ("wordsim-240", "wordsim-297", "Leonard-Xu/CWE", "CA8", "Chinese-Word-Vectors",
               "FOLDER/intrinsic/zh", "GLOVE_JAX_DATA=FOLDER", "--similarity=", "--analogies="):
    assert part in table, part


def test_without_sets_the_table_says_how_to_get_them():
  scores = intrinsic.evaluate(number_grid(), similarity_files=[], analogy_files=[])
  assert "pip install -e '.[demo]'" in tables.format_table(scores)
