"""Huffman trees by hand."""

from glove_jax.data.windows import huffman


def test_a_huffman_tree_and_its_ties():
  assert huffman.huffman([9, 5, 5, 1]) == [(3, 2), (1, 4), (0, 5)]
  assert huffman.huffman([2, 1, 1]) == [(2, 1), (3, 0)]  # an inner node before a leaf that is as frequent
  assert huffman.huffman([1, 2, 3, 9]) == [(3, 2), (1, 0), (4, 5)]  # unsorted: still a tree
  assert huffman.huffman([7]) == huffman.huffman([]) == []
