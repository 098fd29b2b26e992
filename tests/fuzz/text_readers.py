"""Texts: corpora in any encoding and packing, dumps of Wikipedia, vocabularies, phrases."""

import math
import pathlib
import re
import zlib

from fuzz import mutators, reference
from fuzz.trials import Files, Reader
from glove_jax.data.text import (
  cleaning,
  corpus,
  phrases,
  streams,
  token_offsets,
  token_store,
  vocab,
  wikitext,
  word_tokenizers,
)

_TEXT = (
  "The cat's sat.\nNaïve café, 中文 text 3.14 <b>x</b> http://a.b/c @me\n\nsoooooo\u200dlong\n"
)
_PACKED = (b"\x1f\x8b", b"BZh", b"\xfd7z", b"\x28\xb5\x2f\xfd")
_DUMP = """<mediawiki xmlns="http://www.mediawiki.org/xml/export-0.10/" xml:lang="en">
  <siteinfo><sitename>W</sitename></siteinfo>
  <page><title>A</title><ns>0</ns><id>1</id><revision><id>2</id>
    <text xml:space="preserve">'''Anarchism''' is a [[political philosophy|philosophy]] {{cite|a}}
== See ==
* [[File:a.png|thumb|A [[link]]]] &amp;nbsp; {| class="x"
| a || b
|} &lt;ref name="b"&gt;note&lt;/ref&gt; end.</text></revision></page>
  <page><title>B</title><ns>1</ns><revision><text>talk</text></revision></page>
</mediawiki>
"""
_DUMP_TOKENS = [
  b"[[", b"]]", b"{{", b"}}", b"{|", b"|}", b"'''", b"==", b"&lt;ref&gt;", b"&lt;/ref&gt;",
  b"<text>",
  b"</text>", b"<page>", b"</page>", b"<!--", b"-->", b"<![CDATA[", b"]]>", b"<!DOCTYPE a [",
  b'<!ENTITY a "aaaa">', b"&a;", b"&#0;", b"&#x110000;", b"&amp;", b"[[File:", b"&lt;math&gt;",
  b"&lt;!--", b"|", b"http://", b"[http://a b]", b"#REDIRECT [[a]]",
]  # fmt: skip
_TOKENS = [
  b"\xe2\x80\x8c", b"\xcc\x81", b"'s", b"http://", b"@", b"<", b">", b"&lt;", b"a b", b"1,000",
  b"\x1f\x8b\x08", b"BZh9", b"\xfd7zXZ\0", b"\x28\xb5\x2f\xfd",
]  # fmt: skip
_SPACE = re.compile("[ \t\n\v\f\x85\u2028\u2029]")
_METHODS = ("words", "unicode", "punctuation", "whitespace", "characters")


def readers() -> list[Reader]:
  """Returns the readers of texts."""
  texts = [{"t.txt": _TEXT.encode()}, {"t.txt": _TEXT.replace("\n", "\r").encode()},
           {"t.txt": _TEXT.replace("\n", "\r\n").encode("utf-8-sig")}]  # fmt: skip
  encoded = [{"t.txt": _TEXT.encode(name, "replace")}
             for name in ("utf-16", "gb18030", "cp1252", "utf-8")]  # fmt: skip
  packed = _packed_seeds()
  words = [{"vocab.txt": "the 30\ncat 20\n中 9\n".encode()}]
  pairs = [{"phrases.txt": b"new york 123.5\nsan jose 7\n\nnew_york times 1e-05\n"}]
  return [
    Reader("corpus_tokens", texts, _read_tokens, _check_tokens, _TOKENS),
    Reader("corpus_encodings", encoded, _read_encoded, _check_nothing, _TOKENS),
    Reader("corpus_packed", packed, _read_packed, _check_packed, _TOKENS,
           [mutators.pack_again, mutators.change_integers]),
    Reader("corpus_dump", [{"t.xml": _DUMP.encode()}], _read_dump, _check_dump, _DUMP_TOKENS),
    Reader("wikitext", [{"t.wiki": _markup()}], _read_markup, _check_markup, _DUMP_TOKENS),
    Reader("tokenizers", texts, _tokenize, _check_tokenized, _TOKENS),
    Reader("token_store", texts, _read_store, _check_store, _TOKENS),
    Reader("vocab", words, _read_vocab, _check_vocab, [b" 1\n", b" 0", b"the 1\n"]),
    Reader("phrases", pairs, _read_phrases, _check_phrases, [b"\n\n", b"a b 1\n", b" 1.5"]),
  ]  # fmt: skip


def _packed_seeds() -> list[Files]:
  import random

  rng = random.Random(2)
  return [{"t.gz": mutators.pack_again(rng, _TEXT.encode(), ())} for _ in range(10)]


def _markup() -> bytes:
  start = _DUMP.index("'''")
  return _DUMP[start : _DUMP.index("</text>")].replace("&lt;", "<").replace("&gt;", ">").encode()


def _small(folder: pathlib.Path) -> tuple[pathlib.Path, int]:
  """Returns the only file of a folder, and a size of blocks that depends on its content."""
  path, = folder.iterdir()
  return path, 16 + zlib.crc32(path.read_bytes()) % 100


def _read_tokens(folder: pathlib.Path) -> list[str]:
  path, block = _small(folder)
  block = block if path.stat().st_size < 10_000 else 1 << 16
  tokenizer = word_tokenizers.make("whitespace")
  parts = list(corpus.read_tokens([path], tokenizer, block=block))
  return [token for part in parts for token in part]


def _check_tokens(tokens: list[str], files: Files) -> None:
  data, = files.values()
  if data.startswith((*_PACKED, b"\xff\xfe", b"\xfe\xff")):
    return
  if b"<mediawiki" in data[:2000]:
    return
  text = reference.with_newlines(data.decode("utf-8-sig")).replace("\r", "")
  lines = [_split_spaces(line) for line in text.split("\n")]
  expected = [token for line in lines for token in line]
  actual = [token for token in tokens if token != "\n"]
  assert actual == expected, (actual[:10], expected[:10])
  documents = [line.split("\n") for line in " ".join(tokens).split(" \n") if line.strip()]
  assert len(documents) <= len(lines)


def _check_nothing(value, files: Files) -> None:
  pass


def _read_encoded(folder: pathlib.Path) -> list[str]:
  path, _ = _small(folder)
  lines = []
  encodings = ("utf-8", "gb18030", "utf-16", "cp1252", "ascii")
  encoding = encodings[zlib.crc32(path.read_bytes()) % len(encodings)]
  errors = ("strict", "replace", "ignore")[path.stat().st_size % 3]
  lines += corpus.read_lines(path, encoding=encoding, errors=errors)
  list(corpus.read_bounded_lines([path], encoding=encoding, errors=errors, longest=50))
  return lines


def _read_packed(folder: pathlib.Path) -> str:
  path, _ = _small(folder)
  return "".join(streams.read_text(path))


def _check_packed(text: str, files: Files) -> None:
  data, = files.values()
  content = mutators.unpacked(data)
  if content is not data and not wikitext.is_dump(content[:1024]):
    expected = reference.with_newlines(content.decode("utf-8-sig"))
    assert text.startswith(expected) or reference.with_newlines(text).startswith(expected)


def _read_dump(folder: pathlib.Path) -> tuple[str, str]:
  path, block = _small(folder)
  return "".join(streams.read_text(path)), "".join(streams.read_text(path, block=block + 1000))


def _check_dump(value: tuple[str, str], files: Files) -> None:
  first, second = value
  assert first == second


def _read_markup(folder: pathlib.Path) -> list[str]:
  path, _ = _small(folder)
  return wikitext.paragraphs(path.read_text(encoding="utf-8", errors="replace"))


def _check_markup(paragraphs: list[str], files: Files) -> None:
  assert all(isinstance(paragraph, str) for paragraph in paragraphs)


def _tokenize(folder: pathlib.Path):
  path, _ = _small(folder)
  text = path.read_text(encoding="utf-8", errors="replace")
  tokens = {name: word_tokenizers.make(name).tokens(text) for name in _METHODS}
  cleaned = cleaning.make(",".join(cleaning.STEPS))(text)
  _, offsets = token_offsets.align(text, str.split)
  return tokens, cleaned, [*token_offsets.split(text), *offsets], text


def _check_tokenized(value, files: Files) -> None:
  tokens, _, offsets, text = value
  assert all(0 <= start < end <= len(text) for start, end in offsets)
  for name, words in tokens.items():
    assert all(words), name
    assert all(word == "\n" or not _SPACE.search(word) for word in words), name
  assert tokens["whitespace"] == _with_newline_tokens(text)


def _with_newline_tokens(text: str) -> list[str]:
  first, *others = text.replace("\r", "").split("\n")
  tokens = _split_spaces(first)
  for line in others:
    tokens += ["\n", *_split_spaces(line)]
  return tokens


def _split_spaces(line: str) -> list[str]:
  return list(filter(None, _SPACE.split(line)))


def _read_store(folder: pathlib.Path):
  path, _ = _small(folder)
  tokenizer = word_tokenizers.make("words")
  store = token_store.read([path], tokenizer, folder)
  counts = token_store.word_counts(store)
  vocabulary = vocab.build(counts)
  ids = [id for block in token_store.encode(store, vocabulary.index) for id in block.tolist()]
  store.file.close()
  direct = [id for block in corpus.encode([path], vocabulary.index, tokenizer)
            for id in block.tolist()]  # fmt: skip
  return vocabulary, ids, direct


def _check_store(value, files: Files) -> None:
  vocabulary, ids, direct = value
  assert ids == direct
  assert sum(vocabulary.counts) == sum(id >= 0 for id in ids)


def _read_vocab(folder: pathlib.Path):
  return vocab.load(folder / "vocab.txt")


def _check_vocab(vocabulary, files: Files) -> None:
  data, = files.values()
  if data.startswith(_PACKED):
    return
  text = reference.with_newlines(data.decode("utf-8-sig"))
  lines = text.removesuffix("\n").split("\n")
  words = [line.rsplit(" ", 1)[0] for line in lines]
  counts = [int(line.rsplit(" ", 1)[1]) for line in lines]
  assert list(vocabulary.words) == words and vocabulary.counts.tolist() == counts
  assert len(set(words)) == len(words) and min(counts) >= 0


def _read_phrases(folder: pathlib.Path):
  return phrases.load(folder / "phrases.txt")


def _check_phrases(value, files: Files) -> None:
  data, = files.values()
  if data.startswith(_PACKED):
    return
  passes: list[dict] = [{}]
  for line in reference.with_newlines(data.decode("utf-8-sig")).split("\n"):
    if not line:
      passes.append({})
      continue
    first, second, score = line.split(" ")
    passes[-1][first, second] = float(score)
    assert math.isfinite(float(score))
  assert list(value.passes) == [pairs for pairs in passes if pairs]
  phrases.join(value, ["new", "york", "times", "a"])
