"""A note says how many of the texts have no word that the model knows."""

import numpy as np
import pytest

from glove_jax.finetuning import unknown_texts


def test_texts_are_counted_over_blocks_and_noted_once(capfd):
  with unknown_texts.noted():
    unknown_texts.count(np.array([True, False]))
    unknown_texts.count(np.array([True]))
  unknown_texts.count(np.array([True]))
  captured = capfd.readouterr()
  assert captured.out == ""
  assert captured.err == (
    "note: 2 of 3 texts have no word that the model knows: labels of such texts are guesses\n"
  )


def test_no_note_without_unknown_texts_or_after_an_error(capfd):
  with unknown_texts.noted():
    unknown_texts.count(np.array([False]))
  with pytest.raises(ValueError), unknown_texts.noted():
    unknown_texts.count(np.array([True]))
    raise ValueError
  assert capfd.readouterr().err == ""
