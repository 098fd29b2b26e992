r"""Evaluates word vectors on word similarity, analogies and translation, or lists neighbours.

python experiments/evaluate.py --vectors=runs/glove/vectors.txt --json=scores.json
python experiments/evaluate.py --vectors=pretrained --neighbours='paris,king - man + woman'
python experiments/evaluate.py --vectors=runs/fasttext --compose
python experiments/evaluate.py --vectors=en.vec --target=fr.vec --dictionary=en-fr.0-5000.txt \
    --translations=en-fr.5000-6500.txt
"""

import glob
import json
import os

from absl import flags

from glove_jax import alignment, vector_files
from glove_jax.errors import InputError
from glove_jax.evaluation import analogies, intrinsic, neighbours, tables, translation
from glove_jax.files import atomic_write
from glove_jax.progress import waiting
from glove_jax.word_vectors import Neighbours, WordVectors
from tools import plots, program, vector_flags

FLAGS = flags.FLAGS
_POSTPROCESSING = ("none", "center", "all_but_the_top")


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
    "restrict",
    0,
    "Only the first words are candidates for answers; 0: all, for translations 200,000.",
    lower_bound=0,
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
  flags.DEFINE_enum(
    "postprocessing", "none", _POSTPROCESSING, "What is done to the vectors before they are scored."
  )
  _define_translation_flags()


def _define_translation_flags():
  flags.DEFINE_string(
    "target",
    None,
    "Vectors of another language or corpus, which those of --vectors are aligned with to score the "
    "translation of words; sets are then evaluated only if a flag names them.",
  )
  flags.DEFINE_string(
    "dictionary", None, "A word and its translation a line, to align by; default: identical words."
  )
  flags.DEFINE_list(
    "translations",
    [],
    "Dictionaries for the score; default: every fifth word of --dictionary, held out.",
  )


def main():
  _check_flags()
  vectors = _postprocess(vector_flags.load())
  neighbours_by_query = neighbours.find(vectors, FLAGS.neighbours)
  translations = {}
  scores = {}
  with waiting("evaluating"):
    if FLAGS.target:
      translations = _translate(vectors)
    has_results = bool(neighbours_by_query or translations)
    if not has_results or FLAGS.similarity or FLAGS.analogies:
      scores = _evaluate(vectors, default=[] if has_results else None)
  # The file comes first: a table that cannot be printed must not lose the scores.
  if FLAGS.json:
    _write_json(scores, neighbours_by_query, translations)
  if FLAGS.plot:
    _draw(vectors, scores, neighbours_by_query)
  if neighbours_by_query:
    print(tables.format_neighbour_lists(neighbours_by_query))
  if translations:
    print(tables.format_translation(translations))
  if scores:
    print(tables.format_table(scores, language=intrinsic.language(vectors)))


def _check_flags():
  plots.check(FLAGS.plot)
  if FLAGS.plot and FLAGS.target and not (FLAGS.neighbours or FLAGS.similarity or FLAGS.analogies):
    raise InputError(
      f"--plot={FLAGS.plot} draws no translations, expected --neighbours, --similarity or "
      "--analogies too."
    )
  if not FLAGS.target and (FLAGS.dictionary or FLAGS.translations):
    raise InputError("--dictionary and --translations translate words, expected --target=… too.")
  if FLAGS.compose and FLAGS.postprocessing != "none":
    raise InputError("--compose makes vectors as they are, expected it without --postprocessing.")


def _postprocess(vectors: WordVectors) -> WordVectors:
  if FLAGS.postprocessing == "center":
    return vectors.centered()
  if FLAGS.postprocessing == "all_but_the_top":
    return vectors.all_but_the_top()
  return vectors


def _translate(vectors: WordVectors) -> dict:
  """Returns the scores of the translation of words to those of --target."""
  target = vector_files.load(
    FLAGS.target, encoding=FLAGS.encoding, errors=FLAGS.errors, limit=FLAGS.limit
  )
  return translation.evaluate(
    vectors,
    target,
    dictionary_file=FLAGS.dictionary,
    test_files=_expand(FLAGS.translations),
    restrict_vocab=FLAGS.restrict or alignment.RESTRICT_VOCAB,
  )


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


def _write_json(scores: dict, neighbours_by_query: dict[str, Neighbours], translations: dict):
  """Writes the scores, and the neighbours of queries and translations if there are any."""
  content = dict(scores)
  if translations:
    content["translation"] = translations
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
