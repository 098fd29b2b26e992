"""Files of tokenizers: missing, damaged, too large, and with a byte order mark."""

import pytest

from glove_jax.data.subwords import tokenizer_reading
from glove_jax.errors import InputError


def test_an_object_of_json_and_none(tmp_path):
  path = tmp_path / "config.json"
  assert tokenizer_reading.read_object(path) == {}
  path.write_bytes(b'\xef\xbb\xbf{"a": 1}')
  assert tokenizer_reading.read_object(path) == {"a": 1}


@pytest.mark.parametrize(
  "content, message",
  [
    (b"[1]", r"config.json: found \[1\], expected a JSON object.$"),
    (b"{", "config.json: not JSON "),
    (b"[" * 100_000, "config.json: not JSON "),
    (b"{\xff}", "config.json: byte 1 is not UTF-8, expected a tokenizer's vocabulary.$"),
  ],
)
def test_damaged_files_are_one_line(tmp_path, content, message):
  path = tmp_path / "config.json"
  path.write_bytes(content)
  with pytest.raises(InputError, match=message):
    tokenizer_reading.read_object(path)


def test_missing_and_large_files_are_one_line(tmp_path, monkeypatch):
  path = tmp_path / "vocab.txt"
  with pytest.raises(InputError, match="vocab.txt: No such file or directory.$"):
    tokenizer_reading.read_text(path)
  path.write_text("a\r\nb\n", newline="")
  assert tokenizer_reading.read_text(path) == "a\r\nb\n"
  monkeypatch.setattr(tokenizer_reading, "_LARGEST", 3)
  with pytest.raises(InputError, match="vocab.txt: 5 bytes, expected 3 at most.$"):
    tokenizer_reading.read_bytes(path)
