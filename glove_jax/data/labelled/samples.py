"""A labelled and a tagged sample: small texts, written from patterns, to try recipes on.

They are toys: scores on them say that a recipe runs and learns, and nothing about real texts.
"""

import pathlib

_FOLDER = pathlib.Path(__file__).parent / "sample_texts"
_SUFFIXES = {"labelled": ".tsv", "tagged": ".conll"}


def path(kind: str, part: str) -> str:
  """Returns the file of a part.

  Args:
    kind: labelled or tagged.
    part: train, dev or test.
  """
  return str(_FOLDER / f"{part}{_SUFFIXES[kind]}")
