"""The files of a corpus for Spark: their kinds, names and fingerprints."""

import pytest
from spark_tools import write_texts

from glove_jax.data.spark import text_files
from glove_jax.data.spark.session import HadoopFile
from glove_jax.data.text import fingerprints
from glove_jax.errors import InputError


class FakeFileSystem:
  """Stands for the file system of a cluster in tests of what is asked of it."""

  def __init__(self, files):
    self.files = files

  def find(self, pattern):
    return [HadoopFile(uri, len(head), 5) for uri, head in sorted(self.files.items())]

  def read_head(self, uri, size):
    return self.files[uri][:size]


def kinds(files):
  return {file.name.rpartition("/")[2]: file.kind for file in files}


def test_files_are_divided_between_lines_where_that_is_possible(tmp_path):
  paths = write_texts(tmp_path / "texts")
  files = text_files.find(None, ",".join(map(str, paths)), "utf-8")
  assert kinds(files) == {
    "a [1]{x}.txt": "lines",
    "b.txt": "whole",
    "c.gz": "whole",
    "d.txt": "whole",
    "e.bz2": "whole",
    "f.txt": "lines",
    "g.txt": "lines",
  }
  assert [file.name for file in files] == list(map(str, paths))
  assert text_files.fingerprint(files) == fingerprints.of_files(paths)


@pytest.mark.parametrize(
  ("name", "content", "encoding", "kind"),
  [
    ("dump.xml", b"<mediawiki>\n", "utf-8", "whole"),
    ("plain.gz", b"text\n", "utf-8", "whole"),  # Hadoop would unpack it
    ("text.txt", "text\n".encode("utf-16"), "utf-16", "whole"),
    ("text.txt", "文\n".encode("gb18030"), "gb18030", "lines"),
    ("texts.parquet", b"PAR1", "utf-8", "parquet"),
  ],
)
def test_kinds_of_files(tmp_path, name, content, encoding, kind):
  (tmp_path / name).write_bytes(content)
  assert kinds(text_files.find(None, str(tmp_path / name), encoding)) == {name: kind}


def test_files_of_other_file_systems_are_known_by_size_and_time():
  spark = FakeFileSystem({"hdfs://h/b.txt": b"text\n", "hdfs://h/a.gz": b"\x1f\x8b\x08"})
  files = text_files.find(spark, "hdfs://h/*", "utf-8")
  assert kinds(files) == {"a.gz": "whole", "b.txt": "lines"}
  same = text_files.find(spark, "hdfs://h/*", "utf-8")
  assert text_files.fingerprint(files) == text_files.fingerprint(same)
  spark.files["hdfs://h/b.txt"] += b"more\n"
  changed = text_files.find(spark, "hdfs://h/*", "utf-8")
  assert text_files.fingerprint(files) != text_files.fingerprint(changed)
  with pytest.raises(InputError, match=r"hdfs://h/\* matches no file"):
    text_files.find(FakeFileSystem({}), "hdfs://h/*", "utf-8")


def test_files_that_spark_would_not_read_are_refused(tmp_path, monkeypatch):
  for name in ("_a.txt", "b.txt"):
    (tmp_path / name).write_text("text\n")
  with pytest.raises(InputError, match="_a.txt: Spark passes over files whose names begin"):
    text_files.find(None, str(tmp_path / "*.txt"), "utf-8")
  twice = f"{tmp_path}/b.txt,{tmp_path}/b.txt"
  with pytest.raises(InputError, match="b.txt: is named twice"):
    text_files.find(None, twice, "utf-8")
  monkeypatch.setattr(text_files, "_LARGEST", 3)
  (tmp_path / "c.gz").write_bytes(b"text\n")
  with pytest.raises(InputError, match="c.gz: 5 bytes in one piece, expected fewer than 3"):
    text_files.find(None, str(tmp_path / "c.gz"), "utf-8")
