"""Hints to install packages are commands for the Python that runs, as a shell would take them."""

import shlex
import subprocess
import sys

import pytest

from glove_jax import installation


def test_an_extra_names_the_python_below_the_current_folder(tmp_path, monkeypatch):
  monkeypatch.chdir(tmp_path)
  monkeypatch.setattr(sys, "executable", str(tmp_path / ".venv" / "bin" / "python"))
  assert installation.extra("plots") == ".venv/bin/python -m pip install -e '.[plots]'"


def test_a_python_elsewhere_has_its_whole_path_quoted_for_the_shell(tmp_path, monkeypatch):
  monkeypatch.chdir(tmp_path)
  monkeypatch.setattr(sys, "executable", "/opt/my venv/bin/python")
  assert installation.pip_install("a==1", "jax[tpu]") == (
    "'/opt/my venv/bin/python' -m pip install a==1 'jax[tpu]'")


@pytest.mark.parametrize("name", ["python", "python3"])
def test_the_python_of_an_active_environment_is_called_by_its_name(name, tmp_path, monkeypatch):
  python = tmp_path / name
  python.touch(mode=0o755)
  monkeypatch.setenv("PATH", str(tmp_path))
  monkeypatch.setattr(sys, "executable", str(python))
  assert installation.pip_install("spacy") == f"{name} -m pip install spacy"


def test_an_embedded_python_without_a_path(monkeypatch):
  monkeypatch.setattr(sys, "executable", "")
  assert installation.pip_install("spacy") == "python -m pip install spacy"


def test_the_command_runs_this_python():
  python, *options = shlex.split(installation.pip_install("x"))[:3]
  assert options == ["-m", "pip"]
  code = "import sys; print(sys.prefix)"
  assert subprocess.check_output([python, "-c", code], text=True).strip() == sys.prefix
