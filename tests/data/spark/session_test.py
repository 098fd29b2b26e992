"""Errors of Spark are one line that names the stage."""

import builtins
import pathlib

import pytest

from glove_jax.data.spark import session
from glove_jax.errors import EngineError, InputError

LOG = pathlib.Path("run/spark.log")


def describe(text):
  return session._describe(RuntimeError(text), "counting words", LOG)


def test_an_error_of_the_input_comes_through_a_workers_traceback():
  error = describe("Job aborted\nTraceback:\n  glove_jax.errors.InputError: a.txt: bad byte; try\n")
  assert isinstance(error, InputError)
  assert str(error) == "a.txt: bad byte; try"


@pytest.mark.parametrize(
  ("text", "reason"),
  [
    ("An error occurred.\nCaused by: A: one\nCaused by: B: two\n  at x", "B: two"),
    ("\n[NO_SPACE] Full.\n  at x", "[NO_SPACE] Full."),
    ("", "RuntimeError"),
  ],
)
def test_other_errors_name_the_stage_and_the_last_cause(text, reason):
  error = describe(text)
  assert isinstance(error, EngineError)
  expected = f"Spark failed while counting words: {reason}; its messages are in run/spark.log."
  assert str(error) == expected


def test_missing_packages_and_java_are_named(monkeypatch, tmp_path):
  pytest.importorskip("pyspark", reason="needs the extra spark")
  monkeypatch.setenv("PATH", str(tmp_path))
  monkeypatch.setenv("JAVA_HOME", str(tmp_path))
  with pytest.raises(InputError, match="engine=spark needs Java 17 or newer"), session.opened(
    "local", tmp_path / "log"
  ):
    pass
  original = builtins.__import__

  def without_pyspark(name, *arguments, **keywords):
    if name.startswith("pyspark"):
      raise ImportError(name)
    return original(name, *arguments, **keywords)

  monkeypatch.setattr(builtins, "__import__", without_pyspark)
  with pytest.raises(InputError, match=r"needs pyspark and pyarrow: .*pip install"), session.opened(
    "local", tmp_path / "log"
  ):
    pass


def test_workers_of_this_machine_share_its_files():
  local = [session._is_local(master) for master in ("local", "local[2]", "local[*]")]
  assert local == [True, True, True]
  others = ("local-cluster[2,1,1024]", "spark://h:7077", "yarn")
  assert not any(map(session._is_local, others))
