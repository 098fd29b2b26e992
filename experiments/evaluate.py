r"""Evaluates word vectors on word similarity and analogies, or lists neighbours.

python experiments/evaluate.py --vectors=runs/glove/vectors.txt --json=scores.json
python experiments/evaluate.py --vectors=pretrained --neighbours=king,paris
python experiments/evaluate.py --vectors=runs/fasttext --compose
"""

import glob
import json
import sys

from absl import flags

from glove_jax import vector_files
from glove_jax.errors import InputError
from glove_jax.evaluation import intrinsic
from glove_jax.files import atomic_write
from tools import program

FLAGS = flags.FLAGS


def define_flags():
  flags.DEFINE_string("vectors", None, "A vector file of any format, a run of pretrain.py, `pretrained`, or `minilm`.")
  flags.DEFINE_string("json", None, "Writes the scores to this file.")
  flags.DEFINE_list("similarity", None, "Files or globs of word, word, score; default: those that are here.")
  flags.DEFINE_list("analogies", None, "Files or globs of analogies; default: those that are here.")
  flags.DEFINE_integer("restrict", 0, "Answers come from the first so many words; 0: all.", lower_bound=0)
  flags.DEFINE_enum("method", "3cosadd", intrinsic.METHODS, "How analogies are solved.")
  flags.DEFINE_enum("lowercase", "auto", ["auto", "true", "false"], "Lower-case the questions?")
  flags.DEFINE_bool("compose", False, "Compare words that the vectors lack too, if a fastText or a BERT composes them.")
  flags.DEFINE_list("neighbours", [], "Words to list the nearest neighbours of, instead of evaluating.")
  flags.DEFINE_string("encoding", "utf-8", "Of the vector file.")
  flags.DEFINE_string("errors", "strict", "For words in another encoding: strict, ignore or replace.")
  flags.DEFINE_integer("limit", None, "Reads only the first so many vectors.", lower_bound=1)
  flags.mark_flag_as_required("vectors")


def main():
  vectors = vector_files.load(FLAGS.vectors, encoding=FLAGS.encoding, errors=FLAGS.errors, limit=FLAGS.limit)
  for note in vectors.notes:
    print(f"note: {note}", file=sys.stderr)
  if FLAGS.neighbours:
    print(intrinsic.format_neighbours(vectors, FLAGS.neighbours))
    if not FLAGS.json:
      return
  compose = vector_files.composer(FLAGS.vectors) if FLAGS.compose else None
  if FLAGS.compose and not compose:
    raise InputError(f"{FLAGS.vectors}: composes no words; expected for --compose a fastText model, a BERT, or the run "
                     "of one.")
  lowercase = {"auto": "auto", "true": True, "false": False}[FLAGS.lowercase]
  scores = intrinsic.evaluate(vectors, similarity_files=_expand(FLAGS.similarity),
                              analogy_files=_expand(FLAGS.analogies), lowercase=lowercase,
                              restrict=FLAGS.restrict, method=FLAGS.method, compose=compose)
  print(intrinsic.format_table(scores))
  if FLAGS.json:
    with atomic_write(FLAGS.json) as file:
      json.dump(scores, file, ensure_ascii=False, indent=1, allow_nan=False)
      file.write("\n")


def _expand(patterns: list[str] | None) -> list[str] | None:
  """The files that patterns match, in their order; None stays None: the default sets."""
  if patterns is None:
    return None
  files = []
  for pattern in filter(None, patterns):
    found = sorted(glob.glob(pattern)) or [pattern]
    if found == [pattern] and glob.has_magic(pattern):
      raise InputError(f"{pattern}: no file matches.")
    files += found
  return files


if __name__ == "__main__":
  define_flags()
  program.run(main)
