"""Small inputs that readers once failed at, given to the same readers and checks as in fuzzing."""

import functools
import io
import json

import numpy as np
import pytest
import tokenizer_folders

from glove_jax.errors import InputError

UTF32_LE = b"\xff\xfe\0\0"


def matrix() -> bytes:
  buffer = io.BytesIO()
  np.save(buffer, np.ones((2, 2), int))
  return buffer.getvalue()


def with_two_lines_of_header(data: bytes) -> bytes:
  """Returns a .npy file whose header NumPy parses as it does those of Python 2, with a warning."""
  return data.replace(b"{", b"\n{", 1).replace(b" \n", b"\n", 1)


def tokenizer(**changes) -> bytes:
  content = json.loads(tokenizer_folders.folders()["gpt_json"]["tokenizer.json"])
  return json.dumps({**content, **changes}).encode()


# The first score that is not zero is not a number.
SCORELESS = tokenizer_folders.sentencepiece_model().replace(b"\0\0\0\xc0", b"\0\0\xc0\x7f", 1)
KEPT = [
  # A word ended with a no-break space where its part of speech was taken off.
  ("similarity_sets", {"en.test.data.txt": b"n-n t\xc2\xa0-n 5\n"}),
  ("analogy_sets", {"a.questions": b"a\xc2\xa0 b \xe3\x80\x80c d\n"}),
  ("analogy_sets", {"a.questions": b"a,b,c,d\ne,,g,h\n"}),
  # Words had zero bytes: UTF-32 was read as UTF-16.
  ("analogy_sets", {"a.questions": "a b c d".encode("utf-32")}),
  ("vectors_npy", {"v.npy": matrix(), "v.words.txt": UTF32_LE + b"t\0\0\0\n{\0\0c\0\0\0\n\0\\u"}),
  ("vectors_npy", {"v.npy": with_two_lines_of_header(matrix()), "v.words.txt": b"the\ncat\n"}),
  # A word ended with white space that belongs to its numbers.
  ("vectors_tensors", {"tensors.tsv": b"0.5\t1\n2\t1\n\t4\t-5", "metadata.tsv": b"a\nb\ndog\n"}),
  ("vectors_text", {"v.txt": b"\t \t2"}),
  # Words that end with numbers took them from their rows.
  ("vectors_tensors", {"tensors.tsv": b"0.5\t1\n2\t3\n4\t-5\n",
                       "metadata.tsv": b"the 1 2\n\t4\ndog\t3\n"}),
  ("vectors_text", {"v.txt": b"cat\t \t2\r\nthe\t11\t-1\ncat\t \t2\r\n1984\t3\t4\r\n"}),
  # The reference was wrong: numbers beyond 32 bits of a reading that is none, values one after
  # another on a line, the line of Excel before lines that are no table.
  ("vectors_word2vec", {"v.bin": b"4 3\n \0\0\0he 3.5e38 2 3\n\0\0\x80>\nb \0\0\xc0>\0\0\0?\0\0 ?\n"
                                 b"c \0\0@?\0\0`?\0\x90?\0 a \0\0@?\0\0`?\0\x90?\0"}),
  ("labelled_json", {"t.json": b'{"text": "a", "label": "p"}\t{"text": "b", "label": "n"}\n'
                               b'{"text": "c", "label": "p"}'}),
  ("labelled_lines", {"t.txt": b"sep=;\n\tpos\n\tneg\n\tneg\na b\tpos"}),
  # A label of 309 digits.
  ("labelled_json", {"t.json": b'[{"text": "a", "label": 1e308}, {"text": "b", "label": "s"}]'}),
  # OverflowError
  ("settings", {"key": b"learning_rate", "value": b"9" * 400}),
  ("settings", {"key": b"dim", "value": b"9" * 400}),
  ("workdir_settings", {"config.json": b'{"dim": 1%s}' % (b"0" * 400), "vocab.txt": b"a 1\n"}),
  # Exceptions and panics of the tokenizers library, and an AttributeError
  ("tokenizer_sentencepiece", {"sentencepiece.bpe.model": SCORELESS}),
  ("tokenizer_json", {"tokenizer.json": tokenizer(pre_tokenizer=None)}),
  ("tokenizer_json", {"tokenizer.json": tokenizer(
    pre_tokenizer={"type": "FixedLength", "length": 0})}),
  ("tokenizer_json", {"tokenizer.json": tokenizer(
    decoder={"type": "Strip", "content": "a", "start": 5, "stop": 5})}),
]  # fmt: skip


@functools.cache
def readers():
  pytest.importorskip("pyarrow", reason="one of the readers makes a Parquet file")
  pytest.importorskip("zstandard", reason="one of the readers makes a .zst file")
  from fuzz import all_readers

  return all_readers.by_name()


@pytest.mark.parametrize("name, files", KEPT, ids=[name for name, _ in KEPT])
def test_a_kept_input_is_refused_or_read_rightly(name, files, tmp_path, recwarn):
  reader = readers()[name]
  for file, content in files.items():
    (tmp_path / file).write_bytes(content)
  try:
    value = reader.read(tmp_path)
  except InputError:
    return
  reader.check(value, files)
  assert not recwarn.list
