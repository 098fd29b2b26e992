"""Labelled texts and tagged sentences in files of all formats, and files to label."""

import csv
import functools
import io
import json
import pathlib
import re

from fuzz import mutators
from fuzz.trials import Files, Reader
from glove_jax.data.labelled import (
  labelled_files,
  tagged_files,
  tagging,
  unlabelled_files,
)
from glove_jax.data.labelled.layouts import Layout, Options
from glove_jax.progress import log_stage

_WORDS = [
  "good", "a bad film", 'so "so", but', "it's, well; fine", "中文 好", "naïve\tone", "|bar|",
]  # fmt: skip
_PAIR = b'index\tquestion\tsentence\tlabel\n0\twho ?\ta man\tyes\n1\twhere ?\tat "home\tno\n'
_TOKENS = [
  b"label,text\n", b"label", b"text", b"review", b"sentiment", b"__label__", b"\tpos", b"pos\t",
  b",neg\n", b'"', b'""', b'\\"', b"sep=;\n", b"sentence1\tsentence2\tlabel\n",
]  # fmt: skip
_TAG_TOKENS = [
  b"B-PER", b"I-PER", b"O", b"E-X", b"S-X", b"(PERSON*", b"*)", b"*", b"-DOCSTART- -X- O O\n\n",
  b"# comment\n", b"1-2\t", b"1.1\t", b"name=B-PER", b"#begin document (a); part 000\n", b"PER",
]  # fmt: skip
_JSON_TOKENS = [
  b"label", b"text", b"labels", b"tokens", b"ner_tags", b"tags", b"spans", b"entities", b"start",
  b"end", b"annotations", b"result", b"value", b"choices", b"data", b"columns", b"index",
]  # fmt: skip


def readers() -> list[Reader]:
  """Returns the readers of labelled and tagged texts."""
  read = functools.partial(_read_labelled, Options())
  table = functools.partial(_read_labelled, Options(format="csv"))
  names = functools.partial(_read_labelled, Options(label_column="label", text_column="text"))
  is_json = [mutators.change_json]
  return [
    Reader("labelled_csv", _tables(), read, _check_labelled, _TOKENS),
    Reader("labelled_csv_format", _tables(), table, _check_labelled, _TOKENS),
    Reader("labelled_csv_columns", _tables(), names, _check_labelled, _TOKENS),
    Reader("labelled_lines", _lines(), read, _check_labelled, _TOKENS),
    Reader("labelled_json", _json_seeds(), read, _check_labelled, _JSON_TOKENS, is_json * 2),
    Reader("labelled_parquet", _parquet_seeds(), read, _check_labelled, [b"PAR1"],
           [mutators.change_integers]),
    Reader("unlabelled", [*_tables(), *_lines(), *_json_seeds()], _read_unlabelled, _check_texts,
           _TOKENS, is_json),
    Reader("tagged_columns", _tagged(), _read_tagged, _check_tagged, _TAG_TOKENS),
    Reader("tagged_json", _tagged_json(), _read_tagged, _check_tagged, _JSON_TOKENS, is_json * 2),
  ]  # fmt: skip


def _tables() -> list[Files]:
  tables = [_PAIR]
  for delimiter in ",;\t|":
    for header in (["label", "text"], ["id", "text", "label"], []):
      buffer = io.StringIO()
      writer = csv.writer(buffer, delimiter=delimiter, lineterminator="\n")
      if header:
        writer.writerow(header)
      for number, word in enumerate(_WORDS * 2):
        label = ("pos", "neg", "1")[number % 3]
        row = [number, word, label] if len(header) == 3 else [label, word]
        writer.writerow(row)
      tables.append(buffer.getvalue().encode())
  return [{"t.csv": data} for data in tables]


def _lines() -> list[Files]:
  lines = [(("pos", "neg")[number % 2], word.replace("\t", " "))
           for number, word in enumerate(_WORDS * 2)]  # fmt: skip
  texts = []
  for form in ("__label__{0} {1}\n", "{1} __label__{0} __label__b\n", "{0}\t{1}\n", "{1}\t{0}\n",
               "{0} {1}\n"):  # fmt: skip
    texts.append("".join(form.format(*line) for line in lines).encode())
  return [{"t.txt": data} for data in texts]


def _json_seeds() -> list[Files]:
  records = [{"text": word, "label": ("pos", "neg")[number % 2], "id": number}
             for number, word in enumerate(_WORDS)]  # fmt: skip
  studio = [{"id": 1, "data": {"text": "a b"}, "annotations": [
    {"result": [{"type": "choices", "value": {"choices": ["pos"]}}]}]}]
  values = [
    records, {"data": records}, studio, {"text": {"0": "a", "1": "b"}, "label": {"0": 1, "1": 0}},
    {"columns": ["text", "label"], "index": [0], "data": [["a b", "x"]]},
    [{"sentence1": "a", "sentence2": "b", "label": 1}, {"sentence1": "c", "sentence2": "d",
      "label": 0}],
    [{"text": "a", "labels": ["x"]}],
  ]  # fmt: skip
  seeds = [{"t.json": json.dumps(value).encode()} for value in values]
  lines = "".join(json.dumps(record, ensure_ascii=False) + "\n" for record in records)
  return [*seeds, {"t.json": lines.encode()}]


def _parquet_seeds() -> list[Files]:
  import pyarrow
  import pyarrow.parquet

  table = pyarrow.table({"text": _WORDS, "label": ["pos", "neg"] * 3 + ["pos"]})
  buffer = io.BytesIO()
  pyarrow.parquet.write_table(table, buffer)
  stream = io.BytesIO()
  with pyarrow.ipc.new_file(stream, table.schema) as writer:
    writer.write_table(table)
  return [{"t.parquet": data} for data in (buffer.getvalue(), stream.getvalue())]


def _only_file(folder: pathlib.Path) -> pathlib.Path:
  path, = folder.iterdir()
  return path


def _read_labelled(options: Options, folder: pathlib.Path):
  path = _only_file(folder)
  rows, layout = labelled_files.read(path, options)
  classes = {label for _, _, labels in rows for label in labels}
  again, _ = labelled_files.read(path, options, layout=layout, classes=classes)
  log_stage("columns", layout.describe())
  return rows, layout, again


def _check_labelled(value, files: Files) -> None:
  rows, layout, again = value
  assert rows == again
  for _, text, labels in rows:
    assert (isinstance(text, str) and "\n" not in text.strip("\n")) or layout.texts
    assert labels and all(isinstance(label, str) and label.strip() for label in labels)
  data, = files.values()
  if layout.format in ("csv", "tsv"):
    assert [(text, labels) for _, text, labels in rows] == _table_rows(data, layout)
  elif layout.format == "fasttext":
    _check_fasttext(rows, data)
  elif layout.format in ("label_tab_text", "text_tab_label", "label_text"):
    lines = [line for line in _without_hint(_text_lines(data)) if line.strip()]
    for (_, text, (label,)), line in zip(rows, lines, strict=True):
      assert sorted((text + label).split()) == sorted(line.replace("\t", " ").split()) or (
        "".join((text + label).split()) in "".join((line * 2).split()))
  elif layout.format == "json":
    strings = _json_strings(data)
    for _, text, labels in rows:
      assert {*text.split("\t")} <= strings or text in strings, text
      assert {*labels} <= strings, labels


def _text_lines(data: bytes) -> list[str]:
  text = data.decode("utf-8-sig").replace("\r\n", "\n")
  text = text.replace("\r", "\n" if text.count("\r") > text.count("\n") else " ")
  return text.split("\n")


def _without_hint(lines: list[str]) -> list[str]:
  """Returns the lines; Excel's first line `sep=;` becomes an empty one."""
  is_hint = re.fullmatch('"?sep=."?\\s*', lines[0], re.IGNORECASE)
  return ["", *lines[1:]] if is_hint else lines


def _table_rows(data: bytes, layout: Layout) -> list[tuple[str, tuple[str, ...]]]:
  """Returns the texts and labels of a table as Python's csv reads it."""
  lines = _without_hint(_text_lines(data))
  options = {"delimiter": layout.delimiter, "strict": layout.quoting != "none"}
  if layout.quoting == "none":
    table = [line.split(layout.delimiter) for line in lines]
  else:
    if layout.quoting == "backslash":
      options |= {"escapechar": "\\", "doublequote": False}
    table = list(csv.reader(io.StringIO("\n".join(lines), newline=""), **options))
  table = [fields for fields in table if any(field.strip() for field in fields)]
  label, *texts = layout.indices
  rows = []
  for fields in table[layout.header :]:
    text = "\t".join(fields[i].replace("\t", " ").strip() for i in texts).rstrip("\t")
    rows.append((text, (fields[label].strip(),)))
  return rows


def _check_fasttext(rows, data: bytes) -> None:
  lines = [line for line in _text_lines(data) if line.strip()]
  assert len(rows) == len(lines)
  for (_, text, labels), line in zip(rows, lines, strict=True):
    for label in labels:
      assert f"__label__{label}" in line
    for word in text.split():
      assert word in line
    left = line
    for label in sorted(labels, key=len, reverse=True):
      left = left.replace(f"__label__{label}", "")
    assert left.split() == text.split() or "__label__" in left + text


def _json_strings(data: bytes) -> set[str]:
  """Returns all strings and numbers in JSON as readers may write them."""
  strings: set[str] = set()
  stack = _json_values("\n".join(_text_lines(data)))
  while stack:
    value = stack.pop()
    if isinstance(value, dict):
      stack += [*value.values(), *value]
    elif isinstance(value, list):
      stack += value
    else:
      strings |= {str(value), str(value).strip(), str(value).lower()}
      if isinstance(value, float) and abs(value) <= 2**53:
        strings.add(str(int(value)))
      if isinstance(value, str):
        plain = value.replace("\t", " ").strip()
        strings |= {plain, plain.replace("\n", " ").strip(), " ".join(plain.split())}
        strings |= {part.strip() for part in value.replace("\r", " ").split("\t")}
  return strings


def _json_values(text: str) -> list:
  """Returns the values of a text, one after another with any white space between them."""
  decoder = json.JSONDecoder()
  values = []
  text = text.strip()
  position = 0
  while position < len(text):
    value, position = decoder.raw_decode(text, position)
    values.append(value)
    while text[position : position + 1].isspace():
      position += 1
  return values


def _read_unlabelled(folder: pathlib.Path):
  path = _only_file(folder)
  layout = Layout("csv", ",", "doubled", True, "label", ("text",), 2, (0, 1))
  texts = [list(unlabelled_files.read(path, None)[0])]
  texts.append(list(unlabelled_files.read(path, layout, classes={"pos", "neg"})[0]))
  return texts


def _check_texts(value, files: Files) -> None:
  for texts in value:
    for number, text in texts:
      assert isinstance(number, int) and isinstance(text, str)


def _tagged() -> list[Files]:
  pairs = [("EU", "B-ORG"), ("rejects", "O"), ("Peter", "B-PER"), ("Black", "I-PER"), (".", "O")]
  texts = []
  for form in ("{0} {1}\n", "{0}\t{1}\n", "{0} X Y {1}\n", "{2}\t{0}\t_\tSpaceAfter=No|name={1}\n"):
    sentence = "".join(form.format(*pair, number) for number, pair in enumerate(pairs, 1))
    texts.append(f"{sentence}\n{sentence}\n# a comment\n{sentence}")
  plain = "".join(f"{token} {tag[2:] or 'O'}\n" for token, tag in pairs)
  bracket = "d 0 {0} {1} NN - - - - {2} *\n"
  texts.append(f"{plain}\n{plain}\n{plain}")
  texts.append("#begin document (a); part 000\n" + "".join(
    bracket.format(number, token, mark) for number, (token, mark) in enumerate(
      [("EU", "(ORG)"), ("is", "*"), ("Peter", "(PERSON*"), ("Black", "*)")])) + "\n")  # fmt: skip
  rows = ("Sentence #,Word,POS,Tag", "Sentence: 1,EU,NN,B-ORG", ",is,V,O", "Sentence: 2,Bob,N,O")
  texts.append("\n".join(rows))
  return [{"t.conll": text.encode()} for text in texts]


def _tagged_json() -> list[Files]:
  values = [
    [{"tokens": ["EU", "is"], "ner_tags": ["B-ORG", "O"]}, {"tokens": ["a"], "ner_tags": ["O"]}],
    [{"text": "EU is big", "label": [[0, 2, "ORG"], [6, 9, "X"]]}, {"text": "no", "label": []}],
    [{"text": "EU is big", "spans": [{"start": 0, "end": 2, "label": "ORG"}]}],
    [["EU is big", {"entities": [[0, 2, "ORG"]]}]],
    [{"data": {"text": "EU is"}, "annotations": [{"result": [{"type": "labels", "value": {
      "start": 0, "end": 2, "text": "EU", "labels": ["ORG"]}}]}]}],
  ]  # fmt: skip
  seeds = [{"t.json": json.dumps(value).encode()} for value in values]
  lines = "".join(json.dumps(record) + "\n" for record in values[0])
  return [*seeds, {"t.json": lines.encode()}]


def _read_tagged(folder: pathlib.Path):
  path = _only_file(folder)
  tagged, layout = tagged_files.read_with_layout(path, tagged_files.Options())
  again, _ = tagged_files.read_with_layout(path, tagged_files.Options(), layout=layout)
  return tagged, layout, again


def _check_tagged(value, files: Files) -> None:
  tagged, layout, again = value
  assert tagged == again
  data, = files.values()
  text = "" if layout.kind == "records" else "\n".join(_text_lines(data))
  for sentence, spans in zip(tagged.sentences, tagged.spans, strict=True):
    assert sentence and all(isinstance(token, str) and token for token in sentence)
    if layout.kind == "columns":
      assert all(token in text for token in sentence)
    end = 0
    for span in spans:
      assert end <= span.start < span.end <= len(sentence)
      assert isinstance(span.type, str) and span.type in tagged.types
      end = span.end
    tagging.tags(spans, len(sentence), "bioes")
