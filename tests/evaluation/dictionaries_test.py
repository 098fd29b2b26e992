import pytest

from glove_jax.errors import InputError
from glove_jax.evaluation.dictionaries import read_dictionary


def test_words_are_separated_by_spaces_or_by_a_tab(tmp_path):
  path = tmp_path / "en-fr.txt"
  path.write_text("cat chat\ncat  matou\n\nnew york\tnouvelle york\n", encoding="utf-8")
  assert read_dictionary(path) == [
    ("cat", "chat"), ("cat", "matou"), ("new york", "nouvelle york")]


@pytest.mark.parametrize(("text", "message"), [
  ("cat chat\ndog\n", r"en-fr.txt:2: found 'dog', expected a word and its translation"),
  ("a b c\n", r"en-fr.txt:1: found 'a b c'"),
  ("a\t\tb\n", r"en-fr.txt:1"),
  ("\n", r"found no words, expected lines of a word and its translation"),
])
def test_other_lines_are_refused(tmp_path, text, message):
  path = tmp_path / "en-fr.txt"
  path.write_text(text)
  with pytest.raises(InputError, match=message):
    read_dictionary(path)
