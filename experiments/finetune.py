"""Trains on labelled texts and says how well it did: texts -> model -> scores.

  python experiments/finetune.py --config=experiments/configs/classify.py --workdir=runs/sst2 --config.init=pretrained \
      --config.train=SST2.train.txt --config.dev=SST2.dev.txt --config.test=SST2.test.txt
  python experiments/finetune.py --config=experiments/configs/classify.py --workdir=runs/sst2 --config.predict=new.txt

Killed and started again, a run goes on from its last checkpoint and ends with the same bytes. With `predict` a run that
has ended labels texts, one a line, whatever the other settings: WORKDIR/predicted.txt. Compilation takes a part of a
short run; with JAX_COMPILATION_CACHE_DIR=FOLDER and JAX_PERSISTENT_CACHE_MIN_COMPILE_TIME_SECS=0 in the environment,
JAX keeps what it compiles for later runs of the same sizes.
"""

import json
import pathlib
import time

import cli
import jax
import training
import workdir
from absl import flags
from encoder_recipes import METHODS
from finetune_recipes import PARTS, Method
from ml_collections import ConfigDict
from texts import say

from glove_jax import checkpoint, train
from glove_jax.data.text import corpus
from glove_jax.errors import InputError
from glove_jax.files import atomic_write

# What may differ when a run is started again: nothing that its result depends on.
FREE = ("log_every", "save_every", "predict")

# Keys that must be so much or more, where a method has them.
LEAST = {
  "seed": 0, "dim": 1, "epochs": 1, "batch_size": 1, "turns": 1, "log_every": 1, "save_every": 1, "min_count": 1,
  "word_ngrams": 1, "min_n": 0, "max_n": 0, "buckets": 0, "filters": 1, "size": 1, "layers": 1, "patience": 0,
  "mixup": 0, "warmup": 0, "weight_decay": 0, "clip_norm": 0, "l2": 0, "max_length": 0, "char_filters": 0,
  "char_dim": 1, "limit": 0, "lora_rank": 0, "lora_alpha": 0}

# Keys that are fractions: from 0 to below 1.
FRACTIONS = ("dev_fraction", "dropout", "input_dropout", "word_dropout", "recurrent_dropout", "layer_dropout",
             "smoothing", "average", "eda")


def main():
  config = flags.FLAGS.config
  if config.get("predict"):
    return predict(pathlib.Path(flags.FLAGS.workdir), pathlib.Path(config.predict))
  settings = json.loads(config.to_json_best_effort())
  check(config)
  if config.method.startswith("transformer"):
    training.use_huge_pages()
  recipe = METHODS[config.method]
  data = recipe.read(config)
  start = time.monotonic()
  method = recipe.make(config, data)
  say("model", f"{sum(leaf.size for leaf in jax.tree.leaves(method.params)):,} numbers", start)
  folder = workdir.claim(flags.FLAGS.workdir, settings, free=FREE)  # now: what is wrong above leaves nothing
  same_texts(config, folder)
  params = fit(config, method, folder, dev="dev" in data)
  method.save(params, folder)
  found = {}
  for part in (part for part in data if part != "train"):
    found[part], table = method.report(params, part)
    say(part, "  ".join(f"{name} {value:.4f}" for name, value in found[part].items() if isinstance(value, float)))
    if table:
      print(table)
  workdir.write_json(folder / "metrics.json", found)


def check(config) -> None:
  """InputError for settings that make no sense, before anything is written."""
  if config.method not in METHODS:
    raise InputError(f"method={config.method!r} is unknown; expected one of {', '.join(METHODS)}.")
  recipe = METHODS[config.method]
  if not all(key in config for key in recipe.keys):
    raise InputError(f"method={config.method!r} needs --config=experiments/configs/{recipe.config}.py.")
  if not config.train:
    raise InputError("train is empty, expected a file of labelled texts: --config.train=FILE.")
  for key, least in LEAST.items():
    if key in config and not config[key] >= least:
      raise InputError(f"{key}={config[key]}, expected {least} or more.")
  if not 0 < config.learning_rate < float("inf"):
    raise InputError(f"learning_rate={config.learning_rate}, expected more than 0.")
  for key in FRACTIONS:
    if key in config and not 0 <= config[key] < 1:
      raise InputError(f"{key}={config[key]}, expected a fraction from 0 to below 1.")
  training.check_choices(config, recipe.choices)


def same_texts(config, folder: pathlib.Path) -> None:
  """InputError if the texts have changed since the run in a folder began."""
  paths = [pathlib.Path(config[part]) for part in PARTS if config[part]]
  files = [file for path in paths for file in (sorted(filter(pathlib.Path.is_file, path.rglob("*"))) or [path])]
  about, texts = folder / "texts.json", {"files": list(map(str, files)), "fingerprint": corpus.fingerprint(files)}
  if about.exists() and workdir.read_json(about) != texts:
    raise InputError(f"{config.train}: the texts have changed since the run in {folder} began; use another --workdir.")
  workdir.write_json(about, texts)


def fit(config, method: Method, folder: pathlib.Path, *, dev: bool):
  """Trains from the last checkpoint, or from the start, to the end; `dev` is scored after every epoch.

  Returns the params to use: with `patience` those of the epoch that did best on `dev`, else the last.
  """
  start, saving = time.monotonic(), []
  state = training.start(folder, method.params, method.opt_state)
  records, log = workdir.metrics_log(folder / "metrics.jsonl", step=int(state.step))
  patience = config.get("patience", 0) if dev else 0
  def evaluate(state: train.TrainState) -> dict[str, float]:
    found = method.scores(method.used(state), "dev")
    error = {"dev_error": 1 - next(iter(found.values()))} if patience else {}
    return {**error, **{f"dev_{name}": value for name, value in found.items()}}
  def best(state: train.TrainState) -> train.TrainState:
    return state._replace(params=method.used(state), opt_state=())
  def save(state: train.TrainState, name: str, keep: int = 2) -> None:
    began = time.monotonic()
    checkpoint.save(folder / name, state, keep=keep)
    saving.append(time.monotonic() - began)
  state = train.fit(
    state, method.update, batches=method.batch, num_steps=config.epochs * method.steps_per_epoch,
    log_every=config.log_every, on_log=log, progress=True,
    evaluate=evaluate if dev else None, evaluate_every=method.steps_per_epoch,
    every=[(config.save_every, lambda state: save(state, "checkpoints"))],
    save_best=(lambda state: save(best(state), "best", keep=1)) if patience else None,
    patience=patience, history=[record["dev_error"] for record in records if "dev_error" in record])
  if method.steps_per_epoch:
    say("training", f"{int(state.step):,} steps on {jax.local_device_count()} {jax.default_backend()} device(s); "
                    f"checkpoints took {sum(saving):.1f} s more", start + sum(saving))
  if patience and method.steps_per_epoch:
    state = checkpoint.restore(folder / "best", best(state))
    say("best", f"epoch {int(state.step) // method.steps_per_epoch}")
    return state.params
  return method.used(state)


def predict(folder: pathlib.Path, path: pathlib.Path) -> None:
  """Labels the texts of a file, one a line, with a run that has ended; writes them beside its model."""
  config = ConfigDict(workdir.read_json(folder / "config.json") if (folder / "config.json").is_file() else {})
  recipe = METHODS.get(config.get("method"))
  if recipe is None or not (folder / recipe.left).is_file():
    raise InputError(f"{folder}: no finished run that can label texts; expected a folder of finetune.py.")
  lines = [line.strip() for line in corpus.read_lines(path, encoding=config.encoding, errors=config.errors)]
  found = recipe.predict(config, folder, lines)
  with atomic_write(folder / "predicted.txt") as file:
    file.writelines(found)
  say("predicted", f"{len(lines):,} texts: {folder / 'predicted.txt'}")


if __name__ == "__main__":
  flags.DEFINE_string("workdir", None, "The folder of the run.")
  flags.mark_flag_as_required("workdir")
  cli.run(main, config=str(pathlib.Path(__file__).parent / "configs" / "classify.py"))
