"""The exceptions that are not bugs: programs in `experiments/` print them as one line, without a traceback."""


class InputError(ValueError):
  """Bad input from outside: its message is one line naming the file, the line, what was found and expected.

  The exit status of programs is 2.
  """


class NonFiniteLoss(ArithmeticError):
  """A metric of a training run became NaN or infinite. The exit status of programs is 1."""
