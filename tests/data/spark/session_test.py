"""Errors of Spark are one line that names the stage."""

import pathlib

import pytest

from glove_jax.data.spark import session
from glove_jax.errors import EngineError, InputError

LOG = pathlib.Path("run/spark.log")


def describe(text):
  return session.describe_failure(RuntimeError(text), "counting words", LOG)


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
