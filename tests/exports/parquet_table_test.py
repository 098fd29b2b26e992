"""A Parquet file as pyarrow, DuckDB, Polars, datasets and embedding-atlas read it."""

import exported_vectors
import numpy as np
import pytest

from glove_jax.exports import parquet_table, word_map

pytest.importorskip("pyarrow", reason="needs pyarrow")

WORDS = [word for word in exported_vectors.ODD_WORDS if "\0" not in word]
TABLE = exported_vectors.table([*exported_vectors.WORDS, *WORDS])


@pytest.fixture
def path(tmp_path, monkeypatch):
  monkeypatch.setattr(parquet_table, "_ROWS_PER_GROUP", 5)
  monkeypatch.setattr(parquet_table, "_QUERIES_PER_BLOCK", 4)
  parquet_table.write(TABLE, tmp_path / "v.parquet")
  return tmp_path / "v.parquet"


def check_neighbours(rows):
  """Compares the neighbours of rows {"ids", "distances"} with ours."""
  ours = exported_vectors.ours(TABLE)
  for word, row in zip(TABLE.words, rows, strict=True):
    expected = ours.most_similar(word, topn=parquet_table.NUM_NEIGHBOURS)
    assert [TABLE.words[each] for each in row["ids"]] == [name for name, _ in expected]
    np.testing.assert_allclose(
      row["distances"], [1 - cosine for _, cosine in expected], atol=1e-6)


def test_pyarrow_reads_all_columns(path):
  from pyarrow import parquet

  table = parquet.read_table(path)
  assert table.column_names == ["word", "count", "vector", "x", "y", "neighbours"]
  assert table["word"].to_pylist() == TABLE.words
  assert table["count"].to_pylist() == TABLE.counts.tolist()
  np.testing.assert_array_equal(np.array(table["vector"].to_pylist(), np.float32), TABLE.vectors)
  points = np.stack([table["x"], table["y"]], axis=1)
  np.testing.assert_array_equal(points, word_map.project(TABLE.vectors))
  check_neighbours(table["neighbours"].to_pylist())
  assert parquet.ParquetFile(path).num_row_groups == 5


def test_many_words_have_no_neighbours_and_no_counts_no_column(tmp_path, monkeypatch):
  from pyarrow import parquet

  monkeypatch.setattr(parquet_table, "MAX_COMPARED", 5)
  parquet_table.write(exported_vectors.table(counts=None), tmp_path / "v.parquet")
  assert parquet.read_schema(tmp_path / "v.parquet").names == ["word", "vector", "x", "y"]


def test_one_word_has_no_neighbours(tmp_path):
  from pyarrow import parquet

  parquet_table.write(exported_vectors.table(["a"]), tmp_path / "v.parquet")
  assert "neighbours" not in parquet.read_schema(tmp_path / "v.parquet").names


def test_duckdb_reads_vectors_and_finds_the_same_neighbours(path):
  duckdb = pytest.importorskip("duckdb", reason="needs duckdb")
  rows = duckdb.sql(f"select word, vector, x, neighbours from '{path}'").fetchall()
  assert [row[0] for row in rows] == TABLE.words
  np.testing.assert_array_equal(np.array([row[1] for row in rows], np.float32), TABLE.vectors)
  check_neighbours([row[3] for row in rows])
  nearest = duckdb.sql(
    "select b.word from (select vector from $p where word = 'film') a, $p b where b.word != 'film'"
    " order by array_cosine_similarity(a.vector::float[6], b.vector::float[6]) desc limit 3"
    .replace("$p", f"'{path}'")).fetchall()
  expected = exported_vectors.neighbours(exported_vectors.ours(TABLE), "film")
  assert [word for word, in nearest] == expected


def test_polars_reads_them(path):
  polars = pytest.importorskip("polars", reason="needs polars")
  frame = polars.read_parquet(path)
  assert frame["word"].to_list() == TABLE.words
  assert frame.schema["vector"] == polars.Array(polars.Float32, 6)
  np.testing.assert_array_equal(frame["vector"].to_numpy(), TABLE.vectors)
  check_neighbours(frame["neighbours"].to_list())


@pytest.mark.slow
def test_datasets_reads_them(path, tmp_path):
  datasets = pytest.importorskip("datasets", reason="needs datasets")
  data = datasets.Dataset.from_parquet(str(path), cache_dir=str(tmp_path / "cache"))
  assert data["word"][:] == TABLE.words
  np.testing.assert_array_equal(np.array(data["vector"][:], np.float32), TABLE.vectors)
  check_neighbours(data["neighbours"][:])


@pytest.mark.slow
def test_embedding_atlas_reads_them(path):
  pytest.importorskip("embedding_atlas", reason="needs embedding-atlas")
  from embedding_atlas import graph_metrics
  from embedding_atlas.utils import load_pandas_data

  frame = load_pandas_data(str(path))
  assert frame["word"].tolist() == TABLE.words
  check_neighbours(frame["neighbours"])
  scores = graph_metrics.compute_pagerank_column(frame, neighbors="neighbours")
  assert len(scores) == len(TABLE.words)
