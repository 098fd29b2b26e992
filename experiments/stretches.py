"""Trains a GPT so many steps as it is told to on stdin, and says how long they took: for benchmark.py --language=gpt.

  python experiments/stretches.py --config=experiments/configs/gpt.py --workdir=FOLDER [--peer] [--config.key=value …]

Ours leaves in FOLDER how it begins and what it learns from, for --peer, that of transformers and torch, to do the same.
Each line of stdin is a step to go on to; each is answered by the seconds and the losses, as JSON.
"""

import contextlib
import json
import pathlib
import sys
import time

import cli
import jax
import language
import numpy as np
import pretrain
import training
from absl import flags

from glove_jax import optimizers, train
from glove_jax.data.subwords import subword_tokenizers
from glove_jax.data.text import corpus
from glove_jax.errors import InputError
from glove_jax.interop import huggingface
from glove_jax.models import gpt2


def main():
  training.use_huge_pages()  # the peer's too
  config, folder = flags.FLAGS.config, pathlib.Path(flags.FLAGS.workdir)
  with contextlib.redirect_stdout(sys.stderr):
    stretch = (peer if flags.FLAGS.peer else ours)(config, folder)
  print("ready", flush=True)
  for line in sys.stdin:
    print(json.dumps(stretch(int(line))), flush=True)


def ours(config, folder: pathlib.Path):
  """`stretch(last) -> {seconds, losses}`: trains as pretrain.py does, up to step `last`."""
  pretrain.check(config)
  fixed = {"method": "gpt", "optimizer": "adam", "dropout": 0.0, "dtype": "float32"}
  wrong = [f"{key}={config[key]}, expected {value}" for key, value in fixed.items() if config[key] != value]
  if wrong or not config.steps:
    raise InputError(f"{'; '.join(wrong) or 'steps=0, expected more'}: for a comparison with torch.")
  folder.mkdir(parents=True, exist_ok=True)
  method = language.gpt_method(config, corpus.find_files(config.corpus), folder)
  tokenizer = subword_tokenizers.load(folder / "tokenizer.json")
  model = language.with_pieces(config, language.begin(config, gpt2.CONFIG)[1], tokenizer)
  huggingface.save(folder / "model", jax.device_get(method.params), model)
  rate = optimizers.schedule(
    config.schedule, config.learning_rate, num_steps=config.steps, warmup_steps=config.warmup_steps)
  rows = [method.batch(step) for step in range(config.steps)]
  np.savez(folder / "batches.npz", rates=[float(rate(step)) for step in range(config.steps)],
           **{name: np.stack(arrays) for name, arrays in zip(rows[0]._fields, zip(*rows, strict=True), strict=True)})
  state = train.init_state(method.params, method.opt_state)
  def stretch(last: int) -> dict:
    nonlocal state
    losses, start = [], time.monotonic()
    state = train.fit(state, method.update, batches=method.batch, num_steps=last, log_every=1,
                      on_log=lambda record: losses.append(record["loss"]))
    return {"seconds": time.monotonic() - start, "losses": losses}
  return stretch


def peer(config, folder: pathlib.Path):
  """The same by transformers and torch; their tensors are made before the clock starts."""
  import torch_gpt
  trainer = torch_gpt.make(folder / "model", weight_decay=config.weight_decay, clip_norm=config.clip_norm)
  data, first = dict(np.load(folder / "batches.npz")), 0
  def stretch(last: int) -> dict:
    nonlocal first
    steps, first = range(first, last), last
    prepared = [trainer.prepare(*(data[name][step] for name in ("ids", "documents", "targets"))) for step in steps]
    start = time.monotonic()
    losses = [trainer.step(batch, data["rates"][step]) for batch, step in zip(prepared, steps, strict=True)]
    return {"seconds": time.monotonic() - start, "losses": losses}
  return stretch


if __name__ == "__main__":
  flags.DEFINE_string("workdir", None, "A folder for what both begin with.")
  flags.DEFINE_bool("peer", False, "Train by transformers and torch.")
  flags.mark_flag_as_required("workdir")
  cli.run(main, config=str(pathlib.Path(__file__).parent / "configs" / "gpt.py"))
