"""Huffman trees by hand, and the paths through them."""

import heapq

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from glove_jax.data.windows import huffman


def test_a_huffman_tree_and_its_ties():
  assert huffman.huffman([9, 5, 5, 1]) == [(3, 2), (1, 4), (0, 5)]
  assert huffman.huffman([2, 1, 1]) == [
    (2, 1),
    (3, 0),
  ]  # an inner node before a leaf that is as frequent
  assert huffman.huffman([1, 2, 3, 9]) == [(3, 2), (1, 0), (4, 5)]  # unsorted: still a tree
  assert huffman.huffman([7]) == huffman.huffman([]) == []


@settings(deadline=None, max_examples=80)
@given(st.lists(st.integers(1, 1000), min_size=2, max_size=40))
def test_the_tree_is_huffmans(counts):
  counts = sorted(counts, reverse=True)
  tree = huffman.huffman_paths(counts)
  paths = [tuple(codes[nodes > 0]) for nodes, codes in zip(tree.nodes, tree.codes, strict=True)]
  assert sum(2.0 ** -len(path) for path in paths) == pytest.approx(1.0)  # complete
  assert all(a == b or a != b[: len(a)] for a in paths for b in paths)  # free of prefixes
  assert len(set(paths)) == len(paths)
  heap, cost = list(counts), 0
  heapq.heapify(heap)
  while len(heap) > 1:
    joined = heapq.heappop(heap) + heapq.heappop(heap)
    cost += joined
    heapq.heappush(heap, joined)
  assert sum(len(path) * count for path, count in zip(paths, counts, strict=True)) == cost
  by_way = {}
  for nodes, codes in zip(tree.nodes, tree.codes, strict=True):
    for depth, node in enumerate(nodes[nodes > 0]):
      assert (
        by_way.setdefault(tuple(codes[:depth]), node) == node
      )  # the same node for the same path so far
  assert len(set(by_way.values())) == len(by_way) == len(counts) - 1
  assert max(by_way.values()) == len(counts) - 1


def test_a_tree_of_one_word():
  tree = huffman.huffman_paths([3])
  np.testing.assert_array_equal(tree.nodes, [[0]])
