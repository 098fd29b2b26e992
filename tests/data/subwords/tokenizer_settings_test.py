"""The files beside a vocabulary: which count, what they add, and values of other types."""

import pytest
import tokenizer_folders
from tokenizer_folders import USER

from glove_jax.data.subwords import tokenizer_files, tokenizer_settings
from glove_jax.errors import InputError

TOKENS = tokenizer_folders.wordpiece_tokens()
SIZE = len(TOKENS)
VOCABULARY = {"vocab.txt": tokenizer_folders.lines(TOKENS)}


def read(folder, **files):
  tokenizer_folders.write(folder, {f"{name}.json": value for name, value in files.items()})
  return tokenizer_settings.read(folder)


def load(folder, files):
  return tokenizer_files.load(tokenizer_folders.write(folder, {**VOCABULARY, **files}))


def test_without_files_nothing_is_set(tmp_path):
  settings = tokenizer_settings.read(tmp_path)
  assert settings.values == {} and settings.names == {} and settings.added == {}
  assert settings.family == "" and not settings.is_generic
  assert settings.flag("do_lower_case") is None


@pytest.mark.parametrize("files, family", [
  ({"tokenizer_config": {"tokenizer_class": "BertTokenizerFast"}}, "bert"),
  ({"tokenizer_config": {"tokenizer_class": "XLMRobertaTokenizer"}}, "xlmroberta"),
  ({"config": {"model_type": "xlm-roberta"}}, "xlmroberta"),
  ({"config": {"tokenizer_class": "BertTokenizer", "model_type": "gpt2"}}, "bert"),
  ({"tokenizer_config": {"tokenizer_class": "PreTrainedTokenizerFast"},
    "config": {"model_type": "roberta"}}, "roberta"),
  ({"config": {"model_type": 3}}, ""),
])
def test_the_class_of_the_tokenizer_comes_before_the_models(tmp_path, files, family):
  assert read(tmp_path, **files).family == family


def test_the_map_of_special_tokens_counts_where_no_added_tokens_are_listed(tmp_path):
  config = {"bos_token": "a", "cls_token": None}
  special = {"bos_token": {"content": "b", "lstrip": True}, "cls_token": "c"}
  settings = read(tmp_path, tokenizer_config=config, special_tokens_map=special)
  assert settings.names == {"bos": "b", "cls": "c"} and settings.tokens[0].lstrip
  listed = {**config, "added_tokens_decoder": {"5": {"content": "x", "special": True}}}
  settings = read(tmp_path, tokenizer_config=listed, added_tokens={"y": 6})
  assert settings.names == {"bos": "a"} and list(settings.added) == [5]


def test_added_tokens_are_single_tokens_with_their_ids(tmp_path):
  added = {USER: SIZE, "zwölf": SIZE + 1}
  tokenizer = load(tmp_path, {"added_tokens.json": added})
  encoded = tokenizer.encode(f"{USER} zwölf the", add_special_tokens=False)
  assert encoded.ids == [SIZE, SIZE + 1, TOKENS.index("the")]


def test_special_tokens_without_an_id_follow_the_vocabulary_where_the_model_has_room(tmp_path):
  special = {"additional_special_tokens": [USER, {"content": "<|end|>"}]}
  files = {"special_tokens_map.json": special}
  assert load(tmp_path, files).token_to_id(USER) is None
  tokenizer = load(tmp_path, {**files, "config.json": {"vocab_size": SIZE + 1}})
  assert tokenizer.token_to_id(USER) == SIZE and tokenizer.token_to_id("<|end|>") is None


@pytest.mark.parametrize("added, message", [
  ({USER: SIZE + 1}, f"id {SIZE + 1}, but the next id is {SIZE}"),
  ({"the": SIZE}, f"id {SIZE}, but its id in the vocabulary is {TOKENS.index('the')}"),
])
def test_ids_that_contradict_the_vocabulary_are_named(tmp_path, added, message):
  with pytest.raises(InputError, match=message):
    load(tmp_path, {"added_tokens.json": added})


@pytest.mark.parametrize("name, content, message", [
  ("tokenizer_config.json", {"do_lower_case": "false"}, "do_lower_case is 'false', expected true"),
  ("tokenizer_config.json", {"strip_accents": 1}, "strip_accents is 1, expected true or false"),
  ("tokenizer_config.json", {"bos_token": 3}, "bos_token is 3, expected a token"),
  ("tokenizer_config.json", {"bos_token": "\ud800"}, r"bos_token is '\\ud800', expected a token"),
  ("tokenizer_config.json", {"bos_token": {"content": "x", "lstrip": 2}}, "expected a token"),
  ("tokenizer_config.json", {"extra_special_tokens": 3}, "expected a list of tokens"),
  ("tokenizer_config.json", {"added_tokens_decoder": [1]}, "expected an object"),
  ("tokenizer_config.json", {"added_tokens_decoder": {"-1": "x"}}, "'-1', expected an id"),
  ("tokenizer_config.json", {"added_tokens_decoder": {"9" * 5000: "x"}}, "expected an id"),
  ("tokenizer_config.json", [], r"found \[\], expected a JSON object"),
  ("tokenizer_config.json", "[" * 100_000, "not JSON"),
  ("special_tokens_map.json", {"cls_token": []}, r"cls_token is \[\], expected a token"),
  ("special_tokens_map.json", "{", "special_tokens_map.json: not JSON"),
  ("added_tokens.json", {"x": -1}, "'x' is -1, expected an id"),
  ("added_tokens.json", {"x": 2**40}, "expected an id"),
  ("added_tokens.json", {"": SIZE}, "expected a token"),
  ("config.json", b"\xff", "config.json: byte 0 is not UTF-8"),
  ("config.json", "3", "found 3, expected a JSON object"),
])
def test_values_of_other_types_are_one_line(tmp_path, name, content, message):
  with pytest.raises(InputError, match=message) as caught:
    load(tmp_path, {name: content})
  assert str(tmp_path) in str(caught.value) and "\n" not in str(caught.value)


def test_ids_of_config_json_that_are_none_are_left_out(tmp_path):
  config = {"bos_token_id": True, "eos_token_id": [4, 5], "pad_token_id": -1, "sep_token_id": 2**40}
  settings = read(tmp_path, config={**config, "vocab_size": "x"})
  assert settings.ids == {"eos": 4} and settings.vocab_size == 0
