"""Exceptions that are not bugs: the programs in `experiments/` print them as one line."""


class InputError(ValueError):
  """An error in the user's input, with a message of one line for the user.

  The message names the file, the line, what was found and what was expected. Programs end with
  exit status 2.
  """


class NonFiniteLoss(ArithmeticError):
  """A metric of a training run became NaN or infinite. Programs end with exit status 1."""
