"""The flags of programs that read word vectors."""

import pytest
from absl import flags

from tools import vector_flags

NAMES = ("vectors", "encoding", "errors", "limit", "cache")


@pytest.fixture
def parse():
  """Defines the flags; returns a function that parses arguments."""
  vector_flags.define(required=False)
  yield lambda *arguments: flags.FLAGS(["program", *arguments])
  for name in NAMES:
    delattr(flags.FLAGS, name)


def test_vectors_are_read_as_the_flags_say_and_remarks_are_notes(parse, tmp_path, capsys):
  path = tmp_path / "vectors.txt"
  path.write_bytes("caf\xe9 1 2\ncaf\xe9 3 4\nb 5 6\nc 7 8\n".encode("latin-1"))
  parse(f"--vectors={path}", "--encoding=latin-1")
  vectors = vector_flags.load()
  assert vectors.words == ["café", "b", "c"]
  assert capsys.readouterr().err.startswith(f"note: {path}: 1 duplicate")
  parse(f"--vectors={path}", "--encoding=utf-8", "--errors=ignore", "--limit=1")
  assert vector_flags.load().words == ["caf"]
