"""Damages the folders of runs of every recipe and starts the runs again.

  python tests/damage/mutate.py --count=300 --seed=1

Each time one file of an unfinished or a finished run is changed (a bit, a digit, a part of it, all
of it), and the same call must end with the same results or with one line that names the trouble.
"""

import collections
import pathlib
import random
import re
import sys

sys.path[:0] = [str(pathlib.Path(__file__).resolve().parents[1])]
from damage import kill, recipes  # noqa: E402

from glove_jax.errors import InputError  # noqa: E402


def mutate(path: pathlib.Path, rng: random.Random) -> str:
  """Damages a file; returns how."""
  data = bytearray(path.read_bytes())
  kinds = ["missing", "empty"]
  if data:
    kinds += ["bit", "bit", "cut"]
  digits = [match.start() for match in re.finditer(rb"[0-9]", bytes(data))]
  if digits:
    kinds += ["digit"] * 4
  kind = rng.choice(kinds)
  if kind == "missing":
    path.unlink()
    return kind
  if kind == "bit":
    data[rng.randrange(len(data))] ^= 1 << rng.randrange(8)
  elif kind == "digit":
    position = rng.choice(digits)
    data[position] = rng.choice([digit for digit in b"0123456789" if digit != data[position]])
  else:
    del data[0 if kind == "empty" else rng.randrange(len(data)) :]
  path.write_bytes(data)
  return kind


def make_templates(name: str, data: recipes.Data, folder: pathlib.Path) -> dict[str, pathlib.Path]:
  """Returns folders of a recipe: a finished run, and one that was killed half-way."""
  done = folder / "done"
  recipes.run(name, data, done)
  with kill.hooked() as killer:
    recipes.run(name, data, folder / "counted")
  half = folder / "half"
  with kill.hooked(at=killer.calls * 2 // 3):
    kill.killed(recipes.run, name, data, half)
  return {"done": done, "half": half}


def check(name: str, data, folder: pathlib.Path, expected: dict, *, is_done: bool) -> str:
  """Starts a damaged run again; returns "same" or the line that it ends with."""
  if is_done:
    try:
      assert recipes.predictions(name, folder) == expected["predictions"], "predictions"
    except (InputError, OSError) as error:
      check_line(error)
  try:
    recipes.run(name, data, folder)
  except (InputError, OSError) as error:
    return check_line(error)
  results = recipes.results(folder)
  for file, content in expected["results"].items():
    assert results.get(file) == content, f"{file} differs"
  return "same"


def check_line(error: Exception) -> str:
  line = str(error)
  assert line and "\n" not in line, f"not one line: {line!r}"
  return line


def check_recipe(name: str, data, folder: pathlib.Path, count: int, rng) -> list[str]:
  """Damages runs of a recipe `count` times; returns a line for each that went wrong."""
  templates = make_templates(name, data, folder)
  expected = {
    "results": recipes.results(templates["done"]),
    "predictions": recipes.predictions(name, templates["done"]),
  }
  failures = []
  outcomes = collections.Counter()
  for _ in range(count):
    template = templates[rng.choice(sorted(templates))]
    run = recipes.copy(template, folder / "run")
    path = rng.choice(sorted(path for path in run.rglob("*") if path.is_file()))
    what = f"{name} {template.name} {path.relative_to(run)} {mutate(path, rng)}"
    try:
      outcome = check(name, data, run, expected, is_done=template.name == "done")
    except Exception as error:
      failures.append(f"{what}: {type(error).__name__}: {str(error)[:300]}")
      print("FAILED", failures[-1], flush=True)
      continue
    outcomes["same" if outcome == "same" else "one line"] += 1
    if outcome != "same":
      print(f"{what}: {outcome}"[:300])
  print(f"{name}: {dict(outcomes)}", flush=True)
  return failures


if __name__ == "__main__":
  kill.check_recipes(check_recipe, count=300)
