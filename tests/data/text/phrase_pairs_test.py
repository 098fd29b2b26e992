import pytest

from glove_jax.data.text import phrase_pairs, token_store, word_tokenizers
from glove_jax.data.text.phrase_pairs import Scoring
from glove_jax.errors import InputError


def tokenize(folder, text):
  (folder / "text.txt").write_text(text)
  return token_store.read([folder / "text.txt"], word_tokenizers.make("whitespace"), folder)


def test_golden_scores():
  # n(ab) 20, n(a) 100, n(b) 50, N 10,000, min_count 5: 15 * 10,000 / 5,000; log 40 / log 500.
  assert phrase_pairs.mikolov(20, 100, 50, 10_000, 5) == pytest.approx(30.0)
  assert phrase_pairs.npmi(20, 100, 50, 10_000, 5) == pytest.approx(0.593582, abs=1e-6)
  assert phrase_pairs.npmi(50, 50, 50, 10_000, 5) == pytest.approx(1.0)  # only together
  assert phrase_pairs.npmi(2, 100, 200, 10_000, 5) == pytest.approx(0.0)  # independent


@pytest.mark.parametrize(("both", "first", "second"), [(20, 100, 50), (7, 7, 900), (5, 2000, 2000)])
def test_scores_equal_those_of_gensim(both, first, second):
  gensim = pytest.importorskip("gensim.models.phrases")
  mikolov = gensim.original_scorer(first, second, both, 10_000, 5, -1)
  npmi = gensim.npmi_scorer(first, second, both, -1, 5, 10_000)
  assert phrase_pairs.mikolov(both, first, second, 10_000, 5) == pytest.approx(mikolov)
  assert phrase_pairs.npmi(both, first, second, 10_000, 5) == pytest.approx(npmi)


def test_finds_frequent_pairs_the_highest_score_first(tmp_path):
  text = tokenize(tmp_path, "a b c\na b\nd a b\ne c\ne c\nc d\n")
  pairs = phrase_pairs.find_pairs(text, tmp_path, Scoring(threshold=0.1, min_count=1))
  # Of 14 words: (3 - 1) / (3 * 3) * 14 and (2 - 1) / (2 * 4) * 14; other pairs occur once.
  assert list(pairs.items()) == [
    (("a", "b"), pytest.approx(28 / 9)),
    (("e", "c"), pytest.approx(14 / 8)),
  ]


def test_an_unwritable_folder_is_an_input_error(tmp_path):
  text = tokenize(tmp_path, "a b a b")
  with pytest.raises(InputError, match="nowhere: cannot write the counts of pairs"):
    phrase_pairs.find_pairs(text, tmp_path / "nowhere")
