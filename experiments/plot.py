r"""Draws pictures: maps of words, analogies, training curves, and the rows of other programs.

python experiments/plot.py --vectors=runs/glove --words='france;music;river' --plot=map.png
python experiments/plot.py --vectors=pretrained --plot=capitals.png \
    --pairs='france:paris,italy:rome,japan:tokyo;man:woman,king:queen,uncle:aunt'
python experiments/plot.py --workdirs=runs/a,runs/b --plot=curves.png
python experiments/plot.py --workdirs=runs/a,runs/b --kind=scores --plot=scores.png
python experiments/plot.py --rows=ablate.json --plot=ablate.png

--rows takes what --json of compare.py, repeat.py, label_efficiency.py, ablate.py and benchmark.py
has written.
"""

import os
import pathlib

from absl import flags

from glove_jax import run_record
from glove_jax.errors import InputError, quote
from glove_jax.evaluation import common_words, neighbours
from glove_jax.files import read_json
from glove_jax.progress import log_stage
from glove_jax.word_vectors import WordVectors
from tools import plots, program, training_runs, vector_flags

FLAGS = flags.FLAGS
MOST_GROUPS = 7  # of words, when none are named


def define_flags():
  vector_flags.define(required=False)
  flags.DEFINE_string("plot", None, "The picture: a .png, .svg or .pdf file.", required=True)
  flags.DEFINE_string(
    "words",
    "",
    "Groups of words for a map, separated by ;. Of a single word, its neighbours are drawn too; "
    "several words, separated by commas, are a group. Default: some common words.",
  )
  flags.DEFINE_integer("top", 7, "How many neighbours of a single word.", lower_bound=1)
  flags.DEFINE_enum("projection", "pca", plots.PROJECTIONS, "How words get a place on the map.")
  flags.DEFINE_string(
    "pairs", "", "Arrows between words, as in france:paris,italy:rome; kinds are separated by ;."
  )
  flags.DEFINE_list("workdirs", [], "Runs of pretrain.py or finetune.py.")
  flags.DEFINE_enum("kind", "curves", ["curves", "scores"], "What of the runs is drawn.")
  flags.DEFINE_string("rows", None, "A JSON file of another program's rows.")


def main():
  plots.check(FLAGS.plot)
  sources = [bool(FLAGS.vectors), bool(FLAGS.workdirs), bool(FLAGS.rows)]
  if sum(sources) != 1:
    raise InputError("expected one of --vectors=…, --workdirs=… and --rows=….")
  if FLAGS.rows:
    draw_rows(pathlib.Path(FLAGS.rows), FLAGS.plot)
  elif FLAGS.workdirs:
    draw_workdirs(list(map(pathlib.Path, FLAGS.workdirs)), FLAGS.plot, FLAGS.kind)
  elif FLAGS.pairs:
    vectors = vector_flags.load()
    plots.draw_analogies(vectors, parse_pairs(vectors, FLAGS.pairs), FLAGS.plot)
  else:
    vectors = vector_flags.load()
    groups = parse_groups(vectors, FLAGS.words, FLAGS.top)
    plots.draw_map(vectors, groups, FLAGS.plot, projection=FLAGS.projection)
  log_stage("picture", FLAGS.plot)


def parse_groups(vectors: WordVectors, text: str, top: int) -> dict[str, list[str]]:
  """Returns the first word of each group -> its words."""
  text = neighbours.match_case(vectors, text)
  groups = [part.strip() for part in text.replace("；", ";").split(";") if part.strip()]
  if not groups:
    groups = common_words.choose(vectors, MOST_GROUPS)
  if not groups:
    raise InputError("--words is empty, expected words to draw: the vectors have no common ones.")
  words_by_first = {}
  for group in groups:
    words = [group] if group in vectors else neighbours.split_words(group)
    if len(words) == 1:
      words += [word for word, _ in vectors.most_similar(words, topn=top)]
    vectors[words]  # raises the error of an unknown word
    words_by_first[words[0]] = words
  return words_by_first


def parse_pairs(vectors: WordVectors, text: str) -> list[list[tuple[str, str]]]:
  """Returns the pairs of each relation."""
  text = neighbours.match_case(vectors, text)
  relations = []
  for part in filter(None, map(str.strip, text.replace("；", ";").split(";"))):
    pairs = []
    for pair in neighbours.split_words(part):
      first, colon, second = pair.replace("：", ":").partition(":")
      if not colon:
        raise InputError(f"{quote(pair)}: expected two words with a colon, as in france:paris.")
      vectors[[first, second]]  # raises the error of an unknown word
      pairs.append((first, second))
    relations.append(pairs)
  return relations


def draw_workdirs(folders: list[pathlib.Path], path: str, kind: str) -> None:
  """Draws the records of runs, or the scores of finished ones."""
  names = _short_names(folders)
  if kind == "curves":
    records = {}
    methods = {}
    for name, folder in zip(names, folders, strict=True):
      records[name] = training_runs.read_records(folder)
      methods[name] = (run_record.read_settings(folder) or {}).get("method", "")
      if not records[name]:
        raise InputError(f"{folder / 'metrics.jsonl'}: no records, expected some.")
    plots.draw_runs(records, methods, path)
    return
  table = {}
  for name, folder in zip(names, folders, strict=True):
    metrics = read_json(folder / "metrics.json")
    scores = metrics.get("test") or metrics.get("dev")
    if not scores:
      raise InputError(f"{folder / 'metrics.json'}: no scores on test or dev, expected some.")
    table[name] = {key: [value] for key, value in scores.items() if isinstance(value, float)}
  plots.draw_scores(table, path)


def _short_names(folders: list[pathlib.Path]) -> list[str]:
  """Returns names of folders without the folders that all are in."""
  paths = [folder.absolute() for folder in folders]
  common = os.path.commonpath([path.parent for path in paths])
  return [path.relative_to(common).as_posix() for path in paths]


def draw_rows(file: pathlib.Path, path: str) -> None:
  """Draws the rows that another program has written to a JSON file."""
  rows = read_json(file)
  if not isinstance(rows, list) or not rows or not all(isinstance(row, dict) for row in rows):
    raise InputError(f"{file}: found no rows, expected the --json of a program of experiments/.")
  for keys, draw in _DRAWINGS:
    if all(keys <= set(row) for row in rows):
      draw(rows, path)
      return
  found = ", ".join(sorted(rows[0]))
  raise InputError(f"{file}: rows with {quote(found)}, expected those of compare.py, repeat.py, …")


# The keys by which the rows of a program are recognized, and what draws them.
_DRAWINGS = (
  ({"experiment", "strategy"}, plots.draw_ablations),
  ({"init", "labels", "scores"}, plots.draw_label_efficiency),
  ({"method", "scores", "wall"}, plots.draw_comparison),
  ({"tokens", "dim", "half_sweep"}, plots.draw_scaling),
  ({"seed", "fold"}, plots.draw_repeats),
  ({"work", "ours", "peer", "unit"}, plots.draw_benchmark),
)


if __name__ == "__main__":
  define_flags()
  program.run(main)
