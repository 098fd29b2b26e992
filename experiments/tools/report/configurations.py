"""Groups runs that differ in the seed alone, and compares the settings and scores of groups."""

import pathlib
import statistics
from collections import defaultdict
from collections.abc import Sequence
from typing import Any, NamedTuple

from glove_jax.run_folder import INPUTS
from tools.report.run_files import LANGUAGE_MODEL, UNREADABLE, Run, is_number

_REPEATED = ("seed", "fold")  # of runs of one configuration


class Configuration(NamedTuple):
  """Runs of the same settings with different seeds, or on different folds.

  Fields:
    label: a letter, and the method.
    runs: one or more, by fold and seed.
  """

  label: str
  runs: list[Run]

  @property
  def kind(self) -> str:
    return self.runs[0].kind

  @property
  def settings(self) -> dict[str, Any]:
    """The settings that all runs share."""
    return shared_settings(self.runs[0])

  @property
  def seeds(self) -> list[Any]:
    return [run.settings.get("seed") for run in self.runs]


class Setting(NamedTuple):
  """A key, its value in each configuration, and whether they differ.

  The value is None where there is no such key, and "" where it is not set.
  """

  key: str
  values: list[Any]
  differs: bool


class Spread(NamedTuple):
  """A score of a configuration.

  Fields:
    mean: over seeds, each the mean over its folds.
    deviation: the sample standard deviation over seeds; None of a single seed.
    values: of each run.
  """

  mean: float
  deviation: float | None
  values: list[float]


def group(runs: Sequence[Run]) -> list[Configuration]:
  """Returns the configurations of the runs that could be read, in the order of the runs."""
  groups: dict[str, list[Run]] = {}
  for run in runs:
    if run.kind == UNREADABLE:
      continue
    identity = repr(sorted(shared_settings(run).items()))
    groups.setdefault(identity, []).append(run)
  configurations = []
  for number, members in enumerate(groups.values()):
    method = members[0].settings.get("method", members[0].kind)
    members.sort(key=lambda run: (str(run.settings.get("fold", "")), _seed(run)))
    configurations.append(Configuration(f"{letters(number)} {method}", members))
  return configurations


def shared_settings(run: Run) -> dict[str, Any]:
  """Returns the settings of a run that those of its configuration have too.

  Texts that were Python values lie in the folder of each run, in files named by their content.
  """
  shared = {}
  for key, value in run.settings.items():
    if key in _REPEATED:
      continue
    path = pathlib.PurePath(value) if isinstance(value, str) else None
    if path is not None and path.parent.name == INPUTS:
      value = f"{INPUTS}/{path.name}"
    shared[key] = value
  return shared


def _seed(run: Run) -> float:
  seed: Any = run.settings.get("seed")
  return seed if is_number(seed) else 0


def letters(number: int) -> str:
  """Returns A for 0, Z for 25, AA for 26."""
  name = ""
  number += 1
  while number:
    number, letter = divmod(number - 1, 26)
    name = chr(ord("A") + letter) + name
  return name


def compare_settings(configurations: Sequence[Configuration]) -> list[Setting]:
  """Returns all keys of some configurations, those that differ first."""
  keys = dict.fromkeys(key for each in configurations for key in each.settings)
  rows = []
  for key in keys:
    values = [_shown_value(each.settings, key) for each in configurations]
    differs = any(value != values[0] for value in values)
    rows.append(Setting(key, values, differs))
  return sorted(rows, key=lambda row: not row.differs)


def _shown_value(settings: dict[str, Any], key: str) -> Any:
  """Returns a value of settings, "" for one that is not set; None if there is no such key."""
  if key not in settings:
    return None
  value = settings[key]
  return "" if value is None else value


def spread(runs: Sequence[Run], values: Sequence[float]) -> Spread:
  """Returns the mean and the deviation of a score over seeds.

  Args:
    runs: of a configuration.
    values: of the runs.
  """
  by_seed = defaultdict(list)
  for run, value in zip(runs, values, strict=True):
    by_seed[run.settings.get("seed")].append(value)
  means = [statistics.fmean(each) for each in by_seed.values()]
  deviation = statistics.stdev(means) if len(means) > 1 else None
  return Spread(statistics.fmean(means), deviation, list(values))


def scores(configuration: Configuration) -> dict[tuple[str, str], Spread]:
  """Returns (part, metric) -> the score of a configuration, over the runs that have it.

  A language model has no metrics.json: its scores are the last ones on dev.
  """
  values: dict[tuple[str, str], list[tuple[Run, float]]] = {}
  for run in configuration.runs:
    for name, value in _overall(run).items():
      values.setdefault(name, []).append((run, value))
  spreads = {}
  for name, pairs in values.items():
    runs, numbers = zip(*pairs, strict=True)
    spreads[name] = spread(runs, numbers)
  return spreads


def _overall(run: Run) -> dict[tuple[str, str], float]:
  """Returns the scores of a run without those of single classes or types."""
  overall = {}
  for part, part_scores in run.scores.items():
    for metric, value in part_scores.items():
      if is_number(value):
        overall[part, metric] = float(value)
    baseline = part_scores.get("baseline")
    for metric, value in baseline.items() if isinstance(baseline, dict) else ():
      if is_number(value):
        overall[part, f"{metric} of the baseline"] = float(value)
  if run.kind == LANGUAGE_MODEL:
    for metric, curve in run.curves.items():
      if metric.startswith("dev_"):
        overall["dev", metric.removeprefix("dev_")] = curve[-1][1]
  return overall
