"""Vocabularies as text editors, other libraries and other systems leave them."""

import pytest
import tokenizer_folders

from glove_jax.data.subwords import subword_tokenizers, tokenizer_files, vocabulary_files
from glove_jax.errors import InputError

FOLDERS = tokenizer_folders.folders()
TOKENS = tokenizer_folders.wordpiece_tokens()
TEXT = tokenizer_folders.lines(TOKENS).encode()


def load(folder, files):
  return tokenizer_files.load(tokenizer_folders.write(folder, files))


@pytest.mark.parametrize("content", [
  b"\xef\xbb\xbf" + TEXT,
  TEXT.replace(b"\n", b"\r\n"),
  TEXT.rstrip(b"\n"),
  TEXT + b"\n\n\n",
  TEXT.replace(b"\n", b"\r\n") + b"\r\n\r\n",
  TEXT.replace(b"\nthe\n", b"\nthe \n"),
])
def test_marks_line_ends_and_blank_last_lines_do_not_count(tmp_path, content):
  tokenizer = load(tmp_path, {"vocab.txt": content})
  assert tokenizer.get_vocab() == {token: number for number, token in enumerate(TOKENS)}


@pytest.mark.parametrize("blank", ["", " ", "\u3000", "\u00a0"])
def test_ids_are_the_numbers_of_lines_where_tokens_are_white_space(tmp_path, blank):
  film = TOKENS.index("film")
  tokens = [*TOKENS[:film], blank, blank, *TOKENS[film + 2 :]]
  tokenizer = load(tmp_path, {"vocab.txt": tokenizer_folders.lines(tokens)})
  assert tokenizer.token_to_id("river") == TOKENS.index("river")
  assert tokenizer.token_to_id("film") is None and tokenizer.get_vocab_size() == len(TOKENS)
  subword_tokenizers.check_ids(tokenizer, "vocab.txt")
  text = f"[unused{film}] a{blank}b \n\n"
  ids = tokenizer.encode(text, add_special_tokens=False).ids
  assert film not in ids and film + 1 not in ids


def test_a_vocabulary_may_be_without_padding_and_masks(tmp_path):
  tokens = ["[UNK]", "[CLS]", "[SEP]", "the"]
  tokenizer = load(tmp_path, {"vocab.txt": tokenizer_folders.lines(tokens)})
  assert subword_tokenizers.special_tokens(tokenizer) == (1, 2, None, 0, None)
  with pytest.raises(InputError, match=r"vocab.txt: has no \[PAD\], \[CLS\], \[MASK\], expected"):
    load(tmp_path, {"vocab.txt": "[UNK]\n[SEP]\nthe\n"})


@pytest.mark.parametrize("name, tokenizer_class", [
  ("bert", "BertJapaneseTokenizer"), ("bert", "PhobertTokenizer"), ("bert", "SudachipyTokenizer"),
  ("gpt", "CLIPTokenizer"), ("gpt", "OpenAIGPTTokenizer"),
])
def test_classes_that_split_words_in_another_way_are_refused(tmp_path, name, tokenizer_class):
  config = {"tokenizer_config.json": {"tokenizer_class": tokenizer_class}}
  with pytest.raises(InputError, match=f"is '{tokenizer_class}', .* tokenizer.json"):
    load(tmp_path, {**FOLDERS[name], **config})


@pytest.mark.parametrize("change", [
  lambda merges: b"\xef\xbb\xbf" + merges,
  lambda merges: merges.replace(b"\n", b"\r\n"),
  lambda merges: merges + b"\n\n",
  lambda merges: merges.replace(b"#version: 0.2\n", b"# a comment\n"),
  lambda merges: merges.replace(b"#version: 0.2\n", b""),
  lambda merges: merges.replace(b"\n", b"\n\n", 3),
])
def test_merges_with_or_without_a_version_and_blank_lines(tmp_path, change):
  golden = load(tmp_path / "golden", FOLDERS["gpt"])
  merges = change(FOLDERS["gpt"]["merges.txt"].encode())
  assert load(tmp_path, {**FOLDERS["gpt"], "merges.txt": merges}).to_str() == golden.to_str()


def test_a_first_merge_of_number_signs_is_no_comment(tmp_path):
  vocab = {**FOLDERS["gpt"]["vocab.json"]}
  vocab["##"] = len(vocab)
  merges = "# #\n" + FOLDERS["gpt"]["merges.txt"].removeprefix("#version: 0.2\n")
  tokenizer = load(tmp_path, {"vocab.json": vocab, "merges.txt": merges})
  assert tokenizer.encode("##").tokens == ["##"]


@pytest.mark.parametrize("vocab, filled", [
  ({"a": 0, "b": 1}, {"a": 0, "b": 1}),
  ({"a": 0, "b": 2, "c": 4}, {"a": 0, "b": 2, "c": 4, "[unused1]": 1, "[unused3]": 3}),
  ({"[unused1]": 0, "b": 2}, {"[unused1]": 0, "b": 2, "[[unused1]]": 1}),
])
def test_ids_that_are_not_used_get_a_token(vocab, filled):
  assert vocabulary_files.is_vocabulary(vocab)
  assert vocabulary_files.fill_unused_ids(vocab) == filled


@pytest.mark.parametrize("vocab", [
  {}, [], None, {"a": "0"}, {"a": True}, {"a": 0.0}, {"a": -1}, {"a": 0, "b": 0}, {"a": 2**31},
  {"a": 0, "b": 3},
])
def test_other_values_are_no_vocabulary(vocab):
  assert not vocabulary_files.is_vocabulary(vocab)
