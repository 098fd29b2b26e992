"""Columns of tagged tokens: separators, comments, numbered tokens, and the column of the tags."""

import pytest

from glove_jax.data.labelled import tagged_files
from glove_jax.data.labelled.tagged_files import Options
from glove_jax.errors import InputError

ANNA = [(0, 1, "PER")]


def read(folder, text, *, layout=None, **options):
  path = folder / "tagged.conll"
  path.write_bytes(text.encode())
  data, layout = tagged_files.read_with_layout(path, Options(**options), layout=layout)
  return data.sentences, data.spans


def test_any_white_space_between_and_after_columns(tmp_path):
  expected = ([["Anna", "sings"], ["a"]], [ANNA, []])
  for line in ("{0} {1}", "{0}\t{1}", "{0}   {1}", "{0}\t\t{1}", "{0} \t {1}", "  {0} {1}"):
    for end in ("", " ", "  ", "\t", "\t\t", " \t\r"):
      rows = [("Anna", "B-PER"), ("sings", "O"), None, ("a", "O")]
      text = "\n".join(line.format(*row) + end if row else end for row in rows)
      assert read(tmp_path, text) == expected, (line, end)
      with_pos = text.replace("Anna", line.format("Anna", "NNP"))
      with_pos = with_pos.replace("sings", line.format("sings", "VBZ"))
      with_pos = with_pos.replace("\na", "\n" + line.format("a", "DT"))
      if "  {0}" not in line:
        assert read(tmp_path, with_pos.replace("a\n", "")) == expected, (line, end)


@pytest.mark.parametrize("newline", ["\n", "\r\n", "\r"])
def test_line_ends(tmp_path, newline):
  text = newline.join(["Anna B-PER", "sings O", "", "a O", ""])
  assert read(tmp_path, text) == ([["Anna", "sings"], ["a"]], [ANNA, []])


def test_empty_columns_within_a_line_keep_their_place(tmp_path):
  assert read(tmp_path, "Anna\t\tB-PER\nsings\tVBZ\tO\n")[1] == [ANNA]
  assert read(tmp_path, "Anna\t\tB-PER\nsings\tVBZ\tO\n", tag_column=2)[1] == [ANNA]


def test_comments_are_skipped_but_a_hash_can_be_a_token(tmp_path):
  text = "# a comment\n#\thttp://x.de [2009]\n#\nAnna\tB-PER\n# O\n#home\tO\n#\tO\n"
  text += "\n# text = b\nb\tO\n"
  assert read(tmp_path, text) == ([["Anna", "#home", "#"], ["b"]], [ANNA, []])
  text = "# New York\nAnna PER\n# O\n# Paris\nsings O\n"
  assert read(tmp_path, text) == ([["Anna", "#", "sings"]], [ANNA])


def test_numbered_tokens(tmp_path):
  germeval = "#\thttp://x.de\n1\tAnna\tB-PER\tO\n2\tlebt\tO\tO\n\n1\tx\tO\tO\n"
  expected = ([["Anna", "lebt"], ["x"]], [ANNA, []])
  assert read(tmp_path, germeval, token_column=1, tag_column=2) == expected
  assert read(tmp_path, germeval) == expected
  universal = "# sent_id = 1\n1\tAnna\tB-PER\t-\tann\n2\tlebt\tO\t-\tann\n\n1\tx\tO\t-\tann\n"
  assert read(tmp_path, universal) == expected
  assert read(tmp_path, "1\tO\n2\tO\n")[0] == [["1", "2"]]  # years and scores are tokens


CONLLU = (
  "# newdoc\n# text = Anna del mar\n"
  "1\tAnna\tAnna\tPROPN\t_\t_\t0\troot\t_\t{0}=B-PER\n"
  "2-3\tdel\t_\t_\t_\t_\t_\t_\t_\t{0}=O\n"
  "2\tde\tde\tADP\t_\t_\t1\tdep\t_\tSpaceAfter=No|{0}=O\n"
  "3\tel\tel\tDET\t_\t_\t1\tdep\t_\t_\n"
  "3.1\tx\tx\tVERB\t_\t_\t_\t_\t_\t_\n"
  "4\tmar\tmar\tNOUN\t_\t_\t1\tdep\t_\t{0}=B-LOC|X=Y\n\n"
)


@pytest.mark.parametrize("key", ["name", "NE", "NER"])
def test_conllu(tmp_path, key):
  expected = ([["Anna", "de", "el", "mar"]], [[(0, 1, "PER"), (3, 4, "LOC")]])
  assert read(tmp_path, CONLLU.format(key)) == expected
  assert read(tmp_path, CONLLU.format(key), token_column=1) == expected
  assert read(tmp_path, CONLLU.format(key), token_column=2)[0] == expected[0]


def test_conllu_without_entities_is_an_error(tmp_path):
  with pytest.raises(InputError, match="no O, expected tags such as O and B-PER"):
    read(tmp_path, CONLLU.format("Foo"))


def test_conll_2012(tmp_path):
  rows = ["(PERSON*", "*)", "*", "(GPE)", "*", "(ORG*", "*", "*)"]
  words = list("abcdefgh")
  lines = [f"bc/x 0 {i} {words[i]} NN * - - - A {row} *" for i, row in enumerate(rows)]
  text = "\n".join(["#begin document (bc/x); part 000", *lines, "", "#end document", ""])
  expected = [(0, 2, "PERSON"), (3, 4, "GPE"), (5, 8, "ORG")]
  assert read(tmp_path, text) == ([words], [expected])
  assert read(tmp_path, "\n".join(lines)) == ([words], [expected])
  two = "\n".join(f"{word} {row}" for word, row in zip(words, rows, strict=True))
  assert read(tmp_path, two)[1] == [expected]
  with pytest.raises(InputError, match=":3: .*stays open"):
    read(tmp_path, "a *\nb *\nc (PER*\nd *\n")
  with pytest.raises(InputError, match=":2: .*closes no bracket"):
    read(tmp_path, "a *\nb *)\n")


def test_plain_tags_are_runs(tmp_path):
  text = "Anna PER\nin O\nNew LOC\nYork LOC\nAnna PER\n\nx O\n"
  spans = [[(0, 1, "PER"), (2, 4, "LOC"), (4, 5, "PER")], []]
  assert read(tmp_path, text)[1] == spans
  lower = text.replace("PER", "person").replace("LOC", "creative-work")
  assert [span[2] for span in read(tmp_path, lower)[1][0]] == ["person", "creative-work", "person"]
  with pytest.raises(InputError, match=":2: 'in' has 1 columns, expected 2"):
    read(tmp_path, text.replace("in O", "in"))


def test_underscores_in_tags(tmp_path):
  assert read(tmp_path, "北 B_ns\n京 I_ns\n来 O\n")[1] == [[(0, 2, "ns")]]


@pytest.mark.parametrize(
  ("text", "message"),
  [
    ("Anna NNP\nsings VBZ\n", ":1: found 'NNP', 'VBZ' in the last column and no O"),
    ("Anna NNP B-PER\nsings VBZ\n\nx NN O\n", ":2: 'VBZ' is no tag"),
    ("Anna\tB-PER\n\tO\nx\tO\n", ":2: found no token"),
    ("Anna B-PER\nx X-PER\n", ":2: 'X-PER' is no tag"),
    ("Anna B-PER\nx b-per\n" + "y I-LOC\n" * 5, ":2: 'b-per' is no tag, expected O, or B, I, M"),
    ("# only\n# comments\n", "no lines, expected a token and its tag"),
  ],
)
def test_the_line_that_is_wrong_is_named(tmp_path, text, message):
  with pytest.raises(InputError, match=message):
    read(tmp_path, text)


def test_names_of_the_columns_are_no_token(tmp_path):
  assert read(tmp_path, "token\ttag\nAnna\tB-PER\n\nb\tO\n")[0] == [["Anna"], ["b"]]
  assert read(tmp_path, "Word NER\nAnna PER\nb O\n")[0] == [["Anna", "b"]]


def test_another_part_is_read_as_the_training_sentences(tmp_path):
  path = tmp_path / "train"
  path.write_text("1\tAnna\tPER\tx\n2\tsings\tO\ty\n\n1\tb\tO\tx\n")
  _, layout = tagged_files.read_with_layout(path, Options())
  assert (layout.token, layout.tag, layout.tags) == (1, 2, "plain")
  # Alone these have no entity, or numbers that do not count.
  assert read(tmp_path, "1\tb\tO\tx\n", layout=layout) == ([["b"]], [[]])
  assert read(tmp_path, "1\tb\tLOC\tx\n", layout=layout)[1] == [[(0, 1, "LOC")]]
  assert tagged_files.from_json(layout._asdict()) == layout
  assert tagged_files.from_json({"kind": "columns", "other": 1}) is None


def test_no_break_spaces_after_a_tag_are_white_space(tmp_path):
  text = "Anna B-PER\u00a0\nsings O\u00a0\n"
  assert read(tmp_path, text) == ([["Anna", "sings"]], [ANNA])


@pytest.mark.parametrize("joined", ["PER_B PER_B PER_I O LOC_B", "PER-B PER-B PER-I O LOC-B"])
def test_the_letter_of_a_tag_may_stand_at_its_end(tmp_path, joined):
  tags = enumerate(joined.split(), 1)
  text = "".join(f"{i}\tw{i}\t{tag}\n" for i, tag in tags)
  expected = [[(0, 1, "PER"), (1, 3, "PER"), (4, 5, "LOC")]]
  assert read(tmp_path, text) == ([["w1", "w2", "w3", "w4", "w5"]], expected)
