"""The page of report.py: one file of HTML with its styles, its scripts and its data."""

import base64
import hashlib
import itertools
import json
import pathlib
import re
from collections.abc import Sequence
from typing import Any

import numpy as np

from glove_jax.errors import printable
from tools.report import word_chart
from tools.report.charts import format_spread
from tools.report.run_files import Run
from tools.report.sections import Section
from tools.report.word_maps import WordMap

FOLDER = pathlib.Path(__file__).parent
COLORS = 8  # of report.css
MOVED_WORDS = 30  # in the list of those that moved most
_END_OF_SCRIPT = re.compile("<(?=/script|!--)", re.IGNORECASE)


def render(
  runs: Sequence[Run],
  sections: Sequence[Section],
  word_map: WordMap | None,
  map_runs: Sequence[str],
  *,
  library: str,
) -> str:
  """Returns the page.

  Args:
    runs: all of them.
    sections: one for each kind of run.
    word_map: of the runs with word vectors; None: there are none.
    map_runs: names of its runs.
    library: the source of Vega, of `vega_library`.
  """
  import jinja2  # of the extra `report`
  import markupsafe
  scripts = [script_text(library), script_text(_read("report.js")), script_text(_read("words.js"))]
  environment = jinja2.Environment(
    loader=jinja2.FileSystemLoader(FOLDER),
    autoescape=True,
    undefined=jinja2.StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
    finalize=show,
  )
  environment.filters["json"] = lambda value: markupsafe.Markup(json_text(value))
  environment.filters["spread"] = format_spread
  environment.globals["entity_colors"] = entity_colors
  return environment.get_template("page.html").render(
    runs=runs,
    sections=sections,
    word_map=None if word_map is None else word_map_data(word_map, map_runs),
    word_chart=word_chart.word_map(),
    styles=markupsafe.Markup(_read("report.css")),
    scripts=[markupsafe.Markup(script) for script in scripts],
    policy=content_policy(scripts),
  )


def vega_library() -> str:
  """Returns the JavaScript of Vega, which vl-convert-python carries; it takes some seconds."""
  import vl_convert  # of the extra `report`
  # Not `vega` alone: in bundles of vl-convert 1.9 it is null.
  return vl_convert.javascript_bundle(snippet="window.vegaEmbed = vegaEmbed;")


def _read(name: str) -> str:
  return (FOLDER / name).read_text(encoding="utf-8")


def show(value: Any) -> Any:
  """Returns what the template prints: of a text its control characters are escaped."""
  return printable(value) if type(value) is str else value


def script_text(source: str) -> str:
  r"""Returns JavaScript that can stand in a <script>: `\x3c` in a string is a `<`."""
  return _END_OF_SCRIPT.sub(r"\\x3c", source.replace("\r", ""))


def json_text(value: Any) -> str:
  """Returns JSON that can stand in a <script> of HTML, control characters shown as escapes."""
  text = json.dumps(_shown(value), ensure_ascii=False, separators=(",", ":"), allow_nan=False)
  for character in "<>&\u2028\u2029":
    text = text.replace(character, f"\\u{ord(character):04x}")
  return text


def _shown(value: Any) -> Any:
  """Returns a value of JSON with `show` of its strings."""
  if isinstance(value, dict):
    return {show(key): _shown(each) for key, each in value.items()}
  if isinstance(value, (list, tuple)):
    return list(map(_shown, value))
  return show(value)


def entity_colors(section: Section) -> dict[str, int]:
  """Returns the number of a colour, from 1, for each type of entity in the predictions."""
  types = set()
  for predicted in section.predicted:
    for sentence in itertools.chain.from_iterable(part.sentences for part in predicted.parts):
      types.update(piece.type for piece in (*sentence.gold, *sentence.predicted))
  names = sorted(types - {""})
  return {name: 1 + number % COLORS for number, name in enumerate(names)}


def content_policy(scripts: Sequence[str]) -> str:
  """Returns the Content-Security-Policy: no network, and no scripts but those of the page."""
  hashes = []
  for script in scripts:
    digest = hashlib.sha256(script.encode()).digest()
    hashes.append(f"'sha256-{base64.b64encode(digest).decode()}'")
  return (
    f"default-src 'none'; script-src {' '.join(hashes)}; "
    "style-src 'unsafe-inline'; img-src data:; base-uri 'none'; form-action 'none'"
  )


def word_map_data(word_map: WordMap, names: Sequence[str]) -> dict[str, Any]:
  """Returns a map of words as JSON; arrays are little-endian numbers in base64.

  Args:
    word_map: the map.
    names: of its runs.
  """
  runs = []
  for name, run in zip(names, word_map.runs, strict=True):
    size = float(np.abs(run.points).max(initial=0)) or 1.0
    runs.append({
      "name": name,
      "words": encode(run.words, "<u2"),
      "neighbours": encode(run.neighbours, "<u2"),
      "cosines": encode(run.cosines * 10_000, "<i2"),
      "points": encode(run.points / size * 30_000, "<i2"),
      "size": size,
    })
  movements = []
  for each in word_map.movements:
    movements.append({
      "runs": [each.first, each.second],
      "words": encode(each.words, "<u2"),
      "distances": encode(each.distances * 10_000, "<u2"),
    })
  topn = word_map.runs[0].neighbours.shape[1]
  return {
    "words": word_map.words, "runs": runs, "movements": movements, "topn": topn,
    "shown": MOVED_WORDS, "variance": word_map.variance,
  }  # fmt: skip


def encode(values: np.ndarray, dtype: str) -> str:
  """Returns numbers, rounded and clipped to an integer type, in base64."""
  limits = np.iinfo(dtype)
  rounded = np.clip(np.rint(np.nan_to_num(values)), limits.min, limits.max)
  return base64.b64encode(rounded.astype(dtype).tobytes()).decode()
