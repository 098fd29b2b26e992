"""Trains a model on labelled texts and scores it: texts -> model -> scores.

  python experiments/finetune.py --config=experiments/configs/classify.py --workdir=runs/sst2 \\
      --config.init=pretrained --config.train=SST2.train.txt --config.dev=SST2.dev.txt \\
      --config.test=SST2.test.txt
  python experiments/finetune.py --workdir=runs/sst2 --config.predict=new.txt

A run that is killed and started again continues from its last checkpoint and ends with the same
bytes. With `predict` a finished run labels texts, one a line, whatever the other settings:
WORKDIR/predicted.txt.

Compilation is a part of a short run. With JAX_COMPILATION_CACHE_DIR=FOLDER and
JAX_PERSISTENT_CACHE_MIN_COMPILE_TIME_SECS=0 in the environment, JAX keeps what it compiles for
later runs of the same sizes.
"""

import pathlib

from absl import flags

from glove_jax import finetuning
from glove_jax.data.text import corpus
from glove_jax.files import atomic_write
from glove_jax.progress import log_stage
from tools import program

FLAGS = flags.FLAGS


def main():
  if FLAGS.config.get("predict"):
    predict(pathlib.Path(FLAGS.workdir), FLAGS.config.predict)
    return
  settings = finetuning.parse(FLAGS.config, notify=program.note)
  if settings.method.startswith("transformer"):
    program.use_huge_pages()
  finetuned = finetuning.run(settings, FLAGS.workdir)  # writes metrics.json
  for part, scores in finetuned.scores.items():
    report(part, scores)


def report(part: str, scores: finetuning.Scores) -> None:
  """Prints the scores of a part, and their table."""
  numbers = [f"{name} {value:.4f}" for name, value in scores.overall.items()]
  log_stage(part, "  ".join(numbers))
  if scores.table:
    print(scores.table)


def predict(folder: pathlib.Path, path: str) -> None:
  """Labels the texts of a file with a finished run, and writes `predicted.txt` in its folder."""
  settings, params, model = finetuning.load(folder)
  texts = corpus.read_lines(path, encoding=settings.encoding, errors=settings.errors)
  lines = [text.strip() for text in texts]
  predictions = model.format_predictions(params, lines)
  with atomic_write(folder / "predicted.txt") as file:
    file.writelines(predictions)
  log_stage("predicted", f"{len(lines):,} texts: {folder / 'predicted.txt'}")


if __name__ == "__main__":
  flags.DEFINE_string("workdir", None, "The folder of the run.", required=True)
  program.run(main, config=program.CONFIGS / "classify.py", settings=finetuning.SETTINGS)
