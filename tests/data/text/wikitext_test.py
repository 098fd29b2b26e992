"""From MediaWiki XML to plain paragraphs."""

import bz2
import re
import time
import tracemalloc
from itertools import chain

import pytest

from glove_jax.data.text import corpus, vocab, wikitext, word_tokenizers
from glove_jax.errors import InputError

DUMP = """<?xml version="1.0"?>
<mediawiki xmlns="http://www.mediawiki.org/xml/export-0.10/" xml:lang="de">
  <siteinfo><namespaces>
  <namespace key="6">Datei</namespace><namespace key="14">Kategorie</namespace>
  <namespace key="0" /></namespaces></siteinfo>
  <page><title>Eins &amp; zwei</title><ns>0</ns>
  <revision><text>'''Eins''' [[Datei:a.png|thumb|Bild [[mit]] Link]]
ist eine [[Zahl|Zahl]].&lt;ref name="a"&gt;Quelle&lt;/ref&gt;
[[Kategorie:Zahlen]]</text></revision></page>
  <page><title>Weg</title><ns>0</ns><redirect title="Eins" />
  <revision><text>#WEITERLEITUNG [[Eins]]</text></revision></page>
  <page><title>Alt</title><ns>0</ns><revision><text>#redirect [[Eins]]</text></revision></page>
  <page><title>Diskussion:Eins</title><ns>1</ns><revision><text>Gerede</text></revision></page>
  <page><title>Leer</title><ns>0</ns><revision><text /></revision></page>
  <page><title>Drei</title><ns>0</ns><revision><text>Alte Fassung</text></revision>
  <revision><text>Neue Fassung</text></revision></page>
</mediawiki>"""


@pytest.mark.parametrize(
  ("markup", "expected"),
  [
    ("'''Bold''' and ''italic'', '''''both''''', l''''x'''", ["Bold and italic, both, l'x"]),
    (
      "[[cat]]s, [[Felis catus|house cat]], [[Foo#Bar]], [[:fr:Chat]]",
      ["cats, house cat, Foo Bar, fr:Chat"],
    ),
    (
      "a [[File:x.jpg|thumb|a [[caption]] of [[two|2]] links]] b [[Category:Cats]][[fr:Chat]]",
      ["a b"],
    ),
    ("[[2001: A Space Odyssey]] [[wikt:cat|cat]]", ["2001: A Space Odyssey cat"]),
    ("a {{t|{{u|x}}|[[y]]}} b {{c}}{{d}}", ["a b"]),
    ("before\n{| class=x\n|-\n| cell {{t}}\n{|\n| nested\n|}\n|}\nafter", ["before", "after"]),
    ("{{Infobox\n| a = {{b}}\n|}}text", ["text"]),
    ("a<ref>b</ref> c<ref name=d /> e<REF name='f'>g {{h}} [[i]]</REF>.", ["a c e."]),
    ("a <!-- b <ref> -->c <!-- never closed d", ["a c"]),
    ("x <math>\\frac{a}{{b}}</math> y <gallery>\nFile:a.jpg|b\n</gallery> z", ["x y z"]),
    (
      "see [http://a.org the site], [//c.org d], http://e.org/f?g=h and www.i.com",
      ["see the site, d, and"],
    ),
    ("H<sub>2</sub>O<br/>next<div style='x'>in</div>", ["H2O", "next", "in"]),
    ("a&nbsp;b &amp;nbsp; c &amp;ndash; d &lt; e &eacute;", ["a b c – d < e é"]),
    (
      "== Heading ==\n* one\n** two\n# three\n; term\n: what\n----\n__NOTOC__",
      ["one", "two", "three", "term", "what"],
    ),
    ("name ({{lang|el|x}}; ) is", ["name is"]),
    ("ISBN 978-3-16-148410-0 x", ["x"]),
    ("soft\u00adhyphen zero\u200bwidth\u2028line", ["softhyphen zerowidthline"]),
    ("an <unknown tag>element</unknown>, 1 < 2 > 0", ["an element, 1 < 2 > 0"]),
  ],
)
def test_markup(markup, expected):
  assert wikitext.paragraphs(markup) == expected


@pytest.mark.parametrize(
  ("markup", "words"),
  [
    ("a {{b c\n\nd", "abcd"),
    ("a }} b\n|} c", "abc"),
    ("a [[b c", "abc"),
    ("a ]] b", "ab"),
    ("a <ref>b <math>c</math> d", "abd"),
    ("a </ref> b", "ab"),
    ("a {{b\n|} c\n}} d", "ad"),
    ("{|\n{{a\n|}\nb", "b"),
    ("a [http://b c", "a c"),
  ],
)
def test_unpaired_marks_lose_themselves_only(markup, words):
  text = " ".join(wikitext.paragraphs(markup))
  assert re.findall(r"\w", text) == re.findall(r"\w", words)
  assert not re.search(r"[{}]|\[\[|\]\]|ref", text)


@pytest.mark.parametrize(
  "piece",
  [
    "{{",
    "}}",
    "[[",
    "]]",
    "<ref>",
    "<ref",
    "<!--",
    "{|\n",
    "\n|}",
    "''",
    "[http://",
    "[a",
    "<",
    "(",
    "( ",
    "&amp;",
    "|",
    "{{a}}",
    "[[a|",
    "<math>x</ref>",
    " ",
    "\n ",
    "=",
    "__",
    "www.",
    "&#",
    "-",
    "<b ",
  ],
)
def test_time_is_linear_whatever_the_markup(piece):
  start = time.process_time()
  wikitext.paragraphs(piece * (400_000 // len(piece)))
  assert time.process_time() - start < 3


def test_time_is_linear_however_deep_the_links():
  start = time.process_time()
  wikitext.paragraphs("[[a" * 500_000 + "]]" * 500_000)
  assert time.process_time() - start < 3


def test_memory_does_not_grow_with_the_number_of_pages():
  page = "<page><title>x</title><ns>0</ns><revision><text>some words here</text></revision></page>"
  tracemalloc.start()
  blocks = [b"<mediawiki>", *[page.encode() * 50] * 200, b"</mediawiki>"]
  pages = sum(1 for _ in wikitext.page_texts(blocks))
  peak = tracemalloc.get_traced_memory()[1]
  tracemalloc.stop()
  assert pages == 10_000 and peak < 2e6, f"{peak:,} bytes"


@pytest.mark.parametrize("block", [1, 100, 1 << 16])
def test_pages_of_a_dump(tmp_path, block):
  text = "Eins & zwei\nEins\nist eine Zahl.\nDrei\nNeue Fassung\n"
  blocks = [DUMP[start : start + block].encode() for start in range(0, len(DUMP), block)]
  assert "".join(wikitext.page_texts(blocks)) == text
  path = tmp_path / "dump"
  path.write_bytes(bz2.compress(DUMP.encode()))
  assert "\n".join([*corpus.read_lines(path), ""]) == text
  token_blocks = corpus.read_tokens([path], word_tokenizers.make("whitespace"), block=block)
  tokens = [*chain.from_iterable(token_blocks)]
  assert tokens[:8] == ["Eins", "&", "zwei", "\n", "Eins", "\n", "ist", "eine"]


def test_only_mediawiki_xml_is_a_dump():
  assert wikitext.is_dump(DUMP.encode()) and wikitext.is_dump(b"\xef\xbb\xbf<mediawiki>")
  assert not wikitext.is_dump(b"a <mediawiki>") and not wikitext.is_dump(b"<?xml?><html>")


@pytest.mark.parametrize("broken", [DUMP[:-20], DUMP[:900], DUMP.replace("</title>", "</tilte>")])
def test_broken_xml_names_the_file(tmp_path, broken):
  path = tmp_path / "dump.xml"
  path.write_text(broken)
  with pytest.raises(InputError) as error:
    list(corpus.read_lines(path))
  assert str(path) in str(error.value) and "\n" not in str(error.value)


MARKUP_WORDS = [
  "nbsp",
  "ndash",
  "ref",
  "cite",
  "px",
  "http",
  "https",
  "www",
  "align",
  "colspan",
  "br",
  "gt",
  "jpg",
  "svg",
  "png",
  "wikitable",
  "bgcolor",
  "isbn",
  "displaystyle",
  "nowiki",
  "div",
  "valign",
]


def test_the_sample_is_clean_text():
  pytest.importorskip("gensim")
  start = time.process_time()
  counter = vocab.count(corpus.find_files("sample"), word_tokenizers.make("words"))
  assert time.process_time() - start < 8
  assert 440_000 < counter.total() < 470_000 and len(vocab.build(counter, min_count=5)) > 8500
  for markup in MARKUP_WORDS:
    assert counter[markup] <= 2, markup
  for line in corpus.read_lines(corpus.find_files("sample")[0]):
    assert not re.search(r"\{\{|\}\}|\[\[|\]\]|''|<ref|&nbsp;|^[=*#|!]", line), line


@pytest.mark.parametrize("markup", [
  "[//", "[mailto:", "[http://a ", "{{", "{|\n", "[[a|", "]]", "<ref ", "<!--", "<ref>", "< ",
  "ISBN ",
  "www.", "''", "__A", "( ", "&#", "&#x", "|}", "\n \t", "*#: ", "[[a-", "&amp;", "\u0301\u0316",
])
@pytest.mark.parametrize("filling", ["", "a", " ", "9"])
def test_time_is_linear_in_adversarial_markup(markup, filling):
  start = time.process_time()
  wikitext.paragraphs(markup + filling * 200_000)
  wikitext.paragraphs((markup + filling) * (200_000 // len(markup)))
  assert time.process_time() - start < 5


@pytest.mark.parametrize("encoding", ["klingon", "gb18030", "base64", "idna", "utf-16"])
def test_dumps_that_declare_another_encoding_are_one_line(encoding):
  data = f'<?xml version="1.0" encoding="{encoding}"?><mediawiki></mediawiki>'.encode()
  with pytest.raises(InputError, match="broken XML"):
    list(wikitext.page_texts([data]))


def test_joiners_stay_inside_words():
  assert wikitext.paragraphs("می\u200cروم co\u00adoperate") == ["می\u200cروم cooperate"]
