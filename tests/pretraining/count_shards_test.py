"""Counts of shards: equal to those of one process, in any order; finished stages are kept."""

import lzma
import os
import pathlib

import pytest
from small_corpus import write_text

from glove_jax import pretraining
from glove_jax.errors import InputError
from glove_jax.pretraining import count_shards

MADE = ("vocab.txt", "corpus.json", *(f"cooccurrence/{name}" for name in (
  "cols", "counts", "indptr", "meta.json")))


@pytest.fixture
def texts(tmp_path):
  """A glob of four texts of different sizes, one of them without any word."""
  folder = tmp_path / "texts"
  folder.mkdir()
  for number in range(3):
    write_text(folder / f"{number}.txt", documents=10 * number + 5, seed=number)
  (folder / "3.txt").write_text("\n\n")
  return str(folder / "*.txt")


def make_settings(texts, **values):
  return pretraining.parse({"corpus": texts, "min_count": 2, "window": 4, **values})


def count(settings, workdir, stage, numbers, num_shards=3):
  for number in numbers:
    count_shards.count_shard(
      settings, workdir, stage=stage, number=number, num_shards=num_shards
    )


def count_all(settings, workdir, num_shards=3):
  for stage in ("vocabulary", "pairs"):
    count(settings, workdir, stage, range(num_shards), num_shards)
  return count_shards.merge(settings, workdir)


def contents(folder):
  return {name: (folder / name).read_bytes() for name in MADE}


def times_of_change(folder):
  return {path: path.stat().st_mtime_ns for path in pathlib.Path(folder).rglob("words.txt")} | {
    path: path.stat().st_mtime_ns for path in pathlib.Path(folder).rglob("pairs/*")
  }


@pytest.mark.parametrize(
  "values",
  [
    {},
    {"symmetric": False, "weighting": "flat", "max_vocab": 7},
    {"tokenizer": "whitespace", "lowercase": True, "min_count": 1},
  ],
)
def test_merged_counts_have_the_bytes_of_one_process(texts, tmp_path, values):
  settings = make_settings(texts, **values)
  pretraining.count(settings, tmp_path / "one")
  for num_shards, order in ((1, [0]), (2, [1, 0]), (4, [2, 3, 0, 1])):
    workdir = tmp_path / f"{num_shards}"
    for stage in ("vocabulary", "pairs"):
      count(settings, workdir, stage, order, num_shards)
    count_shards.merge(settings, workdir)
    assert contents(workdir) == contents(tmp_path / "one")


def test_a_given_vocabulary_needs_no_words(texts, tmp_path):
  (tmp_path / "vocab.txt").write_text("w1 10\nw0 20\n")
  settings = make_settings(texts, vocab=str(tmp_path / "vocab.txt"))
  pretraining.count(settings, tmp_path / "one")
  count(settings, tmp_path / "shards", "vocabulary", [1])
  count(settings, tmp_path / "shards", "pairs", [0, 1, 2])
  count_shards.merge(settings, tmp_path / "shards")
  assert contents(tmp_path / "shards") == contents(tmp_path / "one")


def test_finished_stages_are_kept_and_killed_ones_done_again(texts, tmp_path):
  settings = make_settings(texts)
  store = count_all(settings, tmp_path / "run")
  before = times_of_change(tmp_path / "run")
  count_all(settings, tmp_path / "run")
  assert times_of_change(tmp_path / "run") == before
  shard = tmp_path / "run" / "shards" / "1-of-3"
  os.rename(shard / "pairs", shard / "pairs.building")  # as a killed process leaves it
  with pytest.raises(InputError, match=r"1/3 are not counted yet; run --stage=pairs --shard=1/3"):
    os.rename(store.folder, tmp_path / "store")
    count_shards.merge(settings, tmp_path / "run")
  count(settings, tmp_path / "run", "pairs", [1])
  assert not (shard / "pairs.building").exists()
  count_shards.merge(settings, tmp_path / "run")
  assert (store.folder / "counts").read_bytes() == (tmp_path / "store" / "counts").read_bytes()


def test_missing_shards_are_listed(texts, tmp_path):
  settings = make_settings(texts)
  with pytest.raises(InputError, match="holds no shards; expected --shard=i/n"):
    count_shards.merge(settings, tmp_path / "run")
  count(settings, tmp_path / "run", "vocabulary", [1])
  with pytest.raises(InputError, match="words of shards 0/3, 2/3 are not counted yet"):
    count(settings, tmp_path / "run", "pairs", [1])
  count(settings, tmp_path / "run", "vocabulary", [0, 2])
  count(settings, tmp_path / "run", "pairs", [0])
  with pytest.raises(InputError, match="pairs of shards 1/3, 2/3 are not counted yet"):
    count_shards.merge(settings, tmp_path / "run")


def test_what_does_not_go_together_is_refused(texts, tmp_path):
  settings = make_settings(texts)
  count(settings, tmp_path / "run", "vocabulary", [0, 1, 2])
  with pytest.raises(InputError, match=r"other settings \(window was 4, now 5\)"):
    count(make_settings(texts, window=5), tmp_path / "run", "pairs", [0])
  with pytest.raises(InputError, match="begun with 3 shards"):
    count(settings, tmp_path / "run", "pairs", [0], num_shards=2)
  with pytest.raises(InputError, match="3 files of .* bytes, expected 4 of"):
    count(make_settings(texts.replace("*", "[0-2]")), tmp_path / "run", "pairs", [0])
  with pytest.raises(InputError, match=r"5 shards of .*0.txt and 3 more.*split -n l/5"):
    count(settings, tmp_path / "five", "vocabulary", [0], num_shards=5)
  with pytest.raises(InputError, match="phrases=1: phrases are found in the whole text"):
    count(make_settings(texts, phrases=1), tmp_path / "phrases", "vocabulary", [0])


def test_a_text_that_has_changed_is_refused(texts, tmp_path):
  settings = make_settings(texts)
  count(settings, tmp_path / "run", "vocabulary", [0, 1, 2])
  path = pathlib.Path(texts).parent / "1.txt"
  path.write_text(path.read_text().replace("w1", "w2"))
  with pytest.raises(InputError, match=r"1.txt: the text has changed since shard \d/3 was begun"):
    count(settings, tmp_path / "run", "pairs", [0, 1, 2])


def test_counts_of_another_vocabulary_are_refused(texts, tmp_path):
  settings = make_settings(texts)
  count(settings, tmp_path / "run", "vocabulary", [0, 1, 2])
  count(settings, tmp_path / "run", "pairs", [0, 1, 2])
  (tmp_path / "run" / "vocab.txt").write_text("w0 3\nw1 2\n")
  with pytest.raises(InputError, match="0-of-3/pairs: was counted with another vocabulary than"):
    count_shards.merge(settings, tmp_path / "run")


def test_damaged_words_are_refused(texts, tmp_path):
  settings = make_settings(texts)
  count(settings, tmp_path / "run", "vocabulary", [0, 1, 2])
  with open(tmp_path / "run" / "shards" / "0-of-3" / "words.txt", "a") as file:
    file.write("w 3\n")
  with pytest.raises(InputError, match="words.txt: damaged or missing; delete .*0-of-3"):
    count(settings, tmp_path / "run", "pairs", [0])


def test_no_frequent_word_is_reported_as_in_one_process(texts, tmp_path):
  settings = make_settings(texts, min_count=10_000)
  count(settings, tmp_path / "run", "vocabulary", [0, 1, 2])
  with pytest.raises(InputError, match="the most frequent, 'w0', occurs"):
    count(settings, tmp_path / "run", "pairs", [0])


@pytest.mark.realdata
@pytest.mark.slow
def test_shards_of_wikipedia_have_the_bytes_of_one_process(tmp_path, data):
  for number in range(4):
    with lzma.open(data / "corpus" / "en" / f"enwiki-0{number}.txt.xz") as file:
      (tmp_path / f"{number}.txt").write_bytes(b"".join(file.readlines(1_000_000 * (number + 1))))
  settings = make_settings(str(tmp_path / "*.txt"), min_count=5, window=15)
  pretraining.count(settings, tmp_path / "one")
  count_all(settings, tmp_path / "shards", num_shards=3)
  assert contents(tmp_path / "shards") == contents(tmp_path / "one")
