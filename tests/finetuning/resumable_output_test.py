"""A file in blocks: whole or absent, and gone on with by a call of the same job."""

import pytest

from glove_jax.finetuning.resumable_output import open_output

JOB = {"digest": "a", "texts": 3}


def _interrupt(path, job=JOB):
  """Writes two blocks of three."""
  with pytest.raises(KeyboardInterrupt), open_output(path, job) as output:
    output.add(b"one\n", 1, is_last=False)
    output.add(b"two\n", 2, is_last=False)
    output._file.write(b"tw")  # a block that does not end
    raise KeyboardInterrupt


def test_a_whole_file_leaves_nothing_beside(tmp_path):
  with open_output(tmp_path / "out" / "o.txt", JOB) as output:
    assert output.done == 0
    output.add(b"one\n", 1, is_last=False)
    output.add(b"two\n", 2, is_last=True)
  assert [file.name for file in (tmp_path / "out").iterdir()] == ["o.txt"]
  assert (tmp_path / "out" / "o.txt").read_bytes() == b"one\ntwo\n"


def test_an_interrupted_job_goes_on_after_its_last_block(tmp_path, capsys):
  path = tmp_path / "o.txt"
  path.write_bytes(b"earlier")
  _interrupt(path)
  assert path.read_bytes() == b"earlier"
  with open_output(path, JOB) as output:
    assert output.done == 2
    output.add(b"three\n", 3, is_last=True)
  assert path.read_bytes() == b"one\ntwo\nthree\n"
  assert [file.name for file in tmp_path.iterdir()] == ["o.txt"]
  assert "2 texts are in" in capsys.readouterr().out


def test_another_job_begins_anew(tmp_path):
  path = tmp_path / "o.txt"
  _interrupt(path)
  with open_output(path, {**JOB, "digest": "b"}) as output:
    assert output.done == 0
    output.add(b"new\n", 3, is_last=True)
  assert path.read_bytes() == b"new\n"


@pytest.mark.parametrize("damage", [b"xne\ntwo\n", b"one\n"])
def test_damaged_blocks_are_written_again(tmp_path, damage):
  path = tmp_path / "o.txt"
  _interrupt(path)
  (tmp_path / "o.txt.partial").write_bytes(damage)
  with open_output(path, JOB) as output:
    assert output.done == 0


def test_an_error_before_the_first_block_leaves_nothing(tmp_path):
  with pytest.raises(ValueError), open_output(tmp_path / "o.txt", JOB):
    raise ValueError
  assert list(tmp_path.iterdir()) == []
