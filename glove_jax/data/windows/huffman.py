"""Huffman trees for hierarchical softmax."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np


class HuffmanPaths(NamedTuple):
  """The path from the root of a Huffman tree to each of V words; the longest has L nodes."""

  nodes: np.ndarray  # [V, L] int32, 1 + inner node; 0: padding after the end of the path
  codes: np.ndarray  # [V, L] int32, the branch taken at each node: 0 left, 1 right


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
