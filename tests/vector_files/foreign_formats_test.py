"""Files of other programs are named, with what to do about them."""

import io
import lzma
import pickle
import tarfile
import zipfile
import zlib

import numpy as np
import pytest
from small_vector_files import SMALL, error, write

from glove_jax import vector_files

PICKLED = {"the": np.ones(3, np.float32)}


def test_pickles_of_gensim_are_named_with_the_call_that_helps(tmp_path):
  models = pytest.importorskip("gensim.models")
  vectors = models.KeyedVectors(2)
  vectors.add_vectors(["a", "b"], np.eye(2, dtype=np.float32))
  vectors.save(str(tmp_path / "v.kv"))
  assert error(tmp_path / "v.kv").startswith("FILE: a pickle of gensim's, which can run any code")
  assert "save_word2vec_format(FILE)" in error(tmp_path / "v.kv")
  vectors.save(str(tmp_path / "big.kv"), sep_limit=0)
  message = error(tmp_path / "big.kv.vectors.npy")
  assert "a matrix without its words" in message
  assert f"it belongs to gensim's {tmp_path / 'big.kv'}; `save_word2vec_format`" in message


@pytest.mark.parametrize("protocol", range(pickle.HIGHEST_PROTOCOL + 1))
@pytest.mark.parametrize("compress", [bytes, zlib.compress, lzma.compress])
def test_pickles_of_any_protocol_are_named(tmp_path, protocol, compress):
  path = write(tmp_path, compress(pickle.dumps(PICKLED, protocol)))
  assert error(path).startswith("FILE: a pickle")
  assert "write the words and their vectors as text" in error(path)


def test_pickles_of_joblib_are_named(tmp_path):
  joblib = pytest.importorskip("joblib")
  for compress in (0, 3, ("gzip", 3)):
    joblib.dump(PICKLED, tmp_path / "v.joblib", compress=compress)
    assert error(tmp_path / "v.joblib").startswith("FILE: a pickle of joblib's")


def test_checkpoints_of_pytorch_are_named(tmp_path):
  path = tmp_path / "v.pt"
  with zipfile.ZipFile(path, "w") as archive:
    archive.writestr("archive/data.pkl", b"\x80\x02}q\x00.")
    archive.writestr("archive/data/0", b"\0" * 8)
  assert error(path).startswith("FILE: a pickle of PyTorch's: pickles are not read")
  legacy = b"\x80\x02\x8a\nl\xfc\x9cF\xf9 j\xa8P\x19.\x80\x02M\xe9\x03."
  assert error(write(tmp_path, legacy)).startswith("FILE: a pickle of PyTorch's")


def test_checkpoints_that_pytorch_writes(tmp_path):
  torch = pytest.importorskip("torch")
  for is_new in (False, True):
    path = tmp_path / "v.pt"
    torch.save({"a": torch.ones(3)}, path, _use_new_zipfile_serialization=is_new)
    assert error(path).startswith("FILE: a pickle of PyTorch's")


def test_matrices_in_pickles_and_archives(tmp_path):
  np.save(tmp_path / "o.npy", np.array([{}], object))
  assert error(tmp_path / "o.npy").startswith("FILE: a pickle inside a .npy file;")
  np.savez(tmp_path / "v.npz", a=np.ones(2), b=np.ones(2))
  assert error(tmp_path / "v.npz").startswith("FILE: a .npz of NumPy's, expected a .npy matrix")


@pytest.mark.parametrize(("dtype", "bits"), [("f8", 64), ("f4", 32)])
def test_numbers_without_words_are_named(tmp_path, dtype, bits):
  normal = np.random.default_rng(0).normal(size=3000).astype(dtype)
  small = normal / 300
  for numbers in (np.arange(40, dtype=dtype), normal, small):
    message = error(write(tmp_path, numbers.tobytes()))
    assert message.startswith(f"FILE: {bits}-bit numbers without words")
    assert ("-binary 1" in message) == (dtype == "f8")


def test_a_tar_archive_is_named_compressed_or_not(tmp_path):
  for mode in ("w", "w:gz", "w:bz2"):
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode=mode) as archive:
      entry = tarfile.TarInfo("v.txt")
      entry.size = len(SMALL)
      archive.addfile(entry, io.BytesIO(SMALL))
    assert error(write(tmp_path, buffer.getvalue())) == "FILE: a tar archive: unpack it first."


@pytest.mark.parametrize(
  ("head", "name"),
  [
    (b"\x89HDF\r\n\x1a\n\0\0\0", "an HDF5 file"),
    (b"PAR1\x15\x04\x15", "a Parquet file"),
    (b"SQLite format 3\0\x10\0", "an SQLite database"),
    (b"%PDF-1.4\n", "a PDF"),
    (b"version https://git-lfs.github.com/spec/v1\noid sha256:4d7a\nsize 12\n", "a pointer of Git"),
  ],
)
def test_other_files_are_named(tmp_path, head, name):
  assert error(write(tmp_path, head)).startswith(f"FILE: {name}")


@pytest.mark.parametrize("header", [b"", b"3 8\n", b"3 2000000\n"])
def test_sparse_files_are_named(tmp_path, header):
  path = write(tmp_path, header + b"we 0:1.25 5:0.5\nyou 1:0.75 3:0.1 7:2e-3\nthey 9:0.02\n")
  assert error(path).startswith("FILE: a sparse file, of fields index:number, expected all numbers")


def test_words_with_colons_are_no_sparse_file(tmp_path):
  assert vector_files.load(write(tmp_path, b"1:2 1 2\n3:4 3 4\n")).words == ["1:2", "3:4"]
