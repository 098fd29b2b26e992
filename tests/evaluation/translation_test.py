import pathlib

import numpy as np
import pytest

from glove_jax import alignment, vector_files
from glove_jax.evaluation import dictionaries, translation
from glove_jax.word_vectors import WordVectors


@pytest.fixture
def aligned():
  rng = np.random.default_rng(0)
  source = rng.normal(size=(40, 8))
  rotation, _ = np.linalg.qr(rng.normal(size=(8, 8)))
  pairs = [(f"s{row}", f"t{row}") for row in range(40)]
  return alignment.align(WordVectors([word for word, _ in pairs], source),
                         WordVectors([word for _, word in pairs], source @ rotation), pairs)


def test_one_of_several_translations_is_enough_and_unknown_words_do_not_count(aligned):
  dictionary = [("s1", "t1"), ("s2", "t9"), ("s2", "t2"), ("s3", "unknown"), ("x", "t3")]
  scores = translation.score(aligned, dictionary)
  assert (scores["words"], scores["of"]) == (2, 4)
  assert scores["nn"] == scores["csls"] == {
    "precision@1": 1.0, "precision@5": 1.0, "precision@10": 1.0}


def test_precision_counts_translations_up_to_a_rank(aligned):
  found, = alignment.translate(aligned, ["s1"], topn=20, method="nn")
  dictionary = [("s1", found[3][0]), ("s2", "t2")]
  scores = translation.score(aligned, dictionary, methods=["nn"])
  assert scores["nn"] == {"precision@1": 0.5, "precision@5": 1.0, "precision@10": 1.0}
  scores = translation.score(aligned, [("s1", found[15][0])], methods=["nn"])
  assert scores["nn"]["precision@10"] == 0 and "csls" not in scores


def spaces(size=60):
  rng = np.random.default_rng(1)
  source = rng.normal(size=(size, 6))
  rotation, _ = np.linalg.qr(rng.normal(size=(6, 6)))
  words = [f"w{row}" for row in range(size)]
  return WordVectors(words, source), WordVectors(words, source @ rotation)


def test_without_files_every_fifth_identical_word_is_scored_and_not_aligned_by():
  scores = translation.evaluate(*spaces())
  assert list(scores) == ["identical words, held out"]
  result = scores["identical words, held out"]
  assert (result["dictionary"], result["words"], result["of"]) == (48, 12, 12)
  assert result["nn"]["precision@1"] == 1


def test_dictionaries_are_files_of_their_names(tmp_path):
  for name, rows in (("train", range(30)), ("test", range(30, 40))):
    lines = [f"w{row} w{row}\n" for row in rows]
    (tmp_path / f"{name}.txt").write_text("".join(lines) + "w1 unknown\n")
  scores = translation.evaluate(
    *spaces(), dictionary_file=tmp_path / "train.txt", test_files=[tmp_path / "test.txt"])
  assert scores["test"]["dictionary"] == 30
  assert (scores["test"]["words"], scores["test"]["of"]) == (10, 11)
  held_out = translation.evaluate(*spaces(), dictionary_file=tmp_path / "train.txt")
  assert held_out["train, held out"]["words"] == 6


def test_english_and_italian_words_are_aligned_by_a_dictionary():
  gensim = pytest.importorskip("gensim", reason="has two small tables: pip install -e '.[demo]'")
  folder = pathlib.Path(gensim.__file__).parent / "test" / "test_data"
  english, italian = (
    vector_files.load(folder / f"{name}.1-10.cbow1_wind5_hs0_neg10_size300_smpl1e-05.txt")
    for name in ("EN", "IT"))
  pairs = dictionaries.read_dictionary(folder / "OPUS_en_it_europarl_train_one2ten.txt")
  scores = translation.score(alignment.align(english, italian, pairs), pairs)
  assert scores["words"] == scores["of"] == 20
  assert scores["nn"]["precision@1"] == scores["csls"]["precision@1"] == 1


def test_translations_that_are_not_searched_do_not_count(aligned):
  dictionary = [("s1", "t1"), ("s2", "t30")]
  scores = translation.score(aligned, dictionary, restrict_vocab=20)
  assert scores["words"] == 1
  scores = translation.score(aligned, [("s2", "t30")], restrict_vocab=20)
  assert scores["csls"]["precision@1"] is None
