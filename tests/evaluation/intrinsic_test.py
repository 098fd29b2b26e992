import importlib.util
import itertools
import os
import pathlib

import numpy as np
import pytest
import scipy.stats

from glove_jax.errors import InputError
from glove_jax.evaluation import evaluation_sets, intrinsic
from glove_jax.evaluation.evaluation_sets import Section
from glove_jax.word_vectors import WordVectors

NUMBERS = ["zero", "one", "two", "three", "four", "five", "six"]


def random_vectors(size=300, dim=6, seed=0):
  matrix = np.random.default_rng(seed).normal(size=(size, dim)).astype(np.float32)
  return WordVectors([f"w{i}" for i in range(size)], matrix)


def grid():
  """Seven numbers and their ordinals, one step in one direction apart: every analogy between them holds."""
  cardinals = np.eye(7, 8)
  return WordVectors(NUMBERS + [f"{word}th" for word in NUMBERS],
                     np.concatenate([cardinals, cardinals + np.eye(8)[7]]))


def questions(words):
  return [(a, f"{a}th", b, f"{b}th") for a, b in itertools.permutations(words, 2)]


def write(tmp_path, name, data):
  path = tmp_path / name
  path.write_bytes(data if isinstance(data, bytes) else data.encode())
  return path


# Answers

@pytest.mark.parametrize("method", intrinsic.METHODS)
@pytest.mark.parametrize("cache", [1 << 10, 1 << 21])
def test_solve_is_most_similar_question_by_question(method, cache, monkeypatch):
  monkeypatch.setattr(intrinsic, "CACHE", cache)
  vectors = random_vectors()
  asked = np.random.default_rng(1).integers(0, 300, (150, 3))
  ask = vectors.most_similar if method == "3cosadd" else vectors.most_similar_cosmul
  expected = [ask([f"w{b}", f"w{c}"], [f"w{a}"], topn=1)[0][0] for a, b, c in asked]
  assert [f"w{row}" for row in intrinsic.solve(vectors.vectors, asked, method=method)] == expected


def test_solve_prefers_the_first_of_equals_and_has_no_answer_without_candidates():
  same = np.ones((9, 2), np.float32)
  np.testing.assert_array_equal(intrinsic.solve(same, np.array([[0, 1, 2], [0, 3, 5]])), [3, 1])
  np.testing.assert_array_equal(intrinsic.solve(same[:3], np.array([[0, 1, 2]])), [-1])


def test_a_zero_vector_spoils_nothing():
  vectors = grid()
  matrix = np.concatenate([vectors.vectors, np.zeros((1, 8), np.float32)])
  np.testing.assert_array_equal(intrinsic.solve(matrix, np.array([[0, 7, 1]])), [8])


def test_analogy_counts_sections_groups_and_coverage():
  sections = [Section("ordinals", False, [*questions(NUMBERS[:3]), ("one", "oneth", "two", "seven")]),
              Section("gram1", True, [("one", "oneth", "two", "three")] * 3),
              Section("unknown", True, [("x", "y", "z", "w")])]
  scores = intrinsic.analogy(grid(), sections)
  assert scores == {
    "ordinals": {"accuracy": 1.0, "questions": 6, "of": 7},
    "gram1": {"accuracy": 0.0, "questions": 3, "of": 3},
    "unknown": {"accuracy": None, "questions": 0, "of": 1},
    "semantic": {"accuracy": 1.0, "questions": 6, "of": 7},
    "syntactic": {"accuracy": 0.0, "questions": 3, "of": 4},
    "total": {"accuracy": pytest.approx(6 / 9), "questions": 9, "of": 11},
  }


def test_restrict_bounds_the_candidates_and_the_questions():
  sections = [Section("s", False, questions(NUMBERS[:3]))]
  assert intrinsic.analogy(grid(), sections, restrict=9)["s"] == {"accuracy": 1.0, "questions": 2, "of": 6}
  assert intrinsic.analogy(grid(), sections, restrict=99)["s"]["questions"] == 6


def test_an_unknown_method_is_refused():
  with pytest.raises(InputError, match="'3cosdiv', expected 3cosadd or 3cosmul"):
    intrinsic.analogy(grid(), [], method="3cosdiv")


def test_similarity_is_spearman_of_cosines_over_known_pairs():
  vectors = random_vectors()
  pairs = [(f"w{i}", f"w{i + 1}", float(i % 5)) for i in range(0, 40, 2)]
  cosines = [vectors.similarity(one, two) for one, two, _ in pairs]
  expected = scipy.stats.spearmanr(cosines, [score for *_, score in pairs]).statistic
  scores = intrinsic.similarity(vectors, [*pairs, ("w1", "unknown", 9.0)])
  assert scores == {"spearman": pytest.approx(expected), "pairs": 20, "of": 21}
  assert intrinsic.similarity(vectors, pairs[:1]) == {"spearman": None, "pairs": 1, "of": 1}
  assert intrinsic.similarity(vectors, [("a", "b", 1.0)]) == {"spearman": None, "pairs": 0, "of": 1}


def test_words_without_vectors_are_composed_and_their_pairs_told_apart():
  vectors, whole = random_vectors(), random_vectors()
  hidden = {f"w{i}": whole[f"w{i}"] for i in range(3)}
  vectors = WordVectors([word for word in whole.words if word not in hidden],
                        [whole[word] for word in whole.words if word not in hidden])
  pairs = [(f"w{i}", f"w{i + 1}", float(i * 7 % 5)) for i in range(20)] + [("w5", "nothing", 1.0)]
  def compose(word):
    return hidden.get(word, np.zeros(whole.dim, np.float32))
  found = intrinsic.similarity(vectors, pairs, compose=compose)
  assert found["spearman"] == pytest.approx(intrinsic.similarity(whole, pairs)["spearman"])
  assert (found["pairs"], found["of"], found["composed"]["pairs"]) == (20, 21, 3)
  assert found["composed"]["spearman"] == pytest.approx(intrinsic.similarity(whole, pairs[:3])["spearman"])
  scores = intrinsic.evaluate(vectors, similarity_files=[], analogy_files=[], compose=compose)
  scores["similarity"] = {"set": found}
  assert "  with a composed word" in intrinsic.format_table(scores)


def test_lower_casing_is_automatic_and_reported(tmp_path):
  path = write(tmp_path, "q.txt", ": s\nONE oneth Two twoth\n")
  def ask(vectors, **kwargs):
    scores = intrinsic.evaluate(vectors, similarity_files=[], analogy_files=[path], **kwargs)
    return scores["settings"]["lowercase"], scores["analogy"]["total"]["questions"]
  assert ask(grid()) == (True, 1)
  assert ask(grid(), lowercase=False) == (False, 0)
  mixed = WordVectors([word.upper() for word in grid().words], grid().vectors)
  assert ask(mixed) == (False, 0)


def test_sets_of_equal_names_are_all_reported(tmp_path):
  (tmp_path / "b").mkdir()
  text = ": s\none oneth two twoth\n: total\none oneth two twoth\n"
  analogies = [write(tmp_path, "q.txt", text), write(tmp_path, "b/q.txt", text)]
  pairs = [write(tmp_path, "p.txt", "one two 3\n"), write(tmp_path, "b/p.txt", "one two 3\n")]
  scores = intrinsic.evaluate(grid(), similarity_files=pairs, analogy_files=analogies)
  assert list(scores["similarity"]) == ["p", "p-2"]
  assert list(scores["analogy"]) == ["s", "q/total", "q/s", "q/total-2", "semantic", "syntactic", "total"]
  assert scores["analogy"]["total"]["of"] == 4


# Tables

def test_the_table_aligns_wide_characters_and_shows_coverage():
  vectors = WordVectors(["国家", "经济", "ab"], np.eye(3) + 0.1)
  scores = {
    "similarity": {"词": {"spearman": 0.5, "pairs": 3, "of": 1204},
                   "no": {"spearman": None, "pairs": 0, "of": 2}},
    "analogy": {"一": {"accuracy": 0.2074, "questions": 1, "of": 2}},
    "settings": {"words": 3, "dim": 3, "lowercase": True, "method": "3cosadd", "candidates": 3},
  }
  lines = intrinsic.format_table(scores).splitlines()
  assert lines[0] == "3 words x 3; questions lower-cased; 3cosadd among 3 words"
  assert lines[2:] == ["similarity  Spearman          coverage",
                       "词             0.500  3 of 1,204 pairs",
                       "no                 -      0 of 2 pairs",
                       "",
                       "analogies  accuracy          coverage",
                       "一           20.74%  1 of 2 questions"]
  near = intrinsic.format_neighbours(vectors, ["国家", "ab"], topn=1)
  assert near == "国家  经济 0.187\nab    国家 0.187"


def test_without_sets_the_table_says_how_to_get_them():
  scores = intrinsic.evaluate(grid(), similarity_files=[], analogy_files=[])
  assert "pip install -e '.[demo]'" in intrinsic.format_table(scores)


# Files

@pytest.mark.parametrize("data", [
  "Cat\tdog\t1.5\nnew york\tcity\t2\n".replace("new york", "new"),
  "Cat,dog,1.5\r\nnew,city,2\r\n",
  "# a comment\nword 1\tword 2\tmean\nCat\t dog\t1.5\n\nnew\tcity\t2\n",
  "\ufeffCat dog 1.5\nnew  city 2",
])
def test_pairs_in_every_dialect(tmp_path, data):
  assert evaluation_sets.read_pairs(write(tmp_path, "p", data)) == [("Cat", "dog", 1.5), ("new", "city", 2)]


@pytest.mark.parametrize("data, message", [
  ("cat dog 1\ncat dog\n", ":2: found 'cat dog', expected two words and a score."),
  ("cat\tdog\t1\ncat\tdog\thigh\n", ":2: found 'cat\\tdog\\thigh', expected"),
  ("cat\n", ":1: found 'cat', expected"),
  ("# nothing\n", ": found no pairs, expected"),
  (b"cat dog 1\nd\xe9j\xe0 vu 2\n", ":2: found byte 0xe9, expected UTF-8."),
])
def test_bad_pairs_are_named_by_line(tmp_path, data, message):
  path = write(tmp_path, "p", data)
  with pytest.raises(InputError) as caught:
    evaluation_sets.read_pairs(path)
  assert str(caught.value).startswith(f"{path}{message}")


def test_analogies_come_in_sections(tmp_path):
  path = write(tmp_path, "mine.txt", "a b c d\r\n: gram1\r\na\tb  c d\r\n: x\r\n: gram1\r\ne f g h\r\n")
  assert evaluation_sets.read_analogies(path) == [
    Section("mine", False, [("a", "b", "c", "d")]),
    Section("gram1", True, [("a", "b", "c", "d"), ("e", "f", "g", "h")]),
  ]
  morphology = write(tmp_path, "CA8-morphological.txt", ": A\n一 二 三 四\n")
  assert evaluation_sets.read_analogies(morphology)[0].syntactic


@pytest.mark.parametrize("data, message", [
  (": s\na b c d\na b c\n", ":3: found 3 words, expected four"), (": s\n", ": found no questions")])
def test_bad_analogies_are_named_by_line(tmp_path, data, message):
  with pytest.raises(InputError) as caught:
    evaluation_sets.read_analogies(write(tmp_path, "q", data))
  assert message in str(caught.value)


def test_sets_are_found_in_the_data_folder_else_in_gensim_else_nowhere(tmp_path, monkeypatch):
  monkeypatch.setenv("GLOVE_JAX_DATA", str(tmp_path))
  (tmp_path / "intrinsic" / "zh").mkdir(parents=True)
  for name in ("CA8-semantic.txt", "wordsim-240.txt", "README.md"):
    write(tmp_path, f"intrinsic/zh/{name}", "")
  found = evaluation_sets.find_sets("zh")
  assert [pathlib.Path(path).name for path in found.similarity] == ["wordsim-240.txt"]
  assert [pathlib.Path(path).name for path in found.analogy] == ["CA8-semantic.txt"]
  if importlib.util.find_spec("gensim"):
    found = evaluation_sets.find_sets("en")
    assert [pathlib.Path(path).name for path in found.similarity] == ["simlex999.txt", "wordsim353.tsv"]
    assert [len(evaluation_sets.read_pairs(path)) for path in found.similarity] == [999, 353]
    sections = evaluation_sets.read_analogies(found.analogy[0])
    assert sum(len(section.questions) for section in sections) == 19544
  monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
  assert evaluation_sets.find_sets("en") == evaluation_sets.EvaluationSets([], [])


def test_the_language_is_that_of_most_words():
  assert intrinsic.language(WordVectors(["国家", "经济", "the"], np.eye(3))) == "zh"
  assert intrinsic.language(WordVectors(["国家", "of", "the"], np.eye(3))) == "en"


# Real data

@pytest.mark.realdata
def test_every_shared_set_reads_whole(data):
  counts = {"MC-30": 30, "MTurk-287": 287, "MTurk-771": 771, "RG-65": 65, "SIMLEX-999": 999,
            "WS-353-ALL": 353, "WS-353-REL": 252, "WS-353-SIM": 203}
  for name, count in counts.items():
    assert len(evaluation_sets.read_pairs(data / f"intrinsic/en/EN-{name}.txt")) == count, name
  chinese = [evaluation_sets.read_pairs(data / f"intrinsic/zh/wordsim-{name}.txt") for name in (240, 297)]
  assert [len(pairs) for pairs in chinese] == [240, 297]
  assert ("钱", "现金", 4.58) in chinese[1]  # A stray space in the file is no part of the word.
  sections = [evaluation_sets.read_analogies(data / f"intrinsic/{name}.txt")
              for name in ("en/questions-words", "zh/CA8-morphological", "zh/CA8-semantic")]
  assert [sum(len(section.questions) for section in file) for file in sections] == [19544, 10177, 7636]
  assert [sum(section.syntactic for section in file) for file in sections] == [9, 4, 0]


@pytest.mark.realdata
def test_accuracy_is_gensims(data):
  models = pytest.importorskip("gensim.models")
  sections = evaluation_sets.read_analogies(data / "intrinsic/en/questions-words.txt")
  words = [word for section in sections for row in section.questions for word in row]
  words = list(dict.fromkeys(words))[:300]
  vectors = WordVectors(words, np.random.default_rng(0).normal(size=(300, 3)))
  theirs = models.KeyedVectors(3)
  theirs.add_vectors(words, vectors.vectors)
  file = os.fspath(data / "intrinsic/en/questions-words.txt")
  _, expected = theirs.evaluate_word_analogies(file, case_insensitive=False)
  ours = intrinsic.analogy(vectors, sections)
  for section in expected[:-1]:
    asked = len(section["correct"]) + len(section["incorrect"])
    assert ours[section["section"]]["questions"] == asked
    if asked:
      assert ours[section["section"]]["accuracy"] == pytest.approx(len(section["correct"]) / asked)
  assert 0 < ours["total"]["accuracy"] < 1
