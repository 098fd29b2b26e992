"""Trees of hierarchical softmax."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np


class HuffmanPaths(NamedTuple):
  """The path from the root of a Huffman tree to each of V words; the longest has L nodes."""

  nodes: np.ndarray  # [V, L] int32, 1 + inner node; 0: padding after the end of the path
  codes: np.ndarray  # [V, L] int32, the branch taken at each node: 0 left, 1 right


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


def huffman_paths(counts: np.ndarray) -> HuffmanPaths:
  """Returns the paths through the Huffman tree of words with these counts [V], in descending order.

  Inner nodes are numbered from 0 in the order in which `huffman` builds them; the root is the last.
  """
  size = len(counts)
  children = huffman(np.asarray(counts).tolist())
  paths = [()] * max(1, 2 * size - 1)  # of leaves, then inner nodes: ((1 + node, code), ...)
  for number in reversed(range(len(children))):  # from the root down
    for code, child in enumerate(children[number]):
      paths[child] = (*paths[size + number], (number + 1, code))
  longest = max(1, max(len(path) for path in paths))
  steps = np.zeros((size, longest, 2), np.int32)
  for word in range(size):
    path = paths[word]
    if path:
      steps[word, : len(path)] = path
  return HuffmanPaths(
    nodes=np.ascontiguousarray(steps[:, :, 0]),
    codes=np.ascontiguousarray(steps[:, :, 1]),
  )
