"""Errors of the user's input are values of ValueError; a loss that is not finite is arithmetic."""

import pytest

from glove_jax import errors


def test_an_input_error_is_a_value_error_with_its_message():
  with pytest.raises(ValueError, match=r"^texts.csv:3: found 1 field, expected 2\.$"):
    raise errors.InputError("texts.csv:3: found 1 field, expected 2.")


def test_a_non_finite_loss_is_not_an_input_error():
  assert issubclass(errors.NonFiniteLoss, ArithmeticError)
  assert not issubclass(errors.NonFiniteLoss, errors.InputError)
