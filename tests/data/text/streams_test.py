"""Every compression and line end reads alike; errors name the damaged file and line."""

import bz2
import gzip
import lzma
import sys

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from glove_jax.data.text import streams
from glove_jax.errors import InputError

zstandard = pytest.importorskip("zstandard")
PACK = {"gz": gzip.compress, "bz2": bz2.compress, "xz": lzma.compress, "zst": zstandard.compress}


def read(path, **kwargs) -> str:
  return "".join(streams.read_text(path, **kwargs))


def fails(path, **kwargs) -> str:
  with pytest.raises(InputError) as error:
    read(path, **kwargs)
  assert "\n" not in str(error.value) and str(path) in str(error.value)
  return str(error.value)


@settings(deadline=None, max_examples=60)
@given(
  text=st.text(st.sampled_from("aé汉😀 \n\r\x85\u2028"), max_size=50),
  name=st.sampled_from(sorted(PACK)),
  block=st.integers(1, 20),
)
def test_all_compressions_and_block_sizes_read_alike(tmp_path_factory, text, name, block):
  folder = tmp_path_factory.mktemp("streams")
  plain, packed = folder / "a.txt", folder / "named-without-suffix"
  plain.write_bytes(text.encode())
  packed.write_bytes(PACK[name](text.encode()))
  text = text.replace("\r\n", "\n")
  if text.count("\r") > text.count("\n"):
    text = text.replace("\r", "\n")
  assert read(plain, block=block) == read(packed, block=block) == text


@pytest.mark.parametrize("name", PACK)
def test_several_archives_in_one_file_read_as_one(tmp_path, name):
  path = tmp_path / "a"
  parts = [f"part {i} é\n" * 5000 for i in range(3)]
  path.write_bytes(b"".join(PACK[name](part.encode()) for part in parts))
  assert read(path) == "".join(parts)
  path.write_bytes(PACK[name](parts[0].encode()) + bytes(512))  # tapes and xz pad with zeros
  assert read(path) == parts[0]


@pytest.mark.parametrize("name", PACK)
def test_damaged_archives_name_the_file(tmp_path, name):
  path = tmp_path / "a"
  # A checksum is what tells that zstd's content changed; its one-shot function writes none.
  pack = zstandard.ZstdCompressor(write_checksum=True).compress if name == "zst" else PACK[name]
  whole = pack("".join(f"line {i * i}\n" for i in range(3000)).encode())
  path.write_bytes(whole[: len(whole) // 2])
  assert "truncated" in fails(path)
  path.write_bytes(whole[:-1])
  assert "truncated" in fails(path)
  middle = len(whole) // 2
  path.write_bytes(whole[:middle] + bytes([whole[middle] ^ 255]) + whole[middle + 1 :])
  assert "broken" in fails(path)
  path.write_bytes(whole + b"rubbish after the end")
  assert "archive" in fails(path)


def test_a_text_that_begins_like_bzip2_is_a_text(tmp_path):
  path = tmp_path / "a.txt"
  path.write_text("BZh9 is how bzip2 begins")
  assert read(path) == "BZh9 is how bzip2 begins"


def test_zstd_without_its_package(tmp_path, monkeypatch):
  (tmp_path / "a.zst").write_bytes(PACK["zst"](b"text"))
  monkeypatch.setitem(sys.modules, "zstandard", None)
  assert "pip install -e '.[zstd]'" in fails(tmp_path / "a.zst")


@pytest.mark.parametrize("block", [9, 1 << 16])
def test_undecodable_bytes_name_line_column_and_a_remedy(tmp_path, block):
  path = tmp_path / "a.txt"
  path.write_bytes("é\nün caf".encode() + b"\xe9 noir\n")
  message = fails(path, block=block)
  assert f"{path}:2: byte 0xe9 at column 7 is not UTF-8" in message
  assert "the rest of the file looks like utf-8: --config.errors=replace" in message
  assert read(path, encoding="latin-1").endswith("café noir\n")
  assert read(path, errors="replace", block=block) == "é\nün caf\ufffd noir\n"
  assert read(path, errors="ignore", block=block) == "é\nün caf noir\n"


def test_a_character_cut_off_at_the_end_is_named(tmp_path):
  (tmp_path / "a.txt").write_bytes("a\n汉".encode()[:-1])
  assert "a.txt:2: byte 0xe6 at column 1" in fails(tmp_path / "a.txt")


@pytest.mark.parametrize("block", [1, 3, 1 << 16])
def test_other_encodings(tmp_path, block):
  path = tmp_path / "a.txt"
  for encoding in ("utf-16", "gb18030", "utf-8-sig", "big5"):
    path.write_bytes("汉字\r\n一二".replace("汉", "漢").encode(encoding))
    assert read(path, encoding=encoding, block=block) == "漢字\n一二"


def test_the_encoding_is_named(tmp_path):
  path = tmp_path / "a.txt"
  text = "plain ascii\n" * 10_000 + "红楼梦第一回，甄士隐梦幻识通灵，贾雨村风尘怀闺秀。\n" * 20
  for encoding, mark in (("gb18030", ""), ("utf-16", ""), ("utf-16-le", ""), ("utf-32", "")):
    path.write_bytes((mark + text).encode(encoding))
    message = fails(path)
    assert f"--config.encoding={encoding}" in message and "latin-1" not in message
    assert read(path, encoding=encoding) == text


def test_a_byte_order_mark_of_another_encoding_is_named(tmp_path):
  path = tmp_path / "a.txt"
  path.write_bytes("the river".encode("utf-16"))
  for errors in ("strict", "replace"):
    message = fails(path, errors=errors)
    assert "a.txt:1: begins with the byte order mark of UTF-16: --config.encoding=utf-16" in message
  assert "UTF-16" in fails(path, encoding="latin-1")
  assert read(path, encoding="utf-16") == read(path, encoding="utf-16-le") == "the river"
  path.write_bytes("\ufeff红楼梦".encode())
  assert "UTF-8" in fails(path, encoding="gb18030")
  path.write_bytes("the river".encode("utf-16-be"))
  assert "--config.encoding=utf-16-be" in fails(path, encoding="utf-16")


@pytest.mark.parametrize("encoding", [
  "base64", "rot13", "hex", "zlib", "idna", "punycode", "undefined", "unicode_escape", "utf-7",
  "a\0b", "é", "", "x" * 5000, "\ud800",
])
def test_codecs_that_are_no_text_encodings_are_refused(tmp_path, encoding):
  (tmp_path / "a.txt").write_text("x")
  message = fails(tmp_path / "a.txt", encoding=encoding)
  assert "expected one such as utf-8" in message and len(message) < 500


@pytest.mark.parametrize("errors", ["xmlcharrefreplace", "surrogateescape", "namereplace", ""])
def test_handlers_that_make_no_text_are_refused(tmp_path, errors):
  (tmp_path / "a.txt").write_text("x")
  assert "expected one of strict, replace" in fails(tmp_path / "a.txt", errors=errors)


def test_unknown_encodings_and_handlers(tmp_path):
  (tmp_path / "a.txt").write_text("x")
  assert "klingon" in fails(tmp_path / "a.txt", encoding="klingon")
  assert "sloppy" in fails(tmp_path / "a.txt", errors="sloppy")


def test_binary_files_are_refused_unless_asked_for(tmp_path):
  path = tmp_path / "a.txt"
  path.write_bytes(b"one\ntwo\0three")
  assert f"{path}:2: a zero byte at column 4; is this a text file?" in fails(path)
  assert read(path, errors="replace") == "one\ntwo\0three"


def test_byte_order_mark_goes_only_at_the_start(tmp_path):
  path = tmp_path / "a.txt"
  path.write_text("\ufeffa\ufeffb")
  for block in (1, 100):
    assert read(path, block=block) == "a\ufeffb"


def test_an_archive_that_swells_is_delivered_in_blocks(tmp_path):
  path = tmp_path / "a.xz"
  path.write_bytes(lzma.compress(b"a " * 5_000_000))
  assert max(map(len, streams.read_text(path))) <= streams.BLOCK


def test_folders_and_missing_files(tmp_path):
  assert "directory" in fails(tmp_path)
  assert "No such file" in fails(tmp_path / "none.txt")


def test_an_archive_that_asks_for_gigabytes_is_refused(tmp_path, monkeypatch):
  monkeypatch.setattr(streams, "_MAX_DICTIONARY", 1 << 20)
  (tmp_path / "a.xz").write_bytes(lzma.compress(b"text\n" * 1000))
  assert "broken archive" in fails(tmp_path / "a.xz")
