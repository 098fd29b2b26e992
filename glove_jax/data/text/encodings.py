"""Names the encoding that a file seems to have, for the message of an error.

Nothing is decoded by a guess: a wrong one would fill the vocabulary with rubbish and say nothing.
"""

import codecs
import re
from collections.abc import Sequence

from glove_jax.errors import InputError, quote

ERRORS = ("strict", "replace", "ignore", "backslashreplace")
SAMPLE = 1 << 15  # bytes that are enough to tell an encoding

# Encodings that are looked for, the most common first. Of encodings of one family the largest is
# named: GB18030 has all of GBK and GB2312, cp932 of Shift-JIS, cp949 of EUC-KR, cp1252 of Latin-1.
_CODECS = (
  "gb18030", "big5", "cp932", "euc_jp", "cp949", "cp1252", "cp1251", "koi8_r", "cp1250",
  "iso8859_2", "cp1254", "cp1253", "cp1256", "cp1255", "cp874", "cp1257", "cp1258", "cp866",
  "big5hkscs", "mac_roman", "cp850",
)
_RARE = {"cp1257", "cp1258"}  # Baltic, Vietnamese
_UNUSED_IN_CP1252 = re.compile(rb"[\x81\x8d\x8f\x90\x9d]")
_COMMON_NAMES = {"cp932": "Shift-JIS", "cp949": "EUC-KR", "cp1252": "Latin-1"}
_BYTE_ORDER_MARKS = (  # (mark, codec that reads it, other codecs that do); UTF-32 begins as UTF-16
  (codecs.BOM_UTF32_LE, "utf-32", ("utf-32-le",)),
  (codecs.BOM_UTF32_BE, "utf-32", ("utf-32-be",)),
  (codecs.BOM_UTF8, "utf-8", ("utf-8-sig",)),
  (codecs.BOM_UTF16_LE, "utf-16", ("utf-16-le",)),
  (codecs.BOM_UTF16_BE, "utf-16", ("utf-16-be",)),
)
_WITHOUT_MARK = ("utf-16-le", "utf-16-be", "utf-32-le", "utf-32-be")
# Codecs of Python that are no encodings of text files, though it takes them for text encodings.
_OTHER_CODECS = {"idna", "punycode", "undefined", "unicode_escape", "raw_unicode_escape", "utf_7"}
_CLOSE_CHAOS = 0.02  # candidates whose measures differ by less are not told apart
_CLOSE_COHERENCE = 0.1
_MAX_CANDIDATES = 3
_SAFE_END = re.compile(rb"[\x00-\x2f]")  # no encoding has these bytes within a longer character
_FAR = 1000
_COMMON_CHARACTERS = "\n\r \u3000。，、abcdefghijklmnopqrstuvwxyz"


def check(encoding: str, errors: str, source: object) -> None:
  """Raises an InputError unless a text file can be decoded with this encoding and this handler.

  Args:
    encoding, errors: as for `open`.
    source: name of the file or the setting, for the message.
  """
  expected = "expected one such as utf-8, gb18030 or cp1252"
  try:
    codec = codecs.lookup(encoding)
  except (LookupError, ValueError):
    raise InputError(f"{source}: unknown encoding: {quote(encoding)}, {expected}.") from None
  # Python's own `open` asks the same attribute.
  if not codec._is_text_encoding or codec.name.replace("-", "_") in _OTHER_CODECS:
    message = f"{quote(encoding)} is not an encoding of text files"
    raise InputError(f"{source}: {message}, {expected}.")
  if errors not in ERRORS:
    raise InputError(f"{source}: errors={quote(errors)}, expected one of {', '.join(ERRORS)}.")


def marked(head: bytes) -> str | None:
  """Returns the encoding that a byte order mark states, such as `utf-16`; None without one.

  Args:
    head: the first bytes of a file.
  """
  for mark, name, _ in _BYTE_ORDER_MARKS:
    if head.startswith(mark):
      return name
  return None


def check_byte_order_mark(head: bytes, encoding: str, source: object) -> None:
  """Raises an InputError if a file begins with the byte order mark of another encoding.

  Args:
    head: the first bytes of the file, some hundreds.
    encoding: with which the file is to be read.
    source: name of the file, for the message.
  """
  for mark, name, others in _BYTE_ORDER_MARKS:
    if not head.startswith(mark):
      continue
    codec = codecs.lookup(encoding).name
    # In a single-byte encoding these bytes are letters, though rare ones.
    is_certain = codec in ("utf-8", "utf-8-sig") or len(mark) > 2 or b"\0" in head
    if codec != name and codec not in others and is_certain:
      raise InputError(
        f"{source}:1: begins with the byte order mark of {name.upper()}: --config.encoding={name}")
    return


def advice(
  around: bytes,
  head: bytes = b"",
  *,
  option: str = "--config.encoding=",
  errors_option: str = "--config.errors=",
) -> str:
  """Returns what to try with a file that cannot be decoded: the encoding that it seems to have.

  Args:
    around: bytes of the file around those that cannot be decoded, at most SAMPLE are looked at.
    head: the first bytes of the file.
    option: what an encoding is chosen by, with all that stands before its name.
    errors_option: what the handling of errors is chosen by.
  """
  utf16 = utf16_advice(head, option=option)
  if utf16:
    return utf16
  if _is_damaged_utf8(around):
    return f"the rest of the file looks like utf-8: {errors_option}replace"
  names = candidates(around)
  if not names:
    return f"expected another encoding, {option}NAME, or {errors_option}replace"
  if len(names) == 1:
    return f"the file looks like {_full_name(names[0])}: {option}{names[0]}"
  *others, last = map(_full_name, names)
  return (
    f"the file may be {', '.join(others)} or {last}: try {option}{names[0]}"
    f" or {errors_option}replace")


def utf16_advice(head: bytes, *, option: str = "--config.encoding=") -> str:
  """Returns what to try with a file that has zero bytes; empty unless it seems to be UTF-16 or 32.

  Args:
    head: the first bytes of the file.
    option: as for `advice`.
  """
  name = _without_byte_order_mark(head)
  return f"the file looks like {name}: {option}{name}" if name else ""


def candidates(sample: bytes) -> list[str]:
  """Returns the encodings that a sample of a text may have, the likeliest first, at most three.

  One name means that all others are far less likely, none that no encoding fits.

  Args:
    sample: bytes of a text, from anywhere in it; at most SAMPLE of them are looked at.
  """
  sample = _lines_beyond_ascii(sample[:SAMPLE])
  matches = _matches(sample)
  if not _SAFE_END.search(sample[-_FAR:]):
    # Without a space anywhere near, the sample may end within a character.
    shorter = _matches(sample[:-1])
    if shorter and (not matches or _badness(shorter[0]) < _badness(matches[0])):
      matches = shorter
  names = set()
  for match in matches:
    is_messier = match.chaos > matches[0].chaos + _CLOSE_CHAOS
    is_stranger = match.coherence < matches[0].coherence - _CLOSE_COHERENCE
    if not is_messier and not is_stranger:
      same_text = match.could_be_from_charset
      names.add(next(name for name in _CODECS if name in same_text))
  if names and names <= _RARE and not _UNUSED_IN_CP1252.search(sample):
    names.add("cp1252")  # short texts in French are taken for Lithuanian
  return sorted(names, key=_CODECS.index)[:_MAX_CANDIDATES]


def _matches(sample: bytes) -> Sequence:
  """Returns charset-normalizer's matches, the best first."""
  import charset_normalizer  # imported late: only errors need it

  if sample.isascii():
    return []
  matches = charset_normalizer.from_bytes(
    sample, cp_isolation=list(_CODECS), enable_fallback=False)
  return list(matches)


def _badness(match) -> tuple[float, float]:
  return match.chaos, -match.coherence


def _lines_beyond_ascii(sample: bytes) -> bytes:
  """Returns the lines of a sample that are not ASCII, without those that its ends may have cut."""
  lines = sample.splitlines(keepends=True)
  beyond = b"".join(line for line in lines[1:-1] if not line.isascii())
  if beyond:
    return beyond
  if len(sample) == SAMPLE:  # a long line, which is cut where no character is
    ends = list(_SAFE_END.finditer(sample))
    if ends:
      return sample[: ends[-1].end()]
  return sample


def _without_byte_order_mark(head: bytes) -> str | None:
  """Returns the name of UTF-16 or UTF-32 in the byte order that a file without a mark has."""
  if head.count(b"\0") < len(head) / 8:  # a stray one is damage
    return None
  best = None
  most = len(head) // 64
  for name in _WITHOUT_MARK:
    unit = 4 if "32" in name else 2
    try:
      text = head[: len(head) // unit * unit].decode(name)
    except UnicodeDecodeError:
      continue
    # In the wrong byte order a newline is U+0A00, a space U+2000 and "a" a Han character.
    common = unit * sum(map(text.count, _COMMON_CHARACTERS))
    if "\0" not in text and common > most:
      best = name
      most = common
  return best


def _is_damaged_utf8(sample: bytes) -> bool:
  """Returns whether a sample has more valid characters of UTF-8 beyond ASCII than bad bytes."""
  text = sample.decode("utf-8", "replace")
  beyond_ascii = len(text) - len(text.encode("ascii", "ignore"))
  bad = text.count("\ufffd")
  return beyond_ascii - bad > bad


def _full_name(codec: str) -> str:
  """Returns the name of a codec, with the one that people know it by."""
  common = _COMMON_NAMES.get(codec)
  return f"{codec} ({common})" if common else codec
