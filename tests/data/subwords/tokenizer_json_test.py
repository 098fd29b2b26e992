"""tokenizer.json beside other files, with unused ids, and with templates that lack a token."""

import json

import pytest
import tokenizer_folders
from tokenizer_folders import USER

from glove_jax.data.subwords import subword_tokenizers, tokenizer_files
from glove_jax.errors import InputError

FOLDERS = tokenizer_folders.folders()
TEXT = "Anna lives in New York"


def load(folder, content, **config):
  files = {"tokenizer.json": content, "tokenizer_config.json": config}
  return tokenizer_files.load(tokenizer_folders.write(folder, files))


def bert(**changes):
  return json.loads(FOLDERS["bert_json"]["tokenizer.json"]) | changes


def test_the_configuration_decides_over_the_case_of_the_file(tmp_path):
  cased = tokenizer_folders.cased_tokens()
  lower = tokenizer_folders.bert_json(cased, lowercase=True)
  kept = ["[CLS]", "Anna", "lives", "in", "New", "York", "[SEP]"]
  for config in ({"do_lower_case": False}, {"do_lower_case": False, "strip_accents": None}):
    assert load(tmp_path, lower, **config).encode(TEXT).tokens == kept
  upper = tokenizer_folders.bert_json(cased, lowercase=False)
  assert load(tmp_path, upper).encode(TEXT).tokens == kept
  lowered = load(tmp_path, upper, do_lower_case=True, tokenizer_class="BertTokenizer")
  assert lowered.encode(TEXT).tokens[1] == "anna"


def test_a_general_class_takes_the_file_as_it_is(tmp_path):
  lower = tokenizer_folders.bert_json(tokenizer_folders.cased_tokens(), lowercase=True)
  config = {"do_lower_case": False, "tokenizer_class": "PreTrainedTokenizerFast"}
  assert load(tmp_path, lower, **config).encode(TEXT).tokens[1] == "anna"


def test_unused_ids_are_filled_and_texts_read_as_before(tmp_path):
  content = bert()
  golden = load(tmp_path / "golden", content)
  vocab = content["model"]["vocab"]
  for token in ("good", "##q"):
    vocab[f"zzz{token}"] = vocab.pop(token) + len(vocab)
  tokenizer = load(tmp_path, content)
  subword_tokenizers.check_ids(tokenizer, "tokenizer.json")
  ids = subword_tokenizers.encode(tokenizer, "the river film").ids
  assert ids == subword_tokenizers.encode(golden, "the river film").ids
  assert tokenizer.token_to_id("zzzgood") == vocab["zzzgood"]


def test_an_added_token_may_have_an_unused_id(tmp_path):
  content = bert()
  unused = content["model"]["vocab"].pop("good")
  content["added_tokens"].append({
    "id": unused, "content": USER, "single_word": False, "lstrip": False, "rstrip": False,
    "normalized": False, "special": True})
  tokenizer = load(tmp_path, content)
  assert tokenizer.token_to_id(USER) == unused
  assert tokenizer.encode(f"the{USER}", add_special_tokens=False).ids[1] == unused


def test_ids_far_apart_or_twice_are_refused(tmp_path):
  for token_id in (4_000_000_000, 2):
    content = bert()
    content["model"]["vocab"]["good"] = token_id
    with pytest.raises(InputError, match="tokens with ids up to .* expected different ids from 0"):
      load(tmp_path, content)


def test_a_template_whose_token_has_no_id_is_refused(tmp_path):
  content = bert()
  del content["post_processor"]["special_tokens"]["[SEP]"]
  for template in (content["post_processor"],
                   {"type": "Sequence", "processors": [content["post_processor"]]}):
    with pytest.raises(InputError, match=r"tokenizer.json: the template has '\[SEP\]', expected"):
      load(tmp_path, bert(post_processor=template))


def test_a_wordpiece_without_a_template_gets_berts(tmp_path):
  tokenizer = load(tmp_path, bert(post_processor=None))
  assert tokenizer.encode("the", "film").tokens == ["[CLS]", "the", "[SEP]", "film", "[SEP]"]


def test_a_byte_order_mark_does_not_count(tmp_path):
  content = "\ufeff" + FOLDERS["bert_json"]["tokenizer.json"]
  assert load(tmp_path, content).encode("the").tokens == ["[CLS]", "the", "[SEP]"]
