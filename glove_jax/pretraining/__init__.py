"""Pretraining of word vectors and language models: settings -> corpus -> plan -> export.

  settings = pretraining.parse({"method": "glove", "corpus": "wiki.txt"})
  vectors = pretraining.run(settings, "runs/glove")
"""

from typing import TYPE_CHECKING

from glove_jax.pretraining.settings import SETTINGS, config, parse

if TYPE_CHECKING:
  from glove_jax.pretraining.methods import METHODS, count, open_corpus, run

__all__ = (
  "METHODS", "SETTINGS", "config", "count", "open_corpus", "parse", "run",
)


def __getattr__(name: str):
  # Settings are read without JAX; all else imports it when it is first asked for.
  if name not in __all__:
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
  from glove_jax.pretraining import methods
  return getattr(methods, name)
