"""A run uses counts that were made before, with their settings, and does not read the text."""

import json

import pytest
from small_corpus import train, write_text

from glove_jax import pretraining
from glove_jax.errors import InputError
from glove_jax.pretraining import count_shards

VALUES = {"method": "ppmi_svd", "window": 3}


@pytest.fixture
def text(tmp_path):
  return write_text(tmp_path / "text.txt")


@pytest.fixture
def counts(text, tmp_path):
  """A folder with counts of the text, in words of one character."""
  settings = pretraining.parse(
    {"corpus": str(text), "tokenizer": "characters", "window": 3, "min_count": 1}
  )
  pretraining.count(settings, tmp_path / "counts")
  return tmp_path / "counts"


@pytest.mark.parametrize(
  "method",
  [
    pytest.param("glove_als", marks=pytest.mark.slow),
    pytest.param("glove", marks=pytest.mark.slow),
    "ppmi_svd",
  ],
)
def test_vectors_are_those_of_the_text(text, counts, tmp_path, method):
  values = {"method": method, "epochs": 1, "dim": 5}
  train(tmp_path / "direct", corpus=str(text), tokenizer="characters", window=3, **values)
  text.unlink()
  for _ in range(2):  # the second resumes
    train(tmp_path / "counted", counts=str(counts), **values)
  for name in ("vectors.txt", "vocab.txt", "corpus.json"):
    assert (tmp_path / "direct" / name).read_bytes() == (tmp_path / "counted" / name).read_bytes()


def test_settings_of_the_counts_are_taken_over(text, counts):
  settings = pretraining.parse({"counts": str(counts), "dim": 5})
  assert (settings.tokenizer, settings.window, settings.min_count) == ("characters", 3, 1)
  assert settings.corpus == str(text)
  assert settings.dim == 5
  pretraining.parse({"counts": str(counts), "window": 3})
  with pytest.raises(InputError, match="window=4, expected 3, with which counts=.* were made"):
    pretraining.parse({"counts": str(counts), "window": 4})


def test_a_run_with_phrases_gives_its_counts_too(tmp_path):
  (tmp_path / "text.txt").write_text("new york is big\nnew york is old\nold is big\n" * 20)
  values = {**VALUES, "phrases": 1, "phrase_threshold": 1.0, "phrase_min_count": 1, "dim": 3}
  train(tmp_path / "first", corpus=str(tmp_path / "text.txt"), **values)
  train(tmp_path / "second", counts=str(tmp_path / "first"), method="ppmi_svd", dim=3)
  for name in ("vectors.txt", "phrases.txt"):
    assert (tmp_path / "first" / name).read_bytes() == (tmp_path / "second" / name).read_bytes()


def test_a_run_of_the_same_settings_goes_on_in_the_folder_of_the_counts(text, tmp_path):
  settings = pretraining.parse({"corpus": str(text), "min_count": 1, "dim": 6, **VALUES})
  for stage in ("vocabulary", "pairs"):
    count_shards.count_shard(settings, tmp_path / "run", stage=stage, number=0, num_shards=1)
  count_shards.merge(settings, tmp_path / "run")
  written = (tmp_path / "run" / "cooccurrence" / "counts").stat().st_mtime_ns
  train(tmp_path / "run", corpus=str(text), **VALUES)
  assert (tmp_path / "run" / "cooccurrence" / "counts").stat().st_mtime_ns == written
  assert (tmp_path / "run" / "vectors.txt").exists()


def test_folders_without_counts_are_refused(text, counts, tmp_path):
  with pytest.raises(InputError, match="counts=.*nowhere: holds no finished counts"):
    train(tmp_path / "run", counts=str(tmp_path / "nowhere"), method="glove_als")
  (tmp_path / "other").mkdir()
  (tmp_path / "other" / "config.json").write_text(json.dumps({"dim": 3}))
  with pytest.raises(InputError, match="counts=.*other: holds no settings of counts"):
    pretraining.parse({"counts": str(tmp_path / "other")})
  (counts / "vocab.txt").write_text("w 3\n")
  with pytest.raises(InputError, match="counts=.*counts: holds no finished counts of its"):
    train(tmp_path / "run", counts=str(counts), method="glove_als")


def test_another_text_in_the_counts_is_refused(text, counts, tmp_path):
  train(tmp_path / "run", counts=str(counts), method="ppmi_svd")
  record = counts / "corpus.json"
  values = json.loads(record.read_text())
  del values["checksum"]
  record.write_text(json.dumps({**values, "fingerprint": "0"}))
  with pytest.raises(InputError, match="the text has changed since the run in"):
    train(tmp_path / "run", counts=str(counts), method="ppmi_svd")
