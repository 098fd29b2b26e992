"""Texts a second that finished runs label, from a file to a file, beside fastText's own program."""

import pathlib
import statistics
import time
from collections.abc import Callable, Sequence

from glove_jax import finetuning
from glove_jax.data.labelled import file_text
from glove_jax.errors import InputError
from glove_jax.finetuning import labelling
from glove_jax.progress import silence
from tools import peers as peers_lib
from tools.benchmarks.table import Row, Table, make_row

PEERS = ("fasttext",)
_FASTTEXT_MODEL = "model.bin"


def measure(
  folder: pathlib.Path, *, runs: Sequence[str], texts: str, peers: Sequence[str], rounds: int
) -> list[Row]:
  """Returns a row for each run: texts a second, medians over rounds that take turns.

  What is done once, such as compilation, is not timed.

  Args:
    folder: for the predictions.
    runs: folders of finished runs.
    texts: a file of a text a line.
    peers: fasttext, which labels with the model of runs in its format; or none.
    rounds: how often each labels all texts.
  """
  peers_lib.check_installed(peers, PEERS)
  num_texts = len(file_text.read_lines(texts))
  if not num_texts:
    raise InputError(f"{texts}: no texts, expected some to label.")
  table = Table(" texts a CPU second")
  for run in runs:
    ours = _labeller(pathlib.Path(run), texts, folder / "labels.tsv")
    model = pathlib.Path(run, _FASTTEXT_MODEL)
    theirs = _fasttext(model, texts) if peers and model.is_file() else None
    row = _measure(ours, theirs, num_texts, rounds)
    table.add({**row, "work": f"prediction, {_method(run)}"})
  return table.rows


def _method(run: str) -> str:
  return finetuning.open_finished(pathlib.Path(run)).settings.method


def _labeller(run: pathlib.Path, texts: str, target: pathlib.Path) -> Callable[[], None]:
  """Returns a function that labels the texts; it has been called once."""
  finished = finetuning.open_finished(run)

  def label() -> None:
    with silence():
      labelling.predict_to_file(finished, texts, str(target), "tsv", how="lines")

  label()
  return label


def _fasttext(model: pathlib.Path, texts: str) -> Callable[[], None]:
  """Returns a function by which the Python package of fastText labels the texts."""
  import fasttext

  fasttext.FastText.eprint = lambda *args: None  # it warns whenever a model is loaded
  loaded = fasttext.load_model(str(model))

  def label() -> None:
    labels, _ = loaded.predict(file_text.read_lines(texts))
    "\n".join(label for label, *_ in labels)

  return label


def _measure(
  ours: Callable[[], None], theirs: Callable[[], None] | None, num_texts: int, rounds: int
) -> Row:
  our_seconds = []
  cpu_seconds = []
  peer_seconds = []
  for _ in range(rounds):
    seconds, cpu = _timed(ours)
    our_seconds.append(seconds)
    cpu_seconds.append(cpu)
    if theirs:
      peer_seconds.append(_timed(theirs)[0])
  cpu = statistics.median(cpu_seconds)
  peer = num_texts / statistics.median(peer_seconds) if theirs else None
  rate = num_texts / statistics.median(our_seconds)
  name = "fasttext" if theirs else ""
  return {
    **make_row("", rate, peer, unit="texts/s", name=name),
    "cpu": cpu,
    "texts": num_texts,
    "scores": {"texts a CPU second": num_texts / cpu},
    "seconds": our_seconds,
    "peer_seconds": peer_seconds,
  }


def _timed(work: Callable[[], None]) -> tuple[float, float]:
  """Returns the seconds of work, and those of all processors."""
  start = time.monotonic()
  cpu_start = time.process_time()
  work()
  return time.monotonic() - start, time.process_time() - cpu_start
