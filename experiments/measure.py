"""Runs a program as a user would, and says how long it took, how much it held, and what came out."""

import contextlib
import importlib.util
import json
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from typing import NamedTuple

from glove_jax import vector_files
from glove_jax.data.text import corpus
from glove_jax.errors import InputError
from glove_jax.evaluation import intrinsic

HERE = pathlib.Path(__file__).resolve().parent


class Measured(NamedTuple):
  """One run, or several one after another."""

  wall: float              # seconds
  cpu: float               # seconds, of all threads
  peak_gb: float           # largest resident memory, in 10^9 bytes
  out: str = ""
  stages: Mapping[str, float] = {}
  scores: Mapping[str, float] = {}
  nonzeros: int = 0
  tokens: int = 0              # of the text, words outside the vocabulary left out
  iteration: float = 0.0       # seconds of a pass over the counts, of a peer
  memory_bound_gb: float = 0.0  # packed counts + 2 tables + 1 GB
  extrapolated: bool = False    # whether the time of few iterations stands for that of all


def check_plot(path: str | None) -> None:
  """InputError for a picture that cannot be drawn: told now, not in an hour."""
  if path and importlib.util.find_spec("matplotlib") is None:
    raise InputError(f"--plot={path} needs matplotlib: pip install -e '.[notebooks]'")


def timed(command: Sequence, *, stdin: pathlib.Path | None = None, stdout: pathlib.Path | None = None,
          cwd: pathlib.Path | None = None) -> Measured:
  """Runs a command to its end.

  Raises:
    InputError: it fails; with the end of what it printed.
  """
  with contextlib.ExitStack() as files:
    said = files.enter_context(tempfile.TemporaryFile())
    source = files.enter_context(open(stdin, "rb")) if stdin else subprocess.DEVNULL
    target = files.enter_context(open(stdout, "wb")) if stdout else said
    start = time.monotonic()
    process = subprocess.Popen([str(part) for part in command], stdin=source, stdout=target, stderr=said, cwd=cwd)
    _, status, usage = os.wait4(process.pid, 0)
    wall = time.monotonic() - start
    process.returncode = os.waitstatus_to_exitcode(status)
    said.seek(0)
    out = said.read().decode("utf-8", "replace").replace("\r", "\n")
  if process.returncode:
    raise InputError(f"{command[0]} ended with status {process.returncode}: {out.strip()[-300:]}")
  return Measured(wall, usage.ru_utime + usage.ru_stime, usage.ru_maxrss * 1024 / 1e9, out)


def timed_pretrain(config: str, text: str, workdir: pathlib.Path, *overrides: str) -> Measured:
  """Runs pretrain.py with a config of this project, without its report."""
  settings = (f"corpus={text}", "evaluate=False", *overrides)
  name, colon, argument = config.partition(":")
  done = timed([sys.executable, HERE / "pretrain.py", f"--config={HERE / 'configs' / name}.py{colon}{argument}",
                f"--workdir={workdir}", *(f"--config.{setting}" for setting in settings)])
  def number(pattern: str) -> int:
    found = re.search(pattern, done.out)
    return int(found[1].replace(",", "")) if found else 0
  words, dim = re.search(r"^vectors +([\d,]+) words x (\d+)", done.out, re.MULTILINE).groups()
  tables = 2 * int(words.replace(",", "")) * (int(dim) + 1) * 4
  packed = sum(path.stat().st_size for path in (workdir / "packed").glob("*.*"))
  return done._replace(
    stages=stages(done.out), nonzeros=number(r"([\d,]+) non-zeros"), tokens=number(r"([\d,]+) tokens"),
    memory_bound_gb=(packed + tables) / 1e9 + 1)


def timed_finetune(config: str, train: str, test: str, workdir: pathlib.Path, *overrides: str) -> Measured:
  """Runs finetune.py with a config of this project; stages also say what of the training was no compilation."""
  settings = (f"train={train}", f"test={test}", "dev_fraction=0", "log_every=1", "save_every=1000000000", *overrides)
  done = timed([sys.executable, HERE / "finetune.py", f"--config={HERE / 'configs' / config}.py",
                f"--workdir={workdir}", *(f"--config.{setting}" for setting in settings)])
  epochs = json.loads((workdir / "config.json").read_text())["epochs"]
  return done._replace(
    stages=stages(done.out) | {"compiled": epochs * sweep_seconds(workdir)},
    scores={name: value for name, value in json.loads((workdir / "metrics.json").read_text())["test"].items()
            if isinstance(value, float)})


def stages(out: str) -> dict[str, float]:
  """The seconds that a program of ours says its stages took."""
  return {name: float(seconds) for name, seconds in re.findall(r"^(\w+) .*\((\d+\.\d) s\)$", out, re.MULTILINE)}


# What can be trained, by name: a config of this project, with its argument, and what sets it apart.
RECIPES = {
  "glove": ("glove",),
  "glove_als": ("glove_als",),
  "skipgram": ("word2vec",),
  "cbow": ("word2vec:cbow",),
  "skipgram_hs": ("word2vec", "loss=hs"),
  "cbow_hs": ("word2vec:cbow", "loss=hs"),
  "fasttext": ("fasttext",),
  "ppmi_svd": ("ppmi_svd",),
}


def scored_runs(name: str, text: str, folder: pathlib.Path, seeds: int, *overrides: str) -> list[Measured]:
  """A recipe's runs with seeds 1, 2, ... and their scores; nothing of them is left in `folder`."""
  config, *settings = RECIPES[name]
  def run(seed: int) -> Measured:
    workdir = folder / f"{name}-{seed}"
    done = timed_pretrain(config, text, workdir, *settings, *overrides, f"seed={seed}")
    found = done._replace(scores=scores(workdir / "vectors.txt"))
    shutil.rmtree(workdir)
    return found
  return [run(seed) for seed in range(1, seeds + 1)]


def sweep_seconds(workdir: pathlib.Path) -> float:
  """Seconds of a sweep, compilation left out: from the end of the first to that of the last."""
  records = [json.loads(line) for line in (workdir / "metrics.jsonl").read_text().splitlines()]
  epochs = json.loads((workdir / "config.json").read_text())["epochs"]
  last = records[-1]
  first = min(records, key=lambda record: abs(record["step"] - last["step"] / epochs))
  return (last["time_s"] - first["time_s"]) / (last["step"] - first["step"]) * last["step"] / epochs


def scores(path: pathlib.Path) -> dict[str, float]:
  """Analogies (%), WordSim-353 and SimLex-999, as far as the sets are here."""
  found = intrinsic.evaluate(vector_files.load(path))
  total = found["analogy"].get("total", {}).get("accuracy")
  shown = {} if total is None else {"analogies": 100 * total}
  for pattern in ("ws-353-all|wordsim353", "simlex"):
    shown |= {name: row["spearman"] for name, row in found["similarity"].items() if re.search(pattern, name.lower())}
  return {name: value for name, value in shown.items() if value is not None}


def write_prefix(pattern: str, path: pathlib.Path, tokens: float) -> int:
  """Writes the first documents of a corpus, of about so many words in all, as plain text; returns how many."""
  number = 0
  with open(path, "w", encoding="utf-8") as file:
    for source in corpus.find_files(pattern):
      for line in corpus.read_lines(source):
        number += len(line.split())
        file.write(line + "\n")
        if number >= tokens:
          return number
  return number
