"""Prompts begin as their tokenizer says, and continuations are text that follows them."""

import json

import pytest
import tokenizer_folders
from tokenizer_folders import END, USER

from glove_jax import text_generation
from glove_jax.data.subwords import subword_tokenizers
from glove_jax.errors import InputError
from glove_jax.models import gpt2

FOLDERS = tokenizer_folders.folders()


@pytest.fixture
def load(tmp_path):
  def load(name, **changes):
    files = FOLDERS[name] | changes
    return subword_tokenizers.load(tokenizer_folders.write(tmp_path / name, files))

  return load


@pytest.fixture
def write(monkeypatch):
  """Returns what is generated where the model chooses these tokens."""
  def write(tokenizer, prompt, tokens):
    new_ids = [tokenizer.token_to_id(token) for token in tokens]
    assert None not in new_ids
    monkeypatch.setattr(gpt2, "generate", lambda *_, **__: [new_ids])
    (text,) = text_generation.generate(
      {}, [prompt], config=gpt2.CONFIG, tokenizer=tokenizer, max_new_tokens=9)
    return prompt + text

  return write


def prompt_tokens(tokenizer, prompt):
  return [tokenizer.id_to_token(i) for i in text_generation.prompt_ids(tokenizer, prompt)]


@pytest.mark.parametrize("name, prompt, tokens", [
  ("gpt", "the river", [END, "the", "Ġriver"]),
  ("gpt", "", [END]),
  ("gpt", f"{END}the river", [END, "the", "Ġriver"]),  # once, also where the prompt has it
  ("gpt_begins", "the river", [END, "the", "Ġriver"]),
  ("gpt_s", "the river", ["</s>", "the", "Ġriver"]),
  ("gpt_on_bert_pieces", "the river", ["[CLS]", "the", "river"]),
  ("gpt_on_bert_pieces", "the river [SEP] anna", ["[CLS]", "the", "river", "[SEP]", "anna"]),
  ("gpt_chat", f"{USER} the", [END, USER, "Ġthe"]),
  ("gpt_chat_added", f"the{END}the", [END, "the", END, "the"]),
])
def test_a_prompt_begins_as_its_tokenizer_says(load, name, prompt, tokens):
  assert prompt_tokens(load(name), prompt) == tokens


def test_the_token_that_begins_a_text_may_be_named_in_config_json_alone(load):
  vocab, _ = tokenizer_folders.bpe_parts(["<a>", "<b>"])
  begin = {"model_type": "gpt2", "bos_token_id": 1, "eos_token_id": 0}
  tokenizer = load("gpt", **{"vocab.json": vocab, "config.json": begin})
  assert prompt_tokens(tokenizer, "the") == ["<b>", "the"]
  assert subword_tokenizers.special_tokens(tokenizer).end == 0


@pytest.mark.parametrize("token_id", [260, 50256, -1, "0", 2**40])
def test_an_id_of_a_word_or_of_none_begins_no_text(load, token_id):
  vocab, _ = tokenizer_folders.bpe_parts(["<a>"])
  begin = {"model_type": "gpt2", "bos_token_id": token_id, "eos_token_id": token_id}
  tokenizer = load("gpt", **{"vocab.json": vocab, "config.json": begin})
  assert prompt_tokens(tokenizer, "the") == ["the"]
  with pytest.raises(InputError, match="the prompt is empty and the tokenizer names no token"):
    text_generation.prompt_ids(tokenizer, "")


@pytest.mark.parametrize("name, prompt, tokens, text", [
  ("gpt_on_bert_pieces", "the river", ["lives", "in", "##s", "."], "the river lives ins."),
  ("gpt_on_bert_pieces", "the river", ["##s", "good"], "the rivers good"),
  ("gpt_on_bert_pieces", "The River", ["good"], "The River good"),
  ("gpt_on_bert_pieces", "the river ", ["good"], "the river good"),
  ("gpt_on_bert_pieces", "the river", [".", "bob"], "the river. bob"),
  ("gpt_on_bert_pieces", "", ["the", "river"], "the river"),
  ("gpt_on_bert_pieces", "[SEP]", ["the", "river"], "[SEP] the river"),
  ("gpt_on_bert_pieces", "中", ["国", "中", "bob", "good"], "中国中bob good"),
  ("gpt", "the", ["Ġriver", "er"], "the riverer"),
  ("gpt", "the ", ["riv", "er"], "the river"),
  ("gpt", "", ["the", "Ġriver"], "the river"),
  ("gpt_chat", f"{USER} the", ["Ġriver"], f"{USER} the river"),
  ("gpt", "caf", ["Ã", "©"], "café"),
  ("xlm_roberta", "the river", ["▁lives", "er"], "the river liveser"),
])
def test_a_continuation_follows_its_prompt(load, write, name, prompt, tokens, text):
  assert write(load(name), prompt, tokens) == text


def test_a_text_ends_at_the_end_token_of_its_tokenizer(load, monkeypatch):
  stops = {}
  for name in ("gpt", "gpt_s", "gpt_on_bert_pieces"):
    tokenizer = load(name)

    def generate(*_, stop_id, name=name, tokenizer=tokenizer, **__):
      stops[name] = tokenizer.id_to_token(stop_id)
      return [[]]

    monkeypatch.setattr(gpt2, "generate", generate)
    text_generation.generate(
      {}, ["the"], config=gpt2.CONFIG, tokenizer=tokenizer, max_new_tokens=1)
  assert stops == {"gpt": END, "gpt_s": "</s>", "gpt_on_bert_pieces": "[SEP]"}


def test_a_prompt_that_is_not_unicode_is_one_line(load):
  with pytest.raises(InputError, match=r"not Unicode.*\\udce9"):
    text_generation.prompt_ids(load("gpt"), "caf\udce9")


def test_the_settings_of_a_tokenizer_survive_saving(load, tmp_path):
  tokenizer = load("gpt_s")
  subword_tokenizers.save_beside_model(tokenizer, tmp_path)
  config = json.loads((tmp_path / "tokenizer_config.json").read_text())
  assert (config["bos_token"], config["eos_token"]) == ("</s>", "</s>")
  assert prompt_tokens(subword_tokenizers.load(tmp_path), "the") == ["</s>", "the"]
