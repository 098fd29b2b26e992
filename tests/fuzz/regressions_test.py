"""Small inputs by which fuzzing found faults; each stands for its kind."""

import bz2
import functools
import gzip
import io
import json
import lzma
import pathlib
import struct

import fasttext_files
import numpy as np
import pytest

from glove_jax import metrics, run_record, vector_files
from glove_jax.data.labelled import labelled_files, layouts, lexicon, tagged_files
from glove_jax.data.text import corpus, phrases, streams
from glove_jax.errors import InputError, printable_lines
from glove_jax.evaluation import analogy_sets
from glove_jax.files import write_record
from glove_jax.interop import fasttext
from glove_jax.pretraining import text_record
from glove_jax.progress import log_stage
from glove_jax.vector_files import compression

ESCAPES = "\x1b[31mred\x1b]0;title\x07"


def error(read, *args) -> str:
  with pytest.raises(InputError) as caught:
    read(*args)
  message = str(caught.value)
  assert len(message) <= 1000 and message.isprintable()
  return message


def write(tmp_path, name: str, data: bytes) -> pathlib.Path:
  path = tmp_path / name
  path.write_bytes(data)
  return path


@pytest.mark.parametrize("rows", [b"0.5\n5\t1\n2\t3\n", b"1.5\t2\n3\t4\t5\n6\t7\n"])
def test_rows_of_tensors_that_differ_in_length_are_no_words_with_numbers(tmp_path, rows):
  write(tmp_path, "metadata.tsv", b"the\ncat\ndog\n")
  path = write(tmp_path, "tensors.tsv", rows)
  assert "in row 2, expected" in error(vector_files.load, path)


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-be", "utf-32"])
def test_a_text_of_two_bytes_a_character_is_not_read_as_binary_vectors(tmp_path, encoding):
  mark = b"\xfe\xff" if encoding == "utf-16-be" else b""
  text = "1 2\nthe \0\0\0\0\1\1\1\1 cat\n"
  path = write(tmp_path, "v.bin", mark + text.encode(encoding))
  assert "the header says 2 numbers" in error(vector_files.load, path)


@pytest.mark.parametrize("number", [b"\xaf\xfc\x8f\xfc", b"\x01\x00\x80\x7f"])
def test_signalling_nans_print_no_warning(tmp_path, number, recwarn):
  path = write(tmp_path, "v.bin", b"\xff\xfc\x8f\xfc" + number * 3)
  error(vector_files.load, path)
  assert not recwarn.list


@pytest.mark.parametrize("value", [1e38, -1e30, float("nan"), float("inf")])
@pytest.mark.parametrize("matrix", ["input", "output"])
def test_numbers_whose_sums_are_infinite_are_refused(tmp_path, value, matrix, recwarn):
  model = fasttext.Model(
    args=fasttext.Args(dim=2, bucket=0, minn=0, maxn=0), words=["a", "b"], counts=np.array([2, 1]),
    labels=[], label_counts=np.zeros(0, np.int64), tokens=3, prune=None,
    input=np.ones((2, 2), np.float32), output=np.ones((2, 2), np.float32),
  )  # fmt: skip
  getattr(model, matrix)[1, 1] = value
  fasttext.save(model, tmp_path / "m.bin")
  assert f"row 1 of the {matrix}" in fasttext_files.error(tmp_path / "m.bin")
  assert not recwarn.list


def test_answers_in_a_file_of_their_own_follow_the_relation(tmp_path):
  path = write(tmp_path, "a.questions", b"good better rough\ngood best small\n")
  write(tmp_path, "a.answers", b"more rougher\nmost smallest\n")
  sections = analogy_sets.read_analogies(path)
  assert [(section.name, section.questions) for section in sections] == [
    ("more", [("good", "better", "rough", "rougher")]),
    ("most", [("good", "best", "small", "smallest")]),
  ]


@pytest.mark.parametrize("offset", [2**31 - 1, -5, 10**6])
def test_offsets_outside_of_a_damaged_arrow_file_are_not_followed(tmp_path, offset):
  pyarrow = pytest.importorskip("pyarrow")
  table = pyarrow.table({"text": ["good one", "bad one"] * 4, "label": ["pos", "neg"] * 4})
  stream = io.BytesIO()
  with pyarrow.ipc.new_file(stream, table.schema) as writer:
    writer.write_table(table)
  offsets = struct.pack("<9i", *(8 * number - number // 2 for number in range(9)))
  data = stream.getvalue()
  assert data.count(offsets) == 1
  position = data.index(offsets) + 4 * 8
  path = write(
    tmp_path, "t.arrow", data[:position] + struct.pack("<i", offset) + data[position + 4 :]
  )
  assert "damaged" in error(labelled_files.read, path)


@pytest.mark.parametrize("score", ["1e999", "-1e400", "..5", "1_0", "nan", "٣"])
def test_scores_of_phrases_are_finite_numbers(tmp_path, score):
  path = write(tmp_path, "phrases.txt", f"new york 3.5\nsan jose {score}\n".encode())
  assert ":2:" in error(phrases.load, path)


RECORD = {"settings": {"dim": 5}, "previous": None, "sources": {}, "results": {}}


@pytest.mark.parametrize("change", [
  {"results": 0.5}, {"results": {"model.bin": 3}}, {"results": {"model.bin": [1]}},
  {"sources": {"init": {}}}, {"sources": []}, {"settings": None}, {"previous": "a"}, {"other": 1},
])  # fmt: skip
def test_a_record_of_a_run_with_values_of_other_kinds_is_refused(tmp_path, change):
  write_record(tmp_path / "run.json", {**RECORD, **change})
  assert "other keys or values" in error(run_record.check_results, tmp_path)


LEXICON = {"words": ["a"], "characters": [], "labels": ["x", "y"], "lengths": [8], "dim": 5}


@pytest.mark.parametrize("change", [
  {"words": "ab"}, {"words": ["a", "a"]}, {"words": [1]}, {"labels": {"x": 1}}, {"lengths": [0.5]},
  {"lengths": [-1]}, {"dim": "5"}, {"dim": 1e999}, {"dim": True},
])  # fmt: skip
def test_a_lexicon_with_values_of_other_kinds_is_refused(tmp_path, change):
  path = write(tmp_path, "lexicon.json", json.dumps({**LEXICON, **change}).encode())
  assert "expected the lexicon" in error(lexicon.load, path)


def test_a_lexicon_that_is_nested_deeply_is_refused(tmp_path):
  path = write(tmp_path, "lexicon.json", b"[" * 100_000)
  assert "expected the lexicon" in error(lexicon.load, path)


@pytest.mark.parametrize("change", [
  {"texts": 1}, {"texts": "ab"}, {"texts": [1]}, {"indices": [True]}, {"unused": 1}, {"header": 1},
  {"width": "2"}, {"delimiter": None}, {"format": []}, {"other": 1},
])  # fmt: skip
def test_layouts_with_values_of_other_kinds_are_none(change):
  layout = layouts.Layout("csv", ",", texts=("a",))._asdict()
  assert layouts.from_json(layout) == layouts.Layout("csv", ",", texts=("a",))
  assert layouts.from_json({**layout, **change}) is None


@pytest.mark.parametrize("change", [
  {"kind": ["columns"]}, {"kind": "column"}, {"splitter": "x"}, {"token": "0"}, {"tag": 0.5},
  {"ids": 1}, {"tags": None},
])  # fmt: skip
def test_layouts_of_tagged_texts_with_values_of_other_kinds_are_none(change):
  layout = tagged_files.TagLayout("columns")._asdict()
  assert tagged_files.from_json(layout) == tagged_files.TagLayout("columns")
  assert tagged_files.from_json({**layout, **change}) is None


@pytest.mark.parametrize("line", [b'{"a":' * 100_000, b"[" * 100_000, b'[{"a":1}' + b"[" * 9999])
@pytest.mark.parametrize("options", [layouts.DETECT, layouts.Options(format="jsonl")])
def test_json_that_is_nested_deeply_is_refused_by_all_readers(tmp_path, line, options):
  path = write(tmp_path, "t.json", b'{"text": "a", "label": 1}\n' + line + b"\n")
  error(labelled_files.read, path, options)
  write(tmp_path, "t.json", line + b"\n")
  error(labelled_files.read, path, options)
  error(tagged_files.read_with_layout, path, tagged_files.Options())


@pytest.mark.parametrize("made", [1, [], {"vocab.txt": 5}, {"vocab.txt": [1, "a"]}])
def test_a_record_of_a_text_with_values_of_other_kinds_is_refused(tmp_path, made):
  write(tmp_path, "vocab.txt", b"a 1\n")
  write_record(tmp_path / "corpus.json", {"files": [], "fingerprint": "f", "made": made})

  def read():
    text_record.was_read(tmp_path, [], "f", made=["vocab.txt"])

  assert "no checksums" in error(read)


def pack(kind: str, data: bytes) -> bytes:
  if kind == "zstd":
    return pytest.importorskip("zstandard").ZstdCompressor().compress(data)
  return {"gzip": gzip.compress, "bzip2": bz2.compress, "xz": lzma.compress}[kind](data)


@pytest.mark.parametrize("kind", ["gzip", "bzip2", "xz", "zstd"])
@pytest.mark.parametrize("read", [
  labelled_files.read, lambda path: list(corpus.read_lines(path)), vector_files.load])
def test_archives_that_expand_without_end_are_refused(tmp_path, monkeypatch, kind, read):
  monkeypatch.setattr(streams, "_MAX_UNCHECKED", 1 << 20)
  monkeypatch.setattr(compression, "MAX_UNCHECKED_BYTES", 1 << 20)
  path = write(tmp_path, "t", pack(kind, b"pos a text 1\n" * 120_000))
  assert path.stat().st_size < 20_000
  message = error(read, path)
  assert "expands more than 100 times" in message or "words differ" in message


@pytest.mark.parametrize("encoding", [
  "rot13", "base64", "hex", "zlib", "idna", "punycode", "undefined", "unicode_escape", "utf_7",
  "utf-8\0", "x" * 10_000, "\x1b[31m", "", "../utf-8", "\ud800",
])  # fmt: skip
def test_names_that_are_no_encodings_of_texts_are_refused(tmp_path, encoding):
  path = write(tmp_path, "t.txt", b"the 1 2\n")
  for read in (labelled_files.read, vector_files.load, _read_corpus):
    error(functools.partial(read, encoding=encoding), path)


def _read_corpus(path, encoding: str):
  return list(corpus.read_lines(path, encoding=encoding))


@pytest.mark.parametrize("row", [",,B-X", "Sentence: 2,,O"])
def test_rows_of_tagged_tables_have_a_token(tmp_path, row):
  path = write(tmp_path, "t.csv", f"Sentence,Word,Tag\nSentence: 1,a,O\n{row}\n".encode())
  assert ":3: found no token" in error(tagged_files.read_with_layout, path, tagged_files.Options())


def test_terminal_escapes_in_lines_and_tables_are_shown(capsys):
  log_stage("columns", ESCAPES)
  print(metrics.format_confusion_matrix({ESCAPES: {"x" * 5000: 1}}))
  print(metrics.format_entity_scores({ESCAPES: dict.fromkeys(
    ("precision", "recall", "f1", "entities"), 0.5)}))
  print(printable_lines(f"a\t{ESCAPES}\n\x00b\n"))
  output = capsys.readouterr().out
  assert all(character.isprintable() or character in "\n\t" for character in output)
  assert output.count("\\x1b[31mred") == 5
  assert max(map(len, output.split("\n"))) < 500

