"""What a page says of the runs of one kind: settings and scores side by side, curves, mistakes."""

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

from tools import metric_names
from tools.report import charts, configurations, confusion
from tools.report.charts import Chart
from tools.report.configurations import Configuration, Setting, Spread
from tools.report.confusion import Pair, Table
from tools.report.predictions import PARTS, PartPredictions
from tools.report.run_files import CLASSIFIER, LANGUAGE_MODEL, TAGGER, VECTORS, Run, is_number

MOST_CLASSES = 20  # of a table of confused classes; of more the most frequent pairs are listed
MOST_PAIRS = 10
TITLES = {
  VECTORS: "Word vectors",
  LANGUAGE_MODEL: "Language models",
  CLASSIFIER: "Classifiers",
  TAGGER: "Taggers",
}

Predict = Callable[[Run], tuple[list[PartPredictions], str]]


class ScoreRow(NamedTuple):
  """A score, and what each configuration has of it; None: it has none."""

  part: str
  metric: str
  spreads: list[Spread | None]


class Confused(NamedTuple):
  """The confused classes of a configuration on a part, added over its runs.

  Fields:
    label: of the configuration.
    part: "dev" or "test".
    num_runs: whose texts are added.
    table: None where there are too many classes.
    pairs: the most frequent ones.
  """

  label: str
  part: str
  num_runs: int
  table: Table | None
  pairs: list[Pair]


class Predicted(NamedTuple):
  """The predictions of the first run of a configuration, or why there are none."""

  label: str
  run: Run
  parts: list[PartPredictions]
  note: str


class Section(NamedTuple):
  """The runs of one kind."""

  kind: str
  title: str
  configurations: list[Configuration]
  settings: list[Setting]
  scores: list[ScoreRow]
  score_charts: list[Chart]
  type_scores: list[ScoreRow]
  curves: list[Chart]
  confused: list[Confused]
  predicted: list[Predicted]


def make(all_configurations: Sequence[Configuration], predict: Predict | None) -> list[Section]:
  """Returns a section for each kind of run that occurs.

  Args:
    all_configurations: of the page.
    predict: labels the texts of a run; None: predictions are not shown.
  """
  labels = [each.label for each in all_configurations]
  sections = []
  for kind, title in TITLES.items():
    members = [each for each in all_configurations if each.kind == kind]
    if not members:
      continue
    scores = score_rows(members, configurations.scores)
    section = Section(
      kind=kind,
      title=title,
      configurations=members,
      settings=configurations.compare_settings(members),
      scores=scores,
      score_charts=draw_scores(members, scores, labels),
      type_scores=score_rows(members, type_scores) if kind == TAGGER else [],
      curves=draw_curves(members, labels),
      confused=confused_classes(members) if kind == CLASSIFIER else [],
      predicted=predictions(members, predict) if predict and kind in (CLASSIFIER, TAGGER) else [],
    )
    sections.append(section)
  return sections


def score_rows(
  members: Sequence[Configuration],
  measure: Callable[[Configuration], dict[tuple[str, str], Spread]],
) -> list[ScoreRow]:
  """Returns a row for each score that some configuration has."""
  scores = [measure(each) for each in members]
  names = dict.fromkeys(name for each in scores for name in each)
  rows = [ScoreRow(*name, [each.get(name) for each in scores]) for name in names]
  parts = list(dict.fromkeys(row.part for row in rows))
  return sorted(rows, key=lambda row: parts.index(row.part))


def type_scores(configuration: Configuration) -> dict[tuple[str, str], Spread]:
  """Returns (part, type) -> F1 of the entities of a type."""
  values: dict[tuple[str, str], list[tuple[Run, float]]] = {}
  for run in configuration.runs:
    for part, scores in run.scores.items():
      types = scores.get("types")
      for name, by_metric in types.items() if isinstance(types, dict) else ():
        f1: Any = by_metric.get("f1") if isinstance(by_metric, dict) else None
        if is_number(f1):
          values.setdefault((part, name), []).append((run, float(f1)))
  spreads = {}
  for name, pairs in values.items():
    runs, numbers = zip(*pairs, strict=True)
    spreads[name] = configurations.spread(runs, numbers)
  return spreads


def draw_scores(
  members: Sequence[Configuration], rows: Sequence[ScoreRow], labels: Sequence[str]
) -> list[Chart]:
  """Returns a chart for the first score of each part; of word vectors for all scores."""
  drawn = []
  parts = set()
  for row in rows:
    if row.part in parts and members[0].kind != VECTORS:
      continue
    parts.add(row.part)
    spreads = []
    for member, score in zip(members, row.spreads, strict=True):
      if score is not None:
        spreads.append((member.label, score))
    is_comparison = len(spreads) > 1 or len(spreads[0][1].values) > 1
    if is_comparison:
      title = f"{row.part} {metric_names.plain(row.metric)}"
      drawn.append(charts.draw_scores(title, spreads, labels))
  return drawn


def draw_curves(members: Sequence[Configuration], labels: Sequence[str]) -> list[Chart]:
  """Returns a chart for each metric with curves of at least two points.

  Losses of different methods have different scales, and a chart each.
  """
  groups: dict[tuple[str, str], list[Configuration]] = {}
  for member in members:
    for metric in dict.fromkeys(metric for run in member.runs for metric in run.curves):
      if max(len(run.curves.get(metric, [])) for run in member.runs) > 1:
        method = str(member.settings.get("method", "")) if "loss" in metric else ""
        groups.setdefault((metric, method), []).append(member)
  drawn = []
  for (metric, method), some in groups.items():
    title = metric_names.readable(metric)
    if method:
      title = f"{title} of {method}"
    drawn.append(charts.draw_curves(title, metric, some, labels))
  return drawn


def confused_classes(members: Sequence[Configuration]) -> list[Confused]:
  """Returns the confused classes of each configuration, on test or else on dev."""
  tables = []
  for member in members:
    for part in reversed(PARTS):
      scores = [run.scores.get(part, {}).get("confusion") for run in member.runs]
      counts = list(filter(confusion.is_counts, scores))
      if counts:
        tables.append(_confused(member.label, part, counts))
        break
  return tables


def _confused(label: str, part: str, counts: list[Any]) -> Confused:
  total = confusion.add(counts)
  table = confusion.table(total)
  pairs = confusion.confused_pairs(total)[:MOST_PAIRS]
  is_small = len(table.classes) <= MOST_CLASSES
  return Confused(label, part, len(counts), table if is_small else None, pairs)


def predictions(members: Sequence[Configuration], predict: Predict) -> list[Predicted]:
  """Returns the predictions of the first finished run of each configuration."""
  predicted = []
  for member in members:
    finished = [run for run in member.runs if run.is_finished]
    if not finished:
      note = "No run of this configuration is finished."
      predicted.append(Predicted(member.label, member.runs[0], [], note))
      continue
    parts, note = predict(finished[0])
    if not parts and not note:
      note = "The run has neither dev nor test texts."
    predicted.append(Predicted(member.label, finished[0], parts, note))
  return predicted
