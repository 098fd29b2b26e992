"""Damaged folders of every kind are an error of one line, or a tokenizer that reads all texts."""

import json

import pytest
import tokenizer_folders
from hypothesis import given, settings
from hypothesis import strategies as st

from glove_jax.data.subwords import subword_tokenizers, units
from glove_jax.errors import InputError

FOLDERS = tokenizer_folders.folders()
VALUES = [
  None, True, 0, -1, 1, 2.5, 2**32, 2**70, "", "a", "\ud800", "[CLS]", "x" * 500, [], [1], {},
  {"content": "x"}, {"content": None}, {"content": "<mask>", "lstrip": 3}, {"a": 1},
]
BESIDE = ["config.json", "added_tokens.json", "special_tokens_map.json", "tokenizer_config.json"]
KEYS = [
  "bos_token", "eos_token", "cls_token", "mask_token", "bos_token_id", "eos_token_id",
  "extra_special_tokens", "added_tokens_decoder", "do_lower_case", "add_bos_token",
  "add_prefix_space", "tokenizer_class", "model_type", "vocab_size", "<|user|>",
]
BYTES = [b"\n", b"\r", b"\xef\xbb\xbf", b"\x00", b"\xff", b" ", b'"', b"[" * 3000, b"9" * 20]


@st.composite
def damaged_folders(draw):
  files = dict(FOLDERS[draw(st.sampled_from(sorted(FOLDERS)))])
  name = draw(st.sampled_from(sorted(files)))
  content = files[name]
  if name.endswith(".json") and draw(st.booleans()):
    content = json.loads(content) if isinstance(content, str) else content
    files[name] = damaged_value(draw, json.loads(json.dumps(content)))
  else:
    files[name] = damaged_bytes(draw, content)
  if draw(st.integers(0, 3)) == 0:
    values = st.dictionaries(st.sampled_from(KEYS), st.sampled_from(VALUES), max_size=3)
    files[draw(st.sampled_from(BESIDE))] = draw(values)
  return files


def damaged_value(draw, content):
  """Changes a value somewhere in a content of JSON."""
  parent, key, value = {0: content}, 0, content
  root = parent
  while isinstance(value, (dict, list)) and value and draw(st.integers(0, 3)):
    parent = value
    keys = list(value)[:40] if isinstance(value, dict) else range(min(len(value), 20))
    key = draw(st.sampled_from(keys))
    value = parent[key]
  parent[key] = draw(st.sampled_from(VALUES))
  return {"": root[0]} if not isinstance(root[0], (dict, list)) else root[0]


def damaged_bytes(draw, content):
  if isinstance(content, (dict, list)):
    content = json.dumps(content)
  data = bytearray(content.encode() if isinstance(content, str) else content)
  for _ in range(draw(st.integers(1, 3))):
    place = draw(st.integers(0, max(0, len(data) - 1)))
    length = draw(st.sampled_from([0, 1, 30, 10**6]))
    data[place : place + length] = draw(st.sampled_from(BYTES))
  return bytes(data)


@settings(max_examples=150, deadline=None)
@given(files=damaged_folders())
def test_a_damaged_folder_is_one_line_or_a_tokenizer(files, tmp_path_factory):
  folder = tmp_path_factory.mktemp("damaged")
  tokenizer_folders.write(folder, files)
  try:
    tokenizer = subword_tokenizers.load(folder)
    special = subword_tokenizers.special_tokens(tokenizer)
    assert all(tokenizer.id_to_token(i) is not None for i in special if i is not None)
    for text in tokenizer_folders.TEXTS[:10]:
      subword_tokenizers.encode(tokenizer, text)
    subword_tokenizers.encode(tokenizer, "the river", "anna", longest=6)
    subword_tokenizers.check_ids(tokenizer, "tokenizer")
    units.token_words(tokenizer)
  except InputError as error:
    assert "\n" not in str(error) and len(str(error)) <= 1000


@pytest.mark.parametrize("content", [
  b"", b"[" * 100_000, b'{"a":' * 50_000, b"null", b"[]", b"3", b'{"model": {}}',
  b'{"model": {"vocab": []}}', b'{"model": {"type": "Unigram", "vocab": []}}',
])
@pytest.mark.parametrize("name", ["tokenizer.json", "vocab.json"])
def test_files_that_are_no_tokenizers_are_one_line(name, content, tmp_path):
  (tmp_path / name).write_bytes(content)
  with pytest.raises(InputError, match=name) as caught:
    subword_tokenizers.load(tmp_path)
  assert "\n" not in str(caught.value)


def test_a_unigram_without_an_unknown_token_is_one_line_at_an_unknown_letter(tmp_path):
  content = json.loads(tokenizer_folders.unigram_json())
  content["model"]["unk_id"] = None
  folder = tokenizer_folders.write(tmp_path, {"tokenizer.json": content})
  tokenizer = subword_tokenizers.load(folder)
  with pytest.raises(InputError, match="the tokenizer cannot read the text 'Ω' .*unk_id"):
    subword_tokenizers.encode(tokenizer, "Ω")


def test_texts_with_lone_surrogates_are_one_line(bert):
  for encode in (
    lambda: subword_tokenizers.encode(bert, "\ud800"),
    lambda: subword_tokenizers.encode(bert, "a", "\udfff"),
    lambda: subword_tokenizers.encode_words(bert, ["a", "\udc80"]),
  ):
    with pytest.raises(InputError, match="not Unicode, expected no lone surrogates"):
      encode()
