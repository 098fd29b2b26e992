"""Heads of classifiers and taggers beside golden values of transformers."""

import shutil

import jax
import numpy as np
import pytest
from huggingface_folders import FAMILIES, GOLDEN
from huggingface_outputs import outputs
from safetensors.numpy import load_file, save_file

from glove_jax import nn
from glove_jax.errors import InputError
from glove_jax.interop import huggingface, huggingface_heads
from glove_jax.interop.huggingface_heads import CLASSIFIER, TAGGER
from glove_jax.tasks import classify, heads
from glove_jax.tasks.heads import HiddenLayer

pytestmark = pytest.mark.usefixtures("quick_compilation")

ALL = ["bert", *FAMILIES, "gpt2"]
CLASSES = {
  "bert": "Bert", "roberta": "Roberta", "xlm-roberta": "XLMRoberta", "camembert": "Camembert",
  "distilbert": "DistilBert", "electra": "Electra", "mpnet": "MPNet", "modernbert": "ModernBert",
  "gpt2": "GPT2",
}  # fmt: skip


def write(folder, kind, task, change=lambda tensors: tensors):
  """A folder with a model and a head; returns it, and the logits of the golden batch."""
  folder.mkdir()
  shutil.copy(GOLDEN / kind / "config.json", folder)
  head = load_file(GOLDEN / kind / "heads.safetensors")
  tensors = {name: array for name, array in head.items() if name.startswith(f"{task}/")}
  tensors = {name.removeprefix(f"{task}/"): array for name, array in tensors.items()}
  logits = tensors.pop("logits")
  model = load_file(GOLDEN / kind / "model.safetensors")
  save_file(change({**model, **tensors}), folder / "model.safetensors")
  return folder, logits


def hidden_layer(head, config):
  if not head.dense:
    return None
  activation = huggingface_heads.activation(head, config)
  return HiddenLayer(activation, norm=bool(head.norm), epsilon=config.epsilon)


def test_names_of_classes():
  for model_type, name in CLASSES.items():
    for task in (CLASSIFIER, TAGGER):
      assert huggingface_heads.class_name(model_type, task) == name + task
      assert huggingface_heads.task_of([name + task]) == task
  for other in (None, [], ["BertModel"], "x", [3]):
    assert huggingface_heads.task_of(other) == ""


@pytest.mark.parametrize("kind", ALL)
@pytest.mark.parametrize("task", ["classifier", "tagger"])
def test_logits_are_those_of_transformers(kind, task, tmp_path):
  folder, expected = write(tmp_path / "model", kind, task)
  model_type = kind.replace("_", "-")
  head = huggingface_heads.head_of(model_type, CLASSIFIER if task == "classifier" else TAGGER)
  loaded = huggingface.load(folder, heads=False)
  params = huggingface_heads.read(folder, model_type, head, loaded.config)
  batch = load_file(GOLDEN / kind / "expected.safetensors")
  h = outputs(loaded, batch)[0][-1]
  if task == "classifier":
    h = classify.POOLINGS[head.poolings[0]](h, batch["attention_mask"].astype(np.float32))
  h = heads.apply_hidden(params, h, hidden_layer(head, loaded.config))
  real = batch["attention_mask"] > 0 if task == "tagger" else slice(None)
  np.testing.assert_allclose(nn.dense(params, h)[real], expected[real], atol=1e-5)


@pytest.mark.parametrize("kind", ALL)
def test_tensors_of_a_head_are_those_that_were_read(kind, tmp_path):
  model_type = kind.replace("_", "-")
  folder, _ = write(tmp_path / "model", kind, "classifier")
  head = huggingface_heads.head_of(model_type, CLASSIFIER)
  config = huggingface.load(folder, heads=False).config
  tensors = huggingface_heads.to_tensors(
    head, huggingface_heads.read(folder, model_type, head, config)
  )
  stored = load_file(folder / "model.safetensors")
  assert len(tensors) >= 1 + head.output_bias + bool(head.dense)
  for name, array in tensors.items():
    np.testing.assert_array_equal(array, stored[name])


def test_prefixes_of_wrappers_are_stripped(tmp_path):
  def wrapped(tensors):
    return {f"module.{name}": array for name, array in tensors.items()}

  head = huggingface_heads.head_of("bert", CLASSIFIER)
  plain, _ = write(tmp_path / "plain", "bert", "classifier")
  other, _ = write(tmp_path / "other", "bert", "classifier", wrapped)
  config = huggingface.load(plain, heads=False).config
  jax.tree.map(
    np.testing.assert_array_equal,
    huggingface_heads.read(plain, "bert", head, config),
    huggingface_heads.read(other, "bert", head, config),
  )


@pytest.mark.parametrize(
  "change,message",
  [
    (lambda tensors: tensors.pop("classifier.dense.bias"), "classifier.dense.bias is missing"),
    (lambda tensors: tensors.pop("classifier.out_proj.weight"), "out_proj.weight is missing"),
    (
      lambda tensors: tensors.update({"classifier.dense.weight": np.zeros((4, 16), np.float32)}),
      r"classifier.dense.weight is \[4, 16\], expected \[16, 16\]",
    ),
    (
      lambda tensors: tensors.update({"classifier.out_proj.bias": np.zeros(4, np.float32)}),
      r"classifier.out_proj.bias is \[4\], expected \[3\]",
    ),
  ],
)
def test_damaged_heads_are_errors(change, message, tmp_path):
  def changed(tensors):
    change(tensors)
    return tensors

  folder, _ = write(tmp_path / "model", "roberta", "classifier", changed)
  config = huggingface.load(folder, heads=False).config
  head = huggingface_heads.head_of("roberta", CLASSIFIER)
  with pytest.raises(InputError, match=message):
    huggingface_heads.read(folder, "roberta", head, config)


def test_the_hidden_layer_that_pretraining_had(tmp_path):
  config = huggingface.load(GOLDEN / "bert").config
  pooler = huggingface.load(GOLDEN / "bert").params["pooler"]
  read = huggingface_heads.read_hidden(GOLDEN / "bert", "bert", config)
  jax.tree.map(np.testing.assert_array_equal, read, {"dense": pooler})

  def bare(tensors):
    kept = {name: array for name, array in tensors.items() if "cls" not in name}
    return {name.removeprefix("bert."): array for name, array in kept.items()}

  folder, _ = write(tmp_path / "bare", "bert", "tagger", bare)
  again = huggingface_heads.read_hidden(folder, "bert", config)
  jax.tree.map(np.testing.assert_array_equal, again, read)
  config = huggingface.load(GOLDEN / "modernbert").config
  read = huggingface_heads.read_hidden(GOLDEN / "modernbert", "modernbert", config)
  assert read.keys() == {"dense", "norm"} and read["dense"].keys() == {"w"}
  assert huggingface_heads.read_hidden(GOLDEN / "distilbert", "distilbert", config) == {}
