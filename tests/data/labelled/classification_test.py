"""All formats are read alike, errors name file and line, and splits are stratified."""

import gzip
from collections import Counter

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from glove_jax.data.labelled import classification
from glove_jax.data.labelled.classification import Labelled
from glove_jax.errors import InputError

# One file of each format; all hold the same texts.
FILES = {
  "fasttext": (
    '__label__neg too long\n__label__pos a, "good" film\n\n__label__pos  fun  \n__label__neg \n'
  ),
  "jsonl": (
    '{"label": "neg", "text": "too long"}\n'
    '{"Text": "a, \\"good\\" film", "label": ["pos"], "id": 3}\n\n'
    '{"label": "pos", "text": " fun "}\n{"label": "neg", "text": ""}\n'
  ),
  "csv": 'label,review\nneg,too long\r\npos,"a, ""good"" film"\n\npos,  fun\nneg,\n',
  "label_tab_text": 'neg\ttoo long\npos\ta, "good" film\n\npos\t fun \nneg\t\n',
  "text_tab_label": 'too long\tneg\na, "good" film\tpos\n \nfun\tpos\r\n\tneg\n',
  "label_text": 'neg too long\npos a, "good" film\n\t\npos fun \nneg \n',
}
SAME = Labelled(
  ["too long", 'a, "good" film', "fun", ""],
  [("neg",), ("pos",), ("pos",), ("neg",)],
  ("neg", "pos"),
)
RAGGED = Labelled(
  [f"text {i}" for i in range(103)],
  [(("a", "b", "c")[min(2, i % 5)],) for i in range(103)],
  ("a", "b", "c"),
)


def write(folder, content, name="texts.txt"):
  path = folder / name
  path.write_bytes(content if isinstance(content, bytes) else content.encode())
  return path


def one_line(error) -> str:
  message = str(error.value)
  assert "\n" not in message
  return message


@pytest.mark.parametrize("format", FILES)
def test_every_format_is_detected_and_read(tmp_path, format):
  path = write(tmp_path, FILES[format])
  assert classification.read(path, format) == SAME
  assert classification.read(path) == SAME
  assert classification.read(write(tmp_path, gzip.compress(FILES[format].encode()))) == SAME


def test_fasttext_takes_several_labels_anywhere(tmp_path):
  path = write(
    tmp_path,
    "__label__b __label__a one two\nthree __label__c four not__label__d\n__label__b\t__label__b x",
  )
  data = classification.read(path)
  assert data.texts == ["one two", "three four not__label__d", "x"]
  assert data.labels == [("b", "a"), ("c",), ("b",)]
  assert data.classes == ("a", "b", "c")


def test_pairs_are_detected_and_keep_the_tab_between(tmp_path):
  texts, labels = ["a b\tc", "b c\td e", "c d\te"], ["0", "0", "1"]
  for line in ("{1}\t{0}\n", "{0}\t{1}\n"):
    content = "".join(line.format(text, label) for text, label in zip(texts, labels, strict=True))
    assert classification.read(write(tmp_path, content)) == (
      texts,
      [("0",), ("0",), ("1",)],
      ("0", "1"),
    )
  with pytest.raises(InputError, match="cannot tell the labels"):
    classification.read(write(tmp_path, "0\ta b\tc\n0\ta b\n"))


def test_other_tabs_belong_to_the_text(tmp_path):
  assert classification.read(write(tmp_path, "a\tb\t0\n"), "text_tab_label")[:2] == (
    ["a\tb"],
    [("0",)],
  )
  assert classification.read(write(tmp_path, "0\ta\tb\n"), "label_tab_text")[:2] == (
    ["a\tb"],
    [("0",)],
  )


def test_csv_with_newlines_and_other_fields(tmp_path):
  path = write(tmp_path, '\ufeff"id","Text","Label"\n1,"two\nlines, ""quoted""\n",10\n2,x,9\n')
  assert classification.read(path) == Labelled(
    ['two\nlines, "quoted"', "x"], [("10",), ("9",)], ("9", "10")
  )


def test_tsv_with_names_and_quotes_that_are_text(tmp_path):
  path = write(tmp_path, 'sentence\tlabel\n"so, so\t0\ngood\t1\n')
  assert classification.read(path) == Labelled(['"so, so', "good"], [("0",), ("1",)], ("0", "1"))
  path = write(tmp_path, "id\tlabel\ttext\n1\t0\ta\tb\n")
  with pytest.raises(InputError, match="found 4 fields, expected 3 as in the first line"):
    classification.read(path)


def test_jsonl_with_numbers_and_several_labels(tmp_path):
  path = write(tmp_path, '{"label": 10, "review": "a"}\n{"label": [2, "x"], "review": "{b}"}\n')
  assert classification.read(path) == Labelled(
    ["a", "{b}"], [("10",), ("2", "x")], ("10", "2", "x")
  )


def test_a_folder_has_a_subfolder_for_each_label(tmp_path):
  for name, content in {
    "pos/2.txt": "two\nlines\n",
    "pos/10.txt": "fun",
    "neg/1.txt": "",
    ".git/x": "no",
  }.items():
    (tmp_path / name).parent.mkdir(exist_ok=True)
    write(tmp_path, content, name)
  write(tmp_path, "not a text", "README")
  assert classification.read(tmp_path) == Labelled(
    ["", "fun", "two\nlines"], [("neg",), ("pos",), ("pos",)], ("neg", "pos")
  )
  with pytest.raises(InputError, match="no folders with texts"):
    classification.read(tmp_path / "pos")


def test_duplicates_are_counted_whatever_their_case_and_spaces():
  texts = ["Good  fun", "bad", "long", "bad"]
  assert classification.count_duplicates(texts, ["good fun ", "BAD"]) == 3
  assert classification.count_duplicates(texts, ["good funny"]) == 0


def test_encodings(tmp_path):
  path = write(tmp_path, "1 café – là\n0 naïve\x85 film\n".replace("\x85", "…").encode("cp1252"))
  assert classification.read(path, encoding="cp1252").texts == ["café – là", "naïve… film"]
  assert classification.read(path, encoding="latin-1").texts == ["café \x96 là", "naïve\x85 film"]
  assert classification.read(path, errors="replace").texts == ["caf� � l�", "na�ve� film"]
  with pytest.raises(InputError) as error:
    classification.read(path)
  assert f"{path}:1: byte 0xe9 at column 6 is not UTF-8" in one_line(error)


def test_class_names_replace_numbers(tmp_path):
  names = write(tmp_path, "sport\nfilm\nart\n\n", "classes.txt")
  path = write(tmp_path, "a b\t2\nc d\t0\ne f\t2\nfilm\tfilm\n")
  data = classification.read(path, "text_tab_label", names=names)
  assert data.labels == [("art",), ("sport",), ("art",), ("film",)]
  assert data.classes == ("sport", "film", "art")
  with pytest.raises(InputError) as error:
    classification.read(write(tmp_path, "x\t2\ny\t3\n"), names=names)
  assert "texts.txt:2: label '3', expected one of the 3 names, or 0 to 2" in one_line(error)
  with pytest.raises(InputError) as error:
    classification.read(path, names=write(tmp_path, "a\nb\na\n", "classes.txt"))
  assert "classes.txt:3: 'a' is already on line 1" in one_line(error)


@pytest.mark.parametrize(
  ("format", "content", "message_part"),
  [
    ("fasttext", "__label__a b\n\nc\n", ":3: found no label in 'c', expected __label__"),
    ("fasttext", "a __label__\n", ":1: found no label in 'a __label__'"),
    ("label_text", "0 a\nb\n", ":2: found 'b', expected a label, a space and a text"),
    ("label_text", " b\n", ":1: found ' b', expected a label"),
    ("label_tab_text", "0\ta\n0 b\n", ":2: found '0 b', expected a label, a tab and a text"),
    ("text_tab_label", "a\t0\nb\t \n", ":2: found 'b\\t ', expected a text, a tab and a label"),
    ("jsonl", '{"label": 1, "text": "a"}\n{"label": 1,\n', ":2: not JSON"),
    (
      "jsonl",
      '{"label": 1, "text": "a"}\n{"text": "a"}\n',
      ":2: found the label None in 'label', expected a string or a number",
    ),
    ("jsonl", "[1, 2]\n", ":1: cannot tell the label and the text of the columns 0: '1', 1: '2'"),
    ("jsonl", '"a"\n', ":1: found 'a', expected an object"),
    ("csv", 'label,text\n0,"a\nb"\n1,b,c\n', ":4: found 3 fields, expected 2 as in the first line"),
    ("csv", "label,text\n0,a\n,b\n", ":3: found no label, expected one in column label"),
    (
      "csv",
      'label,text\n0,a\n0,"b\nc\n',
      ":3: unexpected end of data, expected fields separated by commas",
    ),
    ("csv", 'label,text\n0,"a" b\n', ":2: ',' expected after '\"'"),
    (
      "csv",
      "text,title\nb,0\n",
      ":1: found the columns 0: 'text', 1: 'title'; expected a label and one text or two",
    ),
    ("csv", "label,text,review,title\n", ":1: found the columns 0: 'label', 1: 'text'"),
    ("csv", "label,text\n", ": no lines below the first"),
    ("auto", " \n\n", ": no lines, expected labelled texts"),
    ("excel", "0 a", "format='excel' is unknown, expected auto or one of fasttext, json"),
  ],
)
def test_errors_name_file_line_and_what_was_expected(tmp_path, format, content, message_part):
  path = write(tmp_path, content)
  with pytest.raises(InputError) as error:
    classification.read(path, format)
  message = one_line(error)
  assert message_part in message
  assert format == "excel" or message.startswith(str(path))


@pytest.mark.parametrize(
  ("content", "message_part"),
  [
    (
      "1\t2\n3\t4\n",
      "could be label_tab_text or text_tab_label, expected format=label_tab_text or format=",
    ),
    ("0 the film, 1\n1 the art, 0\n", "could be csv or label_text, expected format="),
    (
      "good\tgreat fun\nbad\ttoo long\n",
      "cannot tell the labels in the columns 0: 'good', 1: 'great fun'; expected --config.label",
    ),
    ("The king slept.\nThe queen did not.\nOnce upon a time\n", "cannot tell the labels"),
    ("0 one\ntwo\n", "cannot tell the labels"),
  ],
)
def test_auto_does_not_guess(tmp_path, content, message_part):
  path = write(tmp_path, content)
  with pytest.raises(InputError) as error:
    classification.read(path)
  assert f"{path}" in one_line(error) and message_part in str(error.value)


@settings(deadline=None)
@given(st.floats(0.01, 0.99), st.integers(0, 5))
def test_a_split_has_the_same_share_of_every_class(fraction, seed):
  rest, chosen = classification.split(RAGGED, fraction, seed=seed)
  assert sorted(rest.texts + chosen.texts) == sorted(RAGGED.texts)
  assert abs(len(chosen.texts) - fraction * len(RAGGED.texts)) <= 0.5 + 1e-9
  whole, taken = Counter(RAGGED.labels), Counter(chosen.labels)
  assert all(abs(taken[labels] - fraction * n) < 1 + 1e-9 for labels, n in whole.items())
  of = dict(zip(RAGGED.texts, RAGGED.labels, strict=True))
  assert [of[text] for text in chosen.texts] == chosen.labels
  assert rest.classes == chosen.classes == RAGGED.classes


@settings(deadline=None)
@given(st.integers(2, 12), st.integers(0, 5))
def test_folds_have_every_text_once_and_the_same_share_of_every_class(k, seed):
  parts = classification.folds(RAGGED, k, seed=seed)
  assert len(parts) == k
  assert sorted(text for _, test in parts for text in test.texts) == sorted(RAGGED.texts)
  for train, test in parts:
    assert sorted(train.texts + test.texts) == sorted(RAGGED.texts)
    assert abs(len(test.texts) - len(RAGGED.texts) / k) < 1
    assert all(
      abs(Counter(test.labels)[labels] - n / k) < 1 for labels, n in Counter(RAGGED.labels).items()
    )


def test_splits_are_functions_of_the_seed():
  assert classification.folds(RAGGED, 10, seed=1) == classification.folds(RAGGED, 10, seed=1)
  assert classification.folds(RAGGED, 10, seed=1) != classification.folds(RAGGED, 10, seed=2)
  assert classification.split(RAGGED, 0.1, seed=1) == classification.split(RAGGED, 0.1, seed=1)
  assert classification.split(RAGGED, 0.1, seed=1) != classification.split(RAGGED, 0.1, seed=2)


def test_impossible_splits_are_errors():
  for fraction in (0, 1, -0.5):
    with pytest.raises(InputError, match="expected between 0 and 1"):
      classification.split(RAGGED, fraction, seed=0)
  for k in (1, 104):
    with pytest.raises(InputError, match=f"{k} folds of 103 texts"):
      classification.folds(RAGGED, k, seed=0)


@pytest.mark.realdata
@pytest.mark.parametrize(
  ("name", "encoding", "texts", "classes"),
  [
    ("en/MR.txt", "cp1252", 10662, 2),
    ("en/SUBJ.txt", "cp1252", 10000, 2),
    ("en/SST2.train.txt", "utf-8", 6920, 2),
    ("en/SST2.dev.txt", "utf-8", 872, 2),
    ("en/SST2.test.txt", "utf-8", 1821, 2),
    ("en/SST5.train.txt", "utf-8", 8544, 5),
    ("en/SST5.dev.txt", "utf-8", 1101, 5),
    ("en/SST5.test.txt", "utf-8", 2210, 5),
    ("en/TREC.train.txt", "latin-1", 5452, 6),
    ("en/TREC.test.txt", "latin-1", 500, 6),
    ("zh/ChnSentiCorp.csv", "utf-8", 7766, 2),
    ("zh/THUCNews.dev.txt", "utf-8", 10000, 10),
    ("zh/THUCNews.test.txt", "utf-8", 10000, 10),
  ],
)
def test_real_files(data, name, encoding, texts, classes):
  folder = data / "classification"
  labelled = classification.read(folder / name, encoding=encoding)
  assert (len(labelled.texts), len(labelled.labels), len(labelled.classes)) == (
    texts,
    texts,
    classes,
  )
  assert labelled.classes == tuple(map(str, range(classes)))
  # one review is empty
  assert sum(not text for text in labelled.texts) == (name == "zh/ChnSentiCorp.csv")
  if classes == 10:
    named = classification.read(folder / name, names=folder / "zh/THUCNews.classes.txt")
    assert named.classes[0] == "finance" and named.labels[0] == (
      named.classes[int(labelled.labels[0][0])],
    )
