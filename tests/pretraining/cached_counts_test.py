"""Co-occurrence counts and their packed rows: made once, and kept."""

import numpy as np
import pytest
from small_corpus import make_plan, open_corpus, write_text

from glove_jax.errors import InputError
from glove_jax.pretraining import cached_counts

ALS = {"method": "glove_als", "epochs": 1, "window": 3}


@pytest.fixture(scope="module")
def text(tmp_path_factory):
  return str(write_text(tmp_path_factory.mktemp("corpus") / "text.txt"))


def test_counts_are_kept_in_the_folder(text, tmp_path):
  settings, corpus = open_corpus(tmp_path / "run", corpus=text, method="glove", window=3)
  store = cached_counts.count_cooccurrences(settings, corpus)
  assert corpus.tokens.file.closed
  written = (tmp_path / "run" / "cooccurrence" / "counts").stat().st_mtime_ns
  settings, corpus = open_corpus(tmp_path / "run", corpus=text, method="glove", window=3)
  again = cached_counts.count_cooccurrences(settings, corpus)
  assert (tmp_path / "run" / "cooccurrence" / "counts").stat().st_mtime_ns == written
  np.testing.assert_array_equal(store.counts, again.counts)


def test_words_that_never_meet_are_refused(tmp_path):
  (tmp_path / "text.txt").write_text("one\none\n")
  settings, corpus = open_corpus(tmp_path, corpus=str(tmp_path / "text.txt"), method="glove")
  with pytest.raises(InputError, match="text.txt: no two words of the vocabulary stand in one"):
    cached_counts.count_cooccurrences(settings, corpus)


def test_packed_counts_are_kept_and_the_transposed_ones_are_not(text, tmp_path):
  make_plan(tmp_path, corpus=text, symmetric=False, **ALS)
  assert (tmp_path / "packed" / "meta.json").exists()
  written = (tmp_path / "packed_contexts" / "meta.json").stat().st_mtime_ns
  assert not (tmp_path / "transposed").exists()
  make_plan(tmp_path, corpus=text, symmetric=False, **ALS)
  assert (tmp_path / "packed_contexts" / "meta.json").stat().st_mtime_ns == written
