"""The empty chart of words, which words.js fills by these names."""

import pathlib

from tools.report import page, word_chart


def test_the_page_fills_what_the_chart_has():
  spec = word_chart.word_map()
  script = (pathlib.Path(page.FOLDER) / "words.js").read_text()
  names = [each["name"] for each in (*spec["data"], *spec["signals"])]
  assert {"all", "chosen", "xDomain", "yDomain", "ink", "muted"} <= set(names)
  for name in ("all", "chosen", "xDomain", "yDomain", *word_chart.ROLES):
    assert f'"{name}"' in script
