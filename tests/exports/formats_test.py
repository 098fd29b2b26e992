"""The table of formats."""

import ast

import exported_vectors
import pytest

from glove_jax.errors import InputError
from glove_jax.exports import formats


def test_an_unknown_format_gets_the_names_of_all():
  with pytest.raises(InputError, match="to='hdf5' is no format, expected one of word2vec, .*, npz"):
    formats.find("hdf5")


@pytest.mark.parametrize("name", formats.FORMATS)
def test_every_format_says_how_it_is_used(name):
  format = formats.find(name)
  usage = format.usage.format(path="it's here")
  ast.parse(usage)
  assert "here" in usage
  if format.is_folder and name != "projector":
    assert format.describe_texts(exported_vectors.table())
