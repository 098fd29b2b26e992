"""The GPT of torch: what it is given of our rows."""

import numpy as np
import pytest

torch = pytest.importorskip("torch")
pytest.importorskip("transformers")


def test_rows_are_of_documents_that_do_not_see_each_other():
  from tools.peers import torch_gpt
  ids = np.array([[5, 6, 7, 8, 0]])
  documents = np.array([[1, 1, 2, 2, 0]])
  targets = np.array([[6, 7, 8, 9, 0]])
  rows = torch_gpt.prepare(ids, documents, targets)
  assert rows.inputs["input_ids"].tolist() == ids.tolist()
  assert rows.inputs["position_ids"].tolist() == [[0, 1, 0, 1, 0]]
  assert rows.targets.tolist() == [6, 7, 8, 9, -100]
  visible = rows.inputs["attention_mask"][0, 0] == 0
  assert visible.int().tolist() == [
    [1, 0, 0, 0, 0], [1, 1, 0, 0, 0], [0, 0, 1, 0, 0], [0, 0, 1, 1, 0], [0, 0, 0, 0, 1]]
