"""Folders of every kind give the token ids of transformers' own tokenizers.

The golden ids are made by tests/golden/make_tokenizers.py; where transformers is installed, it is
asked too.
"""

import json
import pathlib

import pytest
import tokenizer_folders

from glove_jax.data.subwords import subword_tokenizers

FOLDERS = tokenizer_folders.folders()
GOLDEN = json.loads(
  (pathlib.Path(__file__).parents[2] / "golden" / "tokenizers.json").read_text("utf-8")
)


def load(name, folder):
  return subword_tokenizers.load(tokenizer_folders.write(folder / name, FOLDERS[name]))


@pytest.mark.parametrize("name", FOLDERS)
def test_texts_have_the_ids_of_transformers(name, tmp_path):
  tokenizer = load(name, tmp_path)
  for text, ids in zip(tokenizer_folders.TEXTS, GOLDEN[name]["texts"], strict=True):
    assert subword_tokenizers.encode(tokenizer, text).ids == ids, text


@pytest.mark.parametrize("name", FOLDERS)
def test_pairs_have_the_template_of_their_family(name, tmp_path):
  tokenizer = load(name, tmp_path)
  for pair, (ids, types) in zip(tokenizer_folders.PAIRS, GOLDEN[name]["pairs"], strict=True):
    encoded = subword_tokenizers.encode(tokenizer, *pair)
    assert (encoded.ids, encoded.types) == (ids, types)


@pytest.mark.parametrize("name", FOLDERS)
def test_special_tokens_are_those_of_transformers(name, tmp_path):
  special = subword_tokenizers.special_tokens(load(name, tmp_path))
  golden = GOLDEN[name]["special"]
  start = golden["cls"] if golden["bos"] is None else golden["bos"]
  end = golden["sep"] if golden["eos"] is None else golden["eos"]
  assert (special.start, special.end, special.mask) == (start, end, golden["mask"])
  assert golden["pad"] in (None, special.pad)
  if golden["unk"] not in (start, end):
    assert special.unknown == golden["unk"]


@pytest.mark.parametrize("name", FOLDERS)
def test_a_saved_tokenizer_reads_texts_alike(name, tmp_path):
  tokenizer = load(name, tmp_path)
  subword_tokenizers.save_beside_model(tokenizer, tmp_path)
  saved = subword_tokenizers.load(tmp_path)
  for text in tokenizer_folders.TEXTS:
    ids = subword_tokenizers.encode(tokenizer, text).ids
    assert subword_tokenizers.encode(saved, text).ids == ids
  assert subword_tokenizers.special_tokens(saved) == subword_tokenizers.special_tokens(tokenizer)


@pytest.mark.parametrize("name", FOLDERS)
def test_transformers_agrees_where_it_is_installed(name, tmp_path):
  transformers = pytest.importorskip("transformers")
  tokenizer = load(name, tmp_path)
  subword_tokenizers.save_beside_model(tokenizer, tmp_path / "saved")
  for folder in (tmp_path / name, tmp_path / "saved"):
    theirs = transformers.AutoTokenizer.from_pretrained(folder)
    for text in tokenizer_folders.TEXTS:
      assert theirs(text)["input_ids"] == subword_tokenizers.encode(tokenizer, text).ids, text
