"""The keys of --config.KEY=VALUE among the arguments of a program."""

import pytest

from glove_jax import pretraining
from glove_jax.errors import InputError
from glove_jax.pretraining.settings import GloveSettings, Word2VecSettings
from tools import config_keys, program

GLOVE = str(program.CONFIGS / "glove.py")
WORD2VEC = str(program.CONFIGS / "word2vec.py")


@pytest.mark.parametrize(("argv", "cls"), [
  (["x.py", f"--config={GLOVE}"], GloveSettings),
  (["x.py", "--workdir=a", "-config", WORD2VEC, "--config.dim=3"], Word2VecSettings),
  (["x.py", f"--config={WORD2VEC}:cbow"], Word2VecSettings),
  (["x.py", "--config=/nowhere.py"], None),
  (["x.py", "--config"], None),
  (["x.py"], None),
])
def test_the_settings_are_those_of_the_config_file(argv, cls):
  assert config_keys.settings_class(argv, pretraining.SETTINGS) is cls
  assert config_keys.names_config(argv) == (len(argv) > 1)


def test_only_overrides_are_translated():
  notes = []
  argv = ["x.py", f"--config={WORD2VEC}", "--turns=3", "--config.turns=3", "-config.dim", "4"]
  translated = config_keys.translate(argv, Word2VecSettings, notify=notes.append)
  assert translated == [*argv[:3], "--config.updates_per_step=3", *argv[4:]]
  assert notes == ["the key 'turns' is now called 'updates_per_step'"]


def test_a_key_of_another_method_is_unknown():
  with pytest.raises(InputError, match=r"--config.ridge=1: there is no key 'ridge'"):
    config_keys.translate(["--config.ridge=1"], Word2VecSettings)


def test_help_is_asked_for_by_a_flag_alone():
  assert config_keys.asks_for_help(["x.py", "--help"])
  assert not config_keys.asks_for_help(["x.py", "--config.prompt=--help"])
