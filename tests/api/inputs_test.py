"""Python values become files whose names depend on their content alone."""

import json
import pathlib

import numpy as np
import pytest

from glove_jax import finetuning, run_folder, vector_files
from glove_jax.api import inputs
from glove_jax.data.labelled import classification
from glove_jax.data.labelled.tagging import Span
from glove_jax.data.text import tokenization
from glove_jax.data.text.phrases import Phrases
from glove_jax.errors import InputError
from glove_jax.word_vectors import WordVectors


def test_paths_are_passed_on_as_they_are(tmp_path):
  text = tmp_path / "text.txt"
  text.write_text("a text\n")
  assert inputs.corpus_files("*.txt", tmp_path) == "*.txt"
  assert inputs.corpus_files([text, text], tmp_path) == f"{text},{text}"
  assert inputs.labelled_file("train", text, tmp_path) == str(text)
  assert inputs.tagged_file("train", str(text), tmp_path) == str(text)
  assert not (tmp_path / run_folder.INPUTS).exists()


def test_texts_become_a_corpus_of_one_text_a_line(tmp_path):
  path = pathlib.Path(inputs.corpus_files((text for text in ["one\ntwo", "drei"]), tmp_path))
  assert path.parent == tmp_path / run_folder.INPUTS
  assert path.read_text(encoding="utf-8") == "one two\ndrei\n"


@pytest.mark.parametrize("corpus", [[], [1, 2], ["a text", None]])
def test_a_corpus_of_other_values_is_an_error(corpus, tmp_path):
  with pytest.raises(InputError, match="expected a path, paths, or texts"):
    inputs.corpus_files(corpus, tmp_path)


def test_the_file_name_changes_with_the_content(tmp_path):
  first = inputs.corpus_files(["a text"], tmp_path)
  assert inputs.corpus_files(["a text"], tmp_path) == first
  assert inputs.corpus_files(["another text"], tmp_path) != first


def test_labelled_texts_become_json_lines(tmp_path):
  path = pathlib.Path(inputs.labelled_file("train", (["gut", "b"], ["x", ["y", "z"]]), tmp_path))
  records = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
  assert path.suffix == ".jsonl"
  assert records == [{"label": "x", "text": "gut"}, {"label": ["y", "z"], "text": "b"}]


def test_pairs_of_texts_have_two_fields(tmp_path):
  for texts in ([("a b", "c"), "d"], ["a b\tc", "d"]):
    path = pathlib.Path(inputs.labelled_file("train", (texts, ["x", 3]), tmp_path))
    records = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
    assert records[0] == {"label": "x", "text1": "a b", "text2": "c"}
    assert records[1] == {"label": "3", "text1": "d", "text2": ""}
    data = classification.read(path)
    assert data.texts == ["a b\tc", "d"] and data.labels == [("x",), ("3",)]


def test_columns_may_be_numbers_and_lists():
  assert [inputs.column(value) for value in ("a,b", 1, ["a", "b"], (1, 2))] == [
    "a,b", "1", "a,b", "1,2",
  ]  # fmt: skip


@pytest.mark.parametrize(
  "data, message",
  [
    ((["a"], [float("nan")]), "train: label 0 is nan, expected a string or a number"),
    ((["a"], [None]), "train: label 0 is None"),
    ((["a \ud800"], ["x"]), "found a lone surrogate"),
    (([("a", "b", "c")], ["x"]), "text 0 is .'a', 'b', 'c'., expected a string, or two"),
    (["one", "two", "three"], "train is neither a path nor a pair, expected a file, or a pair"),
    ((["a"], []), "train: 1 texts and 0 labels, expected"),
    (([3], ["x"]), "train: text 0 is 3, expected a string"),
  ],
)
def test_wrong_labelled_texts_are_an_error(data, message, tmp_path):
  with pytest.raises(InputError, match=message):
    inputs.labelled_file("train", data, tmp_path)


@pytest.mark.parametrize(
  "annotation", [["O", "B-PER", "I-PER"], [Span(1, 3, "PER")], [(1, 3, "PER")]]
)
def test_tags_and_spans_become_the_same_conll_file(annotation, tmp_path):
  path = inputs.tagged_file("dev", ([["by", "Anna", "Seghers"]], [annotation]), tmp_path)
  assert pathlib.Path(path).read_text() == "by\tO\nAnna\tB-PER\nSeghers\tI-PER\n\n"


@pytest.mark.parametrize(
  "tokens, tags, message",
  [
    (["a", "b"], ["O"], "dev: sentence 0 has 2 tokens and 1 tags, expected lists of one length"),
    ("ab", ["O", "O"], "dev: sentence 0"),
    (["a b"], ["O"], "has the token 'a b', expected a string without spaces"),
    ([""], ["O"], "has the token '', expected a string without spaces"),
  ],
)
def test_wrong_tagged_sentences_are_an_error(tokens, tags, message, tmp_path):
  with pytest.raises(InputError, match=message):
    inputs.tagged_file("dev", ([tokens], [tags]), tmp_path)


def test_vectors_become_a_matrix_with_its_words(tmp_path):
  matrix = np.arange(6, dtype=np.float32).reshape(2, 3)
  path = inputs.vectors_file(WordVectors(["one", "two"], matrix), tmp_path)
  loaded = vector_files.load(path)
  assert loaded.words == ["one", "two"]
  np.testing.assert_array_equal(loaded.vectors, matrix)
  assert inputs.vectors_file(WordVectors(["one", "two"], matrix), tmp_path) == path
  assert inputs.vectors_file(WordVectors(["one", "two"], matrix + 1), tmp_path) != path
  assert inputs.vectors_file(WordVectors(["one", "three"], matrix), tmp_path) != path


def test_vectors_keep_how_their_words_were_made(tmp_path):
  made = tokenization.Tokenization("jieba", False, phrases=Phrases(({("a", "b"): 2.0},)))
  vectors = WordVectors(["a_b"], np.ones((1, 2)), tokenization=made)
  path = inputs.vectors_file(vectors, tmp_path)
  assert tokenization.load(path) == made
  chosen = finetuning.parse({"method": "cnn", "train": "x", "init": path})
  assert (chosen.tokenizer, chosen.lowercase) == ("jieba", False)
  assert chosen.phrases == tokenization.of_source(path).phrases_file
