"""Runs small trainings of all methods, as one process or as one of several.

  processes_worker.py FILES FOLDER [COORDINATOR NUM_PROCESSES PROCESS_ID]

FILES is a folder of `finetuning_data`. The first process writes FOLDER/RUN.npz with the params of
each run, and FOLDER/scores.json.
"""

import json
import os
import pathlib
import sys
import traceback

import jax
import numpy as np

from glove_jax import finetuning, parallel, pretraining, processes, progress, runs
from glove_jax.tree_paths import named_leaves

_SMALL_LM = {
  "dim": 16, "layers": 1, "heads": 2, "context_length": 16, "max_vocab": 300, "steps": 4,
  "warmup_steps": 0, "batch_size": 6, "log_every": 2,
}
# An epoch or two: batches that do not divide by four devices, and whose last rows are padding.
PRETRAINING = {
  "glove": {"epochs": 2, "batch_size": 90, "held_out": 0.1},
  "glove_als": {"epochs": 2, "held_out": 0.1},
  "glove_split": {"method": "glove", "epochs": 1, "batch_size": 90, "shard_tables": True},
  "als_split": {"method": "glove_als", "epochs": 1, "shard_tables": True},
  "skipgram": {"method": "word2vec", "epochs": 1, "batch_size": 200, "updates_per_step": 2},
  "fasttext": {"epochs": 1, "ngram_buckets": 50, "batch_size": 200, "updates_per_step": 2},
  "gpt": _SMALL_LM,
  "bert": {**_SMALL_LM, "whole_words": True},
}
FINETUNING = {
  "cnn": {"epochs": 2, "batch_size": 18, "kind": "txt", "filters": 4},
  "tagger": {"epochs": 2, "batch_size": 18, "kind": "conll"},
  "fasttext_supervised": {"epochs": 2, "batch_size": 18, "kind": "txt", "dim": 6},
  "transformer": {"epochs": 2, "batch_size": 18, "kind": "pairs", "init": "bert"},
}


def pretrain(name, files, folder):
  """Returns the params of a run of pretraining."""
  values = {"method": name, "corpus": str(files / "corpus.txt"), **PRETRAINING[name]}
  if "max_vocab" not in values:
    values |= {"min_count": 1, "dim": 6}
  else:
    values["dev"] = values["corpus"]
  settings = pretraining.parse(values)
  with runs.open(folder, settings) as run:
    corpus = pretraining.open_corpus(settings, run.folder)
    plan, export = pretraining.METHODS[settings.method](settings, corpus)
    params = run.fit(plan)
    if processes.is_first():
      export(params, run.folder)
      run.finish(params)
  return params


def finetune(name, files, folder):
  """Returns (params, scores on dev and test) of a run of fine-tuning."""
  values = {"method": name, "init": "", **FINETUNING[name]}
  kind = values.pop("kind")
  if values["init"]:
    values["init"] = str(files / values["init"])
  elif name != "fasttext_supervised":
    values["init"] = str(files / "vectors.txt")
  else:
    del values["init"]
  values |= {part: str(files / f"{part}.{kind}") for part in ("train", "dev", "test")}
  finetuned = finetuning.run(finetuning.parse(values), folder)
  return finetuned.params, {part: scores.overall for part, scores in finetuned.scores.items()}


def main(files, folder, *several):
  """Runs all trainings."""
  if several:
    processes.start(several[0], int(several[1]), int(several[2]))
  assert parallel.device_count() == 4
  scores = {}
  with progress.silence():
    for name in PRETRAINING:
      write(folder / f"{name}.npz", pretrain(name, files, folder / name))
    for name in FINETUNING:
      params, scores[name] = finetune(name, files, folder / name)
      write(folder / f"{name}.npz", params)
  if processes.is_first():
    (folder / "scores.json").write_text(json.dumps(scores))
  processes.finish()


def write(path, params):
  """Writes params to a file, in the first process; all have the same."""
  if _is_on_devices(params):
    parallel.assert_replicated(params)
  params = jax.device_get(params)
  checksums = {name: float(np.abs(leaf).sum()) for name, leaf in named_leaves(params)}
  first = processes.from_first(checksums)
  assert first == checksums
  if processes.is_first():
    np.savez(path, **dict(named_leaves(params)))


def _is_on_devices(params):
  return all(isinstance(leaf, jax.Array) for leaf in jax.tree.leaves(params))


if __name__ == "__main__":
  try:
    main(pathlib.Path(sys.argv[1]), pathlib.Path(sys.argv[2]), *sys.argv[3:])
  except BaseException:
    traceback.print_exc()
    sys.stderr.flush()
    os._exit(1)  # JAX would wait at the exit for processes that wait for this one
