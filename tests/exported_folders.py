"""Fine-tuned models of each family, small and hardly trained, to be exported."""

import functools

import family_folders
import finetuning_data
import jax
import numpy as np

from glove_jax import finetuning, loop, train
from glove_jax.finetuning.model import Model

FAMILIES = [*family_folders.TOKENIZERS, "gpt"]
TEXTS = ["good w1 w2", "bad", "w3 w4 w5 good w1 bad w2 w7", ""]
SENTENCES = [["w1", "Ann", "Smith", "in", "Rome"], ["Ann"]]


class Trained:
  """A run of a family without its folder: settings, params, model."""

  def __init__(self, settings, params, model: Model, task_files):
    self.settings, self.params, self.model = settings, params, model
    self.files = task_files

  @property
  def run(self):
    return finetuning.FinishedRun(self.settings, self.params, self.model)

  def export(self, folder):
    return finetuning.export(self.run, folder)

  def logits(self, texts):
    """Logarithms of probabilities: logits but for a number for each text."""
    return np.log(self.model.predict_proba(self.params, texts))


def init_folder(root, kind):
  """The folder of a pretrained model; that of a GPT is one of the task files."""
  if kind == "gpt":
    return root / "gpt"
  if not (root / kind).exists():
    family_folders.write(root / kind, kind)
  return root / kind


def finetune(root, kind, method="transformer", *, steps=0, suffix="", **values):
  """Trains a few steps; with 0, params of the head are drawn."""
  if not (root / "gpt").exists():
    root.mkdir(exist_ok=True)
    finetuning_data.write_transformer_tasks(root)
  suffix = suffix or (".conll" if method == "transformer_tagger" else ".txt")
  values = {"init": str(init_folder(root, kind)), "batch_size": 16, "length_buckets": 1, **values}
  settings = finetuning.parse(finetuning_data.settings(root, suffix, method=method, **values))
  data = finetuning.read(settings)
  plan, model = finetuning.METHODS[method](settings, data)
  params = plan.params
  if steps:
    state = train.init_state(plan.params, plan.opt_state)
    params = loop.fit(state, plan.update, plan.batches, num_steps=steps).params
  params = jax.device_get(params)
  rng = np.random.default_rng(1)
  head = jax.tree.map(functools.partial(_moved, rng), params["head"])
  return Trained(settings, {**params, "head": head}, model, data)


def _moved(rng, leaf):
  return (leaf + 0.3 * rng.normal(size=leaf.shape)).astype(np.float32)
