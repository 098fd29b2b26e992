"""Stanford's GloVe: four C programs, with the settings of configs/glove.py."""

import os
import pathlib

from glove_jax.errors import InputError
from tools.measure import Measurement, run_timed
from tools.training_runs import intrinsic_scores

PROGRAMS = ("vocab_count", "cooccur", "shuffle", "glove")
NAME = "stanford"


class Stanford:
  """The programs of one build; those before the training run once for all dimensions."""

  def __init__(self, build: pathlib.Path, text: pathlib.Path, folder: pathlib.Path):
    """
    Args:
      build: the folder of the programs.
      text: a document a line, its words separated by spaces.
      folder: for what they write.
    """
    self._build = build
    self._text = text
    self._folder = folder
    self._stages: dict[str, Measurement] = {}

  def train(self, dim: int, *, iterations: int, iterations_run: int) -> Measurement:
    """Measures all four programs.

    Args:
      dim: numbers of a vector.
      iterations: passes over the counts whose time is wanted.
      iterations_run: passes to run; if they are fewer, the time of the training is multiplied, and
        there are no scores.
    """
    if not self._stages:
      self._count()
    vectors = self._folder / f"stanford.{dim}"
    training = self._train(dim, iterations_run, vectors)
    factor = iterations / iterations_run
    complete = iterations_run == iterations
    counting = self._stages.values()
    seconds = {program: stage.wall for program, stage in self._stages.items()}
    seconds["glove"] = training.wall * factor
    return Measurement(
      wall=sum(seconds.values()),
      cpu=sum(stage.cpu for stage in counting) + training.cpu * factor,
      peak_gb=max(stage.peak_gb for stage in (*counting, training)),
      stages=seconds,
      iteration=training.wall / iterations_run,
      scores=intrinsic_scores(pathlib.Path(f"{vectors}.txt")) if complete else {},
      extrapolated=not complete,
    )

  def _count(self) -> None:
    """Makes the vocabulary, the counts, and the counts in random order."""
    vocabulary = self._folder / "stanford.vocab"
    counts = self._folder / "stanford.counts"
    self._run("vocab_count", self._text, vocabulary, "-min-count", 5)
    memory = ("-memory", 4.0)
    window = ("-window-size", 15, "-symmetric", 1)
    self._run("cooccur", self._text, counts, *memory, "-vocab-file", vocabulary, *window)
    self._run("shuffle", counts, self._shuffled(), *memory, "-seed", 1)

  def _run(
    self, program: str, source: pathlib.Path, target: pathlib.Path, *options: object
  ) -> None:
    command = [self._build / program, "-verbose", 0, *options]
    self._stages[program] = run_timed(command, stdin=source, stdout=target)

  def _shuffled(self) -> pathlib.Path:
    return self._folder / "stanford.shuffled"

  def _train(self, dim: int, iterations: int, vectors: pathlib.Path) -> Measurement:
    """Trains and writes VECTORS.txt."""
    options = {
      "-verbose": 0,
      "-save-file": vectors,
      "-threads": os.cpu_count(),
      "-input-file": self._shuffled(),
      "-x-max": 10,
      "-iter": iterations,
      "-vector-size": dim,
      "-binary": 0,
      "-vocab-file": self._folder / "stanford.vocab",
      "-seed": 1,
      "-write-header": 0,
      "-model": 2,
    }
    command = [self._build / "glove"]
    for option, value in options.items():
      command += [option, value]
    return run_timed(command)


def find_build(peer: str) -> pathlib.Path:
  """Returns the folder of a peer `stanford:FOLDER`.

  Raises:
    InputError: it is another peer, or the programs are not in the folder.
  """
  kind, _, name = peer.partition(":")
  if kind != NAME:
    raise InputError(f"--peers={peer} does not do this, expected stanford:FOLDER.")
  folder = pathlib.Path(name).absolute()
  for program in PROGRAMS:
    if not name or not os.access(folder / program, os.X_OK):
      raise InputError(
        f"--peers={peer}: no program {program} in it, expected stanford:FOLDER, where"
        f" {', '.join(PROGRAMS)} have been built."
      )
  return folder
