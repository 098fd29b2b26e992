"""Checks JAX's variables in the environment when it is imported.

Programs whose imports include JAX import this module first: JAX would stop with a traceback.
"""

import sys

from glove_jax import jax_environment
from glove_jax.errors import InputError

try:
  jax_environment.check_variables()
except InputError as error:
  print(f"error: {error}", file=sys.stderr)
  sys.exit(2)
