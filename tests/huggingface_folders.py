"""Golden models of transformers, damaged copies of them, and the error that a folder raises."""

import functools
import pathlib

import pytest
from safetensors.numpy import load_file, save_file

from glove_jax.errors import InputError
from glove_jax.interop import huggingface

GOLDEN = pathlib.Path(__file__).resolve().parent / "golden"
FAMILIES = ["roberta", "xlm_roberta", "distilbert", "electra", "mpnet", "modernbert"]
BOTH = pytest.mark.parametrize("kind", ["bert", "gpt2"])


@functools.cache
def golden(kind):
  return huggingface.load(GOLDEN / kind)


def error(folder) -> str:
  with pytest.raises(InputError) as caught:
    huggingface.load(folder)
  assert "\n" not in str(caught.value)
  return str(caught.value).replace(str(folder), "FOLDER")


def respell(folder, change):
  file = folder / "model.safetensors"
  save_file(change(load_file(file)), file)
  return huggingface.load(folder)
