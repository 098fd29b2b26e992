"""The Python API as notebooks use it: how many statements a task takes, and what comes back."""

import ast
import pathlib
import random
import subprocess
import sys
import textwrap

import numpy as np
import pytest

import glove_jax as gj

ROOT = pathlib.Path(__file__).resolve().parent.parent
POSITIVE = ("fine", "warm", "moving", "funny")
NEGATIVE = ("dull", "cold", "empty", "noisy")
LEARNING = {"epochs": 8, "learning_rate": 0.02, "batch_size": 16}
FILLERS = ("the", "film", "story", "is", "a", "was", "and", "very")


def make_reviews(size, seed=0):
  """Returns (texts, labels): texts with words of one mood."""
  rng = random.Random(seed)
  texts, labels = [], []
  for number in range(size):
    label = ("bad", "good")[number % 2]
    mood = rng.choices(POSITIVE if label == "good" else NEGATIVE, k=2)
    words = rng.choices(FILLERS, k=5) + mood
    rng.shuffle(words)
    texts.append(" ".join(words))
    labels.append(label)
  return texts, labels


def make_sentences(size, seed=0):
  """Returns (sentences, tags): each sentence names a person."""
  rng = random.Random(seed)
  sentences, tags = [], []
  for _ in range(size):
    before = rng.choices(FILLERS, k=rng.randint(1, 3))
    sentences.append([*before, rng.choice(["Angela", "Anna"]), rng.choice(["Merkel", "Seghers"])])
    tags.append(["O"] * len(before) + ["B-PER", "I-PER"])
  return sentences, tags


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
  """A folder with wiki.txt, train.tsv, test.tsv and train.conll."""
  folder = tmp_path_factory.mktemp("api")
  texts, labels = make_reviews(240)
  (folder / "wiki.txt").write_text("\n".join(texts * 4) + "\n")
  rows = [f"{label}\t{text}\n" for text, label in zip(texts, labels, strict=True)]
  (folder / "train.tsv").write_text("".join(rows[:200]))
  (folder / "test.tsv").write_text("".join(rows[200:]))
  blocks = []
  for tokens, tags in zip(*make_sentences(60), strict=True):
    lines = [f"{token}\t{tag}\n" for token, tag in zip(tokens, tags, strict=True)]
    blocks.append("".join(lines))
  (folder / "train.conll").write_text("\n".join(blocks))
  return folder


@pytest.fixture(scope="module")
def models(folder):
  """The same folder with a small BERT and a small GPT."""
  sizes = {"layers": 1, "dim": 16, "heads": 2, "context_length": 32, "max_vocab": 300, "steps": 5}
  for method in ("bert", "gpt"):
    workdir = folder / method
    gj.pretrain(folder / "wiki.txt", method, workdir=workdir, batch_size=4, **sizes)
  return folder


# Each recipe of docs and notebooks: the statements from the import on, and how many they may be.
RECIPES = {
  "train on a text file and query": (2, """
    vectors = gj.pretrain("wiki.txt", dim=8, epochs=1)
    result = vectors.most_similar("film")
    """),
  "load and query": (2, """
    vectors = gj.load_vectors("vectors.txt")
    result = vectors.most_similar("film")
    """),
  "classify and predict": (3, """
    vectors = gj.load_vectors("vectors.txt")
    classifier = gj.finetune("train.tsv", init=vectors, epochs=4)
    result = classifier.predict(["a fine warm film"])
    """),
  "tag": (3, """
    vectors = gj.load_vectors("vectors.txt")
    tagger = gj.finetune("train.conll", task="tag", init=vectors, epochs=2)
    result = tagger.predict([["the", "Angela", "Merkel"]])
    """),
  "fine-tune a transformer and predict": (3, """
    bert = gj.load("bert")
    classifier = gj.finetune("train.tsv", init=bert, epochs=1)
    result = classifier.predict(["a fine warm film"])
    """),
  "fill a mask": (2, """
    bert = gj.load("bert")
    result = bert.fill_mask("the film is [MASK]")
    """),
  "generate": (2, """
    gpt = gj.load("gpt")
    result = gpt.generate("the film", max_new_tokens=5)
    """),
  "embed sentences": (2, """
    bert = gj.load("bert")
    result = bert.encode(["a fine film", "a fine film"])
    """),
}


SLOW = (
  "classify and predict",
  "tag",
  "fine-tune a transformer and predict",
  "fill a mask",
  "generate",
  "embed sentences",
)
IDS = [pytest.param(name, marks=pytest.mark.slow if name in SLOW else ()) for name in RECIPES]


@pytest.mark.parametrize("recipe", IDS)
def test_a_task_takes_few_statements(recipe, folder, monkeypatch, request):
  limit, source = RECIPES[recipe]
  if "gj.load(" in source:
    request.getfixturevalue("models")
  source = textwrap.dedent(source)
  assert len(ast.parse(source).body) <= limit
  monkeypatch.chdir(folder)
  if "vectors.txt" in source and not (folder / "vectors.txt").exists():
    gj.pretrain("wiki.txt", dim=8, epochs=1).save("vectors.txt")
  names = {"gj": gj}
  exec(source, names)
  assert len(names["result"]) > 0


@pytest.mark.slow
def test_results_have_the_shapes_that_are_promised(models):
  bert, gpt = gj.load(models / "bert"), gj.load(models / "gpt")
  vectors = bert.encode(["a fine film", "the story", "a fine film"])
  assert vectors.shape == (3, 16)
  np.testing.assert_array_equal(vectors[0], vectors[2])  # texts that repeat keep their rows
  masked = bert.fill_mask("the film is [MASK]", top_k=3)
  assert len(masked) == 3 and masked[0][1] >= masked[1][1] >= masked[2][1]
  assert gpt.generate("the film", max_new_tokens=4).startswith("the film")
  assert [text[:3] for text in gpt.generate(["the", "was"], max_new_tokens=2)] == ["the", "was"]
  assert gpt.generate("the", seed=5) == gpt.generate("the", seed=5)


def test_python_values_are_taken_in_place_of_files(tmp_path):
  texts, labels = make_reviews(160)
  vectors = gj.pretrain(texts * 4, dim=8, epochs=1)
  test = make_reviews(40, seed=1)
  classifier = gj.finetune((texts, labels), test=test, init=vectors, **LEARNING)
  assert classifier.labels == ("bad", "good")
  assert classifier.predict(["fine funny film", "dull noisy story"]) == ["good", "bad"]
  probabilities = classifier.predict_proba(["fine funny film", "dull noisy story"])
  assert probabilities.shape == (2, 2)
  np.testing.assert_allclose(probabilities.sum(1), 1)
  assert classifier.evaluate(test)["accuracy"] == classifier.scores["test"]["accuracy"] > 0.9
  assert classifier.score(*test) == classifier.scores["test"]["accuracy"]
  classifier.save(tmp_path / "saved")
  expected = classifier.predict(test[0])
  del classifier
  assert gj.load(tmp_path / "saved").predict(test[0]) == expected


@pytest.mark.slow
def test_a_tagger_takes_tags_or_spans_and_gives_both():
  sentences, tags = make_sentences(80)
  spans = [[(len(row) - 2, len(row), "PER")] for row in tags]
  settings = {"task": "tag", "dim": 8, "lstm_size": 16, **LEARNING}
  by_tags = gj.finetune((sentences, tags), **settings)
  by_spans = gj.finetune((sentences, spans), **settings)
  sentence = ["the", "film", "Angela", "Merkel"]
  assert by_tags.predict([sentence]) == by_spans.predict([sentence]) == [
    ["O", "O", "B-PER", "I-PER"]
  ]
  assert by_tags.predict_spans([sentence]) == [[(2, 4, "PER")]]
  assert by_tags.evaluate((sentences, spans))["f1"] == 1
  assert by_tags.evaluate((sentences, tags))["f1"] == 1


def test_a_call_with_a_workdir_is_a_run_that_can_be_repeated(tmp_path, capsys):
  texts, labels = make_reviews(80)
  values = {"workdir": tmp_path / "run", "dim": 8, "epochs": 2}
  first = gj.finetune((texts, labels), **values)
  capsys.readouterr()
  second = gj.finetune((texts, labels), **values)
  assert "resumed" in capsys.readouterr().out
  np.testing.assert_array_equal(first.predict_proba(texts), second.predict_proba(texts))
  with pytest.raises(gj.InputError, match="run of other settings"):
    gj.finetune((texts, labels), **{**values, "dim": 9})
  with pytest.raises(gj.InputError, match="the texts have changed"):
    gj.finetune((texts[:-1], labels[:-1]), **values)


def test_calls_are_silent_if_asked_to_be(capfd):
  texts, labels = make_reviews(80)
  vectors = gj.pretrain(texts, dim=8, epochs=1, verbose=False)
  gj.finetune((texts, labels), init=vectors, method="averaged", verbose=False)
  captured = capfd.readouterr()
  assert not captured.out
  assert not captured.err


@pytest.mark.parametrize("call,message", [
  (lambda: gj.pretrain([]), "corpus is empty"),
  (lambda: gj.pretrain(["a text", 3]), "other values than strings"),
  (lambda: gj.pretrain("nowhere.txt"), "nowhere.txt"),
  (lambda: gj.pretrain(["a b"] * 9, dims=5), "no key 'dims'; did you mean dim"),
  (lambda: gj.pretrain(["a b"] * 9, dim=0), "dim=0, expected at least 1"),
  (lambda: gj.pretrain(["a b"] * 9, dim="5"), "dim='5', expected a whole number"),
  (lambda: gj.pretrain(["a b"] * 9, method="glov"), "method='glov'"),
  (lambda: gj.finetune((["a"], [])), "1 texts and 0 labels"),
  (lambda: gj.finetune(3), "neither a path nor a pair"),
  (lambda: gj.finetune(([1], ["a"])), "text 0 is 1"),
  (lambda: gj.finetune((["a"], ["b"]), task="tags"), "task='tags'"),
  (lambda: gj.finetune((["a"], ["b"]), init=3), "init is of type int"),
  (lambda: gj.finetune(([["a"]], [["O", "O"]]), task="tag"), "1 tokens and 2 tags"),
  (lambda: gj.finetune(([["a b"]], [["O"]]), task="tag"), "'a b', expected a string without"),
  (lambda: gj.load("nowhere"), "nowhere"),
])  # fmt: skip
def test_bad_arguments_are_one_line(call, message):
  with pytest.raises((gj.InputError, OSError)) as caught:
    call()
  assert message in str(caught.value) and "\n" not in str(caught.value)


@pytest.mark.slow
def test_a_string_is_no_list_of_texts(models):
  with pytest.raises(gj.InputError, match="expected a list of strings"):
    gj.load(models / "bert").encode("a fine film")


def test_the_names_are_imported_when_they_are_used():
  code = """
import sys, time
start = time.perf_counter()
import glove_jax
seconds = time.perf_counter() - start
assert "jax" not in sys.modules and "numpy" not in sys.modules
assert set(glove_jax.__all__) <= set(dir(glove_jax))
assert seconds < 0.2, seconds
try:
  glove_jax.nothing
except AttributeError as error:
  assert "nothing" in str(error)
else:
  raise AssertionError
"""
  subprocess.run([sys.executable, "-c", code], check=True, cwd=ROOT)
