"""Finding files and turning them into ids, whatever their size, compression and line ends."""

import gzip
import importlib.util
import time
import tracemalloc
from itertools import chain

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from glove_jax.data.text import corpus, splitting, word_tokenizers
from glove_jax.errors import InputError

WORDS = word_tokenizers.make("words")
# Letters of several scripts, characters that end words or do not, and some that only look like the
# end of a line.
ALPHABET = "aB'’_-.,1 \t\n\r\x0b\x85\u2028\xa0\u3000ΑΣİé\u0301汉字。，हि😀"
TEXT = st.text(st.sampled_from(ALPHABET), max_size=60)
NAMES = ["words", "unicode", "whitespace", "characters"]


def write(folder, name, text):
  path = folder / name
  path.parent.mkdir(exist_ok=True, parents=True)
  path.write_bytes(text if isinstance(text, bytes) else text.encode())
  return path


def one_line(error) -> str:
  message = str(error.value)
  assert "\n" not in message
  return message


def test_find_files_keeps_the_order_and_sorts_globs(tmp_path):
  for name in ("b.txt", "a.txt", "c.text", "x,y.txt", "in/d.txt"):
    write(tmp_path, name, "x")
  (tmp_path / "folder.txt").mkdir()
  def names(pattern):
    return [path.name for path in corpus.find_files(pattern)]
  assert names(f"{tmp_path}/c.text, {tmp_path}/?.txt") == ["c.text", "a.txt", "b.txt"]
  assert names(f"{tmp_path}/x,y.txt") == ["x,y.txt"]
  assert names(f"{tmp_path}/**/d.txt") == ["d.txt"]
  assert names(f"{tmp_path}/*.txt") == ["a.txt", "b.txt", "x,y.txt"]


@pytest.mark.parametrize(("pattern", "message"), [
  ("{}/none.txt", "none.txt: no such file"),
  ("{}/*.md", "*.md matches no file"),
  ("", "empty name"),
  ("{}/a.txt,,{}/a.txt", "empty name"),
  ("{}", "is a folder, expected a text file or a glob like"),
  ("/dev/null", "not a regular file"),
])
def test_find_files_says_in_one_line_what_is_wrong(tmp_path, pattern, message):
  write(tmp_path, "a.txt", "x")
  with pytest.raises(InputError) as error:
    corpus.find_files(pattern.replace("{}", str(tmp_path)))
  assert message in one_line(error)


def test_find_files_of_the_sample(monkeypatch):
  if importlib.util.find_spec("gensim"):
    assert [path.suffix for path in corpus.find_files("sample")] == [".bz2"]
  monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
  with pytest.raises(InputError) as error:
    corpus.find_files("sample")
  assert "pip install -e '.[demo]'" in one_line(error)


def test_lines_end_at_newlines_only_where_they_are_the_line_end(tmp_path):
  path = write(tmp_path, "a.txt", "\ufeffone\x0b\x85\u2028 1\r\ntwo\rtoo\n\nlast\r")
  assert list(corpus.read_lines(path)) == ["one\x0b\x85\u2028 1", "two\rtoo", "", "last\r"]
  assert list(corpus.read_lines(write(tmp_path, "b.txt", "a\n"))) == ["a"]
  assert list(corpus.read_lines(write(tmp_path, "c.txt", ""))) == []


@settings(deadline=None, max_examples=150)
@given(st.lists(TEXT, min_size=1, max_size=3), st.sampled_from(NAMES), st.integers(1, 40))
def test_blocks_of_any_size_give_the_tokens_of_the_whole_text(tmp_path_factory, texts, name, block):
  tokenizer = word_tokenizers.make(name)
  folder = tmp_path_factory.mktemp("corpus")
  paths = [write(folder, f"{i}.txt", text) for i, text in enumerate(texts)]
  expected = []
  for text in texts:
    text = text.replace("\r\n", "\n")
    if text.count("\r") > text.count("\n"):
      text = text.replace("\r", "\n")
    expected += [*tokenizer.tokens(text), "\n"]
  blocks = corpus.read_tokens(paths, tokenizer, block=block)
  assert [*chain.from_iterable(blocks)] == expected


@settings(deadline=None, max_examples=100)
@given(st.text(st.sampled_from("abc \n"), max_size=60), st.integers(1, 40))
def test_encode_drops_unknown_words_and_breaks_documents_once(tmp_path_factory, text, block):
  path = write(tmp_path_factory.mktemp("corpus"), "a.txt", text)
  index = {"a": 0, "b": 1}
  expected = []
  for line in text.split("\n"):
    ids = [index[word] for word in line.split() if word in index]
    if ids:
      expected += [*ids, corpus.BREAK]
  blocks = list(corpus.encode([path, path], index, WORDS, block=block))
  assert np.concatenate([np.zeros(0), *blocks]).tolist() == expected * 2
  assert all(ids.dtype == np.int32 for ids in blocks)


def test_a_line_longer_than_a_block_stays_one_document(tmp_path):
  path = write(tmp_path, "a.txt", "one two three " * 20_000)
  ids = np.concatenate(list(corpus.encode([path], {"one": 0, "three": 1}, WORDS)))
  assert ids.tolist() == [0, 1] * 20_000 + [corpus.BREAK]


def test_a_long_line_takes_little_memory(tmp_path):
  path = write(tmp_path, "a.txt", b"some words " * 2_000_000)
  tracemalloc.start()
  total = sum(map(len, corpus.encode([path], {"some": 0}, WORDS)))
  peak = tracemalloc.get_traced_memory()[1]
  tracemalloc.stop()
  assert total == 2_000_001
  assert peak < 8e6, f"{peak:,} bytes for a file of 22 million"


@pytest.mark.parametrize("name", ["words", "unicode", "whitespace", "jieba"])
@pytest.mark.parametrize("block", [50, 256, 1 << 16])
def test_a_word_without_end_is_left_out_and_reported(tmp_path, monkeypatch, capsys, name, block):
  if name == "jieba":
    pytest.importorskip("jieba")
  monkeypatch.setattr(splitting, "LONGEST_WORD", 1000)
  for length in (999, 1000, 1001, 1300, 5000):
    text = f"one {'x' * length} two\n{'y' * 3000}\nthree"
    path = write(tmp_path, "a.txt", text + "\nfour " + "z" * 3000)
    tokenizer = word_tokenizers.make(name)
    tokens = [*chain.from_iterable(corpus.read_tokens([path], tokenizer, block=block))]
    kept = ["x" * length] if length <= 1000 else []
    assert tokens == ["one", *kept, "two", "\n", "\n", "three", "\n", "four", "\n"]
    count = 2 if kept else 3
    message = f"{count} words of more than 1,000 characters left out of {path}"
    assert message in capsys.readouterr().out


def test_a_long_run_of_characters_is_no_word(tmp_path, monkeypatch, capsys):
  monkeypatch.setattr(splitting, "LONGEST_WORD", 1000)
  path = write(tmp_path, "a.txt", "short\n\n" + "汉字" * 3000)
  characters = word_tokenizers.make("characters")
  tokens = [*chain.from_iterable(corpus.read_tokens([path], characters, block=256))]
  assert tokens == [*"short", "\n", "\n", *"汉字" * 3000, "\n"]
  numbers = write(tmp_path, "b.txt", "1,22;" * 3000)
  tokens = [*chain.from_iterable(corpus.read_tokens([numbers], WORDS, block=256))]
  assert tokens == [*["1", "22"] * 3000, "\n"]
  assert capsys.readouterr().out == ""


@pytest.mark.parametrize("name", ["words", "whitespace", "characters"])
def test_a_word_of_many_blocks_takes_little_memory(tmp_path, name):
  path = write(tmp_path, "a.txt", b"a b " + b"x" * 20_000_000 + b" c")
  tracemalloc.start()
  start = time.process_time()
  count = sum(map(len, corpus.read_tokens([path], word_tokenizers.make(name))))
  seconds = time.process_time() - start
  peak = tracemalloc.get_traced_memory()[1]
  tracemalloc.stop()
  assert count == (20_000_004 if name == "characters" else 4)
  assert peak < 12e6, f"{peak:,} bytes for a word of 20 million"
  assert seconds < 10


def test_archives_of_zeros_take_little_memory_and_time(tmp_path):
  path = write(tmp_path, "a.gz", gzip.compress(bytes(100_000_000)))
  with pytest.raises(InputError) as error:
    list(corpus.read_tokens([path], WORDS))
  assert "a zero byte at column 1" in one_line(error)
  tracemalloc.start()
  with pytest.raises(InputError, match="expands more than 100 times"):
    list(corpus.read_tokens([path], WORDS, errors="replace"))
  peak = tracemalloc.get_traced_memory()[1]
  tracemalloc.stop()
  assert peak < 30e6


@pytest.mark.parametrize("name", ["words", "unicode", "whitespace", "characters"])
def test_a_carriage_return_ends_lines_where_it_is_the_line_end(tmp_path, name):
  tokenizer = word_tokenizers.make(name)
  def tokens(text, **options):
    path = write(tmp_path, "a.txt", text)
    return [*chain.from_iterable(corpus.read_tokens([path], tokenizer, **options))]
  text = "one two\nthree\n\nfour\n" * 50
  for end in ("\r", "\r\n"):
    for block in (1, 100, 1 << 16):
      assert tokens(text.replace("\n", end), block=block) == tokens(text)
  assert list(corpus.read_lines(write(tmp_path, "b.txt", "a\rb\r\rc"))) == ["a", "b", "", "c"]
  mixed = tokens("one\rtwo\nthree\nfour\n")
  assert mixed.count("\n") == 4  # the carriage return ended no line


def test_bounded_lines_are_lines_unless_they_are_too_long(tmp_path, monkeypatch, capsys):
  monkeypatch.setattr(splitting, "LONGEST_WORD", 1000)
  text = "one two\n\nthree\n" * 30 + "汉字" * 40_000 + "\nlast"
  path = write(tmp_path, "a.txt", text)
  lines = list(corpus.read_bounded_lines([path, path]))
  assert lines == [*corpus.read_lines(path)] * 2
  assert capsys.readouterr().out == ""
  long = write(tmp_path, "b.txt", "word " * 100_000 + "x" * 200_000 + " end\nnext")
  *parts, end, following = corpus.read_bounded_lines([long], longest=100_000)
  assert "".join([*parts, end]).split() == ["word"] * 100_000 + ["end"]
  assert following == "next" and max(map(len, parts)) < 300_000
  assert "1 word of more than 1,000 characters left out" in capsys.readouterr().out


def test_progress_counts_bytes_of_all_files(tmp_path):
  paths = [write(tmp_path, name, "word " * 10_000) for name in ("a.txt", "b.txt")]
  reports = []
  def progress(done, total):
    reports.append((done, total))
  list(corpus.read_tokens(paths, WORDS, block=10_000, progress=progress))
  assert reports == sorted(reports)
  assert len(reports) > 8
  assert reports[-1] == (100_000, 100_000)
  assert {total for _, total in reports} == {100_000}


def test_a_missing_file_is_an_input_error(tmp_path):
  path = tmp_path / "gone.txt"
  for stream in (corpus.read_lines(path), corpus.read_tokens([path], WORDS)):
    with pytest.raises(InputError) as error:
      list(stream)
    assert "gone.txt: No such file" in one_line(error)


def test_describe():
  assert corpus.describe(["a.txt"]) == "a.txt"
  assert corpus.describe(["a.txt", "b.txt", "c.txt"]) == "a.txt and 2 more"


