"""Pretraining and fine-tuning of word vectors and small language models in JAX.

    import glove_jax as gj
    vectors = gj.pretrain("wiki.txt", dim=100)
    vectors.most_similar("france")
    classifier = gj.finetune("train.tsv", dev="dev.tsv", init=vectors)
    classifier.predict(["a fine film"])

Names are imported when they are first used: `import glove_jax` does not import JAX.

To read the code, start with `train` (one step), `parallel` (devices) and `methods.glove` (a model).
Letters for sizes in comments and docstrings:

  B batch, N texts, rows or records, V vocabulary, D width of a vector, T tokens of a text,
  W characters of a token, H attention heads, K width of a head, C classes or tags
"""

import importlib

__version__ = "0.3.0"

_MODULES = {
  "CausalLanguageModel": "api.language_models",
  "Classifier": "api.predictors",
  "InputError": "errors",
  "MaskedLanguageModel": "api.language_models",
  "Tagger": "api.predictors",
  "UnknownWordError": "errors",
  "WordVectors": "word_vectors",
  "export": "exports",
  "finetune": "api.training",
  "load": "api.loading",
  "load_vectors": "api.loading",
  "pretrain": "api.training",
}

__all__ = sorted(_MODULES)


def __getattr__(name: str):
  if name not in _MODULES:
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
  module_name = _MODULES[name]
  if module_name.startswith("api."):
    importlib.import_module(f"{__name__}.jax_environment").check_variables()
  module = importlib.import_module(f"{__name__}.{module_name}")
  return getattr(module, name)


def __dir__() -> list[str]:
  return sorted({*globals(), *__all__})
