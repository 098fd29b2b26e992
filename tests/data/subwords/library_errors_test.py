"""Errors and panics of the `tokenizers` library are one line, and print nothing."""

import json
import os
import pathlib
import sys

import pytest
import tokenizer_folders

from glove_jax.data.subwords import library_errors, lm_batches, subword_tokenizers
from glove_jax.errors import InputError

PATH = pathlib.Path("tokenizer.json")
PANICS = {  # values of a tokenizer.json at which the library panics
  "model": {"continuing_subword_prefix": "x" * 500},
  "pre_tokenizer": {"type": "FixedLength", "length": 0},
  "normalizer": {"type": "Replace", "pattern": {"String": ""}, "content": "x"},
  "decoder": {"type": "Strip", "content": "a", "start": 5, "stop": 5},
}


class PanicException(BaseException):
  """Stands for the library's, which cannot be imported."""


def raise_(error):
  raise error


@pytest.mark.parametrize("key", PANICS)
def test_a_panic_of_a_tokenizer_is_one_line_without_a_backtrace(key, tmp_path, capfd):
  content = json.loads(tokenizer_folders.folders()["gpt_json"]["tokenizer.json"])
  content[key] = {**content[key], **PANICS[key]} if key == "model" else PANICS[key]
  tokenizer_folders.write(tmp_path, {"tokenizer.json": content})
  with pytest.raises(InputError, match=r"tokenizer\.json: the tokenizers library cannot read it"):
    subword_tokenizers.load(tmp_path)
  assert capfd.readouterr().err == ""


def test_the_standard_error_comes_back(capfd):
  def fail():
    os.write(2, b"dropped\n")
    raise PanicException("out of bounds:\n  5")

  with pytest.raises(InputError, match=r"^tokenizer\.json: .* read it \(out of bounds: 5\)\.$"):
    library_errors.call_library(PATH, fail)
  assert library_errors.call_library(PATH, lambda: 3) == 3
  print("kept", file=sys.stderr, flush=True)
  assert capfd.readouterr().err == "kept\n"


def test_a_process_without_a_standard_error(monkeypatch):
  monkeypatch.setattr(sys, "stderr", None)
  assert library_errors.call_library(PATH, lambda: 3) == 3


@pytest.mark.parametrize("error", [KeyboardInterrupt(), SystemExit(1), MemoryError()])
def test_what_is_not_of_the_library_passes(error):
  with pytest.raises(type(error)):
    library_errors.call_library(PATH, lambda: raise_(error))
  with pytest.raises(type(error)), library_errors.encoding("a"):
    raise error


def test_a_panic_at_a_text_is_one_line():
  match = r"^the tokenizer cannot read the text 'a' \(bad split\)\.$"
  with pytest.raises(InputError, match=match), library_errors.encoding("a"):
    raise PanicException("bad split")


def test_texts_of_a_corpus_that_cannot_be_read_are_one_line(bert):
  with pytest.raises(InputError, match="not Unicode, expected no lone surrogates"):
    list(lm_batches.encode(["a", "\ud800"], bert))
