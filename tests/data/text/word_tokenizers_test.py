"""Tokens of each tokenizer, and boundaries at which a text may be split."""

import builtins
import re
import sys
import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from glove_jax.data.text import word_characters, word_tokenizers
from glove_jax.errors import InputError

ALPHABET = (
  "aB'’_-.,1 \t\n\r\f\x0b\x1c\x85\u2028\xa0\u3000ΑΣİiI\u0307é\u0301\u0338\u200b"
  "汉字。，；हिम\ufe0f❤😀\ud800"
  "می\u200cر\u200d\u00ad\u2060\ufeff\u200e<=>;!#\"/"
)
TEXT = st.text(st.one_of(st.sampled_from(ALPHABET), st.characters()), max_size=80)


def expected_words(text: str) -> list[str]:
  """Returns the words of a text, by regular expressions that say what they are."""
  text = re.sub(f"[{''.join(word_characters.INVISIBLE)}]", "", text)
  text = re.sub("(?<![iI])\u0307", " ", text)
  text = re.sub("([\u200c\u200d])[\u200c\u200d]+", r"\1", text)
  letter = "[^\\W_]"
  joiner = "[\u200c\u200d]"
  text = re.sub(rf"(?<!{letter})(?<!\u0307){joiner}|{joiner}(?!{letter})", "", text)
  word = "(?:[^\\W_]|[\u0307\u200c\u200d])+"
  return re.findall(rf"{word}(?:'{word})?|\n", text)


@settings(deadline=None, max_examples=500)
@given(TEXT, st.booleans())
def test_words_are_those_of_regular_expressions(text, lowercase):
  expected = expected_words(text.lower() if lowercase else text)
  assert word_tokenizers.make("words", lowercase).tokens(text) == expected


@settings(deadline=None, max_examples=200)
@given(st.text(st.sampled_from("aB'_-., 1\n\ré汉字ΑΣ")))
def test_words_without_marks_and_joiners_are_letters_and_digits(text):
  expected = re.findall(r"[^\W_]+(?:'[^\W_]+)?|\n", text)
  assert word_tokenizers.make("words", lowercase=False).tokens(text) == expected


@pytest.mark.parametrize("name", ["words", "unicode"])
@pytest.mark.parametrize(
  ("text", "expected"),
  [
    ("می\u200cروم به خانه", "می\u200cروم|به|خانه"),  # Persian: a joiner inside a verb
    ("co\u00adoper\u00adate", "cooperate"),
    ("\u200cab\u200d cd\u200c\u200def", "ab|cd\u200cef"),
    ("it\u200d's", "it's"),
    ("word\u2060joiner \ufeffmark left\u200eright", "wordjoiner|mark|leftright"),
    ("İstanbul DİYARBAKIR", "i\u0307stanbul|di\u0307yarbakir"),
    ("İ'nin", "i\u0307'nin"),
    ("zero\u200bwidth👨\u200d👩\u200d👧 ❤\ufe0f x", "zero|width|x"),
  ],
)
def test_what_cannot_be_seen_parts_no_word(name, text, expected):
  assert word_tokenizers.make(name).tokens(text) == expected.split("|")


def test_unicode_keeps_joiners_beside_combining_marks():
  assert word_tokenizers.make("unicode").tokens("क्\u200dष ക്\u200d") == ["क्\u200dष", "ക്"]


def test_words_drops_variation_selectors():
  assert word_tokenizers.make("words").tokens("葛\U000e0100飾") == ["葛飾"]
  assert word_tokenizers.make("unicode").tokens("葛\U000e0100飾") == ["葛\U000e0100飾"]


@pytest.mark.parametrize("name", ["words", "unicode", "whitespace", "jieba"])
@pytest.mark.parametrize("space", ["\f", "\v", "\x85", "\u2028", "\u2029"])
def test_other_line_ends_are_white_space(name, space):
  if name == "jieba":
    pytest.importorskip("jieba")
  assert word_tokenizers.make(name).tokens(f"one{space}two\nthree") == ["one", "two", "\n", "three"]


@pytest.mark.parametrize("name", ["words", "unicode", "whitespace", "characters"])
@pytest.mark.parametrize("character", [
  "a", "'", "’", "\u0301", "\u0301\u0316", "\u200d", "i\u0307", "'a", "a'", "\u00ad", "汉",
  "\u200da", ".",
])
def test_adversarial_texts_take_linear_time(name, character):
  tokens = word_tokenizers.make(name).tokens
  start = time.process_time()
  tokens(character * 250_000)
  tokens("x" + character * 250_000 + "x")
  assert time.process_time() - start < 5


def test_a_text_of_many_different_symbols_takes_linear_time():
  text = "".join(map(chr, range(0xF0000, 0xF0000 + 60_000)))
  start = time.process_time()
  assert word_tokenizers.make("words").tokens(text) == []
  assert time.process_time() - start < 1


@pytest.mark.parametrize(
  ("text", "expected"),
  [
    ("Don't STOP", "don't|stop"),
    ("'tis the dogs' rock'n'roll", "tis|the|dogs|rock'n|roll"),
    ("well-known snake_case", "well|known|snake|case"),
    ("3.14 1,000 1990s", "3|14|1|000|1990s"),
    ("a\nb\n\nc", "a|\n|b|\n|\n|c"),
    ("汉字，日本語 русский", "汉字|日本語|русский"),
    ("e\u0301te\u0301", "e|te"),
    ("", ""),
  ],
)
def test_words(text, expected):
  assert word_tokenizers.make("words").tokens(text) == [*filter(None, expected.split("|"))]


@pytest.mark.parametrize(
  ("text", "expected"),
  [
    ("Don’t o'neill's 'tis a'", "don't|o'neill's|tis|a"),
    ("हिन्दी भाषा", "हिन्दी|भाषा"),
    ("e\u0301te\u0301!", "été"),
    ("ภาษาไทยที่", "ภาษาไทยที่"),
    ("❤️ \u0301a ''\n'", "a|\n"),
    ("x_y 3.14", "x|y|3|14"),
  ],
)
def test_unicode_keeps_marks_and_apostrophes(text, expected):
  assert word_tokenizers.make("unicode").tokens(text) == expected.split("|")


@settings(deadline=None, max_examples=300)
@given(TEXT, st.booleans())
def test_unicode_words_hold_nothing_but_word_characters(text, lowercase):
  for token in word_tokenizers.make("unicode", lowercase).tokens(text):
    assert token == "\n" or (token[0].isalnum() and not re.search(r"''|'$|[_\s.]", token))


def test_whitespace_splits_where_stanford_does():
  tokens = word_tokenizers.make("whitespace").tokens(
    "The\tcat's  U+\xa0x\u3000y\r\n\r\nA\rB _,_ "
  )
  assert tokens == ["The", "cat's", "U+\xa0x\u3000y", "\n", "\n", "AB", "_,_"]
  assert word_tokenizers.make("whitespace", True).tokens("The") == ["the"]


def test_characters():
  assert word_tokenizers.make("characters").tokens("汉字 \u3000a\xa0。\nB") == [
    "汉",
    "字",
    "a",
    "。",
    "\n",
    "B",
  ]


@settings(deadline=None, max_examples=400)
@given(
  st.sampled_from(["words", "unicode", "whitespace", "characters"]),
  st.booleans(),
  TEXT,
  TEXT,
  st.data(),
)
def test_texts_may_be_cut_at_boundaries(name, lowercase, left, right, data):
  tokenizer = word_tokenizers.make(name, lowercase)
  left += data.draw(st.sampled_from(tokenizer.boundaries))
  assert tokenizer.tokens(left + right) == tokenizer.tokens(left) + tokenizer.tokens(right)


def test_jieba():
  pytest.importorskip("jieba")
  tokenizer = word_tokenizers.make("jieba")
  assert tokenizer.tokens("我来到北京清华大学。\n他来到了，网易杭研大厦 GPU!") == [
    "我",
    "来到",
    "北京",
    "清华大学",
    "\n",
    "他",
    "来到",
    "了",
    "网易",
    "杭研",
    "大厦",
    "GPU",
  ]
  text = "小明硕士毕业于中国科学院计算所，后在日本京都大学深造。" * 3
  for end, character in enumerate(text, 1):
    if character in tokenizer.boundaries:
      parts = tokenizer.tokens(text[:end]) + tokenizer.tokens(text[end:])
      assert tokenizer.tokens(text) == parts


def test_jieba_without_its_package(monkeypatch):
  word_tokenizers._load_jieba.cache_clear()
  monkeypatch.setitem(sys.modules, "jieba", None)
  with pytest.raises(InputError, match=re.escape("pip install -e '.[zh]'")):
    word_tokenizers.make("jieba")


def test_jieba_is_not_imported_for_others(monkeypatch):
  plain_import = builtins.__import__

  def guarded(name, *args, **kwargs):
    assert name != "jieba"
    return plain_import(name, *args, **kwargs)

  monkeypatch.setattr(builtins, "__import__", guarded)
  for name in set(word_tokenizers.TOKENIZERS) - {"jieba"}:
    word_tokenizers.make(name).tokens("a b\n")


def test_a_function_of_your_own():
  tokenizer = word_tokenizers.make(lambda line: line.split("/"))
  assert tokenizer.tokens("A/b c\nd\n") == ["A", "b c", "\n", "d", "\n", ""]
  assert word_tokenizers.make(str.split, True).tokens("A b\nC") == ["a", "b", "\n", "c"]


def test_an_unknown_name_lists_the_tokenizers():
  with pytest.raises(InputError) as error:
    word_tokenizers.make("word")
  assert str(error.value) == (
    "tokenizer='word' is unknown, expected one of words, unicode, punctuation, whitespace, "
    "characters, jieba."
  )
