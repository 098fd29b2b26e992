r"""Evaluates word vectors on word similarity and analogies, or lists neighbours.

python experiments/evaluate.py --vectors=runs/glove/vectors.txt --json=scores.json
python experiments/evaluate.py --vectors=pretrained --neighbours='paris,king - man + woman'
python experiments/evaluate.py --vectors=runs/fasttext --compose
"""

import glob
import json
import os

from absl import flags

from glove_jax import vector_files
from glove_jax.errors import InputError
from glove_jax.evaluation import analogies, intrinsic, neighbours, tables
from glove_jax.files import atomic_write
from glove_jax.progress import waiting
from glove_jax.word_vectors import Neighbours, WordVectors
from tools import plots, program, vector_flags

FLAGS = flags.FLAGS


def define_flags():
  vector_flags.define()
  flags.DEFINE_string("json", None, "Writes the scores, and the neighbours, to this file.")
  flags.DEFINE_string(
    "plot", None, "Draws the scores, or a map of the neighbours, to this file (needs matplotlib)."
  )
  flags.DEFINE_list(
    "similarity",
    None,
    "Files, globs or folders of words and scores; default: all that are installed.",
  )
  flags.DEFINE_list(
    "analogies", None, "Files, globs or folders of analogies; default: all that are installed."
  )
  flags.DEFINE_integer(
    "restrict", 0, "Only the first words are candidates for answers; 0: all.", lower_bound=0
  )
  flags.DEFINE_enum("method", "3cosadd", analogies.METHODS, "How analogies are solved.")
  flags.DEFINE_enum("lowercase", "auto", ["auto", "true", "false"], "Lower-case the questions?")
  flags.DEFINE_bool(
    "compose", False, "Composes vectors of unknown words for similarity, by a fastText or a BERT."
  )
  flags.DEFINE_list(
    "neighbours",
    [],
    "Words, and sums such as 'king - man + woman', to list the nearest neighbours of; sets are "
    "then evaluated only if --similarity or --analogies names them.",
  )


def main():
  plots.check(FLAGS.plot)
  vectors = vector_flags.load()
  neighbours_by_query = neighbours.find(vectors, FLAGS.neighbours)
  scores = {}
  if not neighbours_by_query or FLAGS.similarity or FLAGS.analogies:
    with waiting("evaluating"):
      scores = _evaluate(vectors, default=[] if neighbours_by_query else None)
  # The file comes first: a table that cannot be printed must not lose the scores.
  if FLAGS.json:
    _write_json(scores, neighbours_by_query)
  if FLAGS.plot:
    _draw(vectors, scores, neighbours_by_query)
  if neighbours_by_query:
    print(tables.format_neighbour_lists(neighbours_by_query))
  if scores:
    print(tables.format_table(scores, language=intrinsic.language(vectors)))


def _evaluate(vectors: WordVectors, *, default: list[str] | None) -> dict:
  """Returns the scores; `default` are the sets of a kind for which no flag names any."""
  lowercase = {"auto": "auto", "true": True, "false": False}[FLAGS.lowercase]
  return intrinsic.evaluate(
    vectors,
    similarity_files=default if FLAGS.similarity is None else _expand(FLAGS.similarity),
    analogy_files=default if FLAGS.analogies is None else _expand(FLAGS.analogies),
    lowercase=lowercase,
    restrict=FLAGS.restrict,
    method=FLAGS.method,
    compose=_load_composer() if FLAGS.compose else None,
  )


def _draw(vectors: WordVectors, scores: dict, neighbours_by_query: dict[str, Neighbours]):
  """Draws the scores; without any, a map of the neighbours of each query."""
  if scores:
    plots.draw_evaluation(scores, FLAGS.plot)
    return
  groups = {}
  for query, nearest in neighbours_by_query.items():
    words = [word for word, _ in nearest]
    groups[query] = [query, *words] if query in vectors else words
  plots.draw_map(vectors, groups, FLAGS.plot)


def _write_json(scores: dict, neighbours_by_query: dict[str, Neighbours]):
  """Writes the scores, and the neighbours of queries if there are any."""
  content = dict(scores)
  if neighbours_by_query:
    content["neighbours"] = neighbours.records(neighbours_by_query)
  with atomic_write(FLAGS.json, errors="backslashreplace") as file:
    json.dump(content, file, ensure_ascii=False, indent=1, allow_nan=False)
    file.write("\n")


def _load_composer():
  compose = vector_files.composer(FLAGS.vectors)
  if compose is None:
    raise InputError(
      f"{FLAGS.vectors}: cannot compose words; expected for --compose a fastText model, a BERT, or "
      "the run of one."
    )
  return compose


def _expand(patterns: list[str]) -> list[str]:
  """Returns what patterns match, in their order."""
  files = []
  for pattern in filter(None, patterns):
    matches = [pattern] if os.path.exists(pattern) else sorted(glob.glob(pattern))
    if not matches and glob.has_magic(pattern):
      raise InputError(f"{pattern}: no file matches.")
    files += matches or [pattern]
  return files


if __name__ == "__main__":
  define_flags()
  program.run(main)
