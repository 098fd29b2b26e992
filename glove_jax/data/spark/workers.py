"""What runs in Spark's Python workers: batches of text in, batches of partial counts out.

The tokenizers, the vocabulary and the windows are those of the local engine. Each worker adds up
what it can before Spark moves it, so that little is moved.
"""

import io
from collections import Counter
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Any, NamedTuple

from glove_jax.data.counts import pair_counting, text_blocks
from glove_jax.data.counts.pair_counting import PairCounter
from glove_jax.data.text import corpus, encodings, splitting, streams, word_tokenizers
from glove_jax.errors import InputError, quote

if TYPE_CHECKING:
  import pyarrow

WORDS = "word string, count long"  # schemas of the results
PAIRS = "row int, col int, sum long"

_MOST_WORDS = 1 << 20  # distinct words that a worker holds before it passes their counts on
_SHOWN = 60  # bytes of a line in a message


class TextFormat(NamedTuple):
  """How bytes become tokens.

  Attributes:
    source: the name of the corpus, for messages.
    is_whole: whether a row is (path, content) of a file; else it is a line, or a text without path.
    encoding: of the text, as for `open`.
    errors: what to do with bytes that cannot be decoded, as for `open`.
    tokenizer: a key of `word_tokenizers.TOKENIZERS`.
    lowercase: as for `word_tokenizers.make`.
  """

  source: str
  is_whole: bool
  encoding: str
  errors: str
  tokenizer: str
  lowercase: bool | None


def count_words(
  batches: Iterable["pyarrow.RecordBatch"], *, text_format: TextFormat
) -> Iterator["pyarrow.RecordBatch"]:
  """Yields words and their counts; a word may come more than once."""
  counter = Counter()
  for tokens in _tokens(batches, text_format):
    counter.update(tokens)
    if len(counter) > _MOST_WORDS:
      yield _word_batch(counter)
      counter.clear()
  yield _word_batch(counter)


def _word_batch(counter: Counter) -> "pyarrow.RecordBatch":
  import pyarrow

  counts = {word: count for word, count in counter.items() if word != "\n"}
  columns = [
    pyarrow.array(list(counts), pyarrow.string()),
    pyarrow.array(list(counts.values()), pyarrow.int64()),
  ]
  return pyarrow.RecordBatch.from_arrays(columns, names=["word", "count"])


def count_pairs(
  batches: Iterable["pyarrow.RecordBatch"],
  *,
  text_format: TextFormat,
  index: Any,
  counter: PairCounter,
  block_size: int,
) -> Iterator["pyarrow.RecordBatch"]:
  """Yields rows, columns and integer sums of the pairs of each block of text.

  Args:
    batches: of the text.
    text_format: how it is read.
    index: a broadcast dict of the id of each word.
    counter: which pairs are counted.
    block_size: words whose pairs are added up at a time.
  """
  import pyarrow

  ids = corpus.encode_tokens(_tokens(batches, text_format), index.value)
  for block in text_blocks.split_blocks(ids, block_size, len(counter.weights)):
    for pairs in pair_counting.count_pairs(counter, block):
      yield pyarrow.RecordBatch.from_arrays(
        list(map(pyarrow.array, pairs)), names=["row", "col", "sum"]
      )


def _tokens(
  batches: Iterable["pyarrow.RecordBatch"], text_format: TextFormat
) -> Iterator[list[str]]:
  """Yields the tokens of the text in blocks; a "\\n" ends a document."""
  tokenizer = word_tokenizers.make(text_format.tokenizer, text_format.lowercase)
  splitter = splitting.Splitter(tokenizer)
  if not text_format.is_whole:
    for text in splitter.split(_decoded(batches, text_format)):
      yield tokenizer.tokens(text)
    return
  for batch in batches:
    for path, content in zip(*(column.to_pylist() for column in batch.columns), strict=True):
      texts = streams.read_opened(
        io.BytesIO(content), path, text_format.encoding, text_format.errors
      )
      for text in splitter.split(texts):
        yield tokenizer.tokens(text)
      yield ["\n"]


def _decoded(
  batches: Iterable["pyarrow.RecordBatch"], text_format: TextFormat
) -> Iterator[str]:
  """Yields the text of whole lines, with "\\n" at the end of each."""
  for batch in batches:
    lines = [line for line in batch.column(0).to_pylist() if line is not None]
    if not lines:
      continue
    try:
      text = _decode(b"\n".join(lines), text_format)
    except UnicodeError:
      raise _undecodable(lines, text_format) from None
    yield (text + "\n").replace("\r\n", "\n")


def _decode(data: bytes, text_format: TextFormat) -> str:
  """Decodes bytes; a zero byte is an error where errors are."""
  text = data.decode(text_format.encoding, text_format.errors)
  if text_format.errors == "strict" and "\0" in text:
    raise UnicodeError("a zero byte")
  return text


def _undecodable(lines: Iterable[bytes], text_format: TextFormat) -> InputError:
  """Returns the error for the first line that cannot be decoded."""
  for line in lines:
    try:
      _decode(line, text_format)
    except UnicodeError as error:
      start = getattr(error, "start", 0)
      advice = encodings.advice(line[start : start + encodings.SAMPLE])
      return InputError(
        f"{text_format.source}: {error} in the line that begins {quote(line[:_SHOWN])}; {advice}"
      )
  return InputError(f"{text_format.source}: is not {text_format.encoding}.")
