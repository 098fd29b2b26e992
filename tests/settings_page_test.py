"""docs/settings.md is what the settings dataclasses say, and lists each key of each method."""

import dataclasses
import re

import pytest

from glove_jax import settings as settings_lib
from tools import settings_page

FAMILIES = (settings_page.PRETRAINING, settings_page.FINETUNING)
METHODS = [(family, name) for family in FAMILIES for name in family.classes]


def tables(page):
  """Returns {heading: keys in the table below it}."""
  keys = {}
  for section in page.split("\n## ")[1:]:
    heading = section.split("\n", 1)[0].strip("`")
    keys[heading] = re.findall(r"^\| `(\w+)` \|", section, re.MULTILINE)
  return keys


def test_the_page_is_not_stale():
  saved = settings_page.PAGE.read_text(encoding="utf-8")
  assert saved == settings_page.page(), "run: python experiments/tools/settings_page.py"


@pytest.mark.parametrize(("family", "name"), METHODS)
def test_every_key_of_a_method_is_listed_once(family, name):
  listed = tables(settings_page.page())
  keys = list(listed[name])
  for group in family.groups:
    if name in group.methods:
      keys += listed.get(group.title, [])
  assert sorted(keys) == sorted(settings_lib.field_names(family.classes[name]))


def test_a_row_has_the_default_the_bounds_and_the_old_spelling():
  row = settings_page.keys(Example)["size"]
  assert row == ("`size`", "`3`", "whole number, at least 1", "Words \\| tokens.", "`length`")
  assert settings_page.keys(Example)["kind"].values == "empty, `a`"


@dataclasses.dataclass(frozen=True)
class Example:
  size: int = settings_lib.setting(3, "Words | tokens.", minimum=1, former=("length",))
  kind: str = settings_lib.setting("", "The kind.", choices=("", "a"))


def test_links_between_tables_lead_to_headings():
  page = settings_page.page()
  headings = re.findall(r"^## (.*)$", page, re.MULTILINE)
  anchors = {re.sub(r"[`:]", "", heading).lower().replace(" ", "-") for heading in headings}
  assert set(re.findall(r"\(#([^)]+)\)", page)) <= anchors
  assert len(anchors) == len(headings)
