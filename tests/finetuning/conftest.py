"""Small tasks that tests of fine-tuning share."""

import finetuning_data
import pytest


@pytest.fixture(scope="session")
def files(tmp_path_factory):
  """A folder with labelled and tagged texts, and vectors of their words."""
  return finetuning_data.write_word_tasks(tmp_path_factory.mktemp("words"))


@pytest.fixture(scope="session")
def transformer_files(tmp_path_factory):
  """A folder with texts of all kinds, a BERT and a GPT."""
  return finetuning_data.write_transformer_tasks(tmp_path_factory.mktemp("transformers"))
