"""Extracts the readable text of a MediaWiki XML dump, one paragraph per line.

Markup: https://www.mediawiki.org/wiki/Help:Formatting. Pages are read as a stream, in linear time.
Templates are dropped, not expanded; so are tables, references, formulae, code, headings, files,
categories, links to other languages and redirects. Lists keep their items, links their labels.
"""

import os
import re
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Sequence
from xml.etree import ElementTree

from glove_jax.data.text import entities
from glove_jax.errors import InputError

# Elements whose content is not prose.
_HIDDEN = (
  "ref|references|math|chem|ce|code|pre|gallery|timeline|source|syntaxhighlight|score|imagemap"
  "|hiero|graph|templatedata|templatestyles|mapframe|maplink|inputbox|section|categorytree"
  "|indicator|style|script")
_COMMENT = re.compile(r"<!--.*?(?:-->|\Z)", re.DOTALL)
_HIDDEN_TAG = re.compile(rf"<(/?)({_HIDDEN})\b[^<>]*?(/?)>", re.IGNORECASE)
_BLOCK_TAG = re.compile(
  r"<\s*/?(?:br|p|div|li|ul|ol|dl|dt|dd|td|tr|th|table|blockquote|center|hr|h\d)\b[^<>]*>",
  re.IGNORECASE)
_TAG = re.compile(r"</?[a-zA-Z][^<>]*>")
_BRACES = re.compile(r"\{\{|\}\}|^[ \t:*#]*\{\||^[ \t]*\|\}(?!\})", re.MULTILINE)
_BRACKETS = re.compile(r"\[\[|\]\]")
_EXTERNAL_LINK = re.compile(
  r"\[(?:(?:[a-z]+:)?//|mailto:)[^\s\[\]]*+([^\[\]\n]*)\]", re.IGNORECASE)
_ADDRESS = re.compile(
  r"\b(?:(?:https?|ftp|irc)://|www\.)[^\s|\]]+|\bISBN[\s:]+[\dx-]+", re.IGNORECASE)
_QUOTES = re.compile(r"''+")
_SWITCH = re.compile(r"__[A-Z]+__")
# Not the joiners U+200C and U+200D, which are written inside words.
_INVISIBLE = re.compile(
  "[\u00ad\u200b\u200e\u200f\u2028-\u202e\u2060\ufeff\x00-\x08\x0b-\x1f]")
_EMPTY_PARENTHESES = re.compile(r"\([\s,;:–-]*\)")
_LANGUAGE = re.compile(r"[a-z]{2,3}(?:-[a-z]+)*|simple|be-x-old")
_MAX_LINK_DEPTH = 20  # links in links: captions of files have links


# The namespaces of media, files and categories. The dump names them in the wiki's language too.
_DROPPED_NAMESPACES = ("-2", "6", "14")
_DROPPED_NAMES = frozenset({"file", "image", "category"})


def is_dump(head: bytes) -> bool:
  """Returns whether a file that begins with `head` is a MediaWiki XML dump."""
  start = re.match(rb"(?:\xef\xbb\xbf)?\s*(?:<\?xml[^>]*>\s*)?<mediawiki\b", head)
  return start is not None


def page_texts(blocks: Iterable[bytes], path: str | os.PathLike = "dump") -> Iterator[str]:
  """Yields the text of each article: its title, then one paragraph per line.

  Articles are the pages of namespace 0 that are not redirects.

  Args:
    blocks: the XML, split anywhere.
    path: the file's name, for messages.

  Raises:
    InputError: the XML is broken or incomplete.
  """
  parser = ElementTree.XMLPullParser(("start", "end"))
  reader = _DumpReader()
  try:
    for block in blocks:
      parser.feed(block)
      yield from reader.read(parser.read_events())
    parser.close()
    yield from reader.read(parser.read_events())
  except (ElementTree.ParseError, LookupError, ValueError) as error:  # the last: other encodings
    raise InputError(f"{path}: broken XML ({error}), expected a whole MediaWiki dump.") from None


class _DumpReader:
  """Turns XML events into article texts and forgets each page once it is read."""

  def __init__(self):
    self.root = None
    self.dropped = {*_DROPPED_NAMES, "media"}  # names of the namespaces whose links are dropped

  def read(self, events: Iterable[tuple[str, ElementTree.Element]]) -> Iterator[str]:
    """Yields the texts of the articles that end in these events."""
    for event, element in events:
      if self.root is None:
        self.root = element
      if event != "end":
        continue
      tag = _local_name(element)
      if tag == "namespace":
        self._read_namespace(element)
      elif tag == "page":
        text = self._article_text(element)
        self.root.clear()
        if text:
          yield text

  def _read_namespace(self, element: ElementTree.Element) -> None:
    if element.get("key") in _DROPPED_NAMESPACES and element.text:
      self.dropped.add(element.text.lower())

  def _article_text(self, page: ElementTree.Element) -> str:
    """Returns the text of a page; nothing if it is not an article."""
    fields = {_local_name(element): element.text for element in page.iter()}
    markup = fields.get("text")
    if not markup or fields.get("ns", "0") != "0":
      return ""
    if "redirect" in fields or markup.lstrip()[:9].lower() == "#redirect":
      return ""
    title = (fields.get("title") or "").strip()
    lines = paragraphs(markup, self.dropped)
    if title:
      lines.insert(0, title)
    return "".join(f"{line}\n" for line in lines)


def _local_name(element: ElementTree.Element) -> str:
  """Returns the tag of an element without its XML namespace."""
  return element.tag.rpartition("}")[2]


def paragraphs(markup: str, dropped: Collection[str] = _DROPPED_NAMES) -> list[str]:
  """Returns the paragraphs and list items of a page in wiki markup, as plain text.

  Args:
    markup: the source of the page.
    dropped: lower-case names of the namespaces whose links are dropped with their labels.
  """
  text = _remove_hidden(_COMMENT.sub("", markup))
  text = _remove_braces(text)
  text = _replace_links(text, dropped)
  text = _EXTERNAL_LINK.sub(r"\1", text)
  text = _BLOCK_TAG.sub("\n", text)
  text = _TAG.sub("", text)
  text = entities.unescape(entities.unescape(text))  # twice: "&amp;nbsp;" is common
  text = _ADDRESS.sub("", text)
  text = _INVISIBLE.sub("", text).replace("\xa0", " ")
  text = _QUOTES.sub(_quote, text)
  text = _SWITCH.sub("", text)
  text = _EMPTY_PARENTHESES.sub("", text)
  return list(filter(None, map(_paragraph, text.split("\n"))))


def _quote(marks: re.Match) -> str:
  """Returns the text of quote marks, which mean bold or italic; four are "'" in bold."""
  return "'" if len(marks[0]) == 4 else ""


def _paragraph(line: str) -> str:
  """Returns a line without list marks; nothing for headings, rules and what is left of tables."""
  line = line.strip()
  if line.startswith(("=", "|", "!", "----", "{|")):
    return ""
  line = " ".join(line.lstrip("*#:; ").split())
  if not any(map(str.isalnum, line)):
    return ""
  return line


def _remove_hidden(text: str) -> str:
  """Removes elements that hold no prose; of an element without end only the tag is removed."""
  tags = list(_HIDDEN_TAG.finditer(text))
  ends_ahead = Counter()
  for tag in tags:
    if tag[1]:
      ends_ahead[tag[2].lower()] += 1
  spans = []
  start = 0
  inside = None  # the name of the element that is being removed
  for tag in tags:
    name = tag[2].lower()
    is_end = bool(tag[1])
    is_empty = bool(tag[3])
    ends_ahead[name] -= is_end
    if inside is None:
      start = tag.start()
      if not is_end and not is_empty and ends_ahead[name]:
        inside = name
    elif is_end and name == inside:
      inside = None
    spans.append((start, tag.end()))
  return _remove_spans(text, spans)


def _remove_braces(text: str) -> str:
  """Removes templates and tables, however nested; of unpaired braces only the braces go."""
  opened = []  # (opening mark, its position) of the templates and tables around the current mark
  counts = Counter()  # of opening marks in `opened`
  spans = []
  for match in _BRACES.finditer(text):
    mark = match[0].strip(" \t:*#")
    if mark in ("{{", "{|"):
      opened.append((mark, match.start()))
      counts[mark] += 1
      continue
    opening = "{{" if mark == "}}" else "{|"
    start = match.start()
    while counts[opening]:  # anything opened inside and not closed ends here too
      innermost, start = opened.pop()
      counts[innermost] -= 1
      if innermost == opening:
        break
    spans.append((start, match.end()))
  for _, start in opened:
    spans.append((start, start + 2))
  return _remove_spans(text, sorted(spans))


def _remove_spans(text: str, spans: Sequence[tuple[int, int]]) -> str:
  """Removes spans (start, end), sorted by start, which may overlap."""
  kept = []
  position = 0
  for start, end in spans:
    kept.append(text[position:start])
    position = max(position, end)
  kept.append(text[position:])
  return "".join(kept)


def _replace_links(text: str, dropped: Collection[str]) -> str:
  """Replaces each link by its label; of unpaired brackets only the brackets go."""
  levels = [[]]  # parts of the text outside any link, in a link, in a link in that link, and so on
  position = 0
  for bracket in _BRACKETS.finditer(text):
    levels[-1].append(text[position : bracket.start()])
    position = bracket.end()
    if bracket[0] == "[[" and len(levels) < _MAX_LINK_DEPTH:
      levels.append([])
    elif bracket[0] == "]]" and len(levels) > 1:
      link = "".join(levels.pop())
      levels[-1].append(_label(link, dropped))
  levels[-1].append(text[position:])
  return "".join(map("".join, levels))


def _label(link: str, dropped: Collection[str]) -> str:
  """Returns the label of a link `namespace:target|label`."""
  target, bar, label = link.partition("|")
  namespace, colon, _ = target.partition(":")
  namespace = namespace.strip()
  if colon and namespace.lower() in dropped:
    return ""
  if colon and not bar and _LANGUAGE.fullmatch(namespace):
    return ""
  if bar:
    return label
  return target.lstrip(":").replace("#", " ")
