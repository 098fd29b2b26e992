"""The keys of --config.KEY=VALUE among the arguments of a program."""

import runpy

import pytest

from glove_jax import finetuning, pretraining
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


@pytest.mark.parametrize(("name", "path"), [
  ("glove", GLOVE),
  ("glove.py", GLOVE),
  ("word2vec:cbow", f"{WORD2VEC}:cbow"),
  ("word2vec.py:cbow", f"{WORD2VEC}:cbow"),
  (GLOVE, GLOVE),
  ("other/glove", "other/glove"),
  ("mine.py", "mine.py"),
])
def test_a_recipe_has_a_name(tmp_path, monkeypatch, name, path):
  monkeypatch.chdir(tmp_path)
  assert config_keys.recipe_file(name, program.CONFIGS) == path
  for argv in (["x.py", f"--config={name}"], ["x.py", "-config", name]):
    joined = "=".join(config_keys.resolve_recipes(argv, program.CONFIGS)[1:])
    assert joined.lstrip("-") == f"config={path}"


def test_a_file_of_the_same_name_comes_first(tmp_path, monkeypatch):
  monkeypatch.chdir(tmp_path)
  (tmp_path / "glove.py").touch()
  (tmp_path / "word2vec").mkdir()  # a workdir
  assert config_keys.recipe_file("glove.py", program.CONFIGS) == "glove.py"
  assert config_keys.recipe_file("word2vec", program.CONFIGS) == WORD2VEC


@pytest.mark.parametrize(("name", "hint"), [
  ("glove-als", "did you mean glove_als?"),
  ("glove-als.py", "did you mean glove_als?"),
  ("zzz", "the recipes are bert, "),
])
def test_an_unknown_recipe_is_answered_with_the_nearest(name, hint):
  with pytest.raises(InputError, match=f"--config={name}: there is no such .* {hint[:-1]}"):
    config_keys.recipe_file(name, program.CONFIGS)


def test_a_recipe_of_another_program_is_named():
  argv = ["x.py", f"--config={program.CONFIGS / 'classify.py'}"]
  with pytest.raises(InputError, match="a recipe of method='cnn', expected one of glove, "):
    config_keys.settings_class(argv, pretraining.SETTINGS)


def test_a_flag_among_the_keys_is_told():
  with pytest.raises(InputError, match="verbosity is no key but a flag: --verbosity=1"):
    config_keys.translate(["--config.verbosity=1"], Word2VecSettings)


@pytest.mark.parametrize(("flag", "hint"), [
  ("corpus", "did you mean --config.corpus?"),
  ("vector_size", "did you mean --config.dim?"),
  ("zzzzzz", "--help lists all."),
])
def test_a_key_given_as_a_flag_is_told(flag, hint):
  line = config_keys.describe_unknown_flag(flag, Word2VecSettings)
  assert line == f"--{flag}: there is no such flag; {hint}"


@pytest.mark.parametrize("model", ["cnn", "bilstm", "bag", "averaged"])
def test_classify_has_a_variant_for_each_model(model):
  path = f"{program.CONFIGS / 'classify.py'}:{model}"
  assert config_keys.settings_class(["x.py", f"--config={path}"], finetuning.SETTINGS)
  get_config = runpy.run_path(str(program.CONFIGS / "classify.py"))["get_config"]
  assert finetuning.parse({**get_config(model), "train": "x"}).method == model
  with pytest.raises(InputError, match="classify.py:rnn, expected one of cnn, "):
    get_config("rnn")
