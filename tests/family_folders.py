"""Small random models of each family with its tokenizer, as folders that are loaded by name."""

import pathlib

import numpy as np
import tokenizer_folders
from huggingface_folders import GOLDEN
from safetensors.numpy import save_file

from glove_jax.data.subwords import subword_tokenizers
from glove_jax.interop import huggingface, huggingface_config
from glove_jax.models import bert, transformer
from glove_jax.models.transformer import ParamSpec

# The folder of its tokenizer, by name in tests/golden.
TOKENIZERS = {
  "bert": "bert",
  "roberta": "roberta",
  "xlm_roberta": "xlm_roberta",
  "distilbert": "distilbert",
  "electra": "electra",
  "mpnet": "mpnet",
  "modernbert": "modernbert",
}


def write(folder: pathlib.Path, kind: str, *, head: bool = True) -> pathlib.Path:
  """Writes a model of 48 positions; its settings are those of the golden model."""
  files = tokenizer_folders.folders()[TOKENIZERS[kind]]
  _, config = huggingface_config.read(GOLDEN / kind / "config.json")
  tokenizer_folders.write(folder, files)
  vocab_size = subword_tokenizers.load(folder).get_vocab_size()
  config = config._replace(vocab_size=vocab_size, positions=48)
  specs = bert.param_specs(config) if head else transformer.param_specs(config)
  specs.pop("pooler", None)
  params = draw(specs)
  huggingface.save(folder.with_name(f"{folder.name}_model"), params, config)
  for path in folder.with_name(f"{folder.name}_model").iterdir():
    path.rename(folder / path.name)
  return folder


def draw(specs: dict) -> dict:
  """Draws params wide enough for each to matter; those of norms are close to 1 and 0."""
  rng = np.random.default_rng(0)

  def fill(tree):
    if isinstance(tree, ParamSpec):
      return (tree.mean + 0.3 * rng.normal(size=tree.shape)).astype(np.float32)
    return {name: fill(subtree) for name, subtree in tree.items()}

  return fill(specs)


def change_tensors(folder: pathlib.Path, change) -> pathlib.Path:
  """Writes the tensors of a folder changed by a function of a dict."""
  from safetensors.numpy import load_file

  file = folder / "model.safetensors"
  save_file(change(load_file(file)), file)
  return folder
