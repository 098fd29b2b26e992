"""Trains on labelled texts and says how well it did: texts -> model -> scores.

  python experiments/finetune.py --config=experiments/configs/fasttext_supervised.py --workdir=runs/sst2 \
      --config.train=SST2.train.txt --config.dev=SST2.dev.txt --config.test=SST2.test.txt

Killed and started again, a run goes on from its last checkpoint and ends with the same bytes.
"""

import json
import pathlib
import time

import cli
import jax
import workdir
from absl import flags
from finetune_recipes import METHODS, PARTS, Method
from texts import say

from glove_jax import checkpoint, train
from glove_jax.data import corpus
from glove_jax.files import InputError

# What may differ when a run is started again: nothing that its result depends on.
FREE = ("log_every", "save_every")

# Keys that must be so much or more, where a method has them.
LEAST = {"seed": 0, "dim": 1, "epochs": 1, "batch_size": 1, "turns": 1, "log_every": 1, "save_every": 1, "min_count": 1,
         "word_ngrams": 1, "min_n": 0, "max_n": 0, "buckets": 0, "dev_fraction": 0}


def main():
  config = flags.FLAGS.config
  settings = json.loads(config.to_json_best_effort())
  check(config)
  recipe = METHODS[config.method]
  data = recipe.read(config)
  start = time.monotonic()
  method = recipe.make(config, data)
  say("model", f"{sum(leaf.size for leaf in jax.tree.leaves(method.params)):,} numbers", start)
  folder = workdir.claim(flags.FLAGS.workdir, settings, free=FREE)  # now: what is wrong above leaves nothing
  same_texts(config, folder)
  state = fit(config, method, folder, dev="dev" in data)
  found = {part: method.scores(state.params, part) for part in data if part != "train"}
  for part, values in found.items():
    say(part, "  ".join(f"{name} {value:.4f}" for name, value in values.items()))
  method.save(state.params, folder)
  workdir.write_json(folder / "metrics.json", found)


def check(config) -> None:
  """InputError for settings that make no sense, before anything is written."""
  if config.method not in METHODS:
    raise InputError(f"method={config.method!r} is unknown; expected one of {', '.join(METHODS)}.")
  recipe = METHODS[config.method]
  if recipe.key not in config:
    raise InputError(f"method={config.method!r} needs --config=experiments/configs/{config.method}.py.")
  if not config.train:
    raise InputError("train is empty, expected a file of labelled texts: --config.train=FILE.")
  for key, least in LEAST.items():
    if key in config and not config[key] >= least:
      raise InputError(f"{key}={config[key]}, expected {least} or more.")
  if not 0 < config.learning_rate < float("inf"):
    raise InputError(f"learning_rate={config.learning_rate}, expected more than 0.")
  if not config.dev_fraction < 1:
    raise InputError(f"dev_fraction={config.dev_fraction}, expected a fraction from 0 to below 1.")
  for key, choices in recipe.choices.items():
    if config[key] not in choices:
      raise InputError(f"{key}={config[key]!r}, expected one of {', '.join(choices)}.")


def same_texts(config, folder: pathlib.Path) -> None:
  """InputError if the texts have changed since the run in a folder began."""
  files = [pathlib.Path(config[part]) for part in PARTS if config[part]]
  about, texts = folder / "texts.json", {"files": list(map(str, files)), "fingerprint": corpus.fingerprint(files)}
  if about.exists() and workdir.read_json(about) != texts:
    raise InputError(f"{config.train}: the texts have changed since the run in {folder} began; use another --workdir.")
  workdir.write_json(about, texts)


def fit(config, method: Method, folder: pathlib.Path, *, dev: bool) -> train.TrainState:
  """Trains from the last checkpoint, or from the start, to the end; `dev` is scored after every epoch."""
  start = time.monotonic()
  state = train.init_state(method.params, method.opt_state)
  saved = checkpoint.restore(folder / "checkpoints", state)
  if saved is not None:
    state = train.init_state(saved.params, saved.opt_state, saved.step)
    say("resumed", f"step {int(state.step):,}")
  _, log = workdir.metrics_log(folder / "metrics.jsonl", step=int(state.step))
  def evaluate(state: train.TrainState) -> dict[str, float]:
    return {f"dev_{name}": value for name, value in method.scores(state.params, "dev").items()}
  state = train.fit(
    state, method.update, batches=method.batch, num_steps=config.epochs * method.steps_per_epoch,
    log_every=config.log_every, on_log=log, progress=True,
    evaluate=evaluate if dev else None, evaluate_every=method.steps_per_epoch,
    every=[(config.save_every, lambda state: checkpoint.save(folder / "checkpoints", state))])
  say("training", f"{int(state.step):,} steps on {jax.local_device_count()} {jax.default_backend()} device(s)", start)
  return state


if __name__ == "__main__":
  flags.DEFINE_string("workdir", None, "The folder of the run.")
  flags.mark_flag_as_required("workdir")
  cli.run(main, config=str(pathlib.Path(__file__).parent / "configs" / "fasttext_supervised.py"))
