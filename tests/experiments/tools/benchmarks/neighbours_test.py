"""The benchmark of neighbours: many queries at once, beside gensim's one after the other."""

import pytest
from example_vectors import random_vectors

from glove_jax import vector_files
from tools.benchmarks import neighbours


@pytest.mark.parametrize("peers", [["gensim"], []])
def test_a_row_has_the_seconds_of_every_round(tmp_path, peers, capsys):
  if peers:
    pytest.importorskip("gensim")
  path = tmp_path / "vectors.txt"
  vector_files.save(random_vectors(size=80), path)
  row, = neighbours.measure(str(path), peers=peers, rounds=3)
  assert row["work"] == "80 neighbours, 6d" and row["words"] == 80
  assert len(row["seconds"]) == 3 and sorted(row["seconds"])[1] == row["ours"]
  assert row["work"] in capsys.readouterr().out
  if peers:
    assert row["ratio"] == row["ours"] / row["peer"] and len(row["peer_seconds"]) == 3
    assert row["scores"] == {"same words": 1}
  else:
    assert row["peer"] is None and "scores" not in row


def test_queries_are_always_the_same_different_words():
  words = [f"w{row}" for row in range(2000)]
  queries = neighbours.sample(words)
  assert queries == neighbours.sample(words) and len(set(queries)) == 1000


def test_only_ties_may_be_in_another_order():
  ours = [[("a", 0.5), ("b", 0.4)], [("a", 0.5), ("b", 0.5)], [("a", 0.5), ("b", 0.4)]]
  theirs = [[("a", 0.5), ("b", 0.4)], [("b", 0.5), ("a", 0.5)], [("c", 0.6), ("b", 0.4)]]
  assert neighbours.agreement(ours, theirs) == pytest.approx(2 / 3)
