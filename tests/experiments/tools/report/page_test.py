"""The page as HTML: user texts stay texts, scripts are its own, arrays come out as they went in."""

import base64
import hashlib
import html.parser
import json
import pathlib
import re

import numpy as np
import pytest
import report_pages

from glove_jax.word_vectors import WordVectors
from tools.report import configurations, page, sections, word_maps
from tools.report.predictions import PartPredictions, Piece, TaggedSentence
from tools.report.run_files import VECTORS, Run

pytest.importorskip("jinja2", reason="needs the extra report")

HOSTILE = (
  "<script>alert(1)</script>", "</script><img src=x onerror=alert(1)>", "\"quotes' & &amp;", "<!--",
  "]]>", "{{ 7 * 7 }}", "{% raw %}", "中文词", "שלום עולם", "👩‍👩‍👧", "__proto__", "\u2028",
)  # fmt: skip
CONTROL = "a\x00b\x1b[31m\u202e"
LIBRARY = "window.vegaEmbed = () => '</script><!--';"


class Reader(html.parser.HTMLParser):
  """Collects the elements of a page, its texts outside scripts, and its scripts."""

  def __init__(self):
    super().__init__()
    self.elements = []
    self.texts = []
    self.scripts = []  # (type, source)
    self._inside = None

  def handle_starttag(self, tag, attrs):
    self.elements.append((tag, dict(attrs)))
    if tag in ("script", "style"):
      self._inside = tag
    if tag == "script":
      self.scripts.append((dict(attrs).get("type"), ""))

  def handle_endtag(self, tag):
    self._inside = None

  def handle_data(self, data):
    if self._inside == "script":
      kind, source = self.scripts[-1]
      self.scripts[-1] = (kind, source + data)
    elif self._inside is None:
      self.texts.append(data)


def read(text):
  reader = Reader()
  reader.feed(report_pages.render(text, library=LIBRARY))
  reader.close()
  return reader


@pytest.fixture(scope="module")
def harmless():
  return read("harmless")


@pytest.mark.parametrize("text", HOSTILE)
def test_a_text_adds_no_element(text, harmless):
  reader = read(text)
  names = [tag for tag, _ in reader.elements]
  assert names == [tag for tag, _ in harmless.elements]
  assert {key for _, attrs in reader.elements for key in attrs} == {
    key for _, attrs in harmless.elements for key in attrs
  }
  assert page.show(text) in "".join(reader.texts)
  data = [source for kind, source in reader.scripts if kind == "application/json"]
  words = json.loads(data[-2])
  assert words["words"] == [page.show(text), "b", "c"]
  assert words["runs"][0]["name"] == page.show(text)


def test_json_cannot_end_its_script():
  values = ["</script x", "<!--<script ", "]]>", "&lt;", "\u2028", {"<": [None, 1.5]}]
  text = page.json_text(values)
  assert not set("<>&\u2028") & set(text)
  assert json.loads(text) == [*values[:4], r"\u2028", values[5]]


def test_control_characters_are_shown_as_escapes():
  text = report_pages.render(CONTROL, library=LIBRARY)
  assert not re.search("[\x00-\x09\x0b-\x1f\u202e]", text)
  assert r"a\x00b\x1b[31m\u202e" in text


def test_only_its_own_scripts_may_run(harmless):
  (policy,) = [attrs["content"] for tag, attrs in harmless.elements if "http-equiv" in attrs]
  sources = [source for kind, source in harmless.scripts if kind is None]
  assert len(sources) == 3
  assert sources[0] == r"window.vegaEmbed = () => '\x3c/script>\x3c!--';"
  for source in sources:
    digest = base64.b64encode(hashlib.sha256(source.encode()).digest()).decode()
    assert f"'sha256-{digest}'" in policy
  assert "unsafe-eval" not in policy
  assert policy.startswith("default-src 'none'")


def test_nothing_comes_from_elsewhere(harmless):
  for tag, attrs in harmless.elements:
    assert tag not in ("link", "img", "iframe")
    assert "src" not in attrs
    assert attrs.get("href", "#").startswith("#")


def test_tables_have_headers_and_fields_labels(harmless):
  elements = harmless.elements
  assert all("scope" in attrs for tag, attrs in elements if tag == "th")
  assert sum(tag == "caption" for tag, _ in elements) == sum(tag == "table" for tag, _ in elements)
  labelled = {attrs.get("for") for tag, attrs in elements if tag == "label"}
  fields = {attrs["id"] for tag, attrs in elements if tag in ("select", "input") and "id" in attrs}
  assert fields and fields <= labelled
  charts = [attrs for _, attrs in elements if "chart" in attrs.get("class", "").split()]
  assert charts and all(attrs["role"] == "img" and attrs["aria-label"] for attrs in charts)
  ids = [attrs["id"] for _, attrs in elements if "id" in attrs]
  assert len(ids) == len(set(ids))


def test_runs_without_results_make_a_page():
  runs = [Run("a", pathlib.Path("a"), VECTORS, {"method": "glove"}, notes=("Not finished.",))]
  content = sections.make(configurations.group(runs), None)
  text = page.render(runs, content, None, [], library="")
  assert "Not finished." in text and "No scores." in text and 'id="words"' not in text


def make_page(*settings):
  runs = []
  for number, each in enumerate(settings):
    runs.append(Run(f"{number}", pathlib.Path(f"{number}"), VECTORS, {"method": "glove", **each}))
  content = sections.make(configurations.group(runs), None)
  return page.render(runs, content, None, [], library="")


def test_settings_of_one_configuration_have_nothing_to_differ_from():
  text = make_page({"phrases": "", "x_max": None})
  assert "<summary>3 settings</summary>" in text and "Word vectors, settings<" in text
  assert text.count('<td><span class="muted">not set</span></td>') == 2


def test_settings_of_several_configurations_are_apart():
  text = make_page({"dim": 0, "phrases": "", "x": None}, {"dim": 3, "phrases": None})
  assert "Word vectors, settings that differ<" in text
  assert "<summary>2 settings that are the same</summary>" in text
  assert "Word vectors, settings that are the same<" in text
  assert text.count('<span class="muted">no such key</span>') == 1  # x
  assert text.count('<span class="muted">not set</span>') == 3
  assert "<bdi>0</bdi>" in text


def test_arrays_come_out_as_they_went_in():
  values = np.array([-3, 0, 40_000, np.nan, 1.6])
  decoded = np.frombuffer(base64.b64decode(page.encode(values, "<i2")), "<i2")
  assert decoded.tolist() == [-3, 0, 32767, 0, 2]
  data = page.word_map_data(word_maps.make([WordVectors(["a", "b"], np.eye(2))]), ["x"])
  neighbours = np.frombuffer(base64.b64decode(data["runs"][0]["neighbours"]), "<u2")
  assert neighbours.reshape(2, data["topn"])[:, 0].tolist() == [1, 0]
  assert data["movements"] == []


def test_types_of_entities_have_colours_of_the_style_sheet():
  pieces = [Piece("x", f"T{number:02}", "right") for number in range(page.COLORS + 2)]
  predicted = [PartPredictions("test", 1, 0, sentences=[TaggedSentence(pieces, [])])]
  section = type("Section", (), {"predicted": [type("Predicted", (), {"parts": predicted})]})
  colors = page.entity_colors(section)
  assert (colors["T00"], colors["T07"], colors["T08"]) == (1, 8, 1)
  assert "" not in colors
  styles = (page.FOLDER / "report.css").read_text()
  assert f"--c{page.COLORS}:" in styles and f"--c{page.COLORS + 1}:" not in styles
