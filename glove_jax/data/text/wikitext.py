"""The readable text of a MediaWiki XML dump, a paragraph a line: https://www.mediawiki.org/wiki/Help:Formatting.

Streams page by page in linear time. Templates are dropped, not expanded; so are tables, references, formulae,
code, headings, files, categories, links to other languages and redirects. Lists keep their items, links their
labels.
"""

import html
import os
import re
from collections import Counter
from collections.abc import Iterable, Iterator
from xml.etree import ElementTree

from glove_jax.errors import InputError

# Elements whose content is no prose.
_HIDDEN = ("ref|references|math|chem|ce|code|pre|gallery|timeline|source|syntaxhighlight|score|imagemap|hiero"
           "|graph|templatedata|templatestyles|mapframe|maplink|inputbox|section|categorytree|indicator|style|script")
_COMMENT = re.compile(r"<!--.*?(?:-->|\Z)", re.DOTALL)
_HIDDEN_TAG = re.compile(rf"<(/?)({_HIDDEN})\b[^<>]*?(/?)>", re.IGNORECASE)
_BLOCK_TAG = re.compile(
  r"<\s*/?(?:br|p|div|li|ul|ol|dl|dt|dd|td|tr|th|table|blockquote|center|hr|h\d)\b[^<>]*>", re.IGNORECASE)
_TAG = re.compile(r"</?[a-zA-Z][^<>]*>")
_BRACES = re.compile(r"\{\{|\}\}|^[ \t:*#]*\{\||^[ \t]*\|\}(?!\})", re.MULTILINE)
_BRACKETS = re.compile(r"\[\[|\]\]")
_EXTERNAL = re.compile(r"\[(?:(?:[a-z]+:)?//|mailto:)[^\s\[\]]*([^\[\]\n]*)\]", re.IGNORECASE)
_ADDRESS = re.compile(r"\b(?:(?:https?|ftp|irc)://|www\.)[^\s|\]]+|\bISBN[\s:]+[\dx-]+", re.IGNORECASE)
_QUOTES = re.compile(r"''+")
_SWITCH = re.compile(r"__[A-Z]+__")
_INVISIBLE = re.compile("[\u00ad\u200b-\u200f\u2028-\u202e\u2060\ufeff\x00-\x08\x0b-\x1f]")
_EMPTY_PARENTHESES = re.compile(r"\([\s,;:–-]*\)")
_LANGUAGE = re.compile(r"[a-z]{2,3}(?:-[a-z]+)*|simple|be-x-old")
_DEEPEST = 20    # links within links; files have captions with links


def is_dump(head: bytes) -> bool:
  """Whether a file that begins so is a MediaWiki XML dump."""
  return bool(re.match(rb"(?:\xef\xbb\xbf)?\s*(?:<\?xml[^>]*>\s*)?<mediawiki\b", head))


def page_texts(blocks: Iterable[bytes], path: str | os.PathLike = "dump") -> Iterator[str]:
  """The text of each page of namespace 0 that is no redirect: its title, then a paragraph a line.

  Args:
    blocks: the XML in pieces.
    path: the file's name, for messages.

  Raises:
    InputError: the XML is broken or ends too early.
  """
  parser = ElementTree.XMLPullParser(("start", "end"))
  state = _Dump()
  try:
    for block in blocks:
      parser.feed(block)
      yield from state.pages(parser.read_events())
    parser.close()
    yield from state.pages(parser.read_events())
  except ElementTree.ParseError as error:
    raise InputError(f"{path}: broken XML ({error}); expected a whole MediaWiki dump.") from None


class _Dump:
  """The elements read so far that matter; pages are forgotten once read."""

  def __init__(self):
    self.root = None
    self.dropped = {"file", "image", "category", "media"}  # the dump names them in its own language too

  def pages(self, events) -> Iterator[str]:
    for event, element in events:
      if self.root is None:
        self.root = element
      tag = element.tag.rpartition("}")[2]
      if event == "end" and tag == "namespace" and element.get("key") in ("-2", "6", "14") and element.text:
        self.dropped.add(element.text.lower())
      elif event == "end" and tag == "page":
        text = self.page({child.tag.rpartition("}")[2]: child for child in element.iter()})
        self.root.clear()
        if text:
          yield text

  def page(self, fields: dict[str, ElementTree.Element]) -> str:
    text = fields["text"].text if "text" in fields else None
    namespace = fields["ns"].text if "ns" in fields else "0"
    redirect = "redirect" in fields or (text or "").lstrip()[:9].lower() == "#redirect"
    if not text or redirect or namespace != "0":
      return ""
    title = (fields["title"].text or "").strip() if "title" in fields else ""
    return "".join(f"{line}\n" for line in [title, *paragraphs(text, frozenset(self.dropped))] if line)


def paragraphs(markup: str, dropped: frozenset[str] = frozenset({"file", "image", "category"})) -> list[str]:
  """The paragraphs and list items of a page in wiki markup, as plain text.

  Args:
    markup: the page's source.
    dropped: lower-case names of the namespaces whose links leave no label.
  """
  text = _without_hidden(_COMMENT.sub("", markup))
  text = _links(_without_braces(text), dropped)
  text = _EXTERNAL.sub(r"\1", text)
  text = _TAG.sub("", _BLOCK_TAG.sub("\n", text))
  text = html.unescape(html.unescape(text))  # twice: "&amp;nbsp;" is common
  text = _INVISIBLE.sub("", _ADDRESS.sub("", text)).replace("\xa0", " ")
  text = _QUOTES.sub(lambda match: "'" if len(match[0]) == 4 else "", text)
  text = _EMPTY_PARENTHESES.sub("", _SWITCH.sub("", text))
  return [line for line in map(_paragraph, text.split("\n")) if line]


def _paragraph(line: str) -> str:
  """A line without the marks of lists; nothing if it is a heading, a rule or what is left of a table."""
  line = line.strip()
  if line.startswith(("=", "|", "!", "----", "{|")):
    return ""
  line = " ".join(line.lstrip("*#:; ").split())
  return line if any(map(str.isalnum, line)) else ""


def _without_hidden(text: str) -> str:
  """The text without the elements that hold no prose; an unclosed one loses its tag only."""
  tags = list(_HIDDEN_TAG.finditer(text))
  ends = Counter(tag[2].lower() for tag in tags if tag[1])  # ends still ahead
  kept, start, inside = [], 0, None
  for tag in tags:
    name = tag[2].lower()
    ends[name] -= bool(tag[1])
    if inside is None:
      kept.append(text[start : tag.start()])
      inside = name if not tag[1] and not tag[3] and ends[name] else None
    elif tag[1] and name == inside:
      inside = None
    start = tag.end()
  return "".join([*kept, text[start:]])


def _without_braces(text: str) -> str:
  """The text without templates and tables, however nested; of unpaired braces only the braces go."""
  opened, spans, count = [], [], Counter()
  for mark in _BRACES.finditer(text):
    kind = mark[0].strip(" \t:*#")
    if kind in ("{{", "{|"):
      opened.append((kind, mark.start()))
      count[kind] += 1
      continue
    start, opener = mark.start(), "{{" if kind == "}}" else "{|"
    while count[opener] and kind != opener:   # what was opened inside and not closed ends here too
      kind, start = opened.pop()
      count[kind] -= 1
    spans.append((start, mark.end()))
  spans += [(start, start + 2) for _, start in opened]
  kept, end = [], 0
  for first, last in sorted(spans):
    kept.append(text[end:first])
    end = max(end, last)
  return "".join([*kept, text[end:]])


def _links(text: str, dropped: frozenset[str]) -> str:
  """The text with each link as its label; of unpaired brackets only the brackets go."""
  levels, end = [[]], 0    # the parts read so far: outside any link, in a link, in a link in that, and so on
  for mark in _BRACKETS.finditer(text):
    levels[-1].append(text[end : mark.start()])
    end = mark.end()
    if mark[0] == "[[" and len(levels) < _DEEPEST:
      levels.append([])
    elif mark[0] == "]]" and len(levels) > 1:
      inner = "".join(levels.pop())
      levels[-1].append(_label(inner, dropped))
  return "".join([part for level in levels for part in level] + [text[end:]])


def _label(link: str, dropped: frozenset[str]) -> str:
  target, bar, label = link.partition("|")
  space, colon, _ = target.partition(":")
  space = space.strip()
  if colon and (space.lower() in dropped or (not bar and _LANGUAGE.fullmatch(space))):
    return ""
  return label if bar else target.lstrip(":").replace("#", " ")
