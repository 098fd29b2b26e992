"""Pretraining of word vectors and language models: settings -> corpus -> plan -> export.

  settings = pretraining.parse({"method": "glove", "corpus": "wiki.txt"})
  with runs.open("runs/glove", settings) as run:
    corpus = pretraining.open_corpus(settings, run.folder)
    plan, export = pretraining.METHODS[settings.method](settings, corpus)
    params = run.fit(plan, average_epochs=pretraining.averaged_epochs(settings))
    export(params, run.folder)
"""

from typing import TYPE_CHECKING

from glove_jax.pretraining.settings import SETTINGS, config, parse

if TYPE_CHECKING:
  from glove_jax.pretraining.methods import METHODS, averaged_epochs, early_stopping, open_corpus

__all__ = (
  "METHODS", "SETTINGS", "averaged_epochs", "config", "early_stopping", "open_corpus", "parse",
)


def __getattr__(name: str):
  # Settings are read without JAX; all else imports it when it is first asked for.
  if name not in __all__:
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
  from glove_jax.pretraining import methods
  return getattr(methods, name)
