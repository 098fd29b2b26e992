"""A run keeps the vectors that it looks up: it predicts the same without the file it began with."""

import numpy as np
import pytest

from glove_jax import vector_files
from glove_jax.errors import InputError
from glove_jax.finetuning import preprocessing, settings, stored_vectors, word_lookup
from glove_jax.interop import fasttext
from glove_jax.run_folder import INPUTS

WORDS = ["the", "Apple", "apple", "sun", "moon", "by", "best", "video"]
VECTORS = np.arange(16, dtype=np.float32).reshape(8, 2)


def classify(**values):
  return settings.ClassifySettings(train="TRAIN", **values)


def write_vectors(path):
  lines = [f"{word} {x} {y}\n" for word, (x, y) in zip(WORDS, VECTORS, strict=True)]
  path.write_text("".join(lines))
  return path


def keep(folder, words, **values):
  """Returns the settings and the vectors of a run that has looked up these words."""
  chosen = classify(init=str(write_vectors(folder / "v.txt")), **values)
  pretrained = word_lookup.read_pretrained(chosen)
  for word in words:
    pretrained.find(word)
  stored_vectors.save(chosen, pretrained, folder / "run")
  return chosen, pretrained


def test_all_vectors_are_kept_where_they_are_small(tmp_path, capsys):
  chosen, pretrained = keep(tmp_path, ["sun"])
  (tmp_path / "v.txt").unlink()
  (tmp_path / "run").rename(tmp_path / "moved")
  stored = stored_vectors.load(chosen, tmp_path / "moved", dim=2)
  for word in ("sun", "moon", "Apple", "APPLE", "nowhere"):
    np.testing.assert_array_equal(stored.find(word), pretrained.find(word))
  stored.report()
  assert stored.is_whole and not capsys.readouterr().out


def test_of_large_vectors_the_words_of_the_run_are_kept_and_others_are_looked_up(tmp_path, capsys):
  chosen, pretrained = keep(tmp_path, ["sun", "Moon"], keep_vectors_mb=0)
  stored = stored_vectors.load(chosen, tmp_path / "run", dim=2)
  assert "the" in stored.vectors and "video" not in stored.vectors
  for word in ("sun", "Moon", "Apple", "APPLE", "video", "nowhere"):
    np.testing.assert_array_equal(stored.find(word), pretrained.find(word))
  (tmp_path / "v.txt").unlink()
  stored = stored_vectors.load(chosen, tmp_path / "run", dim=2)
  for word in ("sun", "Moon"):
    np.testing.assert_array_equal(stored.find(word), pretrained.find(word))
  assert not capsys.readouterr().out
  assert stored.find("video") is None and stored.find("nowhere") is None
  stored.report()
  stored.report()
  (line,) = capsys.readouterr().out.splitlines()
  assert "2 words (video, nowhere) are not among the 3 vectors of the run" in line
  assert f"are gone: {tmp_path / 'v.txt'}: No such file" in line


def test_a_source_with_other_vectors_is_not_used(tmp_path):
  chosen, _ = keep(tmp_path, ["sun"], keep_vectors_mb=0)
  (tmp_path / "v.txt").write_text("the 0 1\nsun 9 9\nvideo 1 1\n")
  stored = stored_vectors.load(chosen, tmp_path / "run", dim=2)
  assert stored.find("video") is None and "other vectors now" in stored.problem
  (tmp_path / "v.txt").write_text("the 0 1 3\nsun 6 7 3\n")
  assert stored_vectors.load(chosen, tmp_path / "run", dim=2).find("video") is None


def test_a_source_is_found_from_another_folder_and_beside_a_moved_run(tmp_path, monkeypatch):
  monkeypatch.chdir(tmp_path)
  write_vectors(tmp_path / "v.txt")
  chosen = classify(init="v.txt", keep_vectors_mb=0)
  pretrained = word_lookup.read_pretrained(chosen)
  stored_vectors.save(chosen, pretrained, tmp_path / "run")
  (tmp_path / "elsewhere").mkdir()
  monkeypatch.chdir(tmp_path / "elsewhere")
  assert stored_vectors.load(chosen, tmp_path / "run", dim=2).find("video") is not None
  (tmp_path / "run" / INPUTS).mkdir()
  (tmp_path / "v.txt").rename(tmp_path / "run" / INPUTS / "v.txt")
  (tmp_path / "run").rename(tmp_path / "moved")
  assert stored_vectors.load(chosen, tmp_path / "moved", dim=2).find("video") is not None


def test_vectors_of_parts_are_kept(tmp_path):
  chosen = {"word_parts": True}
  (word,) = preprocessing.lookup_words(classify(init="x", **chosen), [["BestVideo"]])[0]
  chosen, pretrained = keep(tmp_path, [word], keep_vectors_mb=0, **chosen)
  (tmp_path / "v.txt").unlink()
  stored = stored_vectors.load(chosen, tmp_path / "run", dim=2)
  np.testing.assert_array_equal(stored.find(word), pretrained.find(word))
  np.testing.assert_array_equal(stored.find("#video"), VECTORS[7])  # its row is kept as a part


@pytest.mark.parametrize("megabytes", [1, 0])
def test_a_model_that_composes_vectors_is_kept(megabytes, tmp_path):
  table = np.random.default_rng(0).normal(size=(2 + 50, 4)).astype(np.float32)
  args = fasttext.Args(dim=4, min_count=1, minn=3, maxn=4, bucket=50, model="skipgram")
  model = fasttext.Model(
    args, ["sun", "moon"], np.array([2, 1]), [], np.zeros(0), 3, None, table, np.zeros((2, 4))
  )
  (tmp_path / "v").mkdir()
  fasttext.save(model, tmp_path / "v" / "model.bin")
  vector_files.save(fasttext.word_vectors(model), tmp_path / "v" / "vectors.txt")
  chosen = classify(init=str(tmp_path / "v"), keep_vectors_mb=megabytes)
  pretrained = word_lookup.read_pretrained(chosen)
  expected = {word: pretrained.find(word) for word in ("sun", "sunny")}
  stored_vectors.save(chosen, pretrained, tmp_path / "run")
  (tmp_path / "v").rename(tmp_path / "gone")
  stored = stored_vectors.load(chosen, tmp_path / "run", dim=4)
  for word, vector in expected.items():
    np.testing.assert_array_equal(stored.find(word), vector)
  assert (stored.find("moonlight") is not None) == stored.is_whole == bool(megabytes)
  stored_vectors.save(chosen, stored, tmp_path / "again")  # as `save` of a loaded model
  again = stored_vectors.load(chosen, tmp_path / "again", dim=4)
  np.testing.assert_array_equal(again.find("sunny"), expected["sunny"])
  assert again.is_whole == stored.is_whole


def test_a_run_without_kept_vectors_reads_its_source(tmp_path, capsys):
  chosen = classify(init=str(write_vectors(tmp_path / "v.txt")))
  stored = stored_vectors.require(chosen, tmp_path, dim=2)
  np.testing.assert_array_equal(stored.find("sun"), VECTORS[3])
  (tmp_path / "v.txt").unlink()
  with pytest.raises(InputError, match="v.txt: No such file"):
    stored_vectors.require(chosen, tmp_path, dim=2)
  assert stored_vectors.load(chosen, tmp_path, dim=2).find("sun") is None
  assert stored_vectors.load(classify(), tmp_path, dim=2) is None


def test_vectors_from_python_go_along_with_a_model_that_is_saved(tmp_path):
  chosen = classify(init=str(tmp_path / "run" / INPUTS / "v.txt"))
  (tmp_path / "run" / INPUTS).mkdir(parents=True)
  write_vectors(tmp_path / "run" / INPUTS / "v.txt")
  stored_vectors.save(chosen, word_lookup.read_pretrained(chosen), tmp_path / "run")
  stored = stored_vectors.load(chosen, tmp_path / "run", dim=2)
  assert len(stored.vectors) == 1 and not stored.is_whole  # the folder has all of them once
  stored_vectors.save(chosen, stored, tmp_path / "saved")
  (tmp_path / "run").rename(tmp_path / "gone")
  saved = stored_vectors.load(chosen, tmp_path / "saved", dim=2)
  np.testing.assert_array_equal(saved.find("video"), VECTORS[7])
