"""Counts of parts of a corpus add up to the counts of the whole, to the last byte."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from glove_jax.data.counts import cooccurrence, pair_runs, partial_counts
from glove_jax.data.counts.cooccurrence import Window
from glove_jax.errors import InputError

VOCAB_SIZE = 7
WINDOW = Window(3)
DOCUMENTS = st.lists(st.integers(0, VOCAB_SIZE - 1), max_size=20)
PARTS = st.lists(st.lists(DOCUMENTS, max_size=4), min_size=1, max_size=5)
WINDOWS = st.builds(
  Window, st.integers(1, 30), st.booleans(), st.sampled_from(["inverse", "flat"])
)


def encode(documents):
  """Returns the ids of documents, each with -1 at its end."""
  return np.array([word for document in documents for word in [*document, -1]], np.int32)


def count_part(documents, folder, window=WINDOW, **options):
  ids = encode(documents)
  return partial_counts.count([ids], folder, vocab_size=VOCAB_SIZE, window=window, **options)


def contents(folder):
  """Returns the bytes of each file in a folder."""
  return {path.name: path.read_bytes() for path in folder.iterdir()}


def merge_in_groups(data, parts, folder):
  """Merges parts in an order and a grouping that hypothesis chooses, until one is left."""
  parts = data.draw(st.permutations(parts))
  while len(parts) > 1:
    size = data.draw(st.integers(2, len(parts)))
    merged = partial_counts.merge(parts[:size], folder / f"merged-{len(parts)}")
    parts = data.draw(st.permutations([merged, *parts[size:]]))
  return parts[0]


@settings(max_examples=60, deadline=None)
@given(PARTS, WINDOWS, st.data())
def test_any_order_and_grouping_has_the_bytes_of_one_count(tmp_path_factory, parts, window, data):
  folder = tmp_path_factory.mktemp("counts")
  documents = [document for part in parts for document in part]
  whole = cooccurrence.count(
    [encode(documents)], folder / "whole", vocab_size=VOCAB_SIZE, window=window, key="k"
  )
  counted = [count_part(part, folder / f"{i}", window) for i, part in enumerate(parts)]
  at_once = partial_counts.finish(counted, folder / "at_once", key="k")
  assert contents(at_once.folder) == contents(whole.folder)
  merged = merge_in_groups(data, counted, folder)
  one_part = count_part(documents, folder / "one_part", window)
  assert contents(merged.folder) == contents(one_part.folder)
  finished = partial_counts.finish([merged], folder / "finished", key="k")
  assert contents(finished.folder) == contents(whole.folder)


@pytest.mark.parametrize("symmetric", [True, False])
def test_little_memory_and_many_runs_do_not_change_a_byte(tmp_path, monkeypatch, symmetric):
  rng = np.random.default_rng(0)
  size = 400
  ids = rng.integers(-1, size, 60_000).astype(np.int32)
  window = Window(10, symmetric)
  whole = cooccurrence.count([ids], tmp_path / "whole", vocab_size=size, window=window)
  monkeypatch.setattr(pair_runs, "_MIN_BLOCK", 2048)
  monkeypatch.setattr(pair_runs, "_MIN_ENTRIES", 5000)
  parts = []
  for number, share in enumerate(np.split(ids, np.flatnonzero(ids < 0)[[20, 70]] + 1)):
    folder = tmp_path / f"{number}"
    parts.append(
      partial_counts.count([share], folder, vocab_size=size, window=window, memory_gb=0)
    )
  merged = []
  store = partial_counts.finish(
    parts, tmp_path / "store", memory_gb=0, threads=3, advance=merged.append
  )
  assert len(merged) > 10
  assert contents(store.folder) == contents(whole.folder)


def test_a_part_is_opened_by_its_key(tmp_path):
  part = count_part([[1, 2]], tmp_path / "part", Window(2, symmetric=False), key="k")
  assert partial_counts.open_part(tmp_path / "part", key="k") == part
  assert part.window == Window(2, symmetric=False)
  assert part.size == 1
  assert partial_counts.open_part(tmp_path / "part", key="other") is None
  assert partial_counts.open_part(tmp_path / "nowhere") is None
  (tmp_path / "part" / "sums").write_bytes(b"1234")
  with pytest.raises(InputError, match="sums: wrong checksum"):
    partial_counts.open_part(tmp_path / "part", key="k")


def test_parts_of_different_settings_are_refused_by_name(tmp_path):
  part = count_part([[1, 2]], tmp_path / "part", key="k")
  other_window = count_part([[1, 2]], tmp_path / "window", Window(4), key="k")
  other_key = count_part([[1, 2]], tmp_path / "key", key="l")
  with pytest.raises(InputError, match=r"window: was counted with window=Window\(size=4"):
    partial_counts.merge([part, other_window], tmp_path / "merged")
  with pytest.raises(InputError, match=r"key: was counted with key=l, expected k as in .*part"):
    partial_counts.finish([part, other_key], tmp_path / "merged")
  with pytest.raises(InputError, match="no counts to merge"):
    partial_counts.merge([], tmp_path / "merged")
  assert not (tmp_path / "merged").exists()


def test_sums_beyond_64_bits_are_refused():
  with pytest.raises(InputError, match=r"beyond 2\^63 / 6"):
    pair_runs.divide(np.array([5, -1]), 6)
