"""WordPiece and BPE against what their papers say and transformers gives; files that are none."""

import functools
import json

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from glove_jax.data.subwords import subword_tokenizers
from glove_jax.errors import InputError

PIECES = [*subword_tokenizers.BERT_SPECIAL, "un", "##aff", "##able", "the", "cat", "##s", ",", "中", "国", "cafe"]
TEXTS = ["the cat sat on the mat", "the cats sat on cats", "naïve café 中国", "don't panic: 42 is the answer"] * 5


@pytest.fixture
def bert(tmp_path):
  (tmp_path / "vocab.txt").write_text("\n".join(PIECES) + "\n", encoding="utf-8")
  return subword_tokenizers.load(tmp_path / "vocab.txt")


@pytest.fixture(scope="module")
def bpe():
  return subword_tokenizers.train("bpe", lambda: TEXTS, vocab_size=300)


def names(tokenizer, ids):
  return [tokenizer.id_to_token(i) for i in ids]


def test_wordpiece_takes_the_longest_pieces_and_lowers_the_case(bert):
  found = subword_tokenizers.encode(bert, "Unaffable Cats, CAFÉ中国 dog")
  assert names(bert, found.ids) == ["[CLS]", "un", "##aff", "##able", "cat", "##s", ",", "cafe", "中", "国", "[UNK]",
                                    "[SEP]"]
  assert found.words == [None, 0, 0, 0, 1, 1, 2, 3, 4, 5, 6, None]
  assert found.offsets[1:4] == [(0, 2), (2, 5), (5, 9)] and found.offsets[10] == (23, 26)
  assert set(found.types) == {0}


def test_pairs_and_the_longest_text(bert):
  found = subword_tokenizers.encode(bert, "the cat", "cats the")
  assert names(bert, found.ids) == ["[CLS]", "the", "cat", "[SEP]", "cat", "##s", "the", "[SEP]"]
  assert found.types == [0, 0, 0, 0, 1, 1, 1, 1]
  cut = subword_tokenizers.encode(bert, "the cat", "cats the", longest=6)
  assert len(cut.ids) == 6 and cut.ids[-1] == found.ids[-1]
  assert len(subword_tokenizers.encode(bert, "the cat", "cats the").ids) == 8


def test_characters_are_pieces_and_rare_ones_bytes_and_the_text_comes_back(tmp_path):
  text = "话说天下大势,分久必合。\n合久必分 the 天下"
  tokenizer = subword_tokenizers.train("characters", lambda: ["天下大势,分久必合。合久必分 "] * 3, vocab_size=300)
  subword_tokenizers.save(tokenizer, tmp_path / "tokenizer.json")
  for one in (tokenizer, subword_tokenizers.load(tmp_path)):
    found = subword_tokenizers.encode(one, text)
    assert one.decode(found.ids) == text
    of_each = [found.offsets.count((place, place + 1)) for place in range(len(text))]
    assert of_each == [3 if letter in "话说" else 1 for letter in text]
    assert found.ids == subword_tokenizers.encode(tokenizer, text).ids
  assert subword_tokenizers.train("characters", lambda: ["ab ab ab"], vocab_size=300).get_vocab_size() == 257
  assert len(subword_tokenizers.encode(subword_tokenizers.train("characters", lambda: ["天"], vocab_size=300), "天").ids) == 3


@pytest.mark.parametrize("kind", ["bert", "bpe"])
def test_the_first_piece_of_each_word(kind, bert, bpe):
  tokenizer = {"bert": bert, "bpe": bpe}[kind]
  words = ["cats", "unaffable", "the", "cat"]
  found, first = subword_tokenizers.encode_words(tokenizer, words)
  assert [found.words[place] for place in first] == [0, 1, 2, 3]
  assert all(found.words[place - 1] != found.words[place] for place in first if place)
  if kind == "bpe":
    assert tokenizer.decode(found.ids) == " ".join(words)
  cut, first = subword_tokenizers.encode_words(tokenizer, words, longest=4)
  assert first[-1] == -1 and len(cut.ids) == 4


def test_a_word_without_pieces_is_at_minus_one(bert):
  assert subword_tokenizers.encode_words(bert, ["the", "\u200d\x00", "cat"])[1] == [1, -1, 2]


def test_what_a_file_says_of_padding_and_cutting_is_dropped(bert, tmp_path):
  padded = subword_tokenizers.Tokenizer.from_str(bert.to_str())
  padded.enable_padding(length=9)
  padded.enable_truncation(4)
  padded.save(str(tmp_path / "tokenizer.json"))
  loaded, text = subword_tokenizers.load(tmp_path), "the cat the cat the cat"
  assert subword_tokenizers.encode(loaded, text) == subword_tokenizers.encode(bert, text)
  assert subword_tokenizers.encode(loaded, "the") == subword_tokenizers.encode(bert, "the")
  short = subword_tokenizers.encode(loaded, text, longest=5)
  assert len(short.ids) == 5 and short.truncated
  whole = subword_tokenizers.encode(loaded, text)  # cutting one text does not cut the next
  assert len(whole.ids) > 5 and not whole.truncated and short.ids == [*whole.ids[:4], whole.ids[-1]]


def test_which_case_a_vocabulary_has(tmp_path):
  for folder, pieces, config, lower in (
      ("a", PIECES, None, True), ("b", [*PIECES, "Cat"], None, False), ("c", PIECES, {"do_lower_case": False}, False)):
    (tmp_path / folder).mkdir()
    (tmp_path / folder / "vocab.txt").write_text("\n".join(pieces), encoding="utf-8")
    if config:
      (tmp_path / folder / "tokenizer_config.json").write_text(json.dumps(config))
    tokenizer = subword_tokenizers.load(tmp_path / folder)
    assert (names(tokenizer, subword_tokenizers.encode(tokenizer, "THE").ids)[1] == "the") == lower
  assert names(tokenizer, subword_tokenizers.encode(subword_tokenizers.load(tmp_path / "c", lowercase=True), "THE").ids)[1] == "the"


@pytest.mark.parametrize("kind", subword_tokenizers.KINDS)
def test_what_is_trained_is_the_same_each_time_and_loads_as_saved(kind, tmp_path):
  one, two = (subword_tokenizers.train(kind, lambda: TEXTS, vocab_size=290) for _ in range(2))
  assert one.to_str() == two.to_str()
  assert one.get_vocab_size() <= 290
  subword_tokenizers.save(one, tmp_path / "tokenizer.json")
  loaded = subword_tokenizers.load(tmp_path)
  assert loaded.to_str() == one.to_str()
  ids = subword_tokenizers.encode(loaded, "The cat sat").ids
  longest = {"wordpiece": 5, "bpe": 5, "characters": 11}[kind]  # words of the text are few pieces
  assert len(ids) <= longest
  special = subword_tokenizers.special_tokens(loaded)
  assert (special.start, special.mask) == ((2, 4) if kind == "wordpiece" else (0, None))


def test_wordpiece_of_a_language_without_spaces():
  tokenizer = subword_tokenizers.train("wordpiece", lambda: ["中国人民 abc abd", "人民的 Abc"] * 3, vocab_size=50)
  pieces = set(tokenizer.get_vocab())
  assert {"中", "的", "abc", "##b", *subword_tokenizers.BERT_SPECIAL} <= pieces and "##中" not in pieces
  assert names(tokenizer, tokenizer.encode("中的 [MASK]").ids) == ["[CLS]", "中", "的", "[MASK]", "[SEP]"]
  assert names(tokenizer, tokenizer.encode("a##b").ids)[1:3] == ["a", "[UNK]"]  # no special piece of its own
  tiny = subword_tokenizers.train("wordpiece", lambda: ["zzz zz z y a"], vocab_size=13)  # two letters, the most frequent
  assert {"z", "a"} <= set(tiny.get_vocab()) and "y" not in tiny.get_vocab()


@settings(max_examples=100, deadline=None)
@example(text="<|endoftext|>")
@given(text=st.text(alphabet=st.characters(exclude_categories=["Cs"])))
def test_bpe_gives_any_text_back(bpe, text):
  assert bpe.decode(bpe.encode(text).ids) == text


def test_openai_names_and_merges(tmp_path, bpe):
  model = json.loads(bpe.to_str())["model"]
  for vocab, merges in (("my-encoder.json", "my-vocab.bpe"), ("vocab.json", "merges.txt")):
    (tmp_path / vocab).write_text(json.dumps(model["vocab"]))
    (tmp_path / merges).write_text("#version: 0.2\n" + "\n".join(" ".join(pair) for pair in model["merges"]) + "\n")
    tokenizer = subword_tokenizers.load(tmp_path / vocab)
    assert [tokenizer.encode(text).ids for text in TEXTS] == [bpe.encode(text).ids for text in TEXTS]
    assert subword_tokenizers.special_tokens(tokenizer).start == 0
  assert subword_tokenizers.load(tmp_path).get_vocab() == bpe.get_vocab()
  (tmp_path / "merges.txt").write_text("#version\na t\nt zz\n")
  with pytest.raises(InputError, match=r"merges.txt:3: 't zz'; expected a pair"):
    subword_tokenizers.load(tmp_path / "vocab.json")


@pytest.mark.parametrize("name,data,said", [
  ("vocab.txt", b"the\ncat\n", "has no [PAD], [UNK], [CLS], [SEP], [MASK]"), ("vocab.txt", b"\xff\xfe", "is not UTF-8"),
  ("vocab.txt", "\n".join([*PIECES, "the"]).encode(), "vocab.txt:16: 'the' is already on line 9"),
  ("tokenizer.json", b"{", "not JSON"), ("tokenizer.json", b"[" * 100_000, "not JSON"),
  ("tokenizer.json", b'{"model": {"type": "Magic"}}', "cannot read it"),
  ("tokenizer.json", b'{"model": {"type": "BPE", "vocab": {"a": 0}, "merges": ["a b"]}}', "cannot read it"),
  ("tokenizer.json", b"3", "found no tokenizer"), ("vocab.json", b'{"a": 1}', "found no tokenizer"),
  ("vocab.json", b'{"a": 0}', "merges.txt: No such file"), ("other.json", b'{"a": 0}', "found no tokenizer")])
def test_unknown_files_are_one_line(name, data, said, tmp_path):
  (tmp_path / name).write_bytes(data)
  with pytest.raises(InputError) as caught:
    subword_tokenizers.load(tmp_path / name)
  assert said in str(caught.value) and "\n" not in str(caught.value)


@settings(max_examples=150, deadline=None)
@given(data=st.data(), kind=st.sampled_from(["wordpiece", "bpe"]))
def test_any_damaged_file_is_one_line_or_a_tokenizer(data, kind, tmp_path_factory):
  path, whole = tmp_path_factory.getbasetemp() / "tokenizer.json", bytearray(small(kind).to_str().encode())
  if data.draw(st.booleans()):
    whole = whole[: data.draw(st.integers(0, len(whole) - 1))]
  for _ in range(data.draw(st.integers(0, 3)) if whole else 0):
    whole[data.draw(st.integers(0, len(whole) - 1))] = data.draw(st.integers(0, 255))
  path.write_bytes(whole)
  try:
    found = subword_tokenizers.load(path)
    subword_tokenizers.check_ids(found, "tokenizer.json")
    subword_tokenizers.special_tokens(found)
  except InputError as caught:
    assert "\n" not in str(caught)


@functools.cache
def small(kind):
  return subword_tokenizers.train(kind, lambda: TEXTS, vocab_size=60 if kind == "wordpiece" else 260)


def test_numbers_without_gaps(bert):
  subword_tokenizers.check_ids(bert, "vocab.txt")
  for piece, number, gap in (("beyond", 99, len(PIECES)), ("the", 99, PIECES.index("the"))):
    whole = json.loads(bert.to_str())
    whole["model"]["vocab"][piece] = number
    with pytest.raises(InputError, match=f"x.json: .* none of them with the id {gap}; expected 0 to"):
      subword_tokenizers.check_ids(subword_tokenizers.Tokenizer.from_str(json.dumps(whole)), "x.json")


def test_accents_are_kept_where_the_configuration_says_so(tmp_path):
  (tmp_path / "vocab.txt").write_text("\n".join([*PIECES, "caf\u00e9"]), encoding="utf-8")
  for told, piece in (({}, "cafe"), ({"strip_accents": False}, "caf\u00e9")):
    (tmp_path / "tokenizer_config.json").write_text(json.dumps({"do_lower_case": True, **told}))
    tokenizer = subword_tokenizers.load(tmp_path)
    assert names(tokenizer, subword_tokenizers.encode(tokenizer, "Caf\u00e9").ids)[1] == piece


@pytest.mark.parametrize("kind, lowercase", [("wordpiece", False), ("wordpiece", True), ("bpe", True), ("bpe", False)])
def test_transformers_cuts_as_we_do_what_we_save_beside_a_model(kind, lowercase, tmp_path):
  transformers = pytest.importorskip("transformers")
  ours = subword_tokenizers.train(kind, lambda: ["The Cat s\u00e1t on THE mat"] * 3, vocab_size=280, lowercase=lowercase)
  (tmp_path / "config.json").write_text(json.dumps({"model_type": "bert" if kind == "wordpiece" else "gpt2"}))
  subword_tokenizers.save_beside_model(ours, tmp_path)
  theirs = transformers.AutoTokenizer.from_pretrained(tmp_path)
  for text in ("The cat S\u00e1t", "the CAT on a mat."):
    assert theirs(text)["input_ids"] == subword_tokenizers.encode(ours, text).ids
  if kind == "wordpiece":
    assert theirs("The cat", "a mat")["token_type_ids"] == subword_tokenizers.encode(ours, "The cat", "a mat").types
  assert theirs.pad_token and (kind == "bpe" or theirs.mask_token == "[MASK]")


def test_missing_files_and_kinds(tmp_path):
  for path, said in ((tmp_path, "found no tokenizer.json"), (tmp_path / "x.txt", "No such file")):
    with pytest.raises(InputError, match=said):
      subword_tokenizers.load(path)
  with pytest.raises(InputError, match="expected one of wordpiece, bpe"):
    subword_tokenizers.train("unigram", lambda: TEXTS, vocab_size=300)
  with pytest.raises(InputError, match="expected 257 at least"):
    subword_tokenizers.train("bpe", lambda: TEXTS, vocab_size=256)


@pytest.mark.realdata
def test_real_vocabularies(data):
  gpt2 = subword_tokenizers.load(data / "tokenizers" / "gpt2-encoder.json")
  assert gpt2.encode("Hello world! 中国").ids == [15496, 995, 0, 220, 40792, 32368, 121]
  assert subword_tokenizers.special_tokens(gpt2).start == 50256
  uncased = subword_tokenizers.load(data / "tokenizers" / "bert-base-uncased.vocab.txt")
  assert uncased.encode("Hello, naïve World!").ids == [101, 7592, 1010, 15743, 2088, 999, 102]
  chinese = subword_tokenizers.load(data / "tokenizers" / "bert-base-chinese.vocab.txt")
  assert names(chinese, chinese.encode("中国人").ids) == ["[CLS]", "中", "国", "人", "[SEP]"]


@pytest.mark.slow
@pytest.mark.realdata
def test_real_vocabularies_as_transformers_cuts(data, tmp_path):
  transformers = pytest.importorskip("transformers")
  text = "A naïve café's Über-test: don't, 3.14 \u4e2d\u56fd\u4eba  two  spaces\n\tand ½ 😀!"
  ours = subword_tokenizers.load(data / "tokenizers" / "gpt2-encoder.json")
  subword_tokenizers.save(ours, tmp_path / "tokenizer.json")
  theirs = transformers.PreTrainedTokenizerFast(tokenizer_file=str(tmp_path / "tokenizer.json"))
  assert theirs(text)["input_ids"] == ours.encode(text).ids
  (tmp_path / "vocab.txt").write_bytes((data / "tokenizers" / "bert-base-uncased.vocab.txt").read_bytes())
  (tmp_path / "tokenizer.json").unlink()
  theirs = transformers.BertTokenizer.from_pretrained(tmp_path)
  assert theirs(text)["input_ids"] == subword_tokenizers.load(tmp_path).encode(text).ids
