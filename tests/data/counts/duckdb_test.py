"""Vocabulary and co-occurrence counts of real text equal those that plain SQL gives in DuckDB."""

import numpy as np
import pytest

from glove_jax import pretraining
from glove_jax.data.text import corpus, word_tokenizers
from glove_jax.pretraining import cached_counts

duckdb = pytest.importorskip("duckdb", reason="needs the package duckdb")

SIZE = 1_000_000  # characters of text
MIN_COUNT = 5
VOCABULARY = """
  CREATE TABLE tokens AS
    SELECT document, unnest(words) AS word, generate_subscripts(words, 1) AS position
    FROM (SELECT row_number() OVER () AS document, string_split_regex(trim(line), ' +') AS words
          FROM lines WHERE trim(line) != '');
  CREATE TABLE vocabulary AS
    SELECT word, count(*) AS frequency FROM tokens GROUP BY word HAVING count(*) >= {min_count};
  CREATE TABLE known AS
    SELECT document, word, row_number() OVER (PARTITION BY document ORDER BY position) AS position
    FROM tokens JOIN vocabulary USING (word);
"""
PAIRS = """
  CREATE OR REPLACE TABLE pairs AS
    SELECT r.word AS word, l.word AS context, r.position - l.position AS distance, count(*) AS times
    FROM known AS l JOIN known AS r
      ON l.document = r.document AND r.position - l.position BETWEEN 1 AND {window}
    GROUP BY ALL;
"""
SIDES = {
  False: "SELECT word, context, distance, times FROM pairs",
  True: "SELECT word, context, distance, times FROM pairs "
        "UNION ALL SELECT context, word, distance, times FROM pairs",
}
SUMS = """
  SELECT word, context, sum(times * {weight}) AS total FROM ({pairs}) GROUP BY word, context
"""
WEIGHTS = {"flat": "1", "inverse": "(1.0::DOUBLE / distance)"}


@pytest.fixture(scope="module")
def text(tmp_path_factory):
  """The path of the first lines of the sample corpus, lower-cased, words parted by spaces."""
  tokenizer = word_tokenizers.make("words")
  lines, size = [], 0
  for line in corpus.read_lines(corpus.find_files("sample")[0]):
    lines.append(" ".join(tokenizer.tokens(line)))
    size += len(lines[-1]) + 1
    if size > SIZE:
      break
  path = tmp_path_factory.mktemp("text") / "text.txt"
  path.write_text("\n".join(lines) + "\n")
  return path


@pytest.fixture(scope="module")
def database(text):
  database = duckdb.connect()
  lines = text.read_text().splitlines()
  database.register("lines", {"line": np.array(lines, dtype=object)})
  database.execute(VOCABULARY.format(min_count=MIN_COUNT))
  return database


@pytest.fixture(scope="module", params=[1, 5, pytest.param(15, marks=pytest.mark.slow)])
def window(request, database):
  """The size of a window; its pairs are in the database."""
  database.execute(PAIRS.format(window=request.param))
  return request.param


def open_corpus(text, folder, **values):
  settings = pretraining.parse(
    {"corpus": str(text), "tokenizer": "whitespace", "min_count": MIN_COUNT, **values}
  )
  return settings, pretraining.open_corpus(settings, folder)


def test_vocabularies_are_equal(text, database, tmp_path):
  _, opened = open_corpus(text, tmp_path)
  ours = dict(zip(opened.vocabulary.words, opened.vocabulary.counts.tolist(), strict=True))
  assert ours == dict(database.execute("SELECT word, frequency FROM vocabulary").fetchall())


@pytest.mark.parametrize("symmetric", [True, False])
@pytest.mark.parametrize("weighting", WEIGHTS)
def test_counts_are_equal(text, database, window, weighting, symmetric, tmp_path):
  settings, opened = open_corpus(
    text, tmp_path, window=window, weighting=weighting, symmetric=symmetric
  )
  store = cached_counts.count_cooccurrences(settings, opened)
  query = SUMS.format(weight=WEIGHTS[weighting], pairs=SIDES[symmetric])
  theirs = database.execute(query).fetchnumpy()
  ids = opened.vocabulary.index
  rows = np.array([ids[word] for word in theirs["word"]])
  cols = np.array([ids[word] for word in theirs["context"]])
  order = np.lexsort((cols, rows))
  np.testing.assert_array_equal(store.rows(np.arange(store.nonzeros)), rows[order])
  np.testing.assert_array_equal(store.cols, cols[order])
  np.testing.assert_allclose(store.counts, theirs["total"][order].astype(float), rtol=1e-12)
