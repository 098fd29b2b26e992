"""Trees of hierarchical softmax."""

from collections.abc import Sequence


def huffman(counts: Sequence[int]) -> list[tuple[int, int]]:
  """The children (left, right) of the inner nodes L, L + 1, … of a Huffman tree whose leaves are 0 to L - 1.

  Built from two queues, as by word2vec and fastText: the leaves from the last to the first, and the inner nodes; of
  equal counts the inner node goes first.
  """
  totals, children = list(counts), []
  leaf, inner = len(counts) - 1, len(counts)
  for _ in range(len(counts) - 1):
    pair = []
    for _ in range(2):
      if leaf >= 0 and (inner >= len(totals) or totals[leaf] < totals[inner]):
        pair.append(leaf)
        leaf -= 1
      else:
        pair.append(inner)
        inner += 1
    children.append(tuple(pair))
    totals.append(totals[pair[0]] + totals[pair[1]])
  return children
