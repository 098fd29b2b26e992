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
  assert read(plain, block=block) == read(packed, block=block) == text.replace("\r\n", "\n")


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


@pytest.mark.parametrize("block", [1, 7, 1 << 16])
def test_undecodable_bytes_name_line_column_and_a_remedy(tmp_path, block):
  path = tmp_path / "a.txt"
  path.write_bytes("é\nün caf".encode() + b"\xe9 noir\n")
  message = fails(path, block=block)
  assert f"{path}:2: byte 0xe9 at column 7 is not UTF-8" in message
  assert "try --config.encoding=latin-1 or --config.errors=replace" in message
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
