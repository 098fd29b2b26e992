"""query.py: one question, questions from a pipe, and a terminal with history and completion."""

import json
import os
import pty
import re
import select
import subprocess
import sys
import time

import numpy as np
import pytest
from running import ROOT

from glove_jax import vector_files
from glove_jax.word_vectors import WordVectors

WORDS = {
  "king": [1, 2, 0], "man": [1, 0, 0], "woman": [0, 0, 1], "queen": [0, 2, 1],
  "国王": [1, 2, 0.1], "\x1b[31mred": [3, 3, 3], "1,000": [1, 1, 1],
}
ZEROS = "note: the vector of 'fra' is all zeros: its cosine with any word is 0\n"


@pytest.fixture
def folder(tmp_path):
  vectors = WordVectors(list(WORDS), np.array(list(WORDS.values()), np.float32))
  vector_files.save(vectors, tmp_path / "vectors.txt")
  return tmp_path


def command(*arguments):
  return [sys.executable, ROOT / "experiments" / "query.py", "--vectors=vectors.txt", *arguments]


def environment(folder):
  return {
    **os.environ, "PYTHONPATH": str(ROOT), "XDG_CACHE_HOME": str(folder / "cache"), "TERM": "dumb",
    "PYTHONIOENCODING": "utf-8",
  }


def ask(folder, *arguments, stdin=""):
  return subprocess.run(
    command(*arguments), cwd=folder, env=environment(folder), input=stdin, capture_output=True,
    text=True,
  )


def words_of(text):
  return [line.split(maxsplit=1)[1] for line in text.splitlines()]


def test_neighbours_stand_below_each_other(folder):
  done = ask(folder, "--analogy=man,king,woman", "--top=2")
  assert (done.returncode, done.stderr) == (0, "")
  assert words_of(done.stdout) == ["queen", "\\x1b[31mred"]


def test_json_is_printed_or_written(folder):
  questions = ("--word=king", "--analogy=king - man + woman", "--similarity=king,国王", "--top=2")
  printed = ask(folder, *questions, "--json")
  assert printed.returncode == 0 and "\x1b" not in printed.stdout
  answers = json.loads(printed.stdout)
  assert list(answers["neighbours"]) == ["king", "king - man + woman"]
  nearest = answers["neighbours"]["king - man + woman"]
  assert [each["word"] for each in nearest] == ["queen", "\x1b[31mred"]
  (pair,) = answers["similarity"]
  assert pair["words"] == ["king", "国王"] and 0.99 < pair["cosine"] < 1
  written = ask(folder, *questions, "--json=answers.json")
  assert written.stdout == ""
  assert json.loads((folder / "answers.json").read_text()) == answers


@pytest.mark.parametrize(
  ("arguments", "message"),
  [
    (
      ["--word=\x1b[31mreds"],
      r"The word '\x1b[31mreds' is not among the 7 words; similar: \x1b[31mred.",
    ),
    (["--json"], "--json without a question, expected --word, --analogy or --similarity too."),
  ],
)
def test_mistakes_are_one_line(folder, arguments, message):
  done = ask(folder, *arguments)
  assert (done.returncode, done.stdout, done.stderr) == (2, "", f"error: {message}\n")


def test_questions_from_a_pipe_are_answered_one_a_line(folder):
  lines = "1,000 ~ king\nkings\n\n:top 1\nKing - Man + WOMAN\nqu\x1b\n"
  done = ask(folder, stdin=lines)
  assert done.stdout.splitlines() == [
    "> 1,000 ~ king", " 0.775", "> kings", "> :top 1", "1 neighbours", "> King - Man + WOMAN",
    " 0.860  queen", r"> qu\x1b",
  ]
  assert done.stderr.splitlines() == [
    "The word 'kings' is not among the 7 words; similar: king.",
    r"The word 'qu\x1b' is not among the 7 words.",
    "error: 2 questions without an answer.",
  ]
  assert done.returncode == 2
  done = ask(folder, stdin="kings\n:quit\nking\n")
  assert done.stdout == "> kings\n> :quit\n"


def test_words_with_all_zero_vectors_are_a_note(folder):
  vectors = WordVectors(["fra", "b"], np.array([[0, 0], [1, 0]], np.float32))
  vector_files.save(vectors, folder / "vectors.txt")
  for arguments in (["--word=fra"], ["--similarity=b,fra"], ["--analogy=b - fra", "--json"]):
    done = ask(folder, *arguments)
    assert (done.returncode, done.stderr) == (0, ZEROS)
  assert ask(folder, "--word=b").stderr == ""
  done = ask(folder, stdin="FRA\nfra ~ b\n")
  assert done.stderr == 2 * ZEROS
  assert done.stdout == "> FRA\n 0.000  b\n> fra ~ b\n 0.000\n"


def test_flags_are_lower_cased_where_the_words_are(folder):
  done = ask(folder, "--word=KING", "--analogy=King - man", "--similarity=King,Queen", "--json")
  answers = json.loads(done.stdout)
  assert list(answers["neighbours"]) == ["king", "king - man"]
  assert answers["similarity"][0]["words"] == ["king", "queen"]


# Makes standard input the terminal of a process, whose Ctrl-C it gets, and becomes the program.
_TAKE_TERMINAL = (
  "import fcntl, os, sys, termios; fcntl.ioctl(0, termios.TIOCSCTTY, 0); "
  "os.execv(sys.argv[1], sys.argv[1:])"
)


class Terminal:
  """query.py behind a pseudo-terminal."""

  def __init__(self, folder):
    self._master, slave = pty.openpty()
    self._process = subprocess.Popen(
      [sys.executable, "-c", _TAKE_TERMINAL, *command("--top=2")], cwd=folder,
      env=environment(folder), stdin=slave, stdout=slave, stderr=slave, start_new_session=True,
    )
    os.close(slave)
    self._shown = ""

  def type(self, keys):
    os.write(self._master, keys.encode())

  def interrupt(self, pattern, attempts=60):
    """Presses Ctrl-C until a pattern is shown.

    One press is not enough: readline handles a signal that comes between its check for signals and
    its wait for keys only at the next key.
    """
    for _ in range(attempts):
      self.type("\x03")
      try:
        return self.wait_for(pattern, 1.0)
      except AssertionError:
        continue
    raise AssertionError(f"no {pattern!r} after {attempts} presses of Ctrl-C")

  def wait_for(self, pattern, seconds=60.0):
    """Returns what has been shown up to a pattern."""
    end = time.monotonic() + seconds
    while not (match := re.search(pattern, self._shown)):
      assert time.monotonic() < end, f"no {pattern!r} in {self._shown!r}"
      if select.select([self._master], [], [], 0.1)[0]:
        self._shown += os.read(self._master, 4096).decode("utf-8", "replace")
    before = self._shown[: match.end()]
    self._shown = self._shown[match.end() :]
    return before

  def leave(self):
    self.type("\x04")
    return self.wait()

  def wait(self):
    """Returns the exit status."""
    try:
      return self._process.wait(20)
    finally:
      self._process.kill()
      os.close(self._master)


def test_a_terminal_answers_completes_and_remembers(folder):
  pytest.importorskip("readline", reason="Python without readline")
  terminal = Terminal(folder)
  terminal.wait_for("> $")
  terminal.type("quee\t ~ king\n")
  terminal.wait_for(r"0\.800\r\n> $")
  terminal.type("kings\n")
  terminal.wait_for(r"similar: king\.\r\n> $")
  terminal.type("quee")
  terminal.wait_for("quee$")
  terminal.interrupt(r"\n> $")  # the line is dropped
  terminal.type("help\n")
  terminal.wait_for(r"leaves too\r\n> $")
  terminal.type("king - man + woman\n")
  shown = terminal.wait_for(r"red\r\n> $")
  assert "\x1b[31m" not in shown
  assert terminal.leave() == 0
  again = Terminal(folder)
  again.wait_for("> $")
  again.type("\x10\n")  # Ctrl-P: the line before
  again.wait_for(r"0\.860  queen\r\n.*red\r\n> $")
  again.type("quit\n")
  assert again.wait() == 0


def test_a_word_that_is_a_command_too_is_looked_up(folder):
  vectors = WordVectors(["quit", "b"], np.ones((2, 2), np.float32))
  vector_files.save(vectors, folder / "vectors.txt")
  terminal = Terminal(folder)
  terminal.wait_for("> $")
  terminal.type("quit\n")
  shown = terminal.wait_for(r"1\.000  b\r\n> $")
  assert "note: quit is looked up as a word; :quit is the command\r\n" in shown
  assert terminal.leave() == 0
