"""A small BERT and a small GPT for tests of the Python API."""

import finetuning_data
import pytest


@pytest.fixture(scope="session")
def model_folders(tmp_path_factory):
  """Returns a folder with the models `bert` and `gpt`."""
  folder = tmp_path_factory.mktemp("language_models")
  finetuning_data.write_bert(folder / "bert")
  finetuning_data.write_gpt(folder / "gpt")
  return folder
