r"""Exports word vectors to a format of another library.

python experiments/export.py --vectors=runs/glove --to=sentence-transformers --output=static
python experiments/export.py --vectors=pretrained --to=parquet --limit=20000 --output=glove.parquet
python experiments/export.py --vectors=runs/glove --to=word2vec-binary --output=glove.bin
"""

import time

from absl import flags

from glove_jax import exports
from glove_jax.errors import printable
from glove_jax.exports import formats
from glove_jax.progress import log_stage, waiting
from tools import program, vector_flags

FLAGS = flags.FLAGS


def define_flags():
  vector_flags.define()
  flags.DEFINE_string("to", None, f"The format: one of {', '.join(exports.FORMATS)}, or a library.")
  flags.DEFINE_string(
    "output",
    None,
    "The file to write; the folder, for spacy, sentence-transformers, model2vec and projector.",
  )
  flags.DEFINE_bool("card", False, "Writes a model card beside a file; folders always have one.")
  flags.DEFINE_bool("skip_words", False, "Leaves out words that the format cannot hold.")
  flags.mark_flags_as_required(["to", "output"])


def main():
  exports.check_target(FLAGS.output, FLAGS.to)  # fails now, not when the vectors are read
  with waiting("reading"):
    table = exports.read(
      FLAGS.vectors, encoding=FLAGS.encoding, errors=FLAGS.errors, limit=FLAGS.limit
    )
  start = time.monotonic()
  with waiting("writing"):
    done = exports.write(
      table, FLAGS.output, to=FLAGS.to, card=FLAGS.card, skip_words=FLAGS.skip_words
    )
  for note in done.notes:
    program.note(printable(note))
  size = f"{done.num_words:,} words x {done.dim}"
  log_stage("export", f"{size}: {done.path}, {formats.resolve(FLAGS.to)}", start)


if __name__ == "__main__":
  define_flags()
  program.run(main)
