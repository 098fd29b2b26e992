"""Which text a run has read: another one is refused, what was made of it is compared."""

import json

import pytest

from glove_jax.errors import InputError
from glove_jax.pretraining.text_record import mark_as_read, was_read


@pytest.fixture
def folder(tmp_path):
  """The folder of a run that has made a vocabulary of the text `f`."""
  (tmp_path / "vocab.txt").write_text("a 1\n")
  mark_as_read(tmp_path, [tmp_path / "text"], "f", made=["vocab.txt"])
  return tmp_path


def test_a_text_is_read_once_wherever_it_lies(folder, tmp_path):
  assert was_read(folder, [tmp_path / "elsewhere"], "f", made=["vocab.txt"])
  record = json.loads((folder / "corpus.json").read_text())
  assert record["files"] == [str(tmp_path / "elsewhere")]
  with pytest.raises(InputError, match="the text has changed"):
    was_read(folder, [tmp_path / "text"], "g", made=["vocab.txt"])


def test_what_is_missing_is_made_again_and_must_be_the_same(folder, tmp_path):
  (folder / "vocab.txt").unlink()
  assert not was_read(folder, [tmp_path / "text"], "f", made=["vocab.txt"])
  (folder / "vocab.txt").write_text("a 2\n")
  with pytest.raises(InputError, match="is not what the text gave when the run began"):
    mark_as_read(folder, [tmp_path / "text"], "f", made=["vocab.txt"])


def test_an_older_record_gets_checksums(folder, tmp_path):
  path = folder / "corpus.json"
  path.write_text('{"files": [], "fingerprint": "f"}')
  assert was_read(folder, [tmp_path / "text"], "f", made=["vocab.txt"])
  (folder / "vocab.txt").write_text("a 2\n")
  with pytest.raises(InputError, match=r"vocab.txt: 4 bytes of checksum \d+, expected 4"):
    was_read(folder, [tmp_path / "text"], "f", made=["vocab.txt"])
