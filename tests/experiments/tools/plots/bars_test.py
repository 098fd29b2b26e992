"""Bars with their numbers."""

import pytest

from glove_jax.errors import InputError
from tools.plots import bars

SCORES = {
  "similarity": {
    "wordsim353": {"spearman": 0.25, "pairs": 1200, "of": 1300},
    "rare": {"spearman": None, "pairs": 0, "of": 9},
  },
  "analogy": {"total": {"accuracy": 0.5, "questions": 2, "of": 4}},
}


def texts(axis):
  return [text.get_text() for text in axis.texts]


def test_scores_have_their_coverage(tmp_path, saved):
  bars.draw_evaluation(SCORES, tmp_path / "a.png")
  similarity, analogy = saved[0].axes
  assert texts(similarity) == ["0.250  (1,200 of 1,300 pairs)", "-  (0 of 9 pairs)"]
  assert texts(analogy) == ["50.0%  (2 of 4)"]
  assert [bar.get_width() for bar in similarity.patches] == [0.25, 0.0]


def test_without_scores_there_is_nothing_to_draw(tmp_path):
  with pytest.raises(InputError, match="there are no scores to draw"):
    bars.draw_evaluation({"similarity": {}, "analogy": {}}, tmp_path / "a.png")


def test_a_benchmark_has_ours_above_the_peers(tmp_path, saved):
  rows = [
    {"work": "skipgram 100d", "ours": 2.0, "peer": 1.0, "unit": "M words/s", "name": "gensim"},
    {"work": "ppmi", "ours": 3.0, "peer": None, "unit": "s", "name": ""},
  ]
  bars.draw_benchmark(rows, tmp_path / "a.png")
  first, second = saved[0].axes
  assert texts(first) == ["ours 2 M words/s", "gensim 1 M words/s"]
  assert texts(second) == ["ours 3 s"]
