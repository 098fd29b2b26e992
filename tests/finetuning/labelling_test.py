"""A finished run labels files of any length, whatever the blocks are."""

import gzip
import io
import itertools
import json

import numpy as np
import pytest
from stub_runs import classifier, save, tagger

from glove_jax.data.labelled import rereading
from glove_jax.errors import InputError
from glove_jax.finetuning import labelling, new_texts, unknown_texts
from glove_jax.finetuning.model import Predictor, make_classifier


def write(path, text, **options):
  path.write_text(text, **options)
  return str(path)


def test_labels_of_a_classifier(tmp_path):
  path = write(tmp_path / "new.txt", "g\n\nx\n")
  labelled, description = labelling.predict_file(classifier(), path, probabilities=True)
  assert [row.label for row in labelled] == ["good", "bad", "bad"]
  assert set(labelled[0].probabilities) == {"bad", "good"} and description.startswith("3 lines")


def test_texts_without_known_words_are_noted_once(tmp_path, monkeypatch, capfd):
  def encode(texts):
    unknown_texts.count(np.array(["g" not in text for text in texts]))
    return texts

  run = classifier()
  predictor = Predictor(encode=encode, run=lambda params, texts: np.eye(len(texts), 2), save=save)
  run = run._replace(model=make_classifier(["bad", "good"], predictor))
  path = write(tmp_path / "new.txt", "g\n\nx\n")
  note = "note: 2 of 3 texts have no word that the model knows: labels of such texts are guesses\n"
  labelling.predict_file(run, path)
  assert capfd.readouterr().err == note
  monkeypatch.setattr(labelling, "TEXTS_PER_BLOCK", 2)
  labelling.predict_to_file(run, path, str(tmp_path / "out.txt"), "txt")
  assert capfd.readouterr().err == note


def test_entities_of_a_tagger(tmp_path):
  path = write(tmp_path / "new.txt", "by Anna.\n\n")
  labelled, _ = labelling.predict_file(tagger(), path)
  assert [row.spans for row in labelled] == [[(3, 7, "PER", "Anna")], []]
  with pytest.raises(InputError, match="probabilities=True is for classifiers"):
    labelling.predict_file(tagger(), path, probabilities=True)


def test_labels_are_written_in_blocks_and_an_interrupted_call_goes_on(tmp_path, monkeypatch):
  monkeypatch.setattr(labelling, "TEXTS_PER_BLOCK", 2)
  path = write(tmp_path / "new.txt", "g\nb\nx\ng\ng\n")
  whole, target = tmp_path / "whole.csv", tmp_path / "o.csv"
  count, description = labelling.predict_to_file(classifier(), path, str(whole), "csv")
  assert count == 5 and description.startswith("5 lines")
  assert whole.read_text().splitlines()[:2] == ["label,text", "good,g"]
  label = labelling._label
  blocks = []

  def interrupted(run, texts, **options):
    blocks.append(list(texts))
    if len(blocks) == 2:
      raise KeyboardInterrupt
    return label(run, texts, **options)

  monkeypatch.setattr(labelling, "_label", interrupted)
  with pytest.raises(KeyboardInterrupt):
    labelling.predict_to_file(classifier(), path, str(target), "csv")
  assert not target.exists()
  labelling.predict_to_file(classifier(), path, str(target), "csv")
  assert blocks == [["g", "b"], ["x", "g"], ["x", "g"], ["g"]]
  assert target.read_bytes() == whole.read_bytes()


def test_an_empty_file_has_an_empty_table(tmp_path):
  path = write(tmp_path / "new.txt", "")
  target = tmp_path / "o.csv"
  assert labelling.predict_to_file(classifier(), path, str(target), "csv", how="lines")[0] == 0
  assert target.read_text() == "label,text\n"


@pytest.fixture
def small_parts(monkeypatch):
  """Blocks, and what is kept of a file, are smaller than the files of the tests."""
  monkeypatch.setattr(labelling, "TEXTS_PER_BLOCK", 3)
  monkeypatch.setattr(rereading, "HEAD_LINES", 5)


TEXTS = ["g one", "two", 'a "g" text', "four, g", "", "six"] * 4
FILES = {
  "lines": "\n".join(TEXTS),
  "csv": "id,text\n" + "".join(f'{n},"{text.replace(chr(34), chr(34) * 2)}"\n'
                               for n, text in enumerate(TEXTS)),
  "tsv": "id\ttext\n" + "".join(f"{n}\t{text}\n" for n, text in enumerate(TEXTS)),
  "jsonl": "".join(json.dumps({"text": text, "id": n}) + "\n" for n, text in enumerate(TEXTS)),
  "rows": "".join(json.dumps({"row": {"text": text}}) + "\n" for text in TEXTS),
}


def stream(run, path, format, **options):
  """Returns what goes to standard output."""
  stdout = io.TextIOWrapper(io.BytesIO())
  labelling.predict_to_stream(run, path, "-", format, stdout=stdout, **options)
  return stdout.buffer.getvalue()


@pytest.mark.parametrize("format", ["txt", "tsv", "jsonl"])
@pytest.mark.parametrize("name", FILES)
def test_blocks_and_passes_change_nothing(tmp_path, name, format, monkeypatch):
  path = write(tmp_path / "new", FILES[name])
  options = {"probabilities": True}
  labelled, description = labelling.predict_file(classifier(), path, **options)
  expected = stream(classifier(), path, format, **options)
  if name != "rows":  # an envelope is taken off only where records are expected
    assert [row.text for row in labelled] == TEXTS
  monkeypatch.setattr(labelling, "TEXTS_PER_BLOCK", 3)
  monkeypatch.setattr(rereading, "HEAD_LINES", 5)
  assert labelling.predict_file(classifier(), path, **options) == (labelled, description)
  assert stream(classifier(), path, format, **options) == expected
  target = tmp_path / "out"
  labelling.predict_to_file(classifier(), path, str(target), format, **options)
  assert target.read_bytes() == expected
  packed = tmp_path / "new.gz"
  packed.write_bytes(gzip.compress(FILES[name].encode()))
  assert stream(classifier(), str(packed), format, **options) == expected


def test_each_block_goes_to_standard_output_at_once(tmp_path, small_parts, monkeypatch):
  path = write(tmp_path / "new", FILES["lines"])
  stdout = io.TextIOWrapper(io.BytesIO())
  sizes = []
  label = labelling._label

  def measured(*args, **options):
    sizes.append(stdout.buffer.getvalue().count(b"\n"))
    return label(*args, **options)

  monkeypatch.setattr(labelling, "_label", measured)
  count, _ = labelling.predict_to_stream(classifier(), path, "-", "txt", stdout=stdout)
  assert count == len(TEXTS) and sizes == list(range(0, len(TEXTS), 3))


def test_long_texts_make_smaller_blocks(monkeypatch):
  monkeypatch.setattr(labelling, "CHARACTERS_PER_BLOCK", 10)
  texts = ["a" * 12, "b", "c" * 9, "d", ["e" * 5, "f" * 5], "g"]
  sizes = [len(block) for block in labelling._blocks(iter(texts))]
  assert sizes == [1, 2, 2, 1]


def test_errors_come_before_any_output(tmp_path, small_parts):
  lines = FILES["csv"] + "no text\n"
  target = tmp_path / "out"
  with pytest.raises(InputError, match=r"new:26: found 1 fields, expected 2"):
    labelling.predict_to_file(classifier(), write(tmp_path / "new", lines), str(target), "txt")
  damaged = tmp_path / "damaged"
  damaged.write_bytes(FILES["lines"].encode() + b"\n\xff\n")
  for how in ("auto", "lines"):
    with pytest.raises(InputError, match="byte 0xff at column 1"):
      labelling.predict_to_file(classifier(), str(damaged), str(target), "txt", how=how)
  assert [path.name for path in tmp_path.iterdir()].count("out") == 0


def test_a_file_that_changes_meanwhile_is_an_error(tmp_path, small_parts, monkeypatch):
  path = write(tmp_path / "new", FILES["lines"])
  digest = labelling._digest

  def growing(*args):
    value = digest(*args)
    with open(path, "a") as file:
      file.write("\nmore")
    return value

  monkeypatch.setattr(labelling, "_digest", growing)
  with pytest.raises(InputError, match="has changed while it was read"):
    labelling.predict_to_file(classifier(), path, str(tmp_path / "out"), "txt")


def test_only_what_can_be_resumed_is_hashed(tmp_path, monkeypatch):
  path = write(tmp_path / "new", FILES["lines"])
  monkeypatch.setattr(labelling, "_digest", None)
  assert stream(classifier(), path, "txt").count(b"\n") == len(TEXTS)
  assert len(labelling.predict_file(classifier(), path)[0]) == len(TEXTS)


def test_long_files_of_a_tagger(tmp_path, small_parts, monkeypatch):
  monkeypatch.setattr(new_texts, "_MAX_TAGGED_HEAD", 4)
  sentence = "Anna\tB-PER\nran\tO\n\n"
  path = write(tmp_path / "new", sentence * 6)
  labelled, description = labelling.predict_file(tagger(), path)
  assert len(labelled) == 6 and description.startswith("6 sentences of tokens")
  path = write(tmp_path / "new", "Anna ran.\n" * 9)
  labelled, description = labelling.predict_file(tagger(), path)
  assert len(labelled) == 9 and description == "9 lines, each a text"
  path = write(tmp_path / "new", sentence * 6)
  assert len(labelling.predict_file(tagger(), path, how="tokens")[0]) == 6
  records = itertools.repeat(json.dumps({"tokens": ["Anna", "ran"]}) + "\n", 7)
  path = write(tmp_path / "new", "".join(records))
  assert len(labelling.predict_file(tagger(), path)[0]) == 7
