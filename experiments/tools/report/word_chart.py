"""The chart of words in a plane: a specification of Vega, which the page fills with words."""

from typing import Any

from tools.report.charts import frame, linear, signals

ROLES = ("query", "both", "one", "sample")
_DOMAINS = ("xDomain", "yDomain")  # signals that the page sets


def word_map() -> dict[str, Any]:
  """Returns the empty chart of words in a plane, which the page fills: all words, and chosen ones.

  A chosen word has a role of ROLES: the word that was searched, a neighbour in both runs or in one,
  a sample of all words.
  """
  return {
    **frame(380),
    "signals": [*signals(), *({"name": name, "value": [-1, 1]} for name in _DOMAINS)],
    "data": [{"name": "all", "values": []}, {"name": "chosen", "values": []}],
    "scales": [
      linear("x", "width", {"signal": "xDomain"}),
      linear("y", "height", {"signal": "yDomain"}),
      {"name": "color", "type": "ordinal", "domain": list(ROLES), "range": "category"},
    ],
    "marks": [_cloud(), _chosen(), _chosen_labels()],
  }


def _at_point() -> dict[str, Any]:
  return {"x": {"scale": "x", "field": "x"}, "y": {"scale": "y", "field": "y"}}


def _cloud() -> dict[str, Any]:
  point = {
    **_at_point(),
    "fill": {"signal": "muted"},
    "fillOpacity": {"value": 0.35},
    "size": {"value": 9},
    "tooltip": {"field": "word"},
    "cursor": {"value": "pointer"},
  }
  return {"type": "symbol", "clip": True, "from": {"data": "all"}, "encode": {"update": point}}


def _chosen() -> dict[str, Any]:
  shapes = "{query: 'diamond', both: 'circle', one: 'square', sample: 'circle'}"
  point = {
    **_at_point(),
    "fill": {"scale": "color", "field": "role"},
    "shape": {"signal": f"{shapes}[datum.role]"},
    "size": {"signal": "datum.role == 'query' ? 120 : datum.role == 'sample' ? 16 : 50"},
    "tooltip": {"field": "word"},
    "cursor": {"value": "pointer"},
  }
  return {
    "type": "symbol", "name": "chosenPoints", "clip": True, "from": {"data": "chosen"},
    "encode": {"update": point},
  }  # fmt: skip


def _chosen_labels() -> dict[str, Any]:
  """Returns the chosen words beside their points, without those that would overlap."""
  text = {
    "text": {"signal": "'\\u00a0' + datum.datum.word + '\\u00a0'"},  # a gap between neighbours
    "fill": {"signal": "ink"},
    "fontSize": {"signal": "datum.datum.role == 'query' ? 14 : 12"},
    "fontWeight": {"signal": "datum.datum.role == 'query' ? 'bold' : 'normal'"},
  }
  label = {
    "type": "label",
    "size": {"signal": "[width, height]"},
    "sort": {"field": "datum.datum.rank"},
    "avoidMarks": ["chosenPoints"],
    "anchor": ["right", "left", "top", "bottom", "top-right", "bottom-right", "top-left"],
    "offset": [1],
  }
  return {
    "type": "text", "from": {"data": "chosenPoints"}, "encode": {"update": text},
    "transform": [label], "interactive": False,
  }  # fmt: skip
