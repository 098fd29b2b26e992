"""Stanford's programs, for which others stand in: what is run, and what is made of the times."""

import pathlib
import sys

import pytest

from glove_jax.errors import InputError
from tools.peers import stanford

# Takes the options, checks them, and leaves what glove would.
GLOVE = """
import sys, pathlib
options = dict(zip(sys.argv[1::2], sys.argv[2::2]))
assert options["-x-max"] == "10" and options["-model"] == "2" and options["-write-header"] == "0"
pathlib.Path(options["-save-file"] + ".txt").write_text("king 1 2\\nqueen 2 1\\nman 1 1\\n")
"""
# Each of the others passes its input on, with its name and options.
FILTER = "import sys; sys.stdout.write(sys.stdin.read() + ' '.join(sys.argv[1:]) + '\\n')"


@pytest.fixture
def build(tmp_path):
  folder = tmp_path / "build"
  folder.mkdir()
  for name in stanford.PROGRAMS:
    code = GLOVE if name == "glove" else FILTER
    (folder / name).write_text(f"#!{sys.executable}\n{code}\n")
    (folder / name).chmod(0o755)
  (tmp_path / "text").write_text("the text\n")
  return folder


def test_stages_are_run_once_and_the_training_for_each_dimension(tmp_path, build):
  peer = stanford.Stanford(build, tmp_path / "text", tmp_path)
  first = peer.train(8, iterations=3, iterations_run=3)
  assert list(first.stages) == ["vocab_count", "cooccur", "shuffle", "glove"]
  assert first.wall == pytest.approx(sum(first.stages.values()))
  assert first.iteration == pytest.approx(first.stages["glove"] / 3)
  assert not first.extrapolated
  text, counting, shuffling = (tmp_path / "stanford.shuffled").read_text().splitlines()
  assert text == "the text" and "-window-size 15" in counting and "-seed 1" in shuffling
  assert "-min-count 5" in (tmp_path / "stanford.vocab").read_text()
  second = peer.train(12, iterations=15, iterations_run=1)
  assert second.stages["vocab_count"] == first.stages["vocab_count"]
  assert second.extrapolated and second.scores == {}
  assert second.stages["glove"] == pytest.approx(15 * second.iteration)
  assert (tmp_path / "stanford.12.txt").exists()


def test_the_scores_are_those_of_the_vectors(tmp_path, build, monkeypatch):
  def count_lines(path):
    return {"words": len(pathlib.Path(path).read_text().splitlines())}

  monkeypatch.setattr(stanford, "intrinsic_scores", count_lines)
  peer = stanford.Stanford(build, tmp_path / "text", tmp_path)
  assert peer.train(8, iterations=1, iterations_run=1).scores == {"words": 3}


def test_a_build_is_a_folder_of_programs(tmp_path, build):
  assert stanford.find_build(f"stanford:{build}") == build
  (build / "shuffle").unlink()
  with pytest.raises(InputError, match="no program shuffle in it"):
    stanford.find_build(f"stanford:{build}")
  with pytest.raises(InputError, match="--peers=gensim does not do this, expected stanford:FOLDER"):
    stanford.find_build("gensim")
  with pytest.raises(InputError, match="expected stanford:FOLDER, where vocab_count"):
    stanford.find_build("stanford")
