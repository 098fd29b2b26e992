"""The nearest words to many words: all at once by ours, one after the other by gensim."""

import statistics
import time
from collections.abc import Callable, Sequence
from typing import TypeVar

import numpy as np

from glove_jax import vector_files
from glove_jax.word_vectors import Neighbours, WordVectors
from tools import peers as peers_lib
from tools.benchmarks.table import Row, Table, make_row

PEERS = ("gensim",)
NUM_QUERIES = 1000
NUM_FREQUENT = 50_000  # the first words, of which the queries are a sample
MAX_TIE = 1e-6  # neighbours whose cosines differ by less may stand in another order

Answer = TypeVar("Answer")


def measure(path: str, *, peers: Sequence[str], rounds: int) -> list[Row]:
  """Returns a row: seconds for 1,000 queries, medians over rounds that take turns.

  Args:
    path: vectors of any format.
    peers: gensim, or none.
    rounds: how often each answers all queries.
  """
  peers_lib.check_installed(peers, PEERS)
  vectors = vector_files.load(path)
  queries = sample(vectors.words)
  ask_peer = _gensim(vectors) if peers else None
  vectors.most_similar_batch(queries[:1])  # norms are computed once: not timed
  our_seconds = []
  peer_seconds = []
  answers: list[Neighbours] = []
  peer_answers: list[Neighbours] = []
  for _ in range(rounds):
    answers, seconds = _timed(lambda: vectors.most_similar_batch(queries))
    our_seconds.append(seconds)
    if ask_peer:
      peer_answers, seconds = _timed(lambda: list(map(ask_peer, queries)))
      peer_seconds.append(seconds)
  work = f"{len(queries):,} neighbours, {vectors.dim}d"
  ours = statistics.median(our_seconds)
  if ask_peer:
    row = make_row(work, ours, statistics.median(peer_seconds), unit="s", name="gensim")
    row |= {"scores": {"same words": agreement(answers, peer_answers)}}
  else:
    row = make_row(work, ours, None, unit="s")
  row |= {"words": len(vectors), "seconds": our_seconds, "peer_seconds": peer_seconds}
  table = Table("  same words" if ask_peer else "")
  table.add(row)
  return table.rows


def sample(words: Sequence[str]) -> list[str]:
  """Returns different frequent words, always the same."""
  num_frequent = min(NUM_FREQUENT, len(words))
  rng = np.random.default_rng(0)
  rows = rng.choice(num_frequent, min(NUM_QUERIES, num_frequent), replace=False)
  return [words[row] for row in rows]


def agreement(ours: Sequence[Neighbours], theirs: Sequence[Neighbours]) -> float:
  """Returns the fraction of queries with the same words in the same order, ties aside."""
  same = 0
  for our_neighbours, their_neighbours in zip(ours, theirs, strict=True):
    pairs = zip(our_neighbours, their_neighbours, strict=True)
    same += all(
      our_word == their_word or abs(our_cosine - their_cosine) < MAX_TIE
      for (our_word, our_cosine), (their_word, their_cosine) in pairs
    )
  return same / len(ours)


def _gensim(vectors: WordVectors) -> Callable[[str], Neighbours]:
  from gensim.models import KeyedVectors

  peer = KeyedVectors(vectors.dim)
  peer.add_vectors(vectors.words, vectors.vectors)
  peer.fill_norms()
  return peer.most_similar


def _timed(work: Callable[[], Answer]) -> tuple[Answer, float]:
  start = time.monotonic()
  answer = work()
  return answer, time.monotonic() - start
