"""Texts a second that finished runs label, from a file to a file, beside fastText and torch."""

import pathlib
import statistics
import time
from collections.abc import Callable, Sequence

import numpy as np

from glove_jax import finetuning
from glove_jax.data.labelled import file_text
from glove_jax.errors import InputError
from glove_jax.finetuning import labelling, transformer_tasks
from glove_jax.finetuning.finished_runs import FinishedRun
from glove_jax.progress import silence
from tools import peers as peers_lib
from tools.benchmarks.table import Row, Table, make_row

PEERS = ("fasttext", "transformers")
_FASTTEXT_MODEL = "model.bin"

Label = Callable[[], list[str]]  # labels the texts


def measure(
  folder: pathlib.Path, *, runs: Sequence[str], texts: str, peers: Sequence[str], rounds: int
) -> list[Row]:
  """Returns a row for each run: texts a second, medians over rounds that take turns.

  What is done once, such as compilation, is not timed.

  Args:
    folder: for the predictions.
    runs: folders of finished runs.
    texts: a file of a text a line.
    peers: fasttext, which labels with the model of runs in its format; transformers, with that of
      runs of bert_classify.py; or none.
    rounds: how often each labels all texts.
  """
  peers_lib.check_installed(peers, PEERS, extra="peers,torch")
  num_texts = len(file_text.read_lines(texts))
  if not num_texts:
    raise InputError(f"{texts}: no texts, expected some to label.")
  table = Table(" texts a CPU second")
  for path in map(pathlib.Path, runs):
    run = finetuning.open_finished(path)
    peer = _peer_of(path, run, peers)
    ours = _labeller(run, texts, folder / "labels.tsv")
    theirs = _peer(peer, path, run, texts, folder)
    row = _measure(ours, theirs, num_texts, rounds)
    table.add({**row, "work": f"prediction, {run.settings.method}", "name": peer})
  return table.rows


def _peer_of(path: pathlib.Path, run: FinishedRun, peers: Sequence[str]) -> str:
  """Returns the peer that can label with the model of a run; empty: none."""
  if "fasttext" in peers and (path / _FASTTEXT_MODEL).is_file():
    return "fasttext"
  if "transformers" in peers and run.settings.method == "transformer":
    return "transformers"
  return ""


def _peer(
  peer: str, path: pathlib.Path, run: FinishedRun, texts: str, folder: pathlib.Path
) -> Label | None:
  if peer == "fasttext":
    return _fasttext(path / _FASTTEXT_MODEL, texts)
  if peer == "transformers":
    return _transformers(run, texts, folder)
  return None


def _labeller(run: FinishedRun, texts: str, target: pathlib.Path) -> Label:
  """Returns a function that labels the texts; it has been called once."""

  def label() -> list[str]:
    with silence():
      labelling.predict_to_file(run, texts, str(target), "tsv", how="lines")
    lines = target.read_text().splitlines()[1:]
    return [line.partition("\t")[0] for line in lines]

  label()
  return label


def _fasttext(model: pathlib.Path, texts: str) -> Label:
  """Returns a function by which the Python package of fastText labels the texts."""
  import fasttext

  fasttext.FastText.eprint = lambda *args: None  # it warns whenever a model is loaded
  loaded = fasttext.load_model(str(model))

  def label() -> list[str]:
    labels, _ = loaded.predict(file_text.read_lines(texts))
    return [label.removeprefix("__label__") for label, *_ in labels]

  return label


def _transformers(run: FinishedRun, texts: str, folder: pathlib.Path) -> Label:
  """Returns a function by which torch labels the texts, in batches as large as ours."""
  from tools.peers import torch_classifier  # imported late: only this peer needs torch

  loader = finetuning.export(run, folder / "exported")
  label_all = torch_classifier.load(
    folder / "exported",
    loader,
    batch_size=transformer_tasks.PREDICTED_AT_A_TIME,
    dtype=run.settings.dtype,
  )

  def label() -> list[str]:
    return label_all(file_text.read_lines(texts))

  label()
  return label


def _measure(ours: Label, theirs: Label | None, num_texts: int, rounds: int) -> Row:
  our_seconds = []
  cpu_seconds = []
  peer_seconds = []
  peer_cpu_seconds = []
  agreement = None
  for _ in range(rounds):
    labels, seconds, cpu = _timed(ours)
    our_seconds.append(seconds)
    cpu_seconds.append(cpu)
    if theirs:
      peer_labels, seconds, cpu = _timed(theirs)
      peer_seconds.append(seconds)
      peer_cpu_seconds.append(cpu)
      agreement = float(np.mean(np.array(labels) == np.array(peer_labels)))
  peer = num_texts / statistics.median(peer_seconds) if theirs else None
  rate = num_texts / statistics.median(our_seconds)
  cpu = statistics.median(cpu_seconds)
  return {
    **make_row("", rate, peer, unit="texts/s"),
    "cpu": cpu,
    "peer_cpu": statistics.median(peer_cpu_seconds) if theirs else None,
    "agreement": agreement,
    "texts": num_texts,
    "scores": {"texts a CPU second": num_texts / cpu},
    "seconds": our_seconds,
    "peer_seconds": peer_seconds,
  }


def _timed(label: Label) -> tuple[list[str], float, float]:
  """Returns the labels, the seconds of labelling, and those of all processors."""
  start = time.monotonic()
  cpu_start = time.process_time()
  labels = label()
  return labels, time.monotonic() - start, time.process_time() - cpu_start
