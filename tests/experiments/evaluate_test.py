import importlib.util
import json
import os
import pathlib
import subprocess
import sys

import numpy as np
import pytest

from glove_jax import vector_files
from glove_jax.word_vectors import WordVectors

ROOT = pathlib.Path(__file__).resolve().parents[2]
NUMBERS = ["zero", "one", "two", "three"]


def evaluate(cwd, *arguments):
  """Runs the program as a user does, but bans jax: importing it would cost each start a second."""
  code = (
    "import runpy, sys; sys.modules['jax'] = None; sys.argv = sys.argv[1:]; "
    "runpy.run_path(sys.argv[0], run_name='__main__')"
  )
  environment = {
    **os.environ,
    "PYTHONPATH": os.pathsep.join([str(ROOT / "experiments"), str(ROOT)]),
  }
  command = [sys.executable, "-c", code, str(ROOT / "experiments" / "evaluate.py"), *arguments]
  return subprocess.run(command, cwd=cwd, env=environment, capture_output=True, text=True)


def test_vectors_are_loaded_and_evaluated_without_importing_jax():
  modules = (
    "glove_jax.evaluation.intrinsic",
    "glove_jax.evaluation.tables",
    "glove_jax.vector_files",
    "glove_jax.word_vectors",
    "glove_jax.interop.fasttext",
  )
  code = f"import sys, {', '.join(modules)}; sys.exit('jax' in sys.modules)"
  assert subprocess.run([sys.executable, "-c", code], cwd=ROOT).returncode == 0


@pytest.fixture
def folder(tmp_path):
  cardinals = np.eye(4, 5)
  words = NUMBERS + [f"{word}th" for word in NUMBERS]
  matrix = np.concatenate([cardinals, cardinals + np.eye(5)[4]])
  vector_files.save(WordVectors(words, matrix), tmp_path / "vectors.txt")
  (tmp_path / "questions.txt").write_text(
    ": ordinals\nZero zeroth one oneth\none oneth two twoth\na b c d\n"
  )
  (tmp_path / "sim-a.txt").write_text("zero zeroth 9\nzero one 1\none oneth 8\nx y 3\n")
  (tmp_path / "sim-b.csv").write_text("word 1,word 2,score\nzero,zeroth,9\nzero,one,1\n")
  return tmp_path


def test_a_table_for_people_and_json_for_programs(folder):
  done = evaluate(
    folder,
    "--vectors=vectors.txt",
    "--json=out/scores.json",
    "--analogies=questions.txt",
    "--similarity=sim-*.txt,sim-b.csv",
  )
  assert (done.returncode, done.stderr) == (0, "")
  assert done.stdout.splitlines() == [
    "8 words x 5; questions lower-cased; 3cosadd among 8 words",
    "",
    "similarity  Spearman      coverage",
    "sim-a          0.866  3 of 4 pairs",
    "sim-b          1.000  2 of 2 pairs",
    "",
    "analogies  accuracy          coverage",
    "ordinals    100.00%  2 of 3 questions",
    "semantic    100.00%  2 of 3 questions",
    "syntactic         -  0 of 0 questions",
    "total       100.00%  2 of 3 questions",
  ]
  scores = json.loads((folder / "out/scores.json").read_text())
  assert scores["similarity"]["sim-b"] == {"spearman": 1.0, "pairs": 2, "of": 2}
  solved = {"accuracy": 1.0, "questions": 2, "of": 3}
  nothing = {"accuracy": None, "questions": 0, "of": 0}
  assert scores["analogy"] == {
    "ordinals": solved,
    "semantic": solved,
    "syntactic": nothing,
    "total": solved,
  }


def test_settings_are_obeyed_and_notes_printed(folder):
  with open(folder / "vectors.txt", "a") as file:
    file.write("one 1 2 3 4 5\n")
  done = evaluate(
    folder,
    "--vectors=.",
    "--similarity=",
    "--analogies=questions.txt",
    "--method=3cosmul",
    "--restrict=6",
    "--lowercase=false",
  )
  assert "1 duplicate words dropped" in done.stderr
  assert done.stdout.splitlines()[0] == "8 words x 5; questions as written; 3cosmul among 6 words"
  assert "0 of 3 questions" in done.stdout.splitlines()[-1]


def test_neighbours(folder):
  done = evaluate(folder, "--vectors=vectors.txt", "--neighbours=zero,oneth", "--limit=6")
  assert done.stdout.splitlines()[0].split() == [
    "zero",
    "zeroth",
    "0.707,",
    "one",
    "0.000,",
    "two",
    "0.000,",
    "three",
    "0.000,",
    "oneth",
    "0.000",
  ]
  assert done.stdout.splitlines()[1].startswith("oneth  one 0.707, zeroth 0.500, ")


def test_neighbours_of_sums_are_in_the_json(folder):
  done = evaluate(
    folder,
    "--vectors=vectors.txt",
    "--neighbours=one - oneth + twoth,zero",
    "--json=scores.json",
    "--similarity=sim-a.txt",
    "--analogies=",
  )
  assert (done.returncode, done.stderr) == (0, "")
  assert done.stdout.startswith("one - oneth + twoth  two ")
  assert "sim-a" in done.stdout
  content = json.loads((folder / "scores.json").read_text())
  assert list(content) == ["similarity", "analogy", "settings", "neighbours"]
  nearest = content["neighbours"]["one - oneth + twoth"][0]
  assert nearest["word"] == "two" and 0.5 < nearest["cosine"] <= 1
  assert len(content["neighbours"]["zero"]) == 7


def test_neighbours_alone_are_written_unless_sets_are_named(folder):
  flags = ("--vectors=vectors.txt", "--neighbours=one", "--json=scores.json")
  done = evaluate(folder, *flags)
  assert done.stdout.startswith("one  ") and len(done.stdout.splitlines()) == 1
  assert list(json.loads((folder / "scores.json").read_text())) == ["neighbours"]
  evaluate(folder, *flags, "--similarity=sim-a.txt")
  content = json.loads((folder / "scores.json").read_text())
  assert list(content["similarity"]) == ["sim-a"] and not content["analogy"]


def test_scores_are_written_before_tables_are_printed(folder):
  program = ROOT / "experiments" / "evaluate.py"
  flags = ("--vectors=vectors.txt", "--json=scores.json", "--similarity=sim-a.txt", "--analogies=")
  environment = {**os.environ, "PYTHONPATH": str(ROOT), "PYTHONUNBUFFERED": "1"}
  with open("/dev/full", "w") as full:
    done = subprocess.run(
      [sys.executable, program, *flags, "--neighbours=one"],
      cwd=folder, env=environment, stdout=full, stderr=subprocess.PIPE, text=True,
    )
  assert done.returncode == 2 and "No space left" in done.stderr
  content = json.loads((folder / "scores.json").read_text())
  assert content["similarity"]["sim-a"]["pairs"] == 3 and "one" in content["neighbours"]


def test_vectors_from_a_pipe(folder):
  command = f"{sys.executable} {ROOT}/experiments/evaluate.py --neighbours=one --vectors="
  environment = {**os.environ, "PYTHONPATH": str(ROOT)}
  expected = "one  oneth 0.707, "
  for shell in (
    f"cat vectors.txt | {command}/dev/stdin",
    f"{command}<(gzip -c vectors.txt)",
  ):
    done = subprocess.run(
      ["bash", "-c", shell], cwd=folder, env=environment, capture_output=True, text=True
    )
    assert done.stdout.startswith(expected), (shell, done.stderr)


@pytest.mark.parametrize(
  "arguments, message",
  [
    ([], "--vectors=… is required; --help shows an example"),
    (["--vectors=nope.txt"], "nope.txt: No such file or directory"),
    (
      ["--vectors=questions.txt"],
      "questions.txt:1: found ': ordinals', expected a word and its numbers.",
    ),
    (["--vectors=vectors.txt", "--similarity=*.nope"], "*.nope: no file matches."),
    (
      ["--vectors=vectors.txt", "--neighbours=onne"],
      "The word 'onne' is not among the 8 words; similar: one, oneth.",
    ),
  ],
)
def test_mistakes_are_one_line_and_write_nothing(folder, arguments, message):
  before = sorted(folder.iterdir())
  done = evaluate(folder, *arguments, "--json=scores.json")
  assert (done.returncode, done.stdout, done.stderr) == (2, "", f"error: {message}\n")
  assert sorted(folder.iterdir()) == before


def test_it_can_be_imported_without_defining_flags():
  flags = pytest.importorskip("absl.app").flags  # Its own flags are there before.
  before = set(flags.FLAGS)
  spec = importlib.util.spec_from_file_location(
    "evaluate_imported", ROOT / "experiments" / "evaluate.py"
  )
  spec.loader.exec_module(importlib.util.module_from_spec(spec))
  assert set(flags.FLAGS) == before


def test_composing_needs_ngrams(folder):
  done = evaluate(folder, "--vectors=vectors.txt", "--compose")
  assert (done.returncode, done.stdout) == (2, "")
  assert done.stderr == (
    "error: vectors.txt: cannot compose words; expected for --compose a fastText model, a BERT, "
    "or the run of one.\n"
  )


def test_words_are_translated_to_another_space(folder):
  rng = np.random.default_rng(0)
  rotation, _ = np.linalg.qr(rng.normal(size=(5, 5)))
  source = vector_files.load(folder / "vectors.txt")
  targets = [f"{word}-fr" for word in source.words]
  vector_files.save(WordVectors(targets, source.vectors @ rotation), folder / "fr.txt")
  lines = [f"{word} {target}\n" for word, target in zip(source.words, targets, strict=True)]
  (folder / "en-fr.txt").write_text("".join(lines))
  done = evaluate(folder, "--vectors=vectors.txt", "--target=fr.txt", "--dictionary=en-fr.txt",
                  "--translations=en-fr.txt", "--json=scores.json")
  assert (done.returncode, done.stderr) == (0, "")
  assert "en-fr, CSLS  100.0% / 100.0% / 100.0%  8 of 8 words" in done.stdout
  scores = json.loads((folder / "scores.json").read_text())
  assert list(scores) == ["translation"]
  assert scores["translation"]["en-fr"]["csls"]["precision@1"] == 1
  assert scores["translation"]["en-fr"]["dictionary"] == 8


def test_postprocessing_comes_before_the_scores(folder):
  source = vector_files.load(folder / "vectors.txt")
  near = source.centered().most_similar("one", topn=1)[0]
  done = evaluate(folder, "--vectors=vectors.txt", "--neighbours=one", "--postprocessing=center",
                  "--json=near.json")
  assert done.returncode == 0, done.stderr
  first = json.loads((folder / "near.json").read_text())["neighbours"]["one"][0]
  assert (first["word"], first["cosine"]) == (near[0], pytest.approx(near[1]))


@pytest.mark.parametrize(("arguments", "message"), [
  (["--dictionary=en-fr.txt"], "expected --target=… too"),
  (["--compose", "--postprocessing=center"], "expected it without --postprocessing"),
  (["--target=vectors.txt", "--plot=plot.png"], "draws no translations"),
])
def test_flags_that_do_not_go_together_are_refused(folder, arguments, message):
  done = evaluate(folder, "--vectors=vectors.txt", *arguments)
  assert done.returncode == 2 and message in done.stderr and "Traceback" not in done.stderr
