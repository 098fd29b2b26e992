"""Random changes of the bytes of a file: blind ones, and ones that know a format."""

import bz2
import gzip
import io
import json
import lzma
import random
import re
import struct
import zipfile
import zlib
from collections.abc import Callable, Sequence
from typing import Any

Mutator = Callable[[random.Random, bytes, Sequence[bytes]], bytes]

NUMBERS = [
  b"0", b"-1", b"1", b"2", b"1e999", b"-1e999", b"1e-999", b"nan", b"inf", b"-inf", b"0x10",
  b"1_0", b"+5", b"..5", b"1.", b".5", b"1e", b"1,5", b"[[86", b"2147483647", b"2147483648",
  b"-2147483649", b"9223372036854775808", b"1" * 30, b"9" * 5000, "٣".encode(), "１".encode(),
  b"1d5", b"0o7", b"1/2", b"True", b"1j", b" 1", b"1e5", b"-0.0", b"1.17549435e-38", b"3.5e38",
]  # fmt: skip
TEXTS = [
  b"", b" ", b"\t", b"\n", b"\r", b"\r\n", b"\0", b"\x1b[31m", b"\x1b]0;title\x07", b"\x07",
  b"\x0b", b"\x0c", b"\x1c", b"\x1d", b"\x1e", b"\x7f", b"\x80", b"\xff", b"\xfe\xff", b"\xff\xfe",
  b"\xef\xbb\xbf", b"\xed\xa0\x80", b"\xc3\xa9", b"\xf0\x9f\x98\x80", "\u0085".encode(),
  "\u2028".encode(), "\u00a0".encode(), "\u3000".encode(), "\u200d".encode(), "\u00ad".encode(),
  "İ".encode(), "ß".encode(), "中".encode(), "\ufeff".encode(), "\u202e".encode(), b'"', b"'",
  b'""', b"\\", b",", b";", b"|", b":", b"#", b"/", b"__label__", b"%s", b"{}", b"[", b"]", b"{",
  b"}", b"<", b"&amp;", b"\\u0000", b"\\ud800", b"null", b"NaN",
]  # fmt: skip
JSON_VALUES = [
  None, True, False, 0, 1, -1, 2, 10**9, 2**31, 2**63, 2**64, 10**400, 0.0, -0.5, 1.5, 1e308,
  float("nan"), float("inf"), "", " ", "a", "\n", "\t", "\0", "\x1b[31m", "\ud800", "0", "1", "-1",
  "x" * 5000, "../x", "/etc/passwd", "中", [], [[]], [None], [0, 1], ["a"], ["", ""], {}, {"": 0},
  {"a": {}}, [{}], "[UNK]", [1, 2, 3], "O", "F32", {"content": "a"}, {"content": 1},
]  # fmt: skip
_NESTED = [b"a", b" a", b"[", b'{"a":', b"<a>", b"((", b"{{", b"[["]
_INTEGERS = [0, 1, 2, 3, 4, 5, 255, 256, 65535, 2**31 - 1, -1, -2, -(2**31), 1000, 100_000, 2**20]
_FIELD = re.compile(rb"[^\s,;|]+")
_NUMBER = re.compile(rb"[-+]?[0-9][0-9.]*(?:[eE][-+]?[0-9]+)?")


def mutate(rng: random.Random, data: bytes, tokens: Sequence[bytes], other: bytes) -> bytes:
  """Returns data with one or a few random changes.

  Args:
    rng: where chance comes from.
    data: to change.
    tokens: what may be inserted, beside what harms many readers.
    other: data of another file, of which parts may be inserted.
  """
  count = 1
  while count < 8 and rng.random() < 0.4:
    count += 1
  for _ in range(count):
    if rng.random() < 0.05:
      data = _splice(rng, data, other)
    else:
      data = rng.choices(_BLIND, _WEIGHTS)[0](rng, data, tokens)
  return data


def _flip_bit(rng: random.Random, data: bytes, tokens: Sequence[bytes]) -> bytes:
  changed = bytearray(data or b"\0")
  changed[rng.randrange(len(changed))] ^= 1 << rng.randrange(8)
  return bytes(changed)


def _set_byte(rng: random.Random, data: bytes, tokens: Sequence[bytes]) -> bytes:
  changed = bytearray(data or b"\0")
  changed[rng.randrange(len(changed))] = rng.choice(b"\0\t\n\r \"',:;[]{}\x1b\x7f\x80\xff09az")
  return bytes(changed)


def _change_digit(rng: random.Random, data: bytes, tokens: Sequence[bytes]) -> bytes:
  digits = [match.start() for match in re.finditer(rb"[0-9]", data[:100_000])]
  if not digits:
    return _set_byte(rng, data, tokens)
  position = rng.choice(digits)
  return data[:position] + rng.choice(b"0123456789").to_bytes() + data[position + 1 :]


def _truncate(rng: random.Random, data: bytes, tokens: Sequence[bytes]) -> bytes:
  return data[: rng.randrange(len(data) + 1)]


def _behead(rng: random.Random, data: bytes, tokens: Sequence[bytes]) -> bytes:
  return data[rng.randrange(len(data) + 1) :]


def _range(rng: random.Random, data: bytes) -> tuple[int, int]:
  start = rng.randrange(len(data) + 1)
  return start, min(len(data), start + int(rng.expovariate(0.1)) + 1)


def _delete(rng: random.Random, data: bytes, tokens: Sequence[bytes]) -> bytes:
  start, stop = _range(rng, data)
  return data[:start] + data[stop:]


def _duplicate(rng: random.Random, data: bytes, tokens: Sequence[bytes]) -> bytes:
  start, stop = _range(rng, data)
  return data[:stop] + data[start:stop] * rng.choice((1, 1, 1, 2, 10)) + data[stop:]


def _move(rng: random.Random, data: bytes, tokens: Sequence[bytes]) -> bytes:
  start, stop = _range(rng, data)
  rest = data[:start] + data[stop:]
  position = rng.randrange(len(rest) + 1)
  return rest[:position] + data[start:stop] + rest[position:]


def _insert_token(rng: random.Random, data: bytes, tokens: Sequence[bytes]) -> bytes:
  token = rng.choice(tokens) if tokens and rng.random() < 0.5 else rng.choice(TEXTS)
  position = rng.randrange(len(data) + 1)
  return data[:position] + token + data[position:]


def _replace_field(rng: random.Random, data: bytes, tokens: Sequence[bytes]) -> bytes:
  fields = list(_FIELD.finditer(data[:100_000]))
  if not fields:
    return _insert_token(rng, data, tokens)
  field = rng.choice(fields)
  token = rng.choice(tokens) if tokens and rng.random() < 0.3 else rng.choice(NUMBERS + TEXTS)
  return data[: field.start()] + token + data[field.end() :]


def _replace_number(rng: random.Random, data: bytes, tokens: Sequence[bytes]) -> bytes:
  numbers = list(_NUMBER.finditer(data[:100_000]))
  if not numbers:
    return _insert_token(rng, data, tokens)
  number = rng.choice(numbers)
  return data[: number.start()] + rng.choice(NUMBERS) + data[number.end() :]


def _change_lines(rng: random.Random, data: bytes, tokens: Sequence[bytes]) -> bytes:
  lines = data.split(b"\n")
  first = rng.randrange(len(lines))
  second = rng.randrange(len(lines))
  kind = rng.randrange(5)
  if kind == 0:
    del lines[first]
  elif kind == 1:
    lines.insert(second, lines[first])
  elif kind == 2:
    lines[first], lines[second] = lines[second], lines[first]
  elif kind == 3:
    lines.insert(first, b"")
  else:
    lines[first] = lines[first] + rng.choice((b" ", b"\t", b"\r", b",", b";")) + lines[second]
  return b"\n".join(lines)


def _stretch(rng: random.Random, data: bytes, tokens: Sequence[bytes]) -> bytes:
  """Repeats something very often: long lines, deep nesting, quadratic patterns."""
  token = rng.choice((*tokens[:20], *TEXTS, *NUMBERS, *_NESTED))
  size = rng.choice((100, 1000, 6000, 6000, 60_000))
  position = rng.randrange(len(data) + 1)
  return data[:position] + token[:100] * (size // max(1, len(token[:100]))) + data[position:]


def _encode(rng: random.Random, data: bytes, tokens: Sequence[bytes]) -> bytes:
  """Writes the text in another encoding, or with other line ends."""
  name = rng.choice(("utf-16", "utf-16-be", "utf-32", "latin-1", "gb18030", "crlf", "cr", "bom"))
  if name == "bom":
    return b"\xef\xbb\xbf" + data
  if name == "cr":
    return data.replace(b"\n", b"\r")
  if name == "crlf":
    return data.replace(b"\n", b"\r\n")
  return data.decode("utf-8", "replace").encode(name, "replace")


def _splice(rng: random.Random, data: bytes, other: bytes) -> bytes:
  start, stop = sorted((rng.randrange(len(other) + 1), rng.randrange(len(other) + 1)))
  position = rng.randrange(len(data) + 1)
  return data[:position] + other[start:stop] + data[position:]


_BLIND: list[Mutator] = [
  _flip_bit, _set_byte, _change_digit, _truncate, _behead, _delete, _duplicate, _move,
  _insert_token, _replace_field, _replace_number, _change_lines, _stretch, _encode,
]  # fmt: skip
_WEIGHTS = [10, 8, 10, 5, 2, 8, 6, 4, 12, 12, 8, 8, 0.6, 1.5]


def change_json(rng: random.Random, data: bytes, tokens: Sequence[bytes]) -> bytes:
  """Replaces, removes, renames or adds values of JSON, or nests one deeply."""
  try:
    value = json.loads(data)
  except (ValueError, RecursionError):
    return _change_json_line(rng, data, tokens)
  for _ in range(rng.choice((1, 1, 1, 2, 3))):
    value = _change_value(rng, value, tokens)
  is_ascii = rng.random() < 0.5
  text = json.dumps(value, ensure_ascii=is_ascii, indent=rng.choice((None, None, 2)))
  if rng.random() < 0.02:
    depth = rng.choice((50, 2000, 100_000))
    text = text.replace('"', "[" * depth + '"', 1) + rng.choice(("", "]" * depth))
  return text.encode("utf-8", "surrogatepass")


def _change_json_line(rng: random.Random, data: bytes, tokens: Sequence[bytes]) -> bytes:
  """Changes a line of JSON lines."""
  lines = data.split(b"\n")
  number = rng.randrange(len(lines))
  try:
    json.loads(lines[number])
  except (ValueError, RecursionError):
    return _replace_field(rng, data, tokens)
  lines[number] = change_json(rng, lines[number], tokens).replace(b"\n", b" ")
  return b"\n".join(lines)


def _change_value(rng: random.Random, value: Any, tokens: Sequence[bytes]) -> Any:
  """Returns a value with a change at a random depth."""
  goes_down = isinstance(value, (dict, list)) and value and rng.random() < 0.8
  if not goes_down:
    return _other_value(rng, value, tokens)
  if isinstance(value, dict):
    key = rng.choice(list(value))
    changed = dict(value)
    kind = rng.randrange(8)
    if kind == 0:
      del changed[key]
    elif kind == 1:
      changed[_key(rng, tokens)] = changed.pop(key)
    elif kind == 2:
      changed[_key(rng, tokens)] = value[key]
    else:
      changed[key] = _change_value(rng, value[key], tokens)
    return changed
  index = rng.randrange(len(value))
  kind = rng.randrange(8)
  if kind == 0:
    return value[:index] + value[index + 1 :]
  if kind == 1:
    return [*value[:index], value[index], *value[index:]]
  return [*value[:index], _change_value(rng, value[index], tokens), *value[index + 1 :]]


def _key(rng: random.Random, tokens: Sequence[bytes]) -> str:
  names = [token.decode("utf-8", "replace") for token in tokens]
  return rng.choice([*names, "", "a", "\x1b[31m", "0", "x" * 300])


def _other_value(rng: random.Random, value: Any, tokens: Sequence[bytes]) -> Any:
  kind = rng.randrange(6)
  if kind == 0 and tokens:
    return rng.choice(tokens).decode("utf-8", "replace")
  if kind == 1 and isinstance(value, int) and not isinstance(value, bool):
    return value + rng.choice((-1, 1, 10, -value - 1))
  if kind == 2 and isinstance(value, str):
    return mutate(rng, value.encode("utf-8", "replace"), tokens, b"").decode("utf-8", "replace")
  if kind == 3:
    return rng.choice(([value], {"a": value}, [value, value], str(value)[:1000]))
  return rng.choice(JSON_VALUES)


def change_integers(rng: random.Random, data: bytes, tokens: Sequence[bytes]) -> bytes:
  """Overwrites binary integers, mostly near the beginning, by sizes that make no sense."""
  size = rng.choice((1, 4, 4, 4, 8))
  if len(data) < size:
    return _flip_bit(rng, data, tokens)
  end = len(data) - size
  position = rng.randrange(min(end, rng.choice((16, 100, 10**9))) + 1)
  if rng.random() < 0.7:
    position -= position % 4
  value = rng.choice(_INTEGERS) if rng.random() < 0.7 else rng.getrandbits(40) - 2**39
  form = "<f" if size == 4 and rng.random() < 0.2 else f"<{size}s"
  if form == "<f":
    field = struct.pack(form, rng.choice((float("nan"), float("inf"), 1e38, 0.0, -1.5)))
  else:
    field = (value % (1 << 8 * size)).to_bytes(size, "little")
  return data[:position] + field + data[position + size :]


def change_zip(rng: random.Random, data: bytes, tokens: Sequence[bytes]) -> bytes:
  """Packs the members of a .zip again: changed, renamed, doubled or left out."""
  try:
    members = _read_zip(data)
  except Exception:  # damaged by an earlier change; a reader of the project is not called here
    return _flip_bit(rng, data, tokens)
  index = rng.randrange(len(members) + 1)
  name, content = members[index] if index < len(members) else ("new.txt", b"a 1 2\n")
  kind = rng.randrange(4)
  if kind == 0:
    members[index : index + 1] = [(name, mutate(rng, content, tokens, content))]
  elif kind == 1:
    name = rng.choice(("", "/", "a/", "../x", "\x1b[31m", "é", "__MACOSX/a", "x" * 3000, "a\nb"))
    members[index : index + 1] = [(name, content)]
  elif kind == 2:
    members.append((f"{index}{name}", content))
  else:
    del members[index : index + 1]
  buffer = io.BytesIO()
  with zipfile.ZipFile(buffer, "w", rng.choice((0, 8, 8, 12, 14))) as archive:
    for member_name, member in members:
      archive.writestr(zipfile.ZipInfo(member_name), member)
  return buffer.getvalue()


def _read_zip(data: bytes) -> list[tuple[str, bytes]]:
  with zipfile.ZipFile(io.BytesIO(data)) as archive:
    return [(entry.filename, archive.read(entry)) for entry in archive.infolist()]


def pack_again(rng: random.Random, data: bytes, tokens: Sequence[bytes]) -> bytes:
  """Changes what a compressed file holds, or packs data that is not."""
  content = unpacked(data)
  if rng.random() < 0.7:
    content = mutate(rng, content, tokens, content)
  pack = rng.choice((gzip.compress, bz2.compress, lzma.compress, _zstd))
  packed = pack(content)
  return packed * 2 if rng.random() < 0.05 else packed


def _zstd(content: bytes) -> bytes:
  import zstandard

  return zstandard.ZstdCompressor().compress(content)


def unpacked(data: bytes) -> bytes:
  """Returns what a whole compressed file of at most 1 MB holds, else the data itself."""
  try:
    if data.startswith(b"\x1f\x8b"):
      return zlib.decompressobj(31).decompress(data, 1 << 20)
    if data.startswith(b"BZh"):
      return bz2.BZ2Decompressor().decompress(data, 1 << 20)
    if data.startswith(b"\xfd7zXZ\0"):
      return lzma.LZMADecompressor(memlimit=1 << 26).decompress(data, 1 << 20)
    if data.startswith(b"\x28\xb5\x2f\xfd"):
      import zstandard

      return zstandard.ZstdDecompressor().decompress(data, 1 << 20)
  except Exception:  # each library has its own
    return data
  return data
