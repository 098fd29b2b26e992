"""A run of fine-tuning, from settings to scores; the program and the Python API share it."""

import pathlib
import time
from collections.abc import Callable
from typing import Any, NamedTuple

import jax

from glove_jax import runs
from glove_jax.finetuning import datasets, optimization
from glove_jax.finetuning.model import Model
from glove_jax.finetuning.scoring import Scores
from glove_jax.progress import log_stage
from glove_jax.train import Params


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
  plan, model = make_plan(settings, data)
  log_stage("model", f"{_count_parameters(plan.params):,} parameters", start)
  with runs.open(workdir, settings) as run:
    datasets.record_files(settings, run.folder, layout)
    params = run.fit(plan, stop=optimization.early_stopping(settings, data, model))
    model.save(params, run.folder)
    scores = {name: model.score(params, part) for name, part in data.items() if name != "train"}
    run.write_metrics({name: part_scores.values for name, part_scores in scores.items()})
    run.finish(params)
  return Finetuned(params, model, scores)


def _count_parameters(params: Params) -> int:
  return sum(leaf.size for leaf in jax.tree.leaves(params))
