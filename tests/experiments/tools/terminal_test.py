"""Completion and history of a terminal; the terminal itself is tested with query.py."""

import io
import sys

from tools import terminal


def test_matches_are_words_with_the_beginning_that_a_terminal_can_show():
  complete = terminal.Completer(["paris", "part", "zoo", "par\x1b[31m", "par", "国王", "国"])
  assert complete.matches("par") == ["par", "paris", "part"]
  assert complete.matches("国") == ["国", "国王"]
  assert [complete("part", state) for state in range(2)] == ["part", None]
  assert complete("x", 0) is None


def test_a_beginning_of_very_many_words_offers_some():
  words = [f"a{number}" for number in range(1000)]
  assert len(terminal.Completer(words).matches("a")) == 200


def test_lines_of_a_pipe_are_stripped_and_empty_ones_left_out(monkeypatch):
  monkeypatch.setattr(sys, "stdin", io.StringIO(" a \n\n b - c\n"))
  assert list(terminal.lines([], prompt="> ")) == ["a", "b - c"]


def test_the_history_lies_in_the_users_cache(monkeypatch, tmp_path):
  monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
  assert terminal.history_file() == tmp_path / "glove_jax" / "query_history"


def test_without_readline_there_is_neither_history_nor_completion(monkeypatch, tmp_path):
  monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
  monkeypatch.setitem(sys.modules, "readline", None)  # its import fails
  typed = iter(["one", "", EOFError()])

  def read(prompt):
    line = next(typed)
    if isinstance(line, Exception):
      raise line
    return line

  monkeypatch.setattr("builtins.input", read)
  monkeypatch.setattr(sys, "stdin", _Terminal())
  assert list(terminal.lines(["one"], prompt="> ")) == ["one"]
  assert not list(tmp_path.iterdir())


class _Terminal(io.StringIO):
  """Standard input of a terminal."""

  def isatty(self):
    return True
