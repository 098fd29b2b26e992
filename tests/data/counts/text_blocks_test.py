"""Blocks of a stream of ids: sizes, the words repeated before each, the last block."""

import numpy as np
import pytest

from glove_jax.data.counts import text_blocks


@pytest.mark.parametrize("array_size", [1, 3, 100])
def test_blocks_repeat_the_words_whose_windows_reach_into_them(array_size):
  ids = np.array([0, 1, 2, -1, 3, 4, 5, 6], np.int32)
  arrays = [ids[start : start + array_size] for start in range(0, len(ids), array_size)]
  blocks = list(text_blocks.split_blocks(arrays, 5, window=2))
  assert [(block.number, block.ids.tolist(), block.start, block.is_last) for block in blocks] == [
    (0, [0, 1, 2, -1, 3], 0, False),
    (1, [3, 4, 5, 6], 1, True),  # the words before the end of the document are out of reach
  ]


@pytest.mark.parametrize("sizes", [[5], [5, 0], [2, 3], [5, 5], [3, 0, 2, 5, 0]])
def test_the_last_block_is_known_as_such(sizes):
  arrays = [np.zeros(size, np.int32) for size in sizes]
  blocks = list(text_blocks.split_blocks(arrays, 5, window=1))
  assert [block.is_last for block in blocks] == [False] * (len(blocks) - 1) + [True]
  assert sum(len(block.ids) - block.start for block in blocks) == sum(sizes)


def test_an_empty_text_has_no_blocks():
  assert list(text_blocks.split_blocks([np.zeros(0, np.int32)], 5, window=1)) == []
