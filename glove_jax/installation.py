"""Commands that install missing packages, for messages."""

import os
import shlex
import shutil
import sys


def extra(name: str) -> str:
  """Returns the command that installs an extra of this project, at the root of a clone."""
  return pip_install("-e", f".[{name}]")


def pip_install(*arguments: str) -> str:
  """Returns the command that installs packages for the Python that runs.

  Args:
    arguments: of `pip install`: packages and options.
  """
  return f"{shlex.quote(_python())} -m pip install {shlex.join(arguments)}"


def _python() -> str:
  """Returns how a shell in the current folder calls the Python that runs."""
  for name in ("python", "python3"):
    if sys.executable and shutil.which(name) == sys.executable:
      return name
  folder = os.path.join(os.getcwd(), "")
  return sys.executable.removeprefix(folder) or "python"
