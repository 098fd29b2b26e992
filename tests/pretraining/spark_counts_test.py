"""Spark counts what the local engine counts, to the last byte."""

import pytest
from running import pretrain_command, run
from small_corpus import open_corpus, write_text
from spark_tools import contents, skip_without_spark, write_texts

from glove_jax import pretraining
from glove_jax.errors import InputError

VALUES = {"min_count": 3, "window": 5}


@pytest.fixture(scope="module")
def spark(tmp_path_factory):
  """A session that all tests of this module share."""
  skip_without_spark()
  from glove_jax.data.spark import startup

  with startup.opened("local[2]", tmp_path_factory.mktemp("spark") / "log") as opened:
    yield opened


def count(corpus, workdir, **values):
  pretraining.count(pretraining.parse({"corpus": str(corpus), **VALUES, **values}), workdir)
  return workdir


@pytest.mark.slow
@pytest.mark.usefixtures("spark")
@pytest.mark.parametrize(
  "values",
  [{}, {"tokenizer": "characters", "symmetric": False, "weighting": "flat", "max_vocab": 9}],
)
def test_files_of_all_kinds_have_the_counts_of_the_local_engine(tmp_path, values):
  write_texts(tmp_path / "texts")
  corpus = tmp_path / "texts" / "*"
  local = count(corpus, tmp_path / "local", **values)
  by_spark = count(corpus, tmp_path / "spark", engine="spark", **values)
  assert contents(by_spark) == contents(local)
  assert not (by_spark / "spark").exists()


@pytest.mark.slow
@pytest.mark.usefixtures("spark")
def test_parquet_and_a_shared_folder(tmp_path):
  import pyarrow
  from pyarrow import parquet

  path = write_text(tmp_path / "text.txt")
  (tmp_path / "vocab.txt").write_text("w0 9\nw2 8\nw1 8\n")
  vocab = str(tmp_path / "vocab.txt")
  lines = path.read_text().splitlines()
  table = pyarrow.table({"id": list(range(len(lines))), "text": lines})
  parquet.write_table(table, tmp_path / "texts.parquet")
  local = count(path, tmp_path / "local", vocab=vocab)
  by_spark = count(
    f"file://{tmp_path}/texts.parquet",
    tmp_path / "spark",
    engine="spark",
    spark_folder=f"file://{tmp_path}/shared",
    vocab=vocab,
  )
  for name in ("vocab.txt", "cooccurrence/cols", "cooccurrence/counts"):
    assert (by_spark / name).read_bytes() == (local / name).read_bytes()
  assert not list((tmp_path / "shared").iterdir())
  parquet.write_table(pyarrow.table({"a": ["x"], "b": ["y"]}), tmp_path / "two.parquet")
  with pytest.raises(InputError, match="the columns are 'a, b', expected one of"):
    count(tmp_path / "two.parquet", tmp_path / "two", engine="spark")


@pytest.mark.slow
@pytest.mark.usefixtures("spark")
def test_errors_of_the_text_are_those_of_the_input(tmp_path):
  (tmp_path / "bad.txt").write_bytes(b"good line\nbad \xe9t\xe9 line\n" * 3)
  with pytest.raises(InputError, match=r"bad.txt: .* byte 0xe9 .* line that begins b'bad"):
    count(tmp_path / "bad.txt", tmp_path / "bad", engine="spark")
  (tmp_path / "rare.txt").write_text("one one two\n")
  with pytest.raises(InputError, match="the most frequent, 'one', occurs 2 times"):
    count(tmp_path / "rare.txt", tmp_path / "rare", engine="spark")
  (tmp_path / "empty.txt").write_text(".\n")
  with pytest.raises(InputError, match="empty.txt: no words, expected a text"):
    count(tmp_path / "empty.txt", tmp_path / "empty", engine="spark")


@pytest.mark.slow
def test_a_run_has_the_vectors_of_the_local_engine(tmp_path):
  skip_without_spark()
  text = write_text(tmp_path / "text.txt")
  settings = ("dim=4", "epochs=1", "min_count=1", "window=3", "evaluate=False")
  for name, engine in (("local", ()), ("spark", ("engine=spark", "spark_master=local[2]"))):
    done = run(pretrain_command("glove_als", tmp_path / name, text, *settings, *engine))
    assert done.returncode == 0, done.stderr
  assert "by Spark" in done.stdout
  assert "WARN" not in done.stderr
  for name in ("vectors.txt", "vocab.txt", "corpus.json", "cooccurrence/meta.json"):
    expected = (tmp_path / "local" / name).read_bytes()
    assert (tmp_path / "spark" / name).read_bytes() == expected
  other = ("engine=local",)  # the counts are there
  done = run(pretrain_command("glove_als", tmp_path / "spark", text, *settings, *other))
  assert done.returncode == 0, done.stderr


@pytest.mark.slow
def test_a_failure_of_spark_is_one_line_that_names_the_stage(tmp_path):
  skip_without_spark()
  text = write_text(tmp_path / "text.txt")
  done = run(
    pretrain_command("glove_als", tmp_path / "run", text, "engine=spark", "spark_master=nonsense")
  )
  assert done.returncode == 1
  assert done.stderr.startswith("error: Spark failed while starting: ")
  assert done.stderr.count("\n") == 1


def test_phrases_are_refused(tmp_path):
  text = write_text(tmp_path / "text.txt")
  with pytest.raises(InputError, match="phrases=1: engine=spark joins no phrases, expected 0"):
    open_corpus(tmp_path / "run", corpus=str(text), engine="spark", phrases=1)
