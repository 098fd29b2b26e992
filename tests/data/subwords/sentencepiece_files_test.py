"""XLM-R's model of sentencepiece; others are refused, and damaged ones are one line.

tests/data/subwords/transformers_tokenizers_test.py compares its ids with those of transformers.
"""

import struct

import pytest
import tokenizer_folders
from hypothesis import given, settings
from hypothesis import strategies as st

from glove_jax.data.subwords import subword_tokenizers
from glove_jax.errors import InputError

MODEL = tokenizer_folders.sentencepiece_model()
NAME = "sentencepiece.bpe.model"


def load(folder, model=MODEL, name=NAME, **config):
  return subword_tokenizers.load(
    tokenizer_folders.write(folder, {name: model, "config.json": config}))


def test_pieces_have_xlm_rs_ids(tmp_path):
  tokenizer = load(tmp_path)
  tokens = tokenizer.encode("the river <mask>").tokens
  assert tokens == ["<s>", "▁the", "▁river", "<mask>", "</s>"]
  pieces = tokenizer_folders.unigram_pieces()
  assert tokenizer.token_to_id("▁river") == [text for text, _ in pieces].index("▁river")
  assert subword_tokenizers.special_tokens(tokenizer) == (0, 2, 1, 3, len(pieces))
  assert subword_tokenizers.has_files(tmp_path)


def test_a_tokenizer_json_comes_first(tmp_path):
  (tmp_path / "tokenizer.json").write_text(tokenizer_folders.unigram_json())
  assert load(tmp_path, b"damaged").encode("the").tokens == ["<s>", "▁the", "</s>"]


@pytest.mark.parametrize("name, model, config", [
  ("spiece.model", MODEL, {}),
  ("tokenizer.model", MODEL, {}),
  (NAME, MODEL, {"model_type": "camembert"}),
  (NAME, tokenizer_folders.sentencepiece_model(model_type=2), {}),
  (NAME, b"", {}),
])
def test_models_of_other_families_are_refused_with_advice(tmp_path, name, model, config):
  with pytest.raises(InputError, match=rf"{name}: .* not XLM-R's, expected a tokenizer.json"):
    load(tmp_path, model, name, **config)


@settings(max_examples=100, deadline=None)
@given(cut=st.integers(0, len(MODEL)), place=st.integers(0, len(MODEL) - 1),
       byte=st.integers(0, 255))
def test_a_damaged_model_is_one_line_or_a_tokenizer(cut, place, byte, tmp_path_factory):
  damaged = bytearray(MODEL)
  damaged[place] = byte
  try:
    tokenizer = load(tmp_path_factory.mktemp("damaged"), bytes(damaged[: cut or None]))
    subword_tokenizers.encode(tokenizer, "the river")
  except InputError as error:
    assert "\n" not in str(error)


@pytest.mark.parametrize("model", [b"\xff" * 30, b"\x0a\xff\xff\xff\xff\x7f", b"\x0b\x01", b"\x0a"])
def test_bytes_that_are_no_message_are_one_line(tmp_path, model):
  with pytest.raises(InputError, match=f"{NAME}: damaged .*expected a model of sentencepiece"):
    load(tmp_path, model)


@pytest.mark.parametrize("score", [float("nan"), float("inf"), float("-inf")])
def test_scores_are_finite(tmp_path, score):
  the = "▁the".encode() + b"\x15"
  position = MODEL.index(the) + len(the)
  model = MODEL[:position] + struct.pack("<f", score) + MODEL[position + 4 :]
  with pytest.raises(InputError, match=rf"{NAME}: damaged \('the score {score}'\)"):
    load(tmp_path, model)
