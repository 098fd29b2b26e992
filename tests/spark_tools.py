"""Shared by the tests of Spark: whether it is there, and texts of all kinds of files."""

import bz2
import gzip
import lzma
import shutil

import pytest
from small_corpus import write_text

MADE = ("vocab.txt", "corpus.json", *(f"cooccurrence/{name}" for name in (
  "cols", "counts", "indptr", "meta.json")))


def skip_without_spark():
  """Skips a test where Spark cannot run."""
  pytest.importorskip("pyspark", reason="needs the extra spark")
  pytest.importorskip("pyarrow", reason="needs the extra spark")
  if shutil.which("java") is None:
    pytest.skip("needs Java 17 or newer (Debian: default-jre-headless)")


def write_texts(folder):
  """Writes a text in each kind of file that is read in its own way; returns their names."""
  folder.mkdir()
  texts = []
  for seed in range(6):
    path = write_text(folder / "text", seed=seed)
    texts.append(path.read_text().replace("w1 ", "Café, ") + "\n\nno newline at the end")
    path.unlink()
  contents = {
    "a [1]{x}.txt": b"\xef\xbb\xbf" + texts[0].replace("\n", "\r\n").encode(),
    "b.txt": texts[1].replace("\n", "\r").encode(),  # as on old Macs
    "c.gz": gzip.compress(texts[2].encode()),
    "d.txt": lzma.compress(texts[3].encode()),  # whatever its name
    "e.bz2": bz2.compress(texts[4].encode()),
    "f.txt": texts[5].encode(),
    "g.txt": b"",
  }
  for name, content in contents.items():
    (folder / name).write_bytes(content)
  return [folder / name for name in contents]


def contents(folder):
  """Returns the bytes of the files that counting leaves in a folder."""
  return {name: (folder / name).read_bytes() for name in MADE}
