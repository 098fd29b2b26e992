"""The table of formats."""

import ast

import exported_vectors
import pytest

from glove_jax.errors import InputError
from glove_jax.exports import formats


def test_an_unknown_format_gets_the_names_of_all():
  with pytest.raises(InputError, match="to='hdf5' is no format, expected one of word2vec, .*, npz"):
    formats.find("hdf5")


def test_libraries_name_the_format_that_they_read():
  assert formats.resolve("gensim") == "word2vec" and formats.resolve("npz") == "npz"
  for synonym, name in formats.SYNONYMS.items():
    assert synonym not in formats.FORMATS
    assert formats.find(synonym) is formats.FORMATS[name]


@pytest.mark.parametrize("name", formats.FORMATS)
def test_every_format_says_how_it_is_used(name):
  format = formats.find(name)
  usage = format.usage.format(path="it's here")
  ast.parse(usage)
  assert "here" in usage
  if format.is_folder and name != "projector":
    assert format.describe_texts(exported_vectors.table())
