"""Texts in packed rows do not see each other: they are classified as padded ones are."""

import itertools

import finetuning_data
import numpy as np
import pytest

from glove_jax import finetuning
from glove_jax.data.labelled import packed_batches
from glove_jax.finetuning import packed_prediction

pytestmark = [pytest.mark.usefixtures("quick_compilation"), pytest.mark.slow]

ROW_TOKENS = 20  # the models have 24 positions


@pytest.mark.parametrize(
  ("suffix", "values"),
  [
    (".txt", {"init": "bert", "pooling": "mean"}),
    (".pairs", {"init": "bert", "pooling": "first", "head": "dense"}),
    (".txt", {"init": "gpt", "pooling": "last"}),
  ],
)
def test_probabilities_are_those_of_padded_texts(transformer_files, monkeypatch, suffix, values):
  monkeypatch.setattr(packed_batches, "ROW_TOKENS", ROW_TOKENS)
  paths = finetuning_data.settings(transformer_files, suffix, method="transformer")
  init = str(transformer_files / values["init"])
  settings = finetuning.parse({"length_buckets": 1, **paths, **values, "init": init})
  data = finetuning.read(settings)
  plan, model = finetuning.METHODS["transformer"](settings, data)
  long = " ".join(["w1"] * 30)
  texts = [*data["test"].texts, "", long.replace(" ", "\t", 1) if suffix == ".pairs" else long]
  padded = model.predict_proba(plan.params, texts)
  packed_rows = []
  batches = packed_batches.batches

  def recorded(*args):
    for rows, batch in batches(*args):
      packed_rows.extend(rows)
      yield rows, batch

  monkeypatch.setattr(packed_batches, "batches", recorded)
  monkeypatch.setattr(packed_prediction, "_MIN_SAVING", 0)
  packed = model.predict_proba(plan.params, texts)
  np.testing.assert_allclose(packed, padded, atol=1e-5)
  assert padded.std(0).max() > 1e-3
  assert sorted(itertools.chain(*packed_rows)) == list(range(len(texts) - 1))
  assert len(packed_rows) < len(texts) / 2
