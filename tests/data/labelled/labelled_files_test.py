"""Files of every layout are read; other parts are read as the training texts were."""

import csv
import io
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from glove_jax.data.labelled import labelled_files
from glove_jax.data.labelled.layouts import Layout, Options
from glove_jax.errors import InputError

GOOD = [("a good film", "pos"), ("bad, really", "neg")] * 5


def write(folder, content, name="texts.txt"):
  path = folder / name
  path.write_bytes(content if isinstance(content, bytes) else content.encode())
  return path


def read(folder, content, *, name="texts.txt", layout=None, classes=(), **options):
  path = write(folder, content, name)
  rows, _ = labelled_files.read(path, Options(**options), layout=layout, classes=classes)
  return [(text, labels[0]) for _, text, labels in rows]


def detect(folder, content, name="texts.txt", **options):
  return labelled_files.read(write(folder, content, name), Options(**options))[1]


def table(delimiter=",", newline="\n", header=("label", "text"), rows=None):
  file = io.StringIO()
  writer = csv.writer(file, delimiter=delimiter, lineterminator=newline)
  writer.writerows([header] if header else [])
  writer.writerows([(label, text) for text, label in rows or GOOD])
  return file.getvalue()


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
@pytest.mark.parametrize("newline", ["\n", "\r\n", "\r"])
def test_tables_of_all_delimiters_and_line_ends(tmp_path, delimiter, newline):
  assert read(tmp_path, table(delimiter, newline)) == GOOD
  assert read(tmp_path, "\ufeff" + table(delimiter, newline)) == GOOD
  assert read(tmp_path, table(delimiter, newline, header=None), name="x.csv") == GOOD


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
@given(texts=st.lists(st.text("ab \"',;\t\n|\\", max_size=12), min_size=9, max_size=12))
def test_what_a_csv_writer_writes_is_read(tmp_path_factory, delimiter, texts):
  if delimiter == "\t":  # with one tab on each line, quotes that span lines may be text
    texts = [text.replace("\n", " ") for text in texts]
  rows = [(f"x{text}x", "pos" if i % 2 else "neg") for i, text in enumerate(texts)]
  content = table(delimiter, rows=rows)
  expected = [(text.replace("\t", " "), label) for text, label in rows]
  folder = tmp_path_factory.mktemp("csv")
  assert read(folder, content, delimiter=delimiter, format="csv") == expected


def test_fields_of_any_length(tmp_path):
  long = "a long report " * 20_000
  rows = [(long.strip(), "pos"), ("short", "neg")]
  assert read(tmp_path, table(rows=rows)) == rows
  assert read(tmp_path, table("\t", rows=rows)) == rows
  assert read(tmp_path, table(rows=[(f"{long},x", "pos"), ("a", "neg")]))[0][1] == "pos"


def test_what_spreadsheets_add_is_left_out(tmp_path):
  assert read(tmp_path, "sep=;\r\nlabel;text;\r\npos;a;\r\n;;\r\nneg;b;\r\n") == [
    ("a", "pos"),
    ("b", "neg"),
  ]
  pandas = ",text,label\n0,a good film,pos\n1,bad,neg\n"
  assert read(tmp_path, pandas) == [("a good film", "pos"), ("bad", "neg")]


def test_a_return_within_a_line_is_a_space(tmp_path):
  assert read(tmp_path, 'label,text\npos,a\rb\nneg,"c\r\nd"\n') == [("a b", "pos"), ("c\nd", "neg")]


def test_quotes_with_backslashes(tmp_path):
  content = 'text,label\n"he said \\"hi\\", ok",1\nbad,0\n'
  assert read(tmp_path, content) == [('he said "hi", ok', "1"), ("bad", "0")]


@pytest.mark.parametrize(
  "options",
  [
    {"label_column": "stars", "text_column": "body"},
    {"label_column": "STARS", "text_column": "Body "},
    {"label_column": "0", "text_column": "2"},
    {"label_column": "-3", "text_column": "-1"},
    {"label_column": "stars", "text_column": "body", "format": "csv"},
    {"label_column": "stars", "text_column": "body", "header": True},
  ],
)
def test_columns_by_name_or_number(tmp_path, options):
  content = "stars,author,body\n" + "5,anna b,a good film\n1,boris c,bad\n" * 3
  assert read(tmp_path, content, **options) == [("a good film", "5"), ("bad", "1")] * 3


def test_columns_of_a_table_without_names(tmp_path):
  content = '"3","Wall St.","Stocks, again."\n"4","Space","A probe went up."\n' * 6
  assert read(tmp_path, content)[0] == ("Wall St.\tStocks, again.", "3")
  assert read(tmp_path, content, format="csv")[1] == ("Space\tA probe went up.", "4")
  assert read(tmp_path, content, text_column="2")[0] == ("Stocks, again.", "3")
  assert read(tmp_path, content, text_column="2,1")[0] == ("Stocks, again.\tWall St.", "3")


@pytest.mark.parametrize(
  "header",
  [
    "index\tquestion\tsentence\tlabel",
    "pairID\tpremise\thypothesis\tgold_label",
    "id\tquestion1\tquestion2\tis_duplicate",
    "id\t#1 String\t#2 String\tQuality",
    "genre\tsentence1\tsentence2\tlabel",
  ],
)
def test_both_texts_of_a_pair_are_read(tmp_path, header):
  layout = detect(tmp_path, f"{header}\n1\tWho is\tit?\tyes\n2\tIt is\tme.\tno\n")
  assert len(layout.texts) == 2 and len(layout.unused) == 1
  assert read(tmp_path, f"{header}\n1\tWho is\tit?\tyes\n")[0] == ("Who is\tit?", "yes")
  first = header.split("\t")[1]
  content = f"{header}\n1\tWho is\tit?\tyes\n"
  assert read(tmp_path, content, text_column=first)[0] == ("Who is", "yes")


def test_tabs_inside_of_a_text_are_no_pair(tmp_path):
  assert read(tmp_path, 'label,text\npos,"one\ttwo"\nneg,x\n')[0] == ("one two", "pos")
  assert read(tmp_path, '{"label": "pos", "text": "one\\ttwo"}\n')[0] == ("one two", "pos")


@pytest.mark.parametrize(
  ("content", "message"),
  [
    (
      "label,title,text,body\npos,a,b,c\nneg,a,b,c\n",
      ":1: found the columns 0: 'label', 1: 'title', 2: 'text', 3: 'body'; expected a label and",
    ),
    (
      "gj04\t0\t*\tour friends\n" * 3,
      "cannot tell the labels in the columns 0: 'gj04', 1: '0', 2: '\\*', 3: ",
    ),
    ("name,party\n" + "it was a fine day,x\nthe sun shone on,y\n" * 4, ":1: found 0: 'name', 1: "),
    ('label,text\n"pos,good\nneg,bad\n', ":2: unexpected end of data"),
    ("label,text\npos,a\nneg,b,c\n" + "pos,a\n" * 4, ":3: found 3 fields, expected 2 as in the fi"),
    ("PK\x03\x04", "a zip archive or an Excel workbook; unpack it, or save its sheet as CSV"),
  ],
)
def test_what_is_not_told_is_an_error_that_names_the_columns(tmp_path, content, message):
  with pytest.raises(InputError, match=message) as error:
    read(tmp_path, content)
  assert "\n" not in str(error.value)


def test_a_column_that_is_not_there(tmp_path):
  with pytest.raises(InputError, match=":1: found no column 'x' among 0: 'label', 1: 'text'"):
    read(tmp_path, table(), label_column="x")
  with pytest.raises(InputError, match="text_column='a,b,c' has 3 columns, expected 1 or 2"):
    read(tmp_path, table(), text_column="a,b,c")


# Files of one layout, and of others.
TRAIN = Layout("tsv", "\t", label="0", texts=("1",), width=2, indices=(0, 1))


def test_a_part_is_read_as_the_training_texts(tmp_path):
  layout = detect(tmp_path, "pos\ta good film\nneg\tbad\n" * 6)
  dev = "pos\tgood\nneg\tbad film\nneutral\ta film\n"
  with pytest.raises(InputError, match="cannot tell the labels"):
    read(tmp_path, dev)
  classes = ("neg", "pos", "neutral")
  assert read(tmp_path, dev, layout=layout, classes=classes) == [
    ("good", "pos"),
    ("bad film", "neg"),
    ("a film", "neutral"),
  ]


@pytest.mark.parametrize(
  "train",
  ["pos good\nneg bad\n" * 6, "__label__pos good\n", table(), '{"label": "pos", "text": "a"}\n'],
)
def test_a_part_of_another_layout_is_detected(tmp_path, train):
  layout = detect(tmp_path, train)
  classes = ("pos", "neg")
  for content in (
    "a good film\tpos\nbad, really\tneg\n" * 5,
    table(),
    "".join(json.dumps({"label": label, "text": text}) + "\n" for text, label in GOOD),
  ):
    assert read(tmp_path, content, layout=layout, classes=classes) == GOOD


def test_columns_of_another_order_and_a_part_without_a_header(tmp_path):
  layout = detect(tmp_path, "stars,body,id\n5,good film,1\n1,bad film,2\n", label_column="stars",
                  text_column="body")  # fmt: skip
  classes = ("5", "1")
  for content in ("id,Body,Stars\n7,a b,5\n", "5,a b,9\n", '[{"body": "a b", "stars": 5}]'):
    assert read(tmp_path, content, layout=layout, classes=classes) == [("a b", "5")]


def test_a_wrong_line_of_a_part_is_named(tmp_path):
  layout = detect(tmp_path, "pos\ta good film\nneg\tbad\n" * 6)
  dev = "pos\tgood\nneg\tbad film\nno tab\npos\tx\n"
  with pytest.raises(InputError, match=":3: found 1 fields, expected 2"):
    read(tmp_path, dev, layout=layout, classes=("pos", "neg"))


def test_parts_with_swapped_columns_follow_the_labels(tmp_path):
  layout = detect(tmp_path, "pos\ta good film\nneg\tbad\n" * 6)
  swapped = "a good film\tpos\nbad\tneg\n" * 6
  expected = [("a good film", "pos"), ("bad", "neg")] * 6
  assert read(tmp_path, swapped, layout=layout, classes=("pos", "neg")) == expected


@pytest.mark.parametrize(
  "dev",
  [
    "pos\tgood\nneg\tbad\n",
    "good\tpos\nbad\tneg\n",
    "pos,good\nneg,bad\n",  # in the other order than train
    "pos good\nneg bad\n",
  ],
)
def test_the_labels_of_train_tell_the_columns_of_a_short_part(tmp_path, dev):
  layout = detect(tmp_path, "text,label\nfine,pos\ndull,neg\n")
  expected = [("good", "pos"), ("bad", "neg")]
  assert read(tmp_path, dev, layout=layout, classes=("pos", "neg")) == expected
  with pytest.raises(InputError, match="cannot tell the labels"):
    read(tmp_path, "pos\tneg\nneg\tpos\n", layout=layout, classes=("pos", "neg"))


def test_pairs_whose_annotators_did_not_agree_are_left_out(tmp_path, capfd):
  pairs = [("a b", "neutral"), ("c d", "-"), ("e f", "entailment")]
  records = [{"gold_label": label, "sentence1": text, "sentence2": "x"} for text, label in pairs]
  expected = [("a b\tx", "neutral"), ("e f\tx", "entailment")]
  assert read(tmp_path, "".join(json.dumps(record) + "\n" for record in records)) == expected
  table = "gold_label\tsentence1\tsentence2\n"
  table += "".join(f"{label}\t{text}\tx\n" for text, label in pairs)
  assert read(tmp_path, table) == expected
  assert "1 of " in capfd.readouterr().out


def test_the_answers_of_an_annotator_are_no_texts(tmp_path):
  records = [{"text": text, "label": label, "answer": "accept"} for text, label in GOOD]
  records[1]["answer"] = "reject"
  records[2]["answer"] = "ignore"
  content = "".join(json.dumps(record) + "\n" for record in records)
  assert read(tmp_path, content) == [GOOD[0], *GOOD[3:]]
  answers = [{"question": "who?", "answer": text, "label": label} for text, label in GOOD]
  content = "".join(json.dumps(record) + "\n" for record in answers)
  assert read(tmp_path, content) == [(f"who?\t{text}", label) for text, label in GOOD]


def test_a_label_beside_an_object_with_the_text(tmp_path):
  records = [{"data": {"text": text}, "label": label} for text, label in GOOD]
  assert read(tmp_path, json.dumps(records)) == GOOD


def test_a_message_about_columns_is_short(tmp_path):
  text = "a text that has more than forty characters, and some more of them"
  rows = [f"{i % 2}\t{i}\tNO_QUERY{i % 3}\t" + "\t".join([text] * 9) + "\n" for i in range(9)]
  with pytest.raises(InputError) as error:
    read(tmp_path, "".join(rows))
  message = str(error.value).removeprefix(str(tmp_path))
  assert "cannot tell the labels in the columns 0: '0', 1: '0', 2: 'NO_QUERY0'" in message
  assert "6 more; expected --config.label_column= and --config.text_column=" in message
  assert len(message) < 300


def test_labels_that_are_whole_floats_are_integers_where_floats_are_exact(tmp_path):
  labels = [1.0, -2.0, 0.5, 2.0**53, 1e16, 1e308]
  lines = "".join(json.dumps({"text": "a", "label": label}) + "\n" for label in labels)
  rows, _ = labelled_files.read(write(tmp_path, lines, "t.jsonl"))
  expected = ["1", "-2", "0.5", "9007199254740992", "1e+16", "1e+308"]
  assert [label for _, _, (label,) in rows] == expected


def test_a_line_says_that_quotes_are_part_of_the_text(tmp_path, capfd):
  rows = ["pos\tgood film", 'neg\t"a ""bad"" film"', "pos\tfine film", 'neg\t"dull film'] * 3
  path = tmp_path / "open.tsv"
  path.write_text("\n".join(rows))
  read, _ = labelled_files.read(path)
  assert read[1][1] == '"a ""bad"" film"'
  assert capfd.readouterr().out == (
    f"quotes     {path}:4: a quote is not closed; in all lines quotes are part of the text\n"
  )
  path.write_text("\n".join(rows).replace("dull film", 'dull film"'))
  assert labelled_files.read(path)[0][1][1] == 'a "bad" film'
  assert not capfd.readouterr().out
