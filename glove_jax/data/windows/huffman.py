"""Huffman trees for hierarchical softmax."""

from collections.abc import Sequence


def huffman(counts: Sequence[int]) -> list[tuple[int, int]]:
  """Returns the children (left, right) of the inner nodes L, L + 1, ... of a Huffman tree.

  The leaves are 0 to L - 1.

  Uses two queues, as word2vec and fastText do: the leaves from the last to the first, and the inner
  nodes in order. Of equal counts the inner node is taken first.

  Args:
    counts: of each leaf, in descending order.
  """
  totals = list(counts)
  children = []
  leaf = len(counts) - 1
  inner = len(counts)
  for _ in range(len(counts) - 1):
    pair = []
    for _ in range(2):
      if leaf >= 0 and (inner >= len(totals) or totals[leaf] < totals[inner]):
        pair.append(leaf)
        leaf -= 1
      else:
        pair.append(inner)
        inner += 1
    left, right = pair
    children.append((left, right))
    totals.append(totals[left] + totals[right])
  return children
