"""fastText's processes, which may fail for memory that was not initialised."""

import sys

import pytest

from glove_jax.errors import InputError
from tools.peers import fasttext_process

# Fails unless new memory is zeroed, as fastText 0.9.3 may.
FAILS = """
import os
if os.environ.get("MALLOC_PERTURB_") != "255":
  raise RuntimeError("Encountered NaN.")
print("training 1.5")
"""


def test_a_run_that_met_uninitialised_memory_is_repeated_with_zeroed_memory():
  assert fasttext_process.run([sys.executable, "-c", FAILS]).output == "training 1.5\n"


def test_other_failures_are_reported():
  with pytest.raises(InputError, match="no such file$"):
    fasttext_process.run([sys.executable, "-c", "import sys; sys.exit('no such file')"])
