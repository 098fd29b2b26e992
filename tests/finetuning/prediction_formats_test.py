"""Formats of predictions that are written in blocks: the blocks together are the whole file."""

import pytest

from glove_jax.finetuning.prediction_formats import FORMATS, Classified, TaggedText, TextSpan

CLASSIFIED = [Classified(f"text {n}", "good", {"bad": 0.25, "good": 0.75}) for n in range(3)]
TAGGED = [TaggedText("Anna", ["Anna"], ["B-PER"], [TextSpan(0, 4, "PER", "Anna")])] * 3


@pytest.mark.parametrize("values", [CLASSIFIED, TAGGED], ids=["classified", "tagged"])
@pytest.mark.parametrize("format", ["txt", "tsv", "csv", "jsonl"])
def test_blocks_together_are_the_whole(values, format):
  whole = FORMATS[format](values, 1)
  assert FORMATS[format](values[:2], 1) + FORMATS[format](values[2:], 3) == whole
  assert whole.count("\n") == len(whole.splitlines())
