"""The parts of a fastText model must fit together."""

import pytest

from glove_jax.interop import fasttext, fasttext_format


def test_parts_that_do_not_fit_are_refused(tiny):
  with pytest.raises(ValueError, match=r"input is \(35, 4\) .* expected \(36, 4\)"):
    fasttext.Model(**{**vars_of(tiny()), "words": ["a", "b", "c", "d", "e", "f"]})
  with pytest.raises(ValueError, match="9 words and labels, 8 of them different"):
    fasttext.Model(**{**vars_of(tiny()), "words": ["a", "b", "c", "d", "a"]})
  assert repr(tiny()) == "Model(supervised, 5 words x 4, 4 labels)"


def vars_of(model):
  return {name: getattr(model, name) for name in fasttext_format.Contents._fields}
