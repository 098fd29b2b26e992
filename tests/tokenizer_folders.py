"""Small tokenizer folders as models are published in, and odd texts. No golden value is in here."""

import json
import pathlib
import string
import struct

from tokenizers import (
  AddedToken,
  Tokenizer,
  decoders,
  models,
  normalizers,
  pre_tokenizers,
  processors,
)

BERT_SPECIAL = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"]
ROBERTA_SPECIAL = ["<s>", "<pad>", "</s>", "<unk>"]
END = "<|endoftext|>"
USER = "<|user|>"

TEXTS = [
  "Anna lives in New York",
  "the river",
  "",
  "   ",
  "The RIVER, Anna's good!",
  "naïve café İstanbul ǅ ﬁlm",
  "中国人 the 中river",
  "[CLS] the [MASK] river [SEP]",
  "the [mask] river",
  "the river<|endoftext|>anna",
  "<|user|> the river",
  "the<|user|>river <|user|>",
  "<s> the <mask> river </s>",
  "the river<mask>.",
  "a\tb\nc\r\nd",
  "don't 3.14 1,000 #x",
  "zero\u200dwidth soft\u00adhyphen \u00a0nbsp",
  "e\u0301 combining \u0000 control \x07",
  "😀 emoji 👩\u200d👩\u200d👧",
  "x" * 120,
  "  two  spaces  ",
  "สวัสดี नमस्ते שלום",
  "½ ² Ⅷ",
  "##s the##s",
]
PAIRS = [("the river", "Anna lives"), ("good", ""), ("a b", "[SEP] <|user|> </s>")]


def write(folder: pathlib.Path, files: dict) -> pathlib.Path:
  """Writes files of text, bytes, or JSON."""
  folder.mkdir(parents=True, exist_ok=True)
  for name, content in files.items():
    if isinstance(content, (dict, list)):
      content = json.dumps(content)
    if isinstance(content, str):
      content = content.encode()
    (folder / name).write_bytes(content)
  return folder


def wordpiece_tokens() -> list[str]:
  words = ["good", "bad", "film", "the", "river", "new", "york", "anna", "lives", "in", "he", "met"]
  words += ["bob", "café", "cafe", "中", "国"]
  letters = [*string.ascii_lowercase, *string.digits]
  return [*BERT_SPECIAL, *letters, *".,!?#'[]", *("##" + letter for letter in letters), *words]


def cased_tokens() -> list[str]:
  return [*wordpiece_tokens(), "Anna", "New", "York", "T", "##he", "R", "I", "V", "E"]


def lines(tokens: list[str]) -> str:
  return "\n".join(tokens) + "\n"


def bpe_parts(special: list[str]) -> tuple[dict[str, int], list[tuple[str, str]]]:
  """Returns a vocabulary of special tokens, bytes and a few merges; and the merges."""
  pairs = (
    "t h,th e,Ġ the,i v,r iv,e r,riv er,Ġ river,a n,n a,an na,Ġ anna,g o,o d,go od,Ġ good,A n,An na"
  )
  merges = [tuple(pair.split()) for pair in pairs.split(",")]
  alphabet = sorted(pre_tokenizers.ByteLevel.alphabet())
  tokens = [*special, *alphabet, *("".join(pair) for pair in merges)]
  return {token: number for number, token in enumerate(dict.fromkeys(tokens))}, merges


def merges_text(merges: list[tuple[str, str]], first: str = "#version: 0.2\n") -> str:
  return first + "".join(f"{one} {other}\n" for one, other in merges)


def bert_json(tokens: list[str], *, lowercase: bool) -> str:
  vocab = {token: number for number, token in enumerate(tokens)}
  tokenizer = Tokenizer(models.WordPiece(vocab, unk_token="[UNK]", max_input_chars_per_word=100))
  tokenizer.normalizer = normalizers.BertNormalizer(lowercase=lowercase)
  tokenizer.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
  tokenizer.decoder = decoders.WordPiece()
  tokenizer.add_special_tokens(BERT_SPECIAL)
  tokenizer.post_processor = processors.TemplateProcessing(
    single="[CLS] $A [SEP]", pair="[CLS] $A [SEP] $B:1 [SEP]:1",
    special_tokens=[("[CLS]", 2), ("[SEP]", 3)])
  tokenizer.enable_truncation(8)
  return tokenizer.to_str()


def bpe_json(special: list[str], *, further: tuple[str, ...] = (), template: str = "") -> str:
  vocab, merges = bpe_parts(special)
  tokenizer = Tokenizer(models.BPE(vocab, merges))
  tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
  tokenizer.decoder = decoders.ByteLevel()
  tokenizer.add_special_tokens([*special, *further])
  if template == "roberta":
    tokenizer.add_special_tokens([AddedToken("<mask>", lstrip=True, normalized=False)])
    tokenizer.post_processor = processors.RobertaProcessing(("</s>", 2), ("<s>", 0))
  if template == "modernbert":
    tokenizer.normalizer = normalizers.NFC()
    ids = {token: tokenizer.token_to_id(token) for token in ("[CLS]", "[SEP]")}
    tokenizer.add_special_tokens([AddedToken("[MASK]", lstrip=True, normalized=False)])
    tokenizer.post_processor = processors.TemplateProcessing(
      single="[CLS] $A [SEP]", pair="[CLS] $A [SEP] $B [SEP]", special_tokens=list(ids.items()))
  return tokenizer.to_str()


def unigram_pieces() -> list[tuple[str, float]]:
  words = ["▁the", "▁river", "▁Anna", "▁lives", "▁", "riv", "er", "中", "国", "the", "▁good"]
  words += [",", "."]
  pieces = [(token, 0.0) for token in ROBERTA_SPECIAL]
  pieces += [(word, -2.0 - 0.1 * number) for number, word in enumerate(words)]
  return pieces + [(letter, -6.0) for letter in string.ascii_letters + string.digits]


def unigram_json() -> str:
  pieces = [*unigram_pieces(), ("<mask>", 0.0)]
  tokenizer = Tokenizer(models.Unigram(pieces, unk_id=3, byte_fallback=False))
  tokenizer.pre_tokenizer = pre_tokenizers.Sequence([
    pre_tokenizers.WhitespaceSplit(), pre_tokenizers.Metaspace()])
  tokenizer.decoder = decoders.Metaspace()
  tokenizer.add_special_tokens(ROBERTA_SPECIAL)
  tokenizer.add_special_tokens([AddedToken("<mask>", lstrip=True, normalized=False)])
  tokenizer.post_processor = processors.TemplateProcessing(
    single="<s> $A </s>", pair="<s> $A </s> </s> $B </s>",
    special_tokens=[("<s>", 0), ("</s>", 2)])
  return tokenizer.to_str()


def _field(number: int, content: bytes | int) -> bytes:
  """Returns a field of a message of Protocol Buffers."""
  if isinstance(content, int):
    return _varint(number << 3) + _varint(content)
  return _varint(number << 3 | 2) + _varint(len(content)) + content


def _varint(value: int) -> bytes:
  more = b""
  while value >= 0x80:
    more += bytes([value & 0x7F | 0x80])
    value >>= 7
  return more + bytes([value])


def sentencepiece_model(*, model_type: int = 1) -> bytes:
  """Returns a model of sentencepiece as XLM-R has it: <unk>, <s> and </s> come first."""
  types = {"<unk>": 2, "<s>": 3, "</s>": 3}
  pieces = [("<unk>", 0.0), ("<s>", 0.0), ("</s>", 0.0), *unigram_pieces()[4:]]
  model = b""
  for text, score in pieces:
    piece = _field(1, text.encode()) + b"\x15" + struct.pack("<f", score)
    model += _field(1, piece + _field(3, types.get(text, 1)))
  model += _field(2, _field(3, model_type) + _field(40, 0))
  return model + _field(3, _field(1, b"identity") + _field(3, 1))


def _bert_folders() -> dict[str, dict]:
  tokens, cased = wordpiece_tokens(), cased_tokens()
  film = tokens.index("film")
  with_newline = [*tokens[:film], "", "", *tokens[film + 2 :]]
  bert = {"model_type": "bert"}
  lower = {"do_lower_case": True, "tokenizer_class": "BertTokenizer"}
  cased_config = {"do_lower_case": False, "tokenizer_class": "BertTokenizer"}
  return {
    "bert": {"vocab.txt": lines(tokens), "tokenizer_config.json": lower},
    "bert_cased": {"vocab.txt": lines(cased), "tokenizer_config.json": cased_config},
    "bert_cased_beside_a_lower_case_json": {
      "vocab.txt": lines(cased), "tokenizer.json": bert_json(cased, lowercase=True),
      "tokenizer_config.json": cased_config},
    "bert_json": {
      "tokenizer.json": bert_json(tokens, lowercase=True), "tokenizer_config.json": lower},
    "bert_keeps_accents": {
      "vocab.txt": lines(tokens), "tokenizer_config.json": {**lower, "strip_accents": False}},
    "bert_json_keeps_accents": {
      "tokenizer.json": bert_json(tokens, lowercase=True),
      "tokenizer_config.json": {**lower, "strip_accents": False}},
    "bert_whole_chinese_words": {
      "vocab.txt": lines([*tokens, "中国人"]),
      "tokenizer_config.json": {**lower, "tokenize_chinese_chars": False}},
    "bert_with_a_newline": {
      "vocab.txt": lines(with_newline), "tokenizer_config.json": lower, "config.json": bert},
    "bert_crlf": {"vocab.txt": lines(tokens).replace("\n", "\r\n"), "tokenizer_config.json": lower},
    "bert_added": {
      "vocab.txt": lines(tokens), "tokenizer_config.json": lower,
      "added_tokens.json": {USER: len(tokens), "zero": len(tokens) + 1},
      "special_tokens_map.json": {"additional_special_tokens": [USER], "cls_token": "[CLS]"}},
    "bert_added_decoder": {
      "vocab.txt": lines(tokens),
      "tokenizer_config.json": {**lower, "added_tokens_decoder": {str(len(tokens)): {
        "content": USER, "lstrip": True, "special": True, "normalized": False}}}},
    "bert_other_names": {
      "vocab.txt": lines(["<pad>", "<unk>", "<s>", "</s>", "<mask>", *tokens[5:]]),
      "tokenizer_config.json": {
        **lower, "pad_token": "<pad>", "unk_token": "<unk>", "cls_token": "<s>",
        "sep_token": "</s>", "mask_token": "<mask>"}},
    "mpnet": {
      "vocab.txt": lines(["<s>", "<pad>", "</s>", "[UNK]", *tokens[5:], "<mask>"]),
      "tokenizer_config.json": {"do_lower_case": True, "tokenizer_class": "MPNetTokenizer"}},
    "electra": {"vocab.txt": lines(tokens), "tokenizer_config.json": {
      "do_lower_case": True, "tokenizer_class": "ElectraTokenizer"}},
    "distilbert": {"vocab.txt": lines(tokens), "tokenizer_config.json": {
      "do_lower_case": True, "tokenizer_class": "DistilBertTokenizer"}},
  }


def _gpt_folders() -> dict[str, dict]:
  vocab, merges = bpe_parts([END])
  files = {"vocab.json": vocab, "merges.txt": merges_text(merges)}
  vocab_s, _ = bpe_parts(["</s>", "<unk>"])
  gpt = {"tokenizer_class": "GPT2Tokenizer"}
  return {
    "gpt": {**files, "tokenizer_config.json": gpt},
    "gpt_json": {"tokenizer.json": bpe_json([END]), "tokenizer_config.json": gpt},
    "gpt_chat": {
      "tokenizer.json": bpe_json([END], further=(USER,)), "tokenizer_config.json": gpt},
    "gpt_chat_added": {
      **files, "tokenizer_config.json": gpt, "added_tokens.json": {USER: len(vocab)},
      "special_tokens_map.json": {"additional_special_tokens": [USER], "eos_token": END}},
    "gpt_s": {
      "vocab.json": vocab_s, "merges.txt": merges_text(merges),
      "tokenizer_config.json": {**gpt, "bos_token": "</s>", "eos_token": "</s>",
        "unk_token": "<unk>"}},
    "gpt_begins": {**files, "tokenizer_config.json": {**gpt, "add_bos_token": True}},
    "gpt_prefix_space": {**files, "tokenizer_config.json": {**gpt, "add_prefix_space": True}},
    "gpt_json_prefix_space": {
      "tokenizer.json": bpe_json([END]),
      "tokenizer_config.json": {**gpt, "add_prefix_space": True}},
    "gpt_on_bert_pieces": {
      "vocab.txt": lines(wordpiece_tokens()), "config.json": {"model_type": "gpt2"},
      "tokenizer_config.json": {"do_lower_case": True, "tokenizer_class": "BertTokenizer"}},
    "gpt_merges_without_a_version": {
      "vocab.json": vocab, "merges.txt": merges_text(merges, ""), "tokenizer_config.json": gpt},
  }


def _roberta_folders() -> dict[str, dict]:
  vocab, merges = bpe_parts(ROBERTA_SPECIAL)
  vocab["<mask>"] = len(vocab)
  roberta = {"tokenizer_class": "RobertaTokenizer"}
  mask = {"__type": "AddedToken", "content": "<mask>", "lstrip": True, "rstrip": False,
    "single_word": False, "normalized": False}
  modern = ["[UNK]", "[CLS]", "[SEP]", "[PAD]"]
  return {
    "roberta": {"vocab.json": vocab, "merges.txt": merges_text(merges),
      "tokenizer_config.json": {**roberta, "mask_token": mask}},
    "roberta_by_model_type": {"vocab.json": vocab, "merges.txt": merges_text(merges),
      "config.json": {"model_type": "roberta"}},
    "roberta_json": {
      "tokenizer.json": bpe_json(ROBERTA_SPECIAL, template="roberta"),
      "tokenizer_config.json": {**roberta, "mask_token": mask}},
    "xlm_roberta": {"tokenizer.json": unigram_json(), "tokenizer_config.json": {
      "tokenizer_class": "XLMRobertaTokenizer", "mask_token": mask}},
    "xlm_roberta_sentencepiece": {
      "sentencepiece.bpe.model": sentencepiece_model(),
      "config.json": {"model_type": "xlm-roberta"},
      "tokenizer_config.json": {"tokenizer_class": "XLMRobertaTokenizer", "mask_token": mask}},
    "modernbert": {"tokenizer.json": bpe_json(modern, template="modernbert"),
      "config.json": {"model_type": "modernbert"}, "tokenizer_config.json": {
        "tokenizer_class": "PreTrainedTokenizerFast", "cls_token": "[CLS]", "sep_token": "[SEP]",
        "pad_token": "[PAD]", "unk_token": "[UNK]", "mask_token": "[MASK]"}},
  }


def folders() -> dict[str, dict]:
  """Returns the files of each kind of folder, by name."""
  return {**_bert_folders(), **_gpt_folders(), **_roberta_folders()}
