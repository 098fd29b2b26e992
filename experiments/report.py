r"""Writes a page about some runs: settings, curves, scores, mistakes and words side by side.

  python experiments/report.py --workdirs=runs/glove,runs/word2vec --output=report.html
  python experiments/report.py --workdirs='runs/sst2/*' --output=report.html

The page is one file that needs no network. Runs of any kind may stand beside each other, finished
or not; runs that differ in `seed` and `fold` alone are one configuration. Needs the extra `report`.
"""

import dataclasses
import functools
import importlib.util
import os
import time
from collections.abc import Sequence

from absl import flags

from glove_jax import installation, vector_files
from glove_jax.errors import InputError
from glove_jax.evaluation import intrinsic
from glove_jax.files import atomic_write
from glove_jax.progress import log_stage, waiting
from glove_jax.word_vectors import WordVectors
from tools import program
from tools.report import configurations, page, predictions, run_files, sections, word_maps
from tools.report.run_files import Run

FLAGS = flags.FLAGS
_PACKAGES = {"jinja2": "jinja2", "vl_convert": "vl-convert-python"}


def define_flags():
  flags.DEFINE_list("workdirs", None, "Folders of runs, or globs.", required=True)
  flags.DEFINE_string("output", "report.html", "The file to write.")
  flags.DEFINE_integer(
    "words", 5000, "The first words of each run in the word map; 0: no map.",
    lower_bound=0, upper_bound=20_000,
  )  # fmt: skip
  flags.DEFINE_integer(
    "examples", 100, "Texts of a part whose predictions are shown; 0: none.", lower_bound=0
  )
  flags.DEFINE_bool("evaluate", True, "Scores word vectors on the sets that are installed.")


def main():
  check_packages()
  if os.path.isdir(FLAGS.output):
    raise InputError(f"--output={FLAGS.output}: is a folder, expected a file to write.")
  runs = run_files.read_all(run_files.expand(FLAGS.workdirs))
  runs, vectors = with_vectors(runs)
  groups = configurations.group(runs)
  predict = functools.partial(predictions.predict, limit=FLAGS.examples)
  content = sections.make(groups, predict if FLAGS.examples else None)
  word_map = None
  if vectors:
    with waiting("word map"):
      word_map = word_maps.make(list(vectors.values()))
  with waiting("page"):
    text = page.render(runs, content, word_map, list(vectors), library=page.vega_library())
  with atomic_write(FLAGS.output) as file:
    file.write(text)
  megabytes = os.path.getsize(FLAGS.output) / 1e6
  size = f"{len(runs)} runs, {len(groups)} configurations, {megabytes:.1f} MB"
  log_stage("page", f"{size}: {FLAGS.output}")


def check_packages() -> None:
  """Raises InputError where a package of the extra is missing."""
  for module, package in _PACKAGES.items():
    if importlib.util.find_spec(module) is None:
      raise InputError(f"report.py needs {package}: {installation.extra('report')}")


def with_vectors(runs: Sequence[Run]) -> tuple[list[Run], dict[str, WordVectors]]:
  """Returns the runs with scores of their word vectors, and the vectors of the word map by name."""
  scored = []
  vectors = {}
  for run in runs:
    if run.kind == run_files.VECTORS and run.is_finished:
      run, words = read_vectors(run)
      if words is not None and FLAGS.words:
        vectors[run.name] = words
    scored.append(run)
  return scored, vectors


def read_vectors(run: Run) -> tuple[Run, WordVectors | None]:
  """Returns a run with its scores, and its most frequent words; None where they are damaged."""
  start = time.monotonic()
  try:
    vectors = vector_files.load(run.folder / "vectors.txt")
    scores = evaluate(vectors) if FLAGS.evaluate else {}
  except (InputError, OSError) as error:
    return dataclasses.replace(run, notes=(*run.notes, str(error))), None
  log_stage("vectors", f"{len(vectors):,} words of {run.name}", start)
  kept = vectors.words[: FLAGS.words]
  return dataclasses.replace(run, scores=scores), WordVectors(kept, vectors.vectors[: len(kept)])


def evaluate(vectors: WordVectors) -> dict[str, dict[str, float]]:
  """Returns part -> score: Spearman's correlations, and accuracies of analogies."""
  scores = intrinsic.evaluate(vectors)
  similarity = {}
  for name, result in scores["similarity"].items():
    similarity[f"{name} ({result['pairs']} of {result['of']} pairs)"] = result["spearman"]
  accuracy = {}
  for name in ("semantic", "syntactic", "total"):
    result = scores["analogy"].get(name)
    if result and result["questions"]:
      accuracy[f"{name} ({result['questions']:,} of {result['of']:,})"] = result["accuracy"]
  parts = {"similarity": similarity, "analogies": accuracy}
  return {part: values for part, values in parts.items() if values}


if __name__ == "__main__":
  define_flags()
  program.run(main)
