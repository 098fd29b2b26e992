"""Other programs that do the same work, to be measured beside ours."""

import importlib.util
from collections.abc import Collection, Sequence

from glove_jax import installation
from glove_jax.errors import InputError


def check_installed(
  peers: Sequence[str], expected: Collection[str], *, extra: str = "peers"
) -> None:
  """Raises InputError unless all peers can do the work in question and are installed.

  Args:
    peers: names of Python packages.
    expected: those that can do the work.
    extra: the extra of this project that installs them.
  """
  for name in peers:
    if name not in expected:
      raise InputError(f"--peers={name} does not do this, expected {' or '.join(expected)}.")
    packages = ("torch", "transformers") if name == "transformers" else (name,)
    for package in packages:
      if importlib.util.find_spec(package) is None:
        raise InputError(f"--peers={name} is not installed: {installation.extra(extra)}")
