"""Predictions in every format: each text once, in order, whatever characters it has."""

import csv
import io
import json
import os
import sys
import threading

import numpy as np
import pytest

from glove_jax.errors import InputError
from glove_jax.finetuning import predictions, settings
from glove_jax.finetuning.model import Predictor, make_classifier, make_tagger
from glove_jax.finetuning.predictions import Classified

TEXTS = ["a fine film", "", 'with "quotes", a\ttab', "two\nlines", "\u201cé\u201d \U0001f600"]


def classified(*, probabilities=False):
  """Predictions of `long` for texts of more than 9 characters."""

  def run(params, texts):
    return [np.array([9.0, len(text)]) / 10 for text in texts]

  def save(params, folder):
    del params, folder

  model = make_classifier(["short", "long"], Predictor(encode=list, run=run, save=save))
  return predictions.classify(model, None, TEXTS, probabilities=probabilities)


def tagged(texts, **values):
  """Predictions by which capitalised tokens are persons."""

  def run(params, sentences):
    return [np.array([int(token.istitle()) for token in tokens]) for tokens in sentences]

  def save(params, folder):
    del params, folder

  model = make_tagger(["O", "I-PER"], Predictor(encode=list, run=run, save=save))
  return predictions.tag(settings.TagSettings(train="x", **values), model, None, texts)


def written(values, path, format=""):
  format = format or path.suffix.removeprefix(".") or "txt"
  predictions.write(values, str(path), format)
  return path.read_text(encoding="utf-8")


def test_json_lines_have_every_text(tmp_path):
  rows = [json.loads(line) for line in written(classified(), tmp_path / "o.jsonl").splitlines()]
  assert [row["text"] for row in rows] == TEXTS
  assert rows[0] == {"text": "a fine film", "label": "long"}
  text = written(classified(probabilities=True), tmp_path / "o.jsonl")
  rows = [json.loads(line) for line in text.splitlines()]
  assert list(rows[0]["probabilities"]) == ["short", "long"]
  assert sum(rows[0]["probabilities"].values()) == pytest.approx(1)


@pytest.mark.parametrize(("suffix", "delimiter"), [("csv", ","), ("tsv", "\t")])
def test_tables_are_read_back_by_csv(suffix, delimiter, tmp_path):
  path = tmp_path / f"o.{suffix}"
  predictions.write(classified(probabilities=True), str(path), suffix)
  with path.open(newline="", encoding="utf-8") as file:
    header, *rows = csv.reader(file, delimiter=delimiter)
  assert header == ["label", "text", "probability_short", "probability_long"]
  assert [row[1] for row in rows] == TEXTS
  assert rows[0][0] == "long" and float(rows[0][3]) > 0.5


def test_a_line_of_text_has_its_label_first(tmp_path):
  lines = written(classified(), tmp_path / "predicted.txt").splitlines()
  assert lines[:2] == ["long\ta fine film", "short\t"] and lines[3] == "short\ttwo lines"
  assert len(lines) == len(TEXTS)
  first = written(classified(probabilities=True), tmp_path / "o").splitlines()[0]
  assert first == "long\t0.450166\t0.549834\ta fine film"


def test_the_suffix_names_the_format_unless_one_is_asked_for():
  classify = settings.ClassifySettings(train="x")
  tag = settings.TagSettings(train="x")
  paths = {"o.JSONL": "jsonl", "a.b/o": "txt", "-": "txt", "/dev/stdout": "txt", "o.tsv": "tsv"}
  for path, format in paths.items():
    assert predictions.choose_format(classify, path) == format
  assert predictions.choose_format(tag, "o.conll") == "conll"
  assert predictions.choose_format(classify, "o.parquet", "csv") == "csv"
  for path in ("o.parquet", "o.conll", "o.json"):
    with pytest.raises(InputError, match=f"^{path}: .*for labels one of .txt, .tsv, .csv, .jsonl"):
      predictions.choose_format(classify, path)
  with pytest.raises(InputError, match="expected for entities one of .*conll"):
    predictions.choose_format(tag, "o.xlsx")


def test_entities_have_the_offsets_of_their_characters(tmp_path):
  texts = ["by  Anna Seghers, (Rio).", "", ["in", "Rio"]]
  values = tagged(texts)
  for prediction in values:
    for span in prediction.spans:
      assert prediction.text[span.start : span.end] == span.text
  assert [span[2:] for span in values[0].spans] == [("PER", "Anna Seghers"), ("PER", "Rio")]
  rows = [json.loads(line) for line in written(values, tmp_path / "o.jsonl").splitlines()]
  assert rows[1] == {"text": "", "tokens": [], "tags": [], "spans": []}
  assert rows[2] == {
    "text": "in Rio",
    "tokens": ["in", "Rio"],
    "tags": ["O", "B-PER"],
    "spans": [{"start": 3, "end": 6, "type": "PER", "text": "Rio"}],
  }
  lines = written(values, tmp_path / "o.csv").splitlines()
  assert lines == ["number,start,end,type,text", "1,4,16,PER,Anna Seghers", "1,19,22,PER,Rio",
                   "3,3,6,PER,Rio"]


def test_tags_are_in_the_scheme_of_the_run(tmp_path):
  values = tagged(["Anna Seghers ran."], scheme="bioes")
  expected = "Anna\tB-PER\nSeghers\tE-PER\nran\tO\n.\tO\n\n"
  assert written(values, tmp_path / "o.conll") == written(values, tmp_path / "p.txt") == expected


@pytest.mark.parametrize(
  ("tokenizer", "tokens"),
  [
    ("whitespace", ["Rio,", "我在"]),
    ("characters", ["R", "i", "o", ",", "我", "在"]),
    ("words", ["Rio", "我在"]),
  ],
)
def test_every_tokenizer_has_offsets(tokenizer, tokens):
  (prediction,) = tagged(["Rio, 我在"], tokenizer=tokenizer)
  assert prediction.tokens == tokens
  (prediction,) = tagged(["in Rio\xad, E\u0301a."], tokenizer="unicode")  # composes letters
  assert prediction.tokens == ["in", "Rio", "\xc9a"]
  assert [span[:2] for span in prediction.spans] == [(3, 13)]


def test_standard_output_is_utf_8_whatever_its_encoding(monkeypatch):
  for name in predictions.STDOUT:
    output = io.BytesIO()
    monkeypatch.setattr(sys, "stdout", io.TextIOWrapper(output, encoding="ascii"))
    predictions.write(classified(), name, "csv")
    assert "é".encode() in output.getvalue()
  monkeypatch.setattr(sys, "stdout", None)
  with pytest.raises(InputError, match="standard output is closed"):
    predictions.write(classified(), "-", "txt")


def test_terminal_escapes_are_shown_on_a_terminal_and_kept_elsewhere(monkeypatch):
  escape = Classified("a\x1b]0;title\x07", "\x1b[31mred", {})
  for is_terminal in (True, False):
    output = io.BytesIO()
    stream = io.TextIOWrapper(output, encoding="utf-8")
    monkeypatch.setattr(stream, "isatty", lambda value=is_terminal: value)
    monkeypatch.setattr(sys, "stdout", stream)
    predictions.write([escape], "-", "txt")
    assert (b"\x1b" in output.getvalue()) != is_terminal
    shown = b"\\x1b[31mred\ta\\x1b]0;title\\x07\n"
    assert (output.getvalue() == shown) == is_terminal


def test_pipes_are_written_in_place(tmp_path):
  os.mkfifo(tmp_path / "pipe")
  read = []
  reader = threading.Thread(target=lambda: read.append((tmp_path / "pipe").read_bytes()))
  reader.start()
  predictions.write(classified(), str(tmp_path / "pipe"), "txt")
  reader.join()
  assert read[0].startswith(b"long\ta fine film\n")


def test_a_file_is_whole_or_as_it_was(tmp_path):
  path = tmp_path / "o.txt"
  path.write_text("before")
  with pytest.raises(KeyboardInterrupt), predictions.open_output(str(path)) as file:
    file.write(b"half")
    raise KeyboardInterrupt
  assert path.read_text() == "before"


def test_no_texts_have_no_predictions(tmp_path):
  for suffix in ("txt", "jsonl", "conll"):
    assert written([], tmp_path / f"o.{suffix}") == ""
  assert written([], tmp_path / "o.csv") == "label,text\n"
  lone = [Classified("\ud800", "x", None)]
  assert json.loads(written(lone, tmp_path / "o.jsonl")) == {"text": "\ud800", "label": "x"}
