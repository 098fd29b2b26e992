"""Trains a model on labelled texts and scores it: texts -> model -> scores.

  python experiments/finetune.py --config=experiments/configs/classify.py --workdir=runs/sst2 \\
      --config.init=pretrained --config.train=SST2.train.txt --config.dev=SST2.dev.txt \\
      --config.test=SST2.test.txt
  python experiments/finetune.py --workdir=runs/sst2 --config.predict=new.txt

A run that is killed and started again continues from its last checkpoint and ends with the same
bytes.

A finished run labels texts with `predict`, and is scored on new labelled files with `score`; other
keys that count then are those of the files (`encoding`, `format`, …) and of the output:

  python experiments/finetune.py --workdir=runs/sst2 --config.predict=new.csv \\
      --config.predictions=labels.jsonl --config.probabilities=True
  cat new.txt | python experiments/finetune.py --workdir=runs/sst2 --config.predict=- \\
      --config.predictions=- --config.predictions_format=csv
  python experiments/finetune.py --workdir=runs/sst2 --config.score=gold.tsv,more.tsv

Scores are added to WORKDIR/scores.json, by the name of the file. A run of a transformer leaves for
transformers (or, with other poolings than its classes have, for sentence-transformers) with

  python experiments/finetune.py --workdir=runs/sst2 --config.export=exported

Compilation is a part of a short run. JAX keeps what it compiles for later runs of the same sizes
in the user's cache folder (key `compilation_cache`).
"""

from tools import checked_environment  # noqa: F401  before JAX is imported

# isort: split
import contextlib
import pathlib
import sys
from typing import TextIO

from absl import flags
from ml_collections import config_flags

from glove_jax import finetuning, processes
from glove_jax.errors import printable
from glove_jax.finetuning import new_texts, predictions
from glove_jax.progress import log_stage
from tools import program, several_processes

FLAGS = flags.FLAGS


def main():
  if any(FLAGS.config.get(key) for key in ("predict", "score", "export")):
    several_processes.refuse("a finished run is used by one process")
    use_finished_run(pathlib.Path(FLAGS.workdir))
    return
  settings = finetuning.parse(FLAGS.config, notify=program.note)
  prepare_process(settings)
  several_processes.connect()
  finetuned = finetuning.run(settings, FLAGS.workdir)  # writes metrics.json
  if processes.is_first():
    for part, scores in finetuned.scores.items():
      report(part, scores)


def prepare_process(settings) -> None:
  """Sets the memory and the compiler of this process, as suits the method."""
  if settings.method.startswith("transformer"):
    program.use_huge_pages()
  elif settings.method == "fasttext_supervised":
    program.use_older_emitters()


def use_finished_run(folder: pathlib.Path) -> None:
  """Scores a finished run on the files in `score`, labels those in `predict`, and exports it."""
  config = FLAGS.config
  target = config.get("predictions") or str(folder / "predicted.txt")
  stdout = sys.stdout
  to_stdout = bool(config.get("predict")) and target in predictions.STDOUT
  # Only predictions may go to standard output, if they do.
  messages = contextlib.redirect_stdout(sys.stderr) if to_stdout else contextlib.nullcontext()
  with messages:
    run = finetuning.open_finished(folder)
    run = run.reading(config_flags.get_override_values(FLAGS["config"]))
    if config.get("score"):
      score(run, finetuning.split_files(config.score))
    if config.get("export"):
      loader = finetuning.export(run, config.export)
      log_stage("export", f"{config.export}: {loader}")
    if config.get("predict"):
      label(run, target, stdout)


def score(run: finetuning.FinishedRun, paths: list[str]) -> None:
  """Prints the scores on labelled files, and adds them to `scores.json` in the run's folder."""
  scores = {}
  for path in paths:
    scores[path] = finetuning.score_file(run, path)
  file = finetuning.record_scores(run.folder, scores)
  for path, file_scores in scores.items():
    report("score", file_scores, f"{new_texts.display_name(path)}: ")
  log_stage("scores", str(file))


def label(run: finetuning.FinishedRun, target: str, stdout: TextIO | None) -> None:
  """Writes the predictions for the texts in `predict`, or goes on where a call was interrupted."""
  config = FLAGS.config
  format = predictions.choose_format(
    run.settings, target, config.get("predictions_format", "")
  )
  options = {
    "how": config.get("predict_format", "auto"),
    "probabilities": config.get("probabilities", False),
  }
  replaced = ""
  if predictions.is_file(target):
    if pathlib.Path(target).exists():
      replaced = ", which replaces an earlier file"
    count, description = finetuning.predict_to_file(
      run, config.predict, target, format, **options
    )
  else:
    count, description = finetuning.predict_to_stream(
      run, config.predict, target, format, stdout=stdout, **options
    )
  explain(run, description, format)
  if target not in predictions.STDOUT:
    log_stage("predicted", f"{new_texts.counted(count, 'text')}: {target}{replaced}")


def explain(run: finetuning.FinishedRun, description: str, format: str) -> None:
  """Notes what was taken for a text, and the order of probabilities in lines of text."""
  program.note(f"{new_texts.display_name(FLAGS.config.predict)}: {description}")
  if FLAGS.config.get("probabilities") and format == "txt":
    labels = ", ".join(run.model.labels)
    program.note(printable(f"columns: label, the probabilities of {labels}; text", 300))


def report(part: str, scores: finetuning.Scores, prefix: str = "") -> None:
  """Prints the scores of a part or a file, and their table."""
  finetuning.log_scores(part, scores, prefix)
  if scores.table:
    print(scores.table)


if __name__ == "__main__":
  flags.DEFINE_string("workdir", None, "The folder of the run.", required=True)
  several_processes.define_flags()
  program.run(main, config=program.CONFIGS / "classify.py", settings=finetuning.SETTINGS)
