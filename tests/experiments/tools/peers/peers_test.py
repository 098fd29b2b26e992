"""Which peers can do a work, and whether they are installed."""

import pytest

from glove_jax.errors import InputError
from tools import peers


def test_peers_that_are_here_pass():
  peers.check_installed([], ["nothing"])
  peers.check_installed(["json"], ["json", "csv"])


@pytest.mark.parametrize(("name", "message"), [
  ("glove", "--peers=glove does not do this, expected json or no_such_package"),
  ("no_such_package",
   r"--peers=no_such_package is not installed: .* -m pip install -e '.\[torch\]'")])
def test_others_are_refused(name, message):
  with pytest.raises(InputError, match=message):
    peers.check_installed([name], ["json", "no_such_package"], extra="torch")
