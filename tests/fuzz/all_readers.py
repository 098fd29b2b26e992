"""All readers that are fuzzed, by name."""

import functools

from fuzz import (
  command_readers,
  evaluation_readers,
  labelled_readers,
  model_readers,
  text_readers,
  tokenizer_readers,
  vector_readers,
  workdir_readers,
)
from fuzz.trials import Reader

_MODULES = (
  vector_readers, labelled_readers, evaluation_readers, text_readers, tokenizer_readers,
  model_readers, workdir_readers, command_readers,
)  # fmt: skip


@functools.cache
def by_name() -> dict[str, Reader]:
  """Returns all readers."""
  readers = []
  for module in _MODULES:
    readers += module.readers()
  return {reader.name: reader for reader in readers}


def select(names: str) -> list[Reader]:
  """Returns the readers of names that are separated by commas; all without names."""
  readers = by_name()
  if not names:
    return list(readers.values())
  return [readers[name.strip()] for name in names.split(",")]
