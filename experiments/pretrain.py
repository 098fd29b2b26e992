"""Pretrains word vectors, or a small language model, from raw text.

  python experiments/pretrain.py --config=experiments/configs/glove_als.py \\
      --workdir=runs/glove --config.corpus=wiki.txt

A run that is killed and started again continues from its last checkpoint and ends with the same
bytes.
"""

from absl import flags

from glove_jax import pretraining
from glove_jax.evaluation import common_words, intrinsic, tables
from glove_jax.progress import waiting
from glove_jax.word_vectors import WordVectors
from tools import program, several_processes

FLAGS = flags.FLAGS
LANGUAGE_MODELS = ("bert", "gpt")


def main():
  settings = pretraining.parse(FLAGS.config)
  prepare_process(settings)
  several_processes.connect()
  vectors = pretraining.run(settings, FLAGS.workdir)
  if vectors and settings.evaluate:
    report(vectors, settings.neighbours)


def prepare_process(settings) -> None:
  """Sets the memory and the devices of this process, as suits the method."""
  if settings.method in LANGUAGE_MODELS:
    program.use_huge_pages()
  elif getattr(settings, "device_per_core", False):
    program.use_device_per_core()


def report(vectors: WordVectors, neighbours: str) -> None:
  """Prints scores on the evaluation sets at hand, and the neighbours of some words."""
  language = intrinsic.language(vectors)
  with waiting("evaluating"):
    scores = intrinsic.evaluate(vectors)
  print("\n" + tables.format_table(scores, language=language))
  words = [word for word in neighbours.split(",") if word]
  if not words:
    words = common_words.choose(vectors, 8)
  if words:
    print("\nneighbours\n" + tables.format_neighbours(vectors, words, topn=6))


if __name__ == "__main__":
  flags.DEFINE_string("workdir", None, "The folder of the run.", required=True)
  several_processes.define_flags()
  program.run(
    main, config=program.CONFIGS / "glove_als.py", settings=pretraining.SETTINGS
  )
