"""Eight virtual CPU devices for all tests; where the real data lies."""

import os
import pathlib

os.environ.setdefault("JAX_PLATFORMS", "cpu")

import jax
import pytest

jax.config.update("jax_num_cpu_devices", 8)

ROOT = pathlib.Path(__file__).resolve().parent.parent


@pytest.fixture(scope="session")
def data():
  """The folder of real corpora; skips the test where there is none."""
  folder = pathlib.Path(os.environ.get("GLOVE_JAX_DATA", ROOT.parent / "shared" / "data"))
  if not folder.is_dir():
    pytest.skip(f"no real data at {folder}; set GLOVE_JAX_DATA")
  return folder
