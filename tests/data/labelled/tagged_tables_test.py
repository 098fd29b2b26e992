"""Tables of sentences, tokens and tags."""

import pytest

from glove_jax.data.labelled import tagging
from glove_jax.errors import InputError


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_a_sentence_begins_where_its_name_stands(tmp_path, delimiter):
  rows = [
    ("Sentence #", "Word", "POS", "Tag"),
    ("Sentence: 1", "London", "NNP", "B-geo"),
    ("", f'"{delimiter}"', delimiter.replace(delimiter, "x"), "O"),
    ("Sentence: 2", '""""', "x", "O"),
  ]
  path = tmp_path / "ner.csv"
  path.write_text("".join(delimiter.join(row) + "\n" for row in rows))
  data = tagging.read(path)
  assert data.sentences == [["London", delimiter], ['"']]
  assert data.spans == [[(0, 1, "geo")], []]


def test_a_wrong_row_is_named(tmp_path):
  path = tmp_path / "ner.csv"
  path.write_text("sentence_id,token,tag\n1,a,O\n1,b,NN\n")
  with pytest.raises(InputError, match=":3: 'NN' is no tag"):
    tagging.read(path)
  path.write_text("sentence_id,token,tag\n1,a,O\n1,b\n")
  with pytest.raises(InputError, match=":3: found 2 fields"):
    tagging.read(path)
