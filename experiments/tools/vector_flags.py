"""The flags of programs that read word vectors."""

from absl import flags

from glove_jax import vector_files
from glove_jax.file_progress import reading
from glove_jax.word_vectors import WordVectors
from tools import program

FLAGS = flags.FLAGS


def define(*, required: bool = True) -> None:
  """Defines `--vectors`, and how they are read."""
  flags.DEFINE_string(
    "vectors",
    None,
    "A vector file of any format, a run of pretrain.py, `pretrained`, or `minilm`.",
    required=required,
  )
  flags.DEFINE_string("encoding", "utf-8", "Encoding of the vector file.")
  flags.DEFINE_string(
    "errors", "strict", "What to do with undecodable words: strict, ignore or replace."
  )
  flags.DEFINE_integer("limit", None, "Reads only the first words.", lower_bound=1)
  flags.DEFINE_bool("cache", False, "Keep what is parsed beside the file, in NAME.cache.npy?")


def load() -> WordVectors:
  """Returns the vectors that the flags name; prints the remarks of their reader."""
  with reading(FLAGS.vectors):
    vectors = vector_files.load(
      FLAGS.vectors,
      encoding=FLAGS.encoding,
      errors=FLAGS.errors,
      limit=FLAGS.limit,
      cache=FLAGS.cache,
    )
  for note in vectors.notes:
    program.note(note)
  return vectors
