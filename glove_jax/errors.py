"""The exception that means "the user's input is at fault"."""


class InputError(ValueError):
  """Bad input from outside: its message is one line naming the file, the line, what was found and expected.

  Programs in `experiments/` print it without a traceback and exit with status 2.
  """
