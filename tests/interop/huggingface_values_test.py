"""Values of a config.json: valid ones, defaults, and a line for each that is wrong."""

import pytest

from glove_jax.interop import huggingface_values
from glove_jax.interop.huggingface_values import MAX_INT32, CheckedValues


def test_missing_and_null_values_are_defaults():
  values = CheckedValues({"layers": None, "heads": 3})
  assert values.get_size("layers", 12) == 12 and values.get_size("heads", 12) == 3
  assert values.get_flag("tied", True) is True
  assert values.get_activation("act", "gelu_new") == "gelu_tanh"
  assert not values.problems


def test_all_wrong_values_are_listed():
  values = CheckedValues({"layers": 0, "tied": 1, "act": "swish"})
  assert values.get_size("layers", 12) == 12
  assert values.get_flag("tied", False) is False
  assert values.get_activation("act", "relu") == "relu"
  assert [line.partition(",")[0] for line in values.problems] == [
    "layers is 0", "tied is 1", "act is 'swish'"
  ]


@pytest.mark.parametrize("value, valid", [
  (1, True), (MAX_INT32, True), (MAX_INT32 + 1, False), (0, False), (True, False), (1.0, False),
])
def test_sizes_are_positive_integers(value, valid):
  assert huggingface_values.is_size(value) == valid


def test_numbers_and_ids():
  assert huggingface_values.is_number(0.5) and not huggingface_values.is_number(float("nan"))
  assert huggingface_values.is_token_id(0) and not huggingface_values.is_token_id(-1)
