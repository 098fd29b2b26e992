"""What does not fit a configuration is listed: a few of each kind, and how many more."""

import numpy as np
import pytest

from glove_jax.errors import InputError
from glove_jax.interop import huggingface_checks


def test_the_first_few_and_the_number_of_the_others():
  assert huggingface_checks.first_few(["a", "b"]) == "a, b"
  assert huggingface_checks.first_few(list("abcdefg"), "; ", 2) == "a; b and 5 more"


def test_params_that_do_not_fit_are_listed():
  leaves = {"w": np.zeros((2, 3)), "b": np.zeros(3)}
  huggingface_checks.check_params("folder", leaves, {"w": (2, 3), "b": (3,)})
  with pytest.raises(InputError) as caught:
    huggingface_checks.check_params("folder", leaves, {"w": (3, 3), "norm": (3,)})
  assert str(caught.value) == (
    "folder: the params do not fit the configuration: b is [3], expected none; norm is missing,"
    " expected [3]; w is [2, 3], expected [3, 3]."
  )
