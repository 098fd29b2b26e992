"""The settings of counts that were made before, which a run takes over with the counts."""

import pathlib
from collections.abc import Mapping
from typing import Any

from glove_jax import run_record
from glove_jax.errors import InputError

# Keys on which counts depend, besides `corpus`, which only says where the text was.
KEYS = (
  "encoding", "errors", "lowercase", "max_vocab", "min_count", "phrase_min_count", "phrase_score",
  "phrase_threshold", "phrases", "symmetric", "tokenizer", "vocab", "weighting", "window",
)


def taken_over(
  values: Mapping[str, Any], defaults: Mapping[str, Any], counts: str
) -> dict[str, Any]:
  """Returns the values of the keys on which the counts in a folder depend, and of `corpus`.

  Args:
    values: the settings of a run.
    defaults: of the same keys. A value that is not the default must be that of the counts.
    counts: the folder; one that is missing has no settings.

  Raises:
    InputError: a value is another than the counts were made with, or the folder is that of another
      program.
  """
  folder = pathlib.Path(counts)
  if not folder.exists():
    return {}
  counted = run_record.read_settings(folder)
  if counted is None or "window" not in counted:
    raise InputError(
      f"counts={counts}: holds no settings of counts, expected a folder of count.py, or a run of"
      " glove_als, glove or ppmi_svd."
    )
  for key in KEYS:
    expected = counted.get(key, defaults[key])
    if values[key] not in (defaults[key], expected):
      raise InputError(
        f"{key}={values[key]!r}, expected {expected!r}, with which counts={counts} were made."
      )
  return {key: counted[key] for key in (*KEYS, "corpus") if key in counted}
