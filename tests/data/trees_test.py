"""Huffman trees by hand."""

from glove_jax.data import trees


def test_a_huffman_tree_and_its_ties():
  assert trees.huffman([9, 5, 5, 1]) == [(3, 2), (1, 4), (0, 5)]
  assert trees.huffman([2, 1, 1]) == [(2, 1), (3, 0)]  # an inner node before a leaf that is as frequent
  assert trees.huffman([1, 2, 3, 9]) == [(3, 2), (1, 0), (4, 5)]  # unsorted: still a tree
  assert trees.huffman([7]) == trees.huffman([]) == []
