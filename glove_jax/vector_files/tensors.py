"""Tells rows of numbers without words, such as TensorFlow's projector reads, and adds the words."""

import os
import re
import statistics
from collections.abc import Iterable, Iterator

from glove_jax.errors import InputError
from glove_jax.vector_files import transcoding
from glove_jax.vector_files.text_parser import is_number, whole_lines

_SAMPLE_BYTES = 1 << 18
_WORD_COLUMNS = ("word", "label", "token", "name")


def lack_words(head: bytes) -> bool:
  """Returns whether the lines of a file are numbers only, the first ones too.

  A vocabulary may be of numbers, even all of it. Words are different, and few of them have a sign
  or as many digits as the numbers of a vector.
  """
  lines = head[:_SAMPLE_BYTES].decode("latin-1").split("\n")
  lines = [line for line in lines[:-1] or lines if line.strip()]
  if len(lines) <= 2 and sum(line[:1] in (" ", "\t") for line in lines) == 1:
    return False  # the empty word, alone or below a header
  line_texts = [line.strip() for line in lines]
  firsts = [re.split("[ \t]", line, maxsplit=1)[0] for line in line_texts]
  if not all(map(_is_finite_number, firsts)):
    return False
  rows = [re.split("[ \t]+", line) for line in line_texts]
  others = [field for row in rows for field in row[1:]]
  if not others or not all(map(is_number, others)):
    return False
  if all(map(str.isdigit, firsts)) and len(set(firsts)) == len(firsts):
    return False  # words such as "1984", or their numbers
  sample = head[:_SAMPLE_BYTES]
  if b"\t" in sample and b" " not in sample:
    return True
  return statistics.median(map(len, firsts)) >= 0.7 * statistics.median(map(len, others))


def _is_finite_number(field: str) -> bool:
  return is_number(field) and field[-1].lower() not in "nfy"  # nan, inf, infinity


def metadata_file(path: str) -> str | None:
  """Returns the file of words beside a file of tensors, as the projector names it, if it exists."""
  folder, name = os.path.split(path)
  for other in (name.replace("tensors", "metadata").replace("tensor", "metadata"), "metadata.tsv"):
    candidate = os.path.join(folder, other)
    if other != name and os.path.isfile(candidate):
      return candidate
  return None


def missing_words_error(path: str) -> InputError:
  """Returns the error for a file of numbers without words."""
  return InputError(
    f"{path}: rows of numbers without words, as TensorFlow's projector has them; expected a word "
    "before the numbers of each line, or the words beside it in metadata.tsv."
  )


def count_numbers(head: bytes) -> int:
  """Returns how many numbers the first line that is not blank has."""
  return max(1, len(_fields(head.lstrip().partition(b"\n")[0])))


def with_words(
  chunks: Iterable[bytes], path: str, metadata_path: str, *, dim: int, encoding: str, errors: str
) -> Iterator[bytes]:
  """Yields the lines of a file of tensors, each after its word and a space, in UTF-8.

  Raises:
    InputError: if there are not as many words as rows, or not `dim` numbers in each.
  """
  words = _read_words(metadata_path, encoding, errors)
  num_rows = 0
  for block in whole_lines(chunks, path):
    lines = []
    for line in block.split(b"\n"):
      fields = _fields(line)
      if not fields:
        continue
      if len(fields) != dim:  # a word may end with a number: it would take those of its row
        raise InputError(
          f"{path}: found {len(fields)} numbers in row {num_rows + 1:,}, expected {dim} as in the "
          "first."
        )
      word = words[num_rows] if num_rows < len(words) else ""
      data = word.encode(transcoding.UTF8, transcoding.UTF8_ERRORS)
      lines.append(b"%b %b\n" % (data, b" ".join(fields)))
      num_rows += 1
    yield b"".join(lines)
  if num_rows != len(words):
    raise InputError(
      f"{path}: {num_rows:,} rows, expected {len(words):,} as {metadata_path} has words."
    )


def _fields(line: bytes) -> list[bytes]:
  """Returns what tabs and spaces set apart in a line."""
  return list(filter(None, line.rstrip().replace(b"\t", b" ").split(b" ")))


def _read_words(path: str, encoding: str, errors: str) -> list[str]:
  """Reads the words: all lines of one column; of several columns, below a header, one of them."""
  lines = transcoding.read_lines(path, encoding, errors)
  header = lines[0].split("\t")
  if len(header) == 1:
    return lines
  names = [name.strip().casefold() for name in header]
  column = next((names.index(name) for name in _WORD_COLUMNS if name in names), 0)
  words = []
  for number, line in enumerate(lines[1:], 2):
    fields = line.split("\t")
    if len(fields) != len(header):
      raise InputError(
        f"{path}:{number}: found {len(fields)} columns, expected {len(header)} as in the header."
      )
    words.append(fields[column])
  return words
