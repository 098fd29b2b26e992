"""The comparison of GPTs: what it refuses, and what it leaves for the peer."""

import numpy as np
import pytest

from glove_jax import pretraining
from glove_jax.errors import InputError
from tools.benchmarks import gpt_worker

SMALL = {
  "method": "gpt",
  "dim": 16,
  "layers": 1,
  "heads": 2,
  "context_length": 16,
  "max_vocab": 270,
  "steps": 3,
  "warmup_steps": 1,
  "batch_size": 8,
}


@pytest.mark.parametrize(
  ("values", "message"),
  [
    ({"dropout": 0.1}, "dropout=0.1, expected 0.0"),
    ({"dtype": "bfloat16"}, "dtype=bfloat16"),
    ({"optimizer": "lion"}, "optimizer=lion, expected adam"),
    ({"steps": 0}, "steps=0, expected more"),
  ],
)
def test_settings_that_the_peer_lacks_are_refused(values, message):
  with pytest.raises(InputError, match=message):
    gpt_worker.check_comparable(pretraining.parse({**SMALL, **values}))


@pytest.mark.slow
def test_ours_trains_on_and_leaves_the_batches(tmp_path):
  (tmp_path / "text.txt").write_text("the cat sat on the mat\n" * 99)
  settings = pretraining.parse({**SMALL, "corpus": str(tmp_path / "text.txt")})
  train_to = gpt_worker.our_trainer(settings, tmp_path / "run")
  first = train_to(2)
  assert len(first["losses"]) == 2 and first["seconds"] > 0
  assert len(train_to(3)["losses"]) == 1
  data = np.load(tmp_path / "run" / "batches.npz")
  assert data["ids"].shape == (3, 8, 16)
  assert data["learning_rates"].shape == (3,)
  assert (tmp_path / "run" / "model" / "config.json").exists()


@pytest.mark.slow
def test_the_peer_trains_as_ours_does(tmp_path):
  pytest.importorskip("torch")
  pytest.importorskip("transformers")
  (tmp_path / "text.txt").write_text("the cat sat on the mat\n" * 99)
  settings = pretraining.parse({**SMALL, "corpus": str(tmp_path / "text.txt")})
  ours = gpt_worker.our_trainer(settings, tmp_path / "run")(3)
  theirs = gpt_worker.peer_trainer(settings, tmp_path / "run")(3)
  np.testing.assert_allclose(theirs["losses"], ours["losses"], rtol=1e-4)
