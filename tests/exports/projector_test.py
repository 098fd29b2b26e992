"""The projector's files, read by the rules of its page and by TensorBoard's plugin."""

import exported_vectors
import numpy as np
import pytest

from glove_jax import vector_files
from glove_jax.exports import projector


def read_tensors(path):
  """Lines end with a newline, columns are separated by tabs; blank lines are left out."""
  lines = path.read_bytes().decode("utf-8").split("\n")
  rows = [line.split("\t") for line in lines if line.strip()]
  assert len({len(row) for row in rows}) == 1
  return np.array(rows, np.float32)


def read_metadata(path):
  """One column has no header; of several, the first line names them."""
  lines = [line for line in path.read_bytes().decode("utf-8").split("\n") if line]
  if "\t" not in lines[0]:
    return [{"label": line} for line in lines]
  names = lines[0].split("\t")
  return [dict(zip(names, line.split("\t"), strict=True)) for line in lines[1:]]


@pytest.mark.parametrize("counts", [None, np.arange(14)])
def test_rows_and_words_by_the_rules_of_the_page(tmp_path, counts):
  table = exported_vectors.table([*exported_vectors.WORDS, "new york", '"'], counts=counts)
  projector.write(table, tmp_path)
  np.testing.assert_array_equal(read_tensors(tmp_path / "tensors.tsv"), table.vectors)
  points = read_metadata(tmp_path / "metadata.tsv")
  if counts is None:
    assert points == [{"label": word} for word in table.words]
  else:
    assert [point["word"] for point in points] == table.words
    assert [int(point["count"]) for point in points] == counts.tolist()


def test_we_read_them_back(tmp_path):
  table = exported_vectors.table()
  projector.write(table, tmp_path)
  back = vector_files.load(tmp_path / "tensors.tsv")
  assert back.words == table.words
  np.testing.assert_array_equal(back.vectors, table.vectors)


@pytest.mark.slow
def test_tensorboard_reads_them(tmp_path):
  plugin = pytest.importorskip(
    "tensorboard.plugins.projector.projector_plugin", reason="needs tensorboard")
  from google.protobuf import text_format

  table = exported_vectors.table()
  projector.write(table, tmp_path)
  config = text_format.Parse(
    (tmp_path / "projector_config.pbtxt").read_text(), plugin.ProjectorConfig())
  embedding, = config.embeddings
  tensors = plugin._read_tensor_tsv_file(str(tmp_path / embedding.tensor_path))
  np.testing.assert_array_equal(np.asarray(tensors, np.float32), table.vectors)
  assert embedding.metadata_path == "metadata.tsv"
