"""`gj.export`: every format from every kind of source, whole or absent."""

import exported_vectors
import numpy as np
import pytest

import glove_jax as gj
from glove_jax import exports
from glove_jax.errors import InputError

FILES = [name for name, format in exports.FORMATS.items() if not format.is_folder]
FOLDERS = [name for name in exports.FORMATS if name not in (*FILES, "spacy")]
PACKAGES = {"parquet": "pyarrow"}


@pytest.fixture
def run(tmp_path):
  return exported_vectors.write_run(tmp_path / "run")


def target(name, tmp_path):
  if name in PACKAGES:
    pytest.importorskip(PACKAGES[name], reason=f"needs {PACKAGES[name]}")
  return tmp_path / "out" / "made"


@pytest.mark.parametrize("name", FILES)
def test_a_file_gets_a_card_on_request(name, run, tmp_path):
  path = target(name, tmp_path)
  done = gj.export(run, path, to=name)
  assert done == (path, len(exported_vectors.WORDS), 6, ())
  assert [each.name for each in path.parent.iterdir()] == ["made"]
  gj.export(gj.load_vectors(run), path, to=name, card=True, limit=5)
  assert sorted(each.name for each in path.parent.iterdir()) == ["made", "made.README.md"]
  assert "5 words x 6" in (path.parent / "made.README.md").read_text()


@pytest.mark.parametrize("name", FOLDERS)
def test_a_folder_has_a_card_and_is_replaced_only_if_it_is_an_export(name, run, tmp_path):
  path = target(name, tmp_path)
  gj.export(run, path, to=name)
  assert "GloVe" in (path / "README.md").read_text()
  gj.export(run, path, to=name, limit=5)
  assert "5 words x 6" in (path / "README.md").read_text()
  assert [each.name for each in path.parent.iterdir()] == ["made"]
  (path / "README.md").unlink()
  with pytest.raises(InputError, match="expected a new folder, or an earlier export"):
    gj.export(run, path, to=name)


@pytest.mark.parametrize("name", ["word2vec", "projector"])
def test_a_failure_leaves_what_was_there(name, run, tmp_path, monkeypatch):
  path = target(name, tmp_path)
  gj.export(run, path, to=name)
  before = {each: each.read_bytes() for each in path.parent.rglob("*") if each.is_file()}

  def fail(words, vectors):
    yield b"half"
    raise OSError(28, "No space left on device")

  monkeypatch.setattr(exports.formats.vector_writer, "_text_lines", fail)
  monkeypatch.setattr(
    exports.formats.vector_writer, "number_lines", lambda vectors, separator: fail(0, 0))
  with pytest.raises((InputError, OSError)):
    gj.export(run, path, to=name, limit=5)
  assert {each: each.read_bytes() for each in path.parent.rglob("*") if each.is_file()} == before


def test_paths_that_cannot_be_written(run, tmp_path):
  (tmp_path / "file").write_text("")
  with pytest.raises(InputError, match="found a file, expected a new folder"):
    gj.export(run, tmp_path / "file", to="model2vec")
  with pytest.raises(InputError, match="found a folder, expected the name of a file"):
    gj.export(run, tmp_path, to="npz")
  with pytest.raises(InputError, match="is no format"):
    gj.export("no such file", tmp_path / "x", to="onnx")


def test_words_that_a_format_cannot_hold(tmp_path):
  vectors = gj.WordVectors(["a", "b c"], np.eye(2))
  with pytest.raises(InputError, match="'b c' is empty or has white space"):
    gj.export(vectors, tmp_path / "v", to="word2vec")
  assert not list(tmp_path.iterdir())
  done = gj.export(vectors, tmp_path / "v", to="word2vec", skip_words=True)
  assert done.num_words == 1 and "left out 1 of 2 words" in done.notes[0]


@pytest.mark.parametrize("name", ["word2vec", "word2vec-binary"])
def test_gensim_reads_word2vec_with_the_same_vectors_and_neighbours(name, tmp_path):
  models = pytest.importorskip("gensim.models", reason="needs gensim")
  table = exported_vectors.table([*exported_vectors.WORDS, "\ufeff", "\u3000", "'\"", "\xa0"])
  exports.write(table, tmp_path / "v", to=name)
  theirs = models.KeyedVectors.load_word2vec_format(
    str(tmp_path / "v"), binary=name == "word2vec-binary")
  assert theirs.index_to_key == table.words
  np.testing.assert_array_equal(theirs.vectors, table.vectors)
  ours = exported_vectors.ours(table)
  for word in table.words:
    assert exported_vectors.neighbours(theirs, word) == exported_vectors.neighbours(ours, word)


def test_a_library_stands_for_its_format(run, tmp_path):
  cards = set()
  for to in ("tensorboard", "projector"):
    gj.export(run, tmp_path / "folder", to=to)
    cards.add((tmp_path / "folder" / "README.md").read_text())
  (card,) = cards
  assert "glove_jax_export: projector" in card


def test_words_with_all_zero_vectors_are_a_note_and_a_remark_of_the_card(tmp_path):
  vectors = gj.WordVectors(["the", "fra", "ned"], np.array([[1, 2], [0, 0], [0, 0]], np.float32))
  path = tmp_path / "v.npz"
  done = gj.export(vectors, path, to="npz", card=True)
  assert done.notes == ("2 of 3 words have all-zero vectors: 'fra', 'ned'",)
  assert done.notes[0] in (tmp_path / "v.npz.README.md").read_text()
  assert gj.export(vectors, path, to="npz", limit=1).notes == ()
