"""The README and the pages in docs/: their size, their links, and their commands, which are run."""

import functools
import json
import pathlib
import random
import re
import shlex
import shutil
import subprocess
import sys
from typing import NamedTuple

import pytest
from running import ENV, ROOT

PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]
LINKED = [*PAGES, ROOT / "CONTRIBUTING.md", ROOT / "CHANGELOG.md"]
NEEDS = {"data", "network", "peers", "pretrained", "spark", "torch"}  # what the tests do not have
_FENCE = re.compile(r"^```(\w*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
_MARKER = re.compile(r"<!-- (needs|command): (.*) -->\n+$")
_LINK = re.compile(r"\]\(([^)\s]+)\)")
_SET_UP = ("python3 -m venv", ".venv/bin/pip install")  # parts of commands that are not run again

# Words of the small files that the commands read.
PLACES = ("france", "spain", "italy", "germany", "paris", "rome", "berlin", "river", "city")
TOPICS = ("king", "queen", "war", "music", "water", "history", "physics", "seven", "film", "story")
FUNCTION_WORDS = ("is", "has", "was", "near", "with", "and", "of", "in", "the", "to", "a", "from")
OPINIONS = {"pos": ("fine", "great", "lovely", "warm"), "neg": ("bad", "dull", "poor", "awful")}

# Runs the blocks of a page in their order, those in Python in one namespace.
DRIVER = """
import json, subprocess, sys
namespace = {"__name__": "__main__"}
for language, place, code in json.load(open("blocks.json", encoding="utf-8")):
  print(f"== {place}", file=sys.stderr, flush=True)
  if language == "python":
    exec(compile(code, place, "exec"), namespace)
  else:
    subprocess.run(["bash", "-euo", "pipefail", "-c", code], check=True)
"""


class Block(NamedTuple):
  """A fenced block of code."""

  page: pathlib.Path
  line: int  # of its fence
  language: str
  code: str
  marker: tuple[str, str] | None  # ("needs" or "command", value)

  @property
  def place(self):
    return f"{self.page.relative_to(ROOT)}:{self.line}"


def read_blocks(page):
  text = page.read_text(encoding="utf-8")
  blocks = []
  for match in _FENCE.finditer(text):
    before = text[: match.start()]
    marker = _MARKER.search(before)
    block = Block(
      page=page,
      line=before.count("\n") + 1,
      language=match[1],
      code=match[2],
      marker=marker.groups() if marker else None,
    )
    if block.language in ("bash", "python"):
      blocks.append(block)
  return blocks


def is_run(block):
  return block.marker is None or block.marker == ("command", "train")


def command(code):
  """Returns a bash block for this interpreter, without the parts that make an environment."""
  lines = []
  for line in code.replace("\\\n", " ").splitlines():
    parts = [part for part in line.split(" && ") if not part.strip().startswith(_SET_UP)]
    lines.append(" && ".join(parts))
  return "\n".join(lines).replace(".venv/bin/python", shlex.quote(sys.executable))


def anchors(page):
  """Returns the anchors that GitHub gives to the headings of a page."""
  headings = re.findall(r"^#+ (.*)$", page.read_text(encoding="utf-8"), re.MULTILINE)
  return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


BLOCKS = [block for page in PAGES for block in read_blocks(page)]
RUN = {block.page: [other for other in BLOCKS if other.page == block.page and is_run(other)]
       for block in BLOCKS if is_run(block)}


def name(page):
  return str(page.relative_to(ROOT))


def test_the_readme_is_short_and_begins_with_python_and_a_picture():
  text = (ROOT / "README.md").read_text(encoding="utf-8")
  lines = text.splitlines()
  assert len(lines) <= 150
  assert lines.index("```python") + 1 < 40
  (picture,) = re.findall(r"^!\[.+\]\((.+)\)$", "\n".join(lines[:40]), re.MULTILINE)
  assert (ROOT / picture).is_file()


@pytest.mark.parametrize("page", LINKED, ids=name)
def test_links_lead_to_files_and_headings(page):
  text = _FENCE.sub("", page.read_text(encoding="utf-8"))
  for link in _LINK.findall(text):
    if re.match(r"\w+:", link):
      continue
    path, _, anchor = link.partition("#")
    target = (page.parent / path).resolve() if path else page
    assert target.exists(), f"{name(page)} links to {link}"
    if anchor:
      assert anchor in anchors(target), f"{name(page)} links to {link}"


def test_markers_say_what_a_block_needs():
  for block in BLOCKS:
    if block.marker and block.marker[0] == "needs":
      assert set(block.marker[1].split(", ")) <= NEEDS, block.place
    elif block.marker:
      assert name(block.page) == "README.md" and block.marker[1] in ("train", "test"), block.place
  commands = [block.marker[1] for block in BLOCKS if block.marker and block.marker[0] == "command"]
  assert commands == ["train", "test"]


def test_every_page_of_docs_is_in_the_index():
  index = (ROOT / "docs" / "README.md").read_text(encoding="utf-8")
  for page in (ROOT / "docs").glob("*.md"):
    assert page.name == "README.md" or f"]({page.name})" in index, page.name


def test_blocks_are_run_without_what_makes_an_environment():
  code = "python3 -m venv .venv && .venv/bin/pip install x && .venv/bin/python a.py \\\n  --b\n"
  python = shlex.quote(sys.executable)
  assert command(code).split() == [python, "a.py", "--b"]


def write_files(folder):
  """Writes the files that the pages name."""
  rng = random.Random(1)
  lines = []
  for _ in range(1500):
    subject = rng.choice((PLACES, TOPICS))
    words = [rng.choice(rng.choice((subject, FUNCTION_WORDS))) for _ in range(rng.randint(8, 16))]
    lines.append(" ".join(words).capitalize() + ".\n")
  (folder / "wiki.txt").write_text("".join(lines), encoding="utf-8")
  for part, size in (("train", 120), ("dev", 40), ("test", 40)):
    rows = []
    for number in range(size):
      label = ("neg", "pos")[number % 2]
      words = [rng.choice(rng.choice((OPINIONS[label], TOPICS, FUNCTION_WORDS))) for _ in range(8)]
      rows.append(f"{label}\t{' '.join(words)}\n")
    (folder / f"{part}.tsv").write_text("".join(rows), encoding="utf-8")
  sentences = []
  for _ in range(60):
    person = rng.choice(("Angela", "Emmanuel", "Olaf"))
    city = rng.choice(("Paris", "Rome", "Berlin"))
    sentences.append(f"{person}\tB-PER\nvisited\tO\n{city}\tB-LOC\ntoday\tO\n\n")
  (folder / "train.conll").write_text("".join(sentences), encoding="utf-8")


@pytest.fixture(scope="module")
def compiled(tmp_path_factory):
  """A folder that keeps what JAX compiles for all pages."""
  return tmp_path_factory.mktemp("compiled")


@pytest.mark.slow
@pytest.mark.parametrize("page", RUN, ids=name)
def test_the_blocks_of_a_page_run(page, tmp_path, compiled):
  for folder in ("glove_jax", "experiments"):
    ignore = shutil.ignore_patterns("__pycache__")
    shutil.copytree(ROOT / folder, tmp_path / folder, ignore=ignore)
  write_files(tmp_path)
  blocks = []
  for block in RUN[page]:
    code = command(block.code) if block.language == "bash" else block.code
    blocks.append((block.language, block.place, code))
  (tmp_path / "blocks.json").write_text(json.dumps(blocks), encoding="utf-8")
  environment = {
    **ENV,
    "PYTHONPATH": str(tmp_path),
    "JAX_COMPILATION_CACHE_DIR": str(compiled),
    "JAX_PERSISTENT_CACHE_MIN_COMPILE_TIME_SECS": "0.1",
  }
  run = functools.partial(subprocess.run, cwd=tmp_path, env=environment, text=True)
  done = run([sys.executable, "-c", DRIVER], stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
  assert done.returncode == 0, done.stdout[-4000:]
