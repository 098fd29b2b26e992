"""Sets of analogies in the layouts that their authors publish."""

import numpy as np
import pytest

from glove_jax.errors import InputError
from glove_jax.evaluation import analogies, analogy_sets
from glove_jax.evaluation.analogy_sets import Section
from glove_jax.word_vectors import WordVectors

ROUGH = ("good", "better", "rough", "rougher")
BIG = ("big", "bigger", "small", "smaller")


def write(tmp_path, name, text):
  path = tmp_path / name
  path.parent.mkdir(parents=True, exist_ok=True)
  path.write_text(text, encoding="utf-8")
  return path


def error(path):
  with pytest.raises(InputError) as caught:
    analogy_sets.read_analogies(path)
  return str(caught.value).replace(str(path), "FILE")


def test_msrs_relations_are_sections(tmp_path):
  text = "good better rough JJ_JJR rougher\nbig bigger small JJ_JJR smaller\na b c NN_NNS d\n"
  assert analogy_sets.read_analogies(write(tmp_path, "msr.txt", text)) == [
    Section("JJ_JJR", True, [ROUGH, BIG]),
    Section("NN_NNS", True, [("a", "b", "c", "d")]),
  ]


def test_msrs_answers_in_another_file(tmp_path):
  lines = "good better rough\nbig bigger small\n"
  questions = write(tmp_path, "word_relationship.questions", lines)
  assert "found 3 words, expected four, or the answers in" in error(questions)
  answers = write(tmp_path, "word_relationship.answers", "JJ_JJR rougher\nJJ_JJR smaller\n")
  assert analogy_sets.read_analogies(questions) == [Section("JJ_JJR", True, [ROUGH, BIG])]
  answers.write_text("JJ_JJR rougher\n")
  assert error(questions).endswith("1 answers, expected 2 as FILE.")
  answers.write_text("rougher\nsmaller\n")
  assert ".answers:1: found 1 words, expected a relation and the answer." in error(questions)


@pytest.mark.parametrize("column", [0, 4])
def test_relations_before_or_after_four_words(tmp_path, column):
  lines = []
  for words in (ROUGH, BIG):
    fields = list(words)
    fields.insert(column, "comparative of adjectives")
    lines.append("\t".join(fields))
  path = write(tmp_path, "a.tsv", "\n".join(lines))
  (section,) = analogy_sets.read_analogies(path)
  assert section == Section("comparative of adjectives", False, [ROUGH, BIG])


def test_a_folder_of_bats(tmp_path):
  name = "1_Inflectional_morphology/I01 [noun - plural_reg].txt"
  (section,) = analogy_sets.read_analogies(write(tmp_path, name, "cat\tcats\ndog\tdogs/doggies\n"))
  assert section.name == "I01 [noun - plural_reg]" and section.syntactic
  assert section.questions == [("cat", "cats", "dog", "dogs"), ("dog", "dogs", "cat", "cats")]
  assert section.answers == {"cat": ("cats",), "dog": ("dogs", "doggies")}
  name = "4_Lexicographic_semantics/L01 [hypernyms - animals].txt"
  (section,) = analogy_sets.read_analogies(write(tmp_path, name, "cat feline/animal\ndog canine\n"))
  assert not section.syntactic
  assert "found one word and its answers" in error(write(tmp_path, "b.txt", "cat\tcats\n"))
  assert "FILE:1: found '/', expected answers." in error(write(tmp_path, "b.txt", "a\t/\nb\tc\n"))


def test_any_of_several_answers_is_right(tmp_path):
  path = write(tmp_path, "E01 [a - b].txt", "x\tX2/X1\ny\tY2/Y1\nz\tZ2/Z3\n")
  sections = analogy_sets.read_analogies(path)
  step = np.eye(6)[5]
  eye = np.eye(6)
  words = ["x", "y", "z", "X1", "Y2", "Y1"]
  matrix = [eye[0], eye[1], eye[2], eye[0] + step, eye[3], eye[1] + step]
  scores = analogies.score(WordVectors(words, np.array(matrix)), sections)
  # X2, Z2 and Z3 have no vectors; x is to X1 as y is to Y1, which is the second of its answers.
  assert scores["total"] == {"accuracy": 1, "questions": 2, "of": 6}
  only_first = [sections[0]._replace(answers={**sections[0].answers, "y": ("Y2",)})]
  assert analogies.score(WordVectors(words, np.array(matrix)), only_first)["total"] == {
    "accuracy": 0.5, "questions": 2, "of": 6
  }
  upper = WordVectors([word.lower() for word in words[3:]], np.array(matrix[3:]))
  assert analogies.score(upper, sections, lowercase=True)["total"]["questions"] == 0


def test_sections_of_ca8_say_what_they_are_about(tmp_path):
  for name in ("CA8-morphological.txt", "CA8/morphological.txt"):
    path = write(tmp_path, name, ": A\n一 二 三 四\n: AB\n一 二 三 四\n: prefix\n一 二 三 四\n")
    sections = analogy_sets.read_analogies(path)
    assert [section.name for section in sections] == [
      "CA8 reduplication (A)",
      "CA8 reduplication (AB)",
      "CA8 prefixes",
    ]
    assert all(section.syntactic for section in sections)
  path = write(tmp_path, "CA8/semantic.txt", ": geography\n一 二 三 四\n")
  assert analogy_sets.read_analogies(path)[0][:2] == ("CA8 geography", False)


def test_words_with_spaces_are_set_apart_by_tabs(tmp_path):
  path = write(tmp_path, "a.txt", "New York\tUSA\tParis\tFrance\n")
  assert analogy_sets.read_analogies(path)[0].questions == [("New York", "USA", "Paris", "France")]
  path = write(tmp_path, "a.csv", "a,b,c,d\n")
  assert analogy_sets.read_analogies(path)[0].questions == [("a", "b", "c", "d")]


@pytest.mark.parametrize(
  ("text", "message"),
  [
    ("a b c d e f\n", "FILE:1: found 6 words, expected four, or ': section'."),
    ("a\n", "FILE:1: found 1 words, expected four"),
    ("a b\nc d\ne f g\n", "FILE:3: found 3 words, expected two, or ': section'."),
    ("a b c R d\na b c d\n", "FILE:2: found 4 words, expected five"),
    ("", "FILE: found no questions"),
  ],
)
def test_other_lines_are_named(tmp_path, text, message):
  assert error(write(tmp_path, "a.txt", text)).startswith(message)


@pytest.mark.parametrize("line", [
  "a\u00a0 b \u3000c d", "a\tb\u00a0\tc\t\u2009d", "a,\u00a0b,c\u3000,d", "a \u00a0 b c d\x1f"])
def test_words_have_no_white_space_at_their_ends(tmp_path, line):
  path = write(tmp_path, "a.txt", f"{line}\n")
  assert analogy_sets.read_analogies(path)[0].questions == [("a", "b", "c", "d")]


def test_answers_have_no_white_space_at_their_ends(tmp_path):
  path = write(tmp_path, "b.txt", "cat\tcats\u00a0/\u3000kitties\ndog\tdogs/\u00a0\n")
  assert analogy_sets.read_analogies(path)[0].answers == {
    "cat": ("cats", "kitties"), "dog": ("dogs",)}


def test_a_word_between_commas_is_not_empty(tmp_path):
  path = write(tmp_path, "a.csv", "a,b,c,d\ne,,g,h\n")
  assert error(path) == "FILE:2: found 3 words, expected four, or ': section'."
