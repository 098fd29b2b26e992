import numpy as np
import pytest

from glove_jax.data.labelled import word_parts


@pytest.mark.parametrize("word, marked, parts", [
  ("BestMusicVideo", "best music video", ["best", "music", "video"]),
  ("#NowPlaying", "#now playing", ["#", "now", "playing"]),
  ("I'm", "i'm", ["i", "'m"]),
  ("Don't", "don't", ["do", "n't"]),
  ("cannot", "cannot", ["cannot"]),
  ("NASA", "nasa", ["nasa"]),
  ("McDonald's", "mc donald's", ["mc", "donald", "'s"]),
  ("&lt;", "&lt;", ["<"]),
  ("@some_one99", "@some_one99", ["@", "some", "_", "one", "99"]),
  ("ÀlaMode", "àla mode", ["àla", "mode"]),
  ("红楼梦", "红楼梦", ["红楼梦"]),
  ("", "", []),
])
def test_a_word_is_marked_and_split(word, marked, parts):
  assert word_parts.mark(word) == marked
  assert word_parts.split(marked) == parts
  assert word_parts.unmark(marked) == word.lower()


def test_the_vector_is_the_mean_of_the_parts_that_have_one():
  vectors = {"best": np.array([1.0, 0.0]), "video": np.array([0.0, 3.0])}
  np.testing.assert_array_equal(word_parts.compose("best music video", vectors.get), [0.5, 1.5])
  assert word_parts.compose("music", vectors.get) is None
