import os
import resource
import subprocess
import sys
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from glove_jax.data.counts import cooccurrence, pair_counting, pair_runs
from glove_jax.data.counts.cooccurrence import Window
from glove_jax.errors import InputError

ID_LISTS = st.lists(st.integers(-1, 6), max_size=60)  # -1 ends a document


def brute_force(ids, window):
  """Counts every pair of words, one at a time, in exact fractions."""
  counts = {}
  document = []
  for word in [*ids, -1]:
    if word >= 0:
      document.append(word)
      continue
    for right in range(len(document)):
      for left in range(max(0, right - window.size), right):
        distance = right - left
        weight = Fraction(1, distance) if window.weighting == "inverse" else Fraction(1)
        pairs = [(document[right], document[left])]
        if window.symmetric:
          pairs.append((document[left], document[right]))
        for pair in pairs:
          counts[pair] = counts.get(pair, 0) + weight
    document = []
  return {pair: float(count) for pair, count in counts.items()}


def as_dict(store):
  rows = store.rows(np.arange(store.nonzeros)).tolist()
  pairs = zip(rows, store.cols.tolist(), strict=True)
  return dict(zip(pairs, store.counts.tolist(), strict=True))


def count(ids, folder, window, *, size=7, **options):
  """Counts ids below 7 that arrive in arrays of `size`."""
  ids = np.array(ids, np.int32)
  arrays = (ids[start : start + size] for start in range(0, len(ids), size))
  return cooccurrence.count(arrays, folder, vocab_size=7, window=window, **options)


@settings(max_examples=60, deadline=None)
@given(
  ID_LISTS,
  st.builds(Window, st.integers(1, 15), st.booleans(), st.sampled_from(["inverse", "flat"])),
  st.integers(1, 9),
)
def test_counts_equal_brute_force_to_the_last_bit(tmp_path_factory, ids, window, size):
  store = count(ids, tmp_path_factory.mktemp("counts") / "store", window, size=size)
  assert as_dict(store) == brute_force(ids, window)


@pytest.mark.parametrize("size", range(1, 16))
@pytest.mark.parametrize("symmetric", [True, False])
@pytest.mark.parametrize("weighting", ["inverse", "flat"])
@pytest.mark.parametrize("breaks", [True, False])
def test_every_combination_over_many_runs(
  tmp_path, monkeypatch, size, symmetric, weighting, breaks
):
  monkeypatch.setattr(pair_counting, "_FREQUENT", np.inf if size % 2 else 0)
  monkeypatch.setattr(pair_runs, "_MIN_BLOCK", 64)  # 25 runs, split within windows and documents
  monkeypatch.setattr(pair_counting, "_CONTEXTS", 64)  # the words of a row are cut into parts
  ids = np.random.default_rng(size).integers(-breaks, 7, 1600)
  window = Window(size, symmetric, weighting)
  store = count(ids, tmp_path / "store", window, size=13, memory_gb=0, threads=2)
  assert as_dict(store) == brute_force(ids.tolist(), window)


def test_a_wide_window_is_exact_to_float32(tmp_path):
  ids = np.random.default_rng(0).integers(0, 7, 200)
  store = count(ids, tmp_path / "store", Window(60))
  expected = brute_force(ids.tolist(), Window(60))
  assert as_dict(store) == pytest.approx(expected, rel=1e-7)


def test_threads_and_memory_do_not_change_a_bit(tmp_path):
  ids = np.random.default_rng(0).integers(-1, 7, 20_000)
  stores = []
  for threads, memory_gb in ((1, 4), (2, 0), (5, 0.001)):
    folder = tmp_path / f"{threads}"
    stores.append(count(ids, folder, Window(5), size=999, threads=threads, memory_gb=memory_gb))
  for store in stores:
    for name in ("indptr", "cols", "counts"):
      assert (store.folder / name).read_bytes() == (stores[0].folder / name).read_bytes()


def test_a_word_beside_itself_counts_from_both_sides(tmp_path):
  assert as_dict(count([3, 3], tmp_path / "store", Window(2))) == {(3, 3): 2.0}
  assert as_dict(count([3, 3], tmp_path / "left", Window(2, symmetric=False))) == {(3, 3): 1.0}


def test_left_context_stands_in_the_column(tmp_path):
  store = count([1, 2], tmp_path / "store", Window(2, symmetric=False))
  assert as_dict(store) == {(2, 1): 1.0}


@pytest.mark.parametrize("window", [2, 15, 16, 17, 1000])
def test_large_vocabularies_and_wide_windows(tmp_path, window):
  words = [0, 2**22 - 1, 2**22 - 1, 2, 2**22 - 2, 70, 100, 700]
  ids = np.array(words, np.int32)
  window = Window(window, weighting="flat")
  store = cooccurrence.count([ids], tmp_path / "store", vocab_size=2**22, window=window)
  assert as_dict(store) == brute_force(words, window)


def test_matrix_is_symmetric(tmp_path):
  ids = np.random.default_rng(1).integers(0, 7, 99)
  matrix = count(ids, tmp_path / "store", Window(4)).matrix()
  assert abs(matrix - matrix.T).nnz == 0


@settings(max_examples=30, deadline=None)
@given(ID_LISTS, st.builds(Window, st.integers(1, 5), st.booleans(), st.just("inverse")))
def test_transpose_exchanges_rows_and_columns(tmp_path_factory, ids, window):
  folder = tmp_path_factory.mktemp("counts")
  store = count(ids, folder / "store", window)
  transposed = cooccurrence.transpose(store, folder / "transposed", memory_gb=0, key="t")
  assert as_dict(transposed) == {(col, row): count for (row, col), count in as_dict(store).items()}
  assert as_dict(cooccurrence.open_store(folder / "transposed", key="t")) == as_dict(transposed)


def test_the_store_is_reused_for_its_key_only(tmp_path):
  store = count([1, 2, 3], tmp_path / "store", Window(2), key="a")
  assert as_dict(cooccurrence.open_store(tmp_path / "store", key="a")) == as_dict(store)
  assert as_dict(cooccurrence.open_store(tmp_path / "store", key=None)) == as_dict(store)
  assert cooccurrence.open_store(tmp_path / "store", key=None).key == "a"
  assert cooccurrence.open_store(tmp_path / "store", key="b") is None
  assert cooccurrence.open_store(tmp_path / "nowhere", key="a") is None


@pytest.mark.parametrize("name", ["indptr", "cols", "counts"])
def test_a_damaged_store_is_named(tmp_path, name):
  path = count([1, 2, 3, 4], tmp_path / "store", Window(2)).folder / name
  data = path.read_bytes()
  path.write_bytes(bytes([data[0] ^ 1]) + data[1:])
  with pytest.raises(InputError, match=rf"store/{name}: .*delete .*store to create it again"):
    cooccurrence.open_store(tmp_path / "store")


def test_an_error_while_reading_leaves_nothing(tmp_path):
  def ids():
    yield np.array([1, 2], np.int32)
    raise InputError("text.txt:3: broken")
  with pytest.raises(InputError, match="text.txt:3"):
    cooccurrence.count(ids(), tmp_path / "store", vocab_size=7, window=Window(2))
  assert os.listdir(tmp_path) == []


def test_a_full_disk_is_one_line_and_leaves_nothing(tmp_path):
  ids = np.random.default_rng(0).integers(0, 7, 3000).astype(np.int32)
  soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
  resource.setrlimit(resource.RLIMIT_FSIZE, (100, hard))  # like a full disk, without being root
  try:
    message = r"store.building: cannot write the counts \(File too large"
    with pytest.raises(InputError, match=message):
      cooccurrence.count([ids], tmp_path / "store", vocab_size=7, window=Window(5))
  finally:
    resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
  assert os.listdir(tmp_path) == []


@pytest.mark.parametrize(("window", "message"), [
  (Window(0), "window is 0"),
  (Window(2, weighting="linear"), "'linear', expected one of inverse, flat"),
])
def test_bad_settings_are_named(tmp_path, window, message):
  with pytest.raises(InputError, match=message):
    count([1, 2], tmp_path / "store", window)
  assert os.listdir(tmp_path) == []


def test_no_pairs_is_an_empty_store(tmp_path):
  assert count([1, -1, 2], tmp_path / "store", Window(5)).nonzeros == 0


COUNT = """
import sys
import jax, orbax.checkpoint  # what a whole run holds in memory besides
from glove_jax.data.counts import cooccurrence, pair_runs
from glove_jax.data.text import corpus, vocab, word_tokenizers
paths = corpus.find_files(sys.argv[1])
tokenizer = word_tokenizers.make("words")
words = vocab.build(vocab.count(paths, tokenizer), min_count=5)
ids = corpus.encode(paths, words.index, tokenizer)
window = cooccurrence.Window(15)
store = cooccurrence.count(
  ids, sys.argv[2], vocab_size=len(words), window=window, memory_gb=float(sys.argv[3]))
# Not ru_maxrss: Linux counts the memory of the process that started this one as well.
status = dict(line.split(":") for line in open("/proc/self/status"))
print(len(words), store.nonzeros, int(status["VmHWM"].split()[0]) * 1024 / 1e9)
"""


@pytest.mark.slow
@pytest.mark.realdata
@pytest.mark.parametrize("memory_gb", [1.0, 4.0])
def test_eight_shards_of_wikipedia_within_their_memory(tmp_path, data, memory_gb):
  pattern = data / "corpus" / "en" / "enwiki-0[0-7].txt.xz"
  command = [sys.executable, "-c", COUNT, pattern, tmp_path / "store", str(memory_gb)]
  done = subprocess.run(command, check=True, capture_output=True, text=True)
  vocab_size, nonzeros, peak_gb = done.stdout.split()
  assert int(vocab_size) == 80_831
  # Stanford's cooccur counted 71,400,500, as we did, when lower-cased words were split at their İ.
  assert int(nonzeros) == 71_400_401
  assert float(peak_gb) < memory_gb + 0.5
