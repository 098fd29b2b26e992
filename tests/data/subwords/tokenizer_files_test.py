"""Every format is read as transformers reads it; damaged files give errors of one line."""

import functools
import json

import pytest
import tokenizer_folders
from hypothesis import given, settings
from hypothesis import strategies as st

from glove_jax.data.subwords import (
  special_tokens,
  subword_tokenizers,
  tokenizer_files,
  tokenizer_training,
)
from glove_jax.errors import InputError

TOKENS = [
  *special_tokens.BERT_SPECIAL,
  "un",
  "##aff",
  "##able",
  "the",
  "cat",
  "##s",
  ",",
  "中",
  "国",
  "cafe",
]
TEXTS = [
  "the cat sat on the mat",
  "the cats sat on cats",
  "naïve café 中国",
  "don't panic: 42 is the answer",
] * 5


def names(tokenizer, ids):
  return [tokenizer.id_to_token(i) for i in ids]


def test_the_case_of_a_vocabulary_is_detected(tmp_path):
  for folder, tokens, config, lower in (
    ("a", TOKENS, None, True),
    ("b", [*TOKENS, "Cat"], None, False),
    ("c", TOKENS, {"do_lower_case": False}, False),
  ):
    (tmp_path / folder).mkdir()
    (tmp_path / folder / "vocab.txt").write_text("\n".join(tokens), encoding="utf-8")
    if config:
      (tmp_path / folder / "tokenizer_config.json").write_text(json.dumps(config))
    tokenizer = tokenizer_files.load(tmp_path / folder)
    assert (names(tokenizer, subword_tokenizers.encode(tokenizer, "THE").ids)[1] == "the") == lower
  assert (
    names(
      tokenizer,
      subword_tokenizers.encode(tokenizer_files.load(tmp_path / "c", lowercase=True), "THE").ids,
    )[1]
    == "the"
  )


def test_bpe_files_by_openais_names_and_transformers(tmp_path, bpe):
  model = json.loads(bpe.to_str())["model"]
  for vocab, merges in (("my-encoder.json", "my-vocab.bpe"), ("vocab.json", "merges.txt")):
    (tmp_path / vocab).write_text(json.dumps(model["vocab"]))
    (tmp_path / merges).write_text(
      "#version: 0.2\n" + "\n".join(" ".join(pair) for pair in model["merges"]) + "\n"
    )
    tokenizer = tokenizer_files.load(tmp_path / vocab)
    assert [tokenizer.encode(text).ids for text in TEXTS] == [
      bpe.encode(text).ids for text in TEXTS
    ]
    assert special_tokens.special_tokens(tokenizer).start == 0
  assert tokenizer_files.load(tmp_path).get_vocab() == bpe.get_vocab()
  (tmp_path / "merges.txt").write_text("#version\na t\nt zz\n")
  with pytest.raises(InputError, match=r"merges.txt:3: found 't zz', expected two tokens"):
    tokenizer_files.load(tmp_path / "vocab.json")


@pytest.mark.parametrize(
  "name,data,message",
  [
    ("vocab.txt", b"the\ncat\n", "has no [PAD], [UNK], [CLS], [SEP], [MASK]"),
    ("vocab.txt", b"\xff\xfe", "is not UTF-8"),
    ("vocab.txt", "\n".join([*TOKENS, "the"]).encode(), "vocab.txt:16: 'the' is already on line 9"),
    ("tokenizer.json", b"{", "not JSON"),
    ("tokenizer.json", b"[" * 100_000, "not JSON"),
    ("tokenizer.json", b'{"model": {"type": "Magic"}}', "cannot read it"),
    (
      "tokenizer.json",
      b'{"model": {"type": "BPE", "vocab": {"a": 0}, "merges": ["a b"]}}',
      "cannot read it",
    ),
    ("tokenizer.json", b"3", "found no tokenizer"),
    ("vocab.json", b'{"a": 1}', "found no tokenizer"),
    ("vocab.json", b'{"a": 0}', "merges.txt: No such file"),
    ("other.json", b'{"a": 0}', "found no tokenizer"),
  ],
)
def test_errors_for_other_files_are_one_line(name, data, message, tmp_path):
  (tmp_path / name).write_bytes(data)
  with pytest.raises(InputError) as caught:
    tokenizer_files.load(tmp_path / name)
  assert message in str(caught.value) and "\n" not in str(caught.value)


@settings(max_examples=150, deadline=None)
@given(data=st.data(), kind=st.sampled_from(["wordpiece", "bpe"]))
def test_any_damaged_file_is_one_line_or_a_tokenizer(data, kind, tmp_path_factory):
  path, whole = (
    tmp_path_factory.getbasetemp() / "tokenizer.json",
    bytearray(small(kind).to_str().encode()),
  )
  if data.draw(st.booleans()):
    whole = whole[: data.draw(st.integers(0, len(whole) - 1))]
  for _ in range(data.draw(st.integers(0, 3)) if whole else 0):
    whole[data.draw(st.integers(0, len(whole) - 1))] = data.draw(st.integers(0, 255))
  path.write_bytes(whole)
  try:
    tokenizer = tokenizer_files.load(path)
    subword_tokenizers.check_ids(tokenizer, "tokenizer.json")
    special_tokens.special_tokens(tokenizer)
  except InputError as caught:
    assert "\n" not in str(caught)


@functools.cache
def small(kind):
  return tokenizer_training.train(
    kind, lambda: TEXTS, vocab_size=60 if kind == "wordpiece" else 260
  )


def test_accents_are_kept_where_the_configuration_says_so(tmp_path):
  (tmp_path / "vocab.txt").write_text("\n".join([*TOKENS, "caf\u00e9"]), encoding="utf-8")
  for config, token in (({}, "cafe"), ({"strip_accents": False}, "caf\u00e9")):
    (tmp_path / "tokenizer_config.json").write_text(json.dumps({"do_lower_case": True, **config}))
    tokenizer = tokenizer_files.load(tmp_path)
    assert names(tokenizer, subword_tokenizers.encode(tokenizer, "Caf\u00e9").ids)[1] == token


@pytest.mark.parametrize(
  "kind, lowercase", [("wordpiece", False), ("wordpiece", True), ("bpe", True), ("bpe", False)]
)
def test_transformers_encodes_alike_with_the_files_beside_a_model(kind, lowercase, tmp_path):
  transformers = pytest.importorskip("transformers")
  ours = tokenizer_training.train(
    kind, lambda: ["The Cat s\u00e1t on THE mat"] * 3, vocab_size=280, lowercase=lowercase
  )
  (tmp_path / "config.json").write_text(
    json.dumps({"model_type": "bert" if kind == "wordpiece" else "gpt2"})
  )
  tokenizer_files.save_beside_model(ours, tmp_path)
  theirs = transformers.AutoTokenizer.from_pretrained(tmp_path)
  for text in ("The cat S\u00e1t", "the CAT on a mat."):
    assert theirs(text)["input_ids"] == subword_tokenizers.encode(ours, text).ids
  if kind == "wordpiece":
    assert (
      theirs("The cat", "a mat")["token_type_ids"]
      == subword_tokenizers.encode(ours, "The cat", "a mat").types
    )
  assert theirs.pad_token and (kind == "bpe" or theirs.mask_token == "[MASK]")


@pytest.mark.parametrize("name, config, has_types", [
  ("bert", None, True),
  ("bert", {"model_type": "bert", "type_vocab_size": 2}, True),
  ("bert", {"model_type": "bert", "type_vocab_size": 1}, False),
  ("distilbert", {"model_type": "distilbert"}, False),
  ("gpt_on_bert_pieces", {"model_type": "gpt2"}, False),
  ("roberta", {"model_type": "roberta", "type_vocab_size": 1}, False),
  ("xlm_roberta", None, False),
  ("gpt", {"model_type": "gpt2"}, False),
])
def test_models_are_given_the_inputs_that_they_take(name, config, has_types, tmp_path):
  files = tokenizer_folders.folders()[name]
  tokenizer = tokenizer_files.load(tokenizer_folders.write(tmp_path / name, files))
  if config:
    (tmp_path / "config.json").write_text(json.dumps(config))
  tokenizer_files.save_beside_model(tokenizer, tmp_path)
  saved = json.loads((tmp_path / "tokenizer_config.json").read_text())
  assert ("token_type_ids" in saved["model_input_names"]) == has_types
  assert ("cls_token" in saved) == (name != "gpt")


def test_missing_files_and_unknown_kinds_are_errors(tmp_path):
  for path, message in (
    (tmp_path, "found no tokenizer.json"),
    (tmp_path / "x.txt", "No such file"),
  ):
    with pytest.raises(InputError, match=message):
      tokenizer_files.load(path)
  with pytest.raises(InputError, match="expected one of wordpiece, bpe"):
    tokenizer_training.train("unigram", lambda: TEXTS, vocab_size=300)
  with pytest.raises(InputError, match="expected 257 at least"):
    tokenizer_training.train("bpe", lambda: TEXTS, vocab_size=256)


@pytest.mark.realdata
def test_real_vocabularies(data):
  gpt2 = tokenizer_files.load(data / "tokenizers" / "gpt2-encoder.json")
  assert gpt2.encode("Hello world! 中国").ids == [15496, 995, 0, 220, 40792, 32368, 121]
  assert special_tokens.special_tokens(gpt2).start == 50256
  uncased = tokenizer_files.load(data / "tokenizers" / "bert-base-uncased.vocab.txt")
  assert uncased.encode("Hello, naïve World!").ids == [101, 7592, 1010, 15743, 2088, 999, 102]
  chinese = tokenizer_files.load(data / "tokenizers" / "bert-base-chinese.vocab.txt")
  assert names(chinese, chinese.encode("中国人").ids) == ["[CLS]", "中", "国", "人", "[SEP]"]


@pytest.mark.slow
@pytest.mark.realdata
def test_real_vocabularies_encode_as_with_transformers(data, tmp_path):
  transformers = pytest.importorskip("transformers")
  text = "A naïve café's Über-test: don't, 3.14 \u4e2d\u56fd\u4eba  two  spaces\n\tand ½ 😀!"
  ours = tokenizer_files.load(data / "tokenizers" / "gpt2-encoder.json")
  tokenizer_files.save(ours, tmp_path / "tokenizer.json")
  theirs = transformers.PreTrainedTokenizerFast(tokenizer_file=str(tmp_path / "tokenizer.json"))
  assert theirs(text)["input_ids"] == ours.encode(text).ids
  (tmp_path / "vocab.txt").write_bytes(
    (data / "tokenizers" / "bert-base-uncased.vocab.txt").read_bytes()
  )
  (tmp_path / "tokenizer.json").unlink()
  theirs = transformers.BertTokenizer.from_pretrained(tmp_path)
  assert theirs(text)["input_ids"] == tokenizer_files.load(tmp_path).encode(text).ids
