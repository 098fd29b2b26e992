"""A run of fine-tuning, from settings to scores; the program and the Python API share it."""

import pathlib
import time
from collections.abc import Callable
from typing import Any, NamedTuple

import jax

from glove_jax import processes, runs
from glove_jax.finetuning import baseline as baseline_lib
from glove_jax.finetuning import datasets, optimization, tag_baseline
from glove_jax.finetuning.baseline import Baseline
from glove_jax.finetuning.model import Model
from glove_jax.finetuning.scoring import Scores
from glove_jax.finetuning.tag_baseline import TagBaseline
from glove_jax.progress import log_stage, waiting
from glove_jax.train import Params

_CONFIGS = "--config=experiments/configs"


class Finetuned(NamedTuple):
  """The result of a run."""

  params: Params
  model: Model
  scores: dict[str, Scores]  # of "dev" and "test", where there are any


def train(settings: Any, workdir: str | pathlib.Path, make_plan: Callable) -> Finetuned:
  """Trains a model, or resumes its training, and writes model and scores into the run's folder.

  Args:
    settings: of the method.
    workdir: folder of the run.
    make_plan: (settings, data) -> (runs.Plan, Model).
  """
  data, layout = datasets.read_parts(settings)
  start = time.monotonic()
  with waiting("preparing"):
    plan, model = make_plan(settings, data)
  log_stage("model", f"{_count_parameters(plan.params):,} parameters", start)
  with runs.open(workdir, settings) as run:
    if processes.is_first():
      datasets.record_files(settings, run.folder, layout)
    stop = optimization.early_stopping(
      settings, data, model, steps_per_epoch=plan.steps_per_epoch
    )
    params = run.fit(plan, stop=stop)
    if processes.is_first():
      model.save(params, run.folder)
    scores = {name: model.score(params, part) for name, part in data.items() if name != "train"}
    baseline = _baseline(model, data)
    if baseline is not None:
      advice = _advice(settings, baseline)
      scores = _beside_baseline(scores, baseline.scores(data), advice, model.metric)
    run.write_metrics({name: part_scores.values for name, part_scores in scores.items()})
    run.finish(params)
  return Finetuned(params, model, scores)


def _baseline(model: Model, data: dict[str, Any]) -> Baseline | TagBaseline | None:
  """Returns the baseline of a network; None for a model that is as simple itself."""
  if model.metric == "f1":
    return tag_baseline.fit(data["train"])
  return model.baseline() if model.baseline is not None else None


def _advice(settings: Any, baseline: Baseline | TagBaseline) -> str:
  """Returns what may be better than a network that is below its baseline."""
  if isinstance(baseline, TagBaseline):
    return "the tagger has not learnt more than which words are entities"
  simple = "--config.method=averaged"
  if settings.method == "transformer":
    simple = f"{_CONFIGS}/classify.py:averaged with vectors in --config.init"
  elif baseline.vectors is None:  # the method `averaged` needs vectors
    simple = f"{_CONFIGS}/fasttext_supervised.py"
    return f"a simple model ({simple}) or pretrained vectors (--config.init=FILE) may do better"
  return f"a simple model ({simple}) may do better"


def _beside_baseline(
  scores: dict[str, Scores], baseline: dict[str, Scores], advice: str, metric: str
) -> dict[str, Scores]:
  """Returns scores that hold those of the baseline, and reports where they are lower."""
  for name, part_scores in scores.items():
    ours = part_scores.values[metric]
    theirs = baseline[name].values[metric]
    if ours < theirs:
      log_stage(
        "note",
        f"{metric} {ours:.4f} on {name} is below the baseline's {theirs:.4f}; {advice}, or"
        " training ended too early.",
      )
  return {
    name: baseline_lib.with_baseline(part_scores, baseline[name])
    for name, part_scores in scores.items()
  }


def _count_parameters(params: Params) -> int:
  return sum(leaf.size for leaf in jax.tree.leaves(params))
