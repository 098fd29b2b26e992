"""Runs of pretrain.py and finetune.py: how to start them, what they took, and their scores."""

import json
import pathlib
import re
import shutil
import statistics
import sys
from collections.abc import Iterable, Sequence

from glove_jax import vector_files
from glove_jax.evaluation import intrinsic
from glove_jax.files import read_json
from tools import config_keys, program
from tools.measure import Measurement, run_timed, stage_seconds

NO_CHECKPOINTS = "save_every=1000000000"

# What can be pretrained: a config, with its argument, and settings.
RECIPES = {
  "glove": ("glove",),
  "glove_als": ("glove_als",),
  "skipgram": ("word2vec",),
  "cbow": ("word2vec:cbow",),
  "skipgram_hs": ("word2vec", "loss=hs"),
  "cbow_hs": ("word2vec:cbow", "loss=hs"),
  "fasttext": ("fasttext",),
  "ppmi_svd": ("ppmi_svd",),
}


def command(
  name: str, config: str | pathlib.Path, workdir: pathlib.Path, settings: Iterable[str]
) -> list[str]:
  """Returns the command line of a run.

  Args:
    name: pretrain or finetune.
    config: a recipe, with its variant if it has one, such as word2vec:cbow, or a config file.
    workdir: the folder of the run.
    settings: `key=value`; of several with one key the last counts.
  """
  path = config_keys.recipe_file(str(config), program.CONFIGS)
  script = program.PROJECT / "experiments" / f"{name}.py"
  overrides = [f"--config.{setting}" for setting in settings]
  return [
    sys.executable,
    str(script),
    f"--config={path}",
    f"--workdir={workdir}",
    *overrides,
  ]


def pretrain(
  config: str, corpus: str, workdir: pathlib.Path, settings: Iterable[str] = ()
) -> Measurement:
  """Pretrains word vectors, without the report of scores at the end."""
  settings = (f"corpus={corpus}", "evaluate=False", *settings)
  run = run_timed(command("pretrain", config, workdir, settings))
  words = _logged_number(r"^vectors +([\d,]+) words", run.output)
  dim = _logged_number(r"^vectors .* words x (\d+)", run.output)
  tables = 2 * words * (dim + 1) * 4
  packed = sum(path.stat().st_size for path in workdir.glob("packed*/*.*"))
  return run._replace(
    stages=stage_seconds(run.output),
    nonzeros=_logged_number(r"^counts .*?([\d,]+) non-zeros", run.output),
    tokens=_logged_number(r"^vocabulary .*?([\d,]+) tokens", run.output),
    memory_bound_gb=(packed + tables) / 1e9 + 1,
  )


def _logged_number(pattern: str, output: str) -> int:
  """Returns the number that the pattern finds in a log line; 0 without such a line."""
  match = re.search(pattern, output, re.MULTILINE)
  return int(match[1].replace(",", "")) if match else 0


def scored_runs(
  recipe: str, corpus: str, folder: pathlib.Path, *, seeds: int, settings: Sequence[str] = ()
) -> list[Measurement]:
  """Returns the runs of a recipe with seeds 1, 2, … and their scores; nothing stays in `folder`."""
  config, *recipe_settings = RECIPES[recipe]
  runs = []
  for seed in range(1, seeds + 1):
    workdir = folder / f"{recipe}-{seed}"
    run = pretrain(config, corpus, workdir, [*recipe_settings, *settings, f"seed={seed}"])
    runs.append(run._replace(scores=intrinsic_scores(workdir / "vectors.txt")))
    shutil.rmtree(workdir)
  return runs


def finetune(
  config: str, workdir: pathlib.Path, settings: Sequence[str], *, train: str, test: str
) -> Measurement:
  """Fine-tunes a model; the stage `compiled` is the training without compilation.

  The run does not read the test texts, which the finished model labels afterwards.
  """
  settings = (f"train={train}", "dev_fraction=0", "log_every=1", NO_CHECKPOINTS, *settings)
  run = run_timed(command("finetune", config, workdir, settings))
  stages = stage_seconds(run.output)
  epochs = read_json(workdir / "config.json")["epochs"]
  stages["compiled"] = epochs * epoch_seconds(workdir)
  return run._replace(stages=stages, scores=_test_scores(config, workdir, test))


def _test_scores(config: str, workdir: pathlib.Path, test: str) -> dict[str, float]:
  """Returns the scores of a finished run on a file of labelled texts."""
  run_timed(command("finetune", config, workdir, [f"score={test}"]))
  (scores,) = read_json(workdir / "scores.json").values()
  return {name: value for name, value in scores.items() if isinstance(value, float)}


def read_records(workdir: pathlib.Path) -> list[dict]:
  """Returns the records of a run's metrics.jsonl."""
  lines = (workdir / "metrics.jsonl").read_text(encoding="utf-8").splitlines()
  return list(map(json.loads, lines))


def epoch_seconds(workdir: pathlib.Path) -> float:
  """Returns the seconds of an epoch without compilation: after the first, if there are several."""
  records = read_records(workdir)
  last = records[-1]
  epochs = read_json(workdir / "config.json")["epochs"]
  steps_per_epoch = last["step"] / epochs
  first = min(records, key=lambda record: abs(record["step"] - steps_per_epoch))
  if first is last:
    first = records[0]
  if first is last:
    return last["time_s"]
  seconds_per_step = (last["time_s"] - first["time_s"]) / (last["step"] - first["step"])
  return seconds_per_step * steps_per_epoch


def intrinsic_scores(path: pathlib.Path) -> dict[str, float]:
  """Returns the accuracy on analogies (%), and Spearman's rho on WordSim-353 and SimLex-999.

  Sets that are not on this machine, or of which no pair is in the vocabulary, are left out.
  """
  results = intrinsic.evaluate(vector_files.load(path))
  scores = {}
  accuracy = results["analogy"].get("total", {}).get("accuracy")
  if accuracy is not None:
    scores["analogies"] = 100 * accuracy
  for pattern in ("ws-353-all|wordsim353", "simlex"):
    for name, result in results["similarity"].items():
      if re.search(pattern, name.lower()) and result["spearman"] is not None:
        scores[name] = result["spearman"]
  return scores


def median_run(runs: Sequence[Measurement]) -> Measurement:
  """Returns the run of median wall time, with the median of each score over all runs."""
  by_time = sorted(runs, key=lambda run: run.wall)
  median = by_time[len(runs) // 2]
  scores = {}
  for name in median.scores:
    scores[name] = statistics.median(run.scores[name] for run in runs)
  return median._replace(scores=scores)
