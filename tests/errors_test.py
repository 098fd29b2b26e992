"""Errors of the user's input are values of ValueError; a loss that is not finite is arithmetic."""

import pytest

from glove_jax import errors


def test_an_input_error_is_a_value_error_with_its_message():
  with pytest.raises(ValueError, match=r"^texts.csv:3: found 1 field, expected 2\.$"):
    raise errors.InputError("texts.csv:3: found 1 field, expected 2.")


def test_a_non_finite_loss_is_not_an_input_error():
  assert issubclass(errors.NonFiniteLoss, ArithmeticError)
  assert not issubclass(errors.NonFiniteLoss, errors.InputError)


def test_control_characters_of_a_message_are_escaped():
  error = errors.InputError("a.txt:1: \x1b[31mred\r\n\ud800")
  assert str(error) == "a.txt:1: \\x1b[31mred\\r\\n\\ud800"


def test_letters_of_any_script_and_joiners_are_printed_as_they_are():
  text = "می\u200cروم 天下　é 🙂"
  assert errors.printable(text) == text


def test_a_long_text_is_cut_in_the_middle():
  assert errors.printable("ab" * 300, limit=11) == "ababa…babab"
  assert len(str(errors.InputError("x" * 5000))) == 1000


@pytest.mark.parametrize("character", ["\0", "\x1b", "\ud800", "\U000e0001"])
def test_a_text_that_grows_by_its_escapes_is_cut_too(character):
  assert len(str(errors.InputError(character * 5000))) == 1000
  assert len(errors.quote(character * 50, 40)) == 40


def test_a_quoted_value_stands_in_quotation_marks():
  assert errors.quote("a\tb") == r"'a\tb'"
  assert len(errors.quote("x" * 300)) == 80


def test_an_unknown_word_is_a_key_error_whose_message_is_not_quoted():
  error = errors.UnknownWordError("The word 'x' is not among the 3 words.")
  assert isinstance(error, KeyError) and isinstance(error, errors.InputError)
  assert str(error) == "The word 'x' is not among the 3 words."
