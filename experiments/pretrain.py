"""Pretrains word vectors from raw text (corpus -> vocabulary -> counts -> vectors -> scores), or a language model.

  python experiments/pretrain.py --config=experiments/configs/glove_als.py --workdir=runs/glove --config.corpus=wiki.txt

Killed and started again, a run goes on from its last checkpoint and ends with the same bytes.
"""

import json
import math
import os
import pathlib
import time

import cli
import jax
import training
import workdir
from absl import flags
from recipes import LANGUAGE_MODELS, METHODS, Method
from texts import read_text, say

from glove_jax import checkpoint, train, vector_files
from glove_jax.data.text import corpus, phrases, word_tokenizers
from glove_jax.errors import InputError
from glove_jax.evaluation import intrinsic, tables
from glove_jax.word_vectors import WordVectors

# What may differ when a run is started again: nothing that its result depends on.
FREE = ("memory_gb", "log_every", "save_every", "evaluate", "neighbours", "prompt", "write", "temperature", "top_k",
        "top_p", "epochs")

# Keys that must be above 0, where a method has them.
POSITIVE = ("dim", "window", "epochs", "batch_size", "memory_gb", "x_max", "learning_rate", "average",
            "log_every", "save_every", "ridge", "bias_ridge", "cg_steps", "negatives", "shared", "block", "turns")

# Words whose neighbours are shown unless others are asked for: those that the vocabulary has.
SHOWN = ("king", "france", "water", "music", "war", "river", "seven", "physics",
         "国家", "经济", "系统", "文件", "宝玉", "曹操", "水", "王")


def main():
  config = flags.FLAGS.config
  settings = json.loads(config.to_json_best_effort())
  free = FREE if config.get("schedule", "constant") == "constant" else FREE[:-1]
  check(config)
  use_cores(config)
  paths = corpus.find(config.corpus)
  if config.method in LANGUAGE_MODELS:
    training.use_huge_pages()
    folder = workdir.claim(flags.FLAGS.workdir, settings, free=free)
    method = METHODS[config.method].make(config, paths, folder)
    method.finish(fit(config, method, folder).params)
    return
  tokenizer = word_tokenizers.make(config.tokenizer, config.lowercase)
  folder = workdir.claim(flags.FLAGS.workdir, settings, free=free)
  text = read_text(config, paths, tokenizer, folder)
  method = METHODS[config.method].make(config, text, folder)
  state = fit(config, method, folder)
  result = method.complete(WordVectors(list(text.vocabulary.words), method.vectors(state.params)))
  vector_files.save(result, folder / "vectors.txt")
  method.finish(state.params)
  say("vectors", f"{len(result):,} words x {result.dim}: {folder / 'vectors.txt'}")
  if config.evaluate:
    report(result, config.neighbours)


def check(config) -> None:
  """InputError for settings that make no sense, before anything is written."""
  if config.method not in METHODS:
    raise InputError(f"method={config.method!r} is unknown; expected one of {', '.join(METHODS)}.")
  recipe = METHODS[config.method]
  if recipe.key not in config:
    raise InputError(f"method={config.method!r} needs --config=experiments/configs/{config.method}.py.")
  if config.seed < 0:
    raise InputError(f"seed={config.seed}, expected 0 or more.")
  for key in POSITIVE:
    if key in config and not config[key] > 0:
      raise InputError(f"{key}={config[key]}, expected more than 0.")
  if not 0 <= config.get("held_out", 0) < 1:
    raise InputError(f"held_out={config.held_out}, expected a fraction from 0 to below 1.")
  if not 0 < config.get("mask_rate", 1) <= 1:
    raise InputError(f"mask_rate={config.mask_rate}, expected a fraction above 0, up to 1.")
  if not 0 <= config.get("sample", 0) < math.inf:
    raise InputError(f"sample={config.sample}, expected a frequency such as 1e-3, or 0.")
  if config.get("patience") and not config.held_out:
    raise InputError("patience needs a held-out loss; set config.held_out, to 0.01 say.")
  training.check_choices(config, recipe.choices)
  if config.get("loss") == "hs" and config.output == "sum":
    raise InputError("output='sum' with loss='hs', which gives words no second vectors: expected output=word.")
  if config.get("phrases"):
    phrases.check(config.phrase_score, config.phrase_threshold, config.phrase_min_count)
  if config.get("anchor"):
    check_anchor(config)
  if config.get("vectors") and config.init:
    raise InputError(f"init={config.init} and vectors={config.vectors}, expected one of them.")


def check_anchor(config) -> None:
  """InputError unless there is something to hold words to, by a strength that makes sense."""
  if not 0 < config.anchor < math.inf:
    raise InputError(f"anchor={config.anchor}, expected 0 or more.")
  if not config.init:
    raise InputError(f"anchor={config.anchor} needs vectors to hold words to: --config.init=FILE, or a pretraining "
                     "workdir, or pretrained.")
  if config.output != "sum":
    raise InputError(f"anchor={config.anchor} holds W + C: output={config.output!r}, expected sum.")


def use_cores(config) -> None:
  """Makes a JAX device of each core, for methods that are faster so; accelerators are used as they are."""
  if config.get("device_a_core") and "JAX_NUM_CPU_DEVICES" not in os.environ:
    jax.config.update("jax_num_cpu_devices", len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else 1)


def fit(config, method: Method, folder: pathlib.Path) -> train.TrainState:
  """Trains from the last checkpoint, or from the start, to the end.

  Returns the best state where there is patience, else one whose params are the mean over the last epochs' ends.
  """
  state = training.start(folder, method.params, method.opt_state)
  records, log = workdir.metrics_log(folder / "metrics.jsonl", step=int(state.step))
  # Of a short run no more than the last half: what came before is far from the end.
  start, average = time.monotonic(), min(config.get("average", 1), (config.epochs + 1) // 2)
  def save(state):
    checkpoint.save(folder / "checkpoints", state)
  def end_of_epoch(state):
    checkpoint.save(folder / "epochs", state._replace(opt_state=()), keep=average)
  state = train.fit(
    state, method.update, batches=method.batch, num_steps=config.get("steps") or config.epochs * method.steps_per_epoch,
    log_every=config.log_every, on_log=log, evaluate=method.evaluate,
    evaluate_every=method.steps_per_epoch if method.evaluate else 0,
    every=[(method.steps_per_epoch if average > 1 else 0, end_of_epoch), (config.save_every, save)],
    save_best=(lambda state: checkpoint.save(folder / "best", state, keep=1)) if config.get("patience") else None,
    patience=config.get("patience", 0), progress=True,
    history=[record["held_out_loss"] for record in records if "held_out_loss" in record])
  if config.get("patience"):
    state = checkpoint.restore(folder / "best", state)
  elif average > 1:
    state = checkpoint.average(folder / "epochs", state._replace(opt_state=()), last=average)
  say("training", f"{int(state.step):,} steps on {jax.local_device_count()} {jax.default_backend()} device(s)", start)
  return state


def report(vectors: WordVectors, words: str) -> None:
  """Prints scores on the evaluation sets that are here, and the neighbours of some words."""
  print("\n" + tables.format_table(intrinsic.evaluate(vectors)))
  asked = [word for word in words.split(",") if word]
  shown = asked or [word for word in SHOWN if word in vectors][:8]
  if shown:
    print("\nneighbours\n" + tables.format_neighbours(vectors, shown, topn=6))


if __name__ == "__main__":
  flags.DEFINE_string("workdir", None, "The folder of the run.")
  flags.mark_flag_as_required("workdir")
  cli.run(main, config=str(pathlib.Path(__file__).parent / "configs" / "glove_als.py"))
