"""The page of report.py in a browser without a network: charts, words, themes, accessibility."""

import os
import shutil

import numpy as np
import pytest
import report_pages

from glove_jax.word_vectors import WordVectors

pytestmark = [pytest.mark.slow, pytest.mark.timeout(600)]
pytest.importorskip("jinja2", reason="needs the extra report")
pytest.importorskip("vl_convert", reason="needs the extra report")
playwright = pytest.importorskip("playwright.sync_api", reason="needs the extra browser")

TEXT = "</script><script>window.broken = 1</script>"
WORDS = ["king", "queen", "中文", "שלום", TEXT, "king's"]
AXE = "axe_playwright_python.sync_playwright"
WIDTHS = (1280, 400)


def make_vectors():
  """Two runs of 5,000 words; near `king` are the same words in both, the last word moves."""
  words = WORDS + [f"word{number:04}" for number in range(5000 - len(WORDS))]
  matrix = np.random.default_rng(0).normal(size=(5000, 50))
  matrix[1] = matrix[0] + 0.1 * matrix[1]
  matrix[4] = matrix[0] + 0.2 * matrix[4]
  moved = matrix + 0.1 * np.random.default_rng(1).normal(size=matrix.shape)
  moved[-1] *= -1
  return [WordVectors(words, matrix), WordVectors(words, moved)]


@pytest.fixture(scope="module")
def path(tmp_path_factory):
  from tools.report import page
  text = report_pages.render(TEXT, vectors=make_vectors(), library=page.vega_library())
  path = tmp_path_factory.mktemp("report") / "report.html"
  path.write_text(text, encoding="utf-8")
  return path


@pytest.fixture(scope="module")
def browser():
  program = shutil.which("chromium") or shutil.which("chromium-browser")
  if program is None:
    pytest.skip("needs Chromium, as of `apt-get install chromium`")
  with playwright.sync_playwright() as tools:
    arguments = ["--no-sandbox"] if os.geteuid() == 0 else []
    browser = tools.chromium.launch(executable_path=program, args=arguments)
    yield browser
    browser.close()


@pytest.fixture
def open_page(browser, path):
  """Opens the page; in the end there must be no message and no request of it."""
  contexts = []
  messages = []

  def opened(*, width=1280, theme="light", **options):
    context = browser.new_context(
      viewport={"width": width, "height": 900}, color_scheme=theme, **options
    )
    contexts.append(context)
    page = context.new_page()
    page.on("console", lambda message: messages.append(message.text))
    page.on("pageerror", lambda error: messages.append(str(error)))
    page.on("request", lambda request: messages.append(request.url))
    page.goto(path.as_uri())
    messages.remove(path.as_uri())
    if options.get("java_script_enabled", True):
      page.wait_for_selector("#map-1 canvas")
      page.wait_for_selector("figure .chart svg")
    return page

  yield opened
  for context in contexts:
    context.close()
  assert messages == []


def neighbours(page, panel):
  return page.locator(f"#neighbours-{panel} tbody tr td:nth-child(2)").all_inner_texts()


def search(page, word):
  page.get_by_label("Word", exact=True).fill(word)
  page.keyboard.press("Enter")


def test_the_page_is_small(path):
  assert path.stat().st_size < 3_000_000


def test_a_search_shows_the_neighbours_in_both_runs(open_page):
  page = open_page()
  search(page, "king")
  for panel in (0, 1):
    assert neighbours(page, panel)[:2] == ["queen", TEXT]
    assert len(neighbours(page, panel)) == 10
  status = page.get_by_role("status").inner_text()
  assert status.startswith("“king”: ") and "of 5,000 words" in status
  page.get_by_role("button", name="queen").first.click()
  assert page.get_by_label("Word", exact=True).input_value() == "queen"
  assert neighbours(page, 0)[0] == "king"
  page.get_by_role("button", name="Show all words").click()
  page.wait_for_selector("#neighbours-0", state="hidden")


def test_suggestions_and_words_that_are_not_there(open_page):
  page = open_page()
  page.get_by_label("Word", exact=True).press_sequentially("king")
  options = page.locator("#suggestions option")
  assert options.evaluate_all("options => options.map(each => each.value)") == ["king", "king's"]
  search(page, "nothing")
  assert page.get_by_role("status").inner_text() == "“nothing” is not among the words."
  search(page, "KING")
  assert neighbours(page, 0)[0] == "queen"


@pytest.mark.parametrize("word", ["中文", "שלום", TEXT])
def test_any_word_is_a_text(open_page, word):
  page = open_page()
  search(page, word)
  assert page.locator("#neighbours-0 caption").inner_text() == f"Neighbours of {word}"
  assert page.evaluate("window.broken") is None


def test_what_moved_most_comes_first(open_page):
  page = open_page()
  moved = page.locator("#moved tbody tr")
  assert moved.count() == 30
  assert moved.first.locator("button").inner_text() == "word4993"
  page.get_by_label("Second run").select_option("0")
  assert moved.count() == 0


def test_the_same_word_of_a_click_in_the_map(open_page):
  page = open_page()
  search(page, "king")
  page.wait_for_timeout(500)
  box = page.locator("#map-0 canvas").bounding_box()
  page.mouse.move(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
  assert page.get_by_label("Word", exact=True).input_value() == "king"


def test_wrong_predictions_are_filtered(open_page):
  page = open_page()
  field = page.locator("select.filter").first
  assert field.locator("option").all_inner_texts() == ["all", f"{TEXT} taken for b (1)"]
  field.select_option(index=1)
  assert page.locator(f"#{field.get_attribute('data-table')} tbody tr:visible").count() == 1


def surface(page):
  return page.evaluate("getComputedStyle(document.body).backgroundColor")


def test_the_theme_follows_the_system_and_the_switch(open_page):
  light, dark = "rgb(255, 255, 255)", "rgb(20, 24, 29)"
  page = open_page(theme="dark")
  assert surface(page) == dark
  lines = page.locator("figure .chart svg path[stroke]").first.get_attribute("stroke")
  page.get_by_label("Light").check()
  assert surface(page) == light
  page.wait_for_timeout(500)
  assert page.locator("figure .chart svg path[stroke]").first.get_attribute("stroke") != lines
  page.get_by_label("System").check()
  assert surface(page) == dark
  page.emulate_media(color_scheme="light")
  assert surface(page) == light


@pytest.mark.parametrize("width", WIDTHS)
def test_nothing_is_wider_than_the_window(open_page, width):
  page = open_page(width=width)
  assert page.evaluate("document.documentElement.scrollWidth") <= width


def test_the_keyboard_reaches_the_content_first(open_page):
  page = open_page()
  page.keyboard.press("Tab")
  assert page.evaluate("document.activeElement.className") == "skip"
  page.keyboard.press("Tab")
  assert page.evaluate("document.activeElement.name") == "theme"


def test_tables_are_there_without_scripts(open_page):
  page = open_page(java_script_enabled=False)
  assert page.locator("noscript").is_visible()
  assert page.locator(".confusion td.right").first.inner_text() == "2"


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("width", WIDTHS)
def test_axe_has_no_complaint(open_page, theme, width):
  axe = pytest.importorskip(AXE, reason="needs the extra browser")
  page = open_page(width=width, theme=theme)
  search(page, "king")
  page.evaluate("document.querySelectorAll('details').forEach(each => { each.open = true; })")
  page.wait_for_timeout(500)
  results = axe.Axe().run(page)
  broken = [
    f"{each['id']}: {each['nodes'][0]['html'][:200]}" for each in results.response["violations"]
  ]
  assert broken == []
