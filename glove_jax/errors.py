"""The exception for errors in the user's input."""


class InputError(ValueError):
  """An error in the user's input, with a message of one line for the user.

  The message names the file, the line, what was found and what was expected. The programs in
  `experiments/` print it without a traceback and exit with status 2.
  """
