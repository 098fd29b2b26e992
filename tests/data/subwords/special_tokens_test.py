"""Which tokens begin and end a text: as the files say, by the template, by the usual names."""

import pytest
import tokenizer_folders
from tokenizers import models

from glove_jax.data.subwords import special_tokens, tokenizer_files, tokenizer_layouts


def test_special_tokens_have_berts_names_or_gpt2s(bert, bpe):
  assert special_tokens.special_tokens(bert) == (2, 3, 0, 1, 4)
  assert special_tokens.special_tokens(bpe) == (0, 0, 0, None, None)
  nothing = tokenizer_layouts.gpt2_tokenizer(models.BPE())
  assert special_tokens.special_tokens(nothing) == (None,) * 5


def test_names_come_before_the_template_and_ids_before_the_usual_names(bert):
  named = special_tokens.find(bert, names={"bos": "the", "eos": "absent", "pad": "[SEP]"})
  assert (named.start, named.end, named.pad) == (bert.token_to_id("the"), 3, 3)
  assert special_tokens.find(bert, ids={"bos": 0, "pad": 1}).start == 2  # [CLS] of the template
  assert special_tokens.find(bert, ids={"pad": 1}).pad == 1


@pytest.mark.parametrize("token_id", [8, 10**9])
def test_ids_of_config_json_that_are_words_do_not_count(bert, token_id):
  assert special_tokens.find(bert, ids={"pad": token_id}).pad == 0


def test_what_is_attached_stays_with_the_tokenizer(tmp_path):
  files = tokenizer_folders.folders()["gpt_s"]
  tokenizer = tokenizer_files.load(tokenizer_folders.write(tmp_path, files))
  assert special_tokens.special_tokens(tokenizer).start == tokenizer.token_to_id("</s>")


def test_the_end_of_a_text_is_no_unknown_token(tmp_path):
  files = tokenizer_folders.folders()["gpt"]
  files["tokenizer_config.json"] = {
    "tokenizer_class": "GPT2Tokenizer", "unk_token": "<|endoftext|>"}
  tokenizer = tokenizer_files.load(tokenizer_folders.write(tmp_path, files))
  assert special_tokens.special_tokens(tokenizer).unknown is None


def test_a_special_token_that_no_file_names_is_one_token_of_a_text(tmp_path):
  vocab, merges = tokenizer_folders.bpe_parts(["<s>", "</s>"])
  files = {"vocab.json": vocab, "merges.txt": tokenizer_folders.merges_text(merges)}
  tokenizer = tokenizer_files.load(tokenizer_folders.write(tmp_path, files))
  assert special_tokens.special_tokens(tokenizer)[:2] == (0, 1)
  assert tokenizer.encode("the</s>").tokens == ["the", "</s>"]
