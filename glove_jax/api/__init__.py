"""The Python API: `pretrain`, `finetune`, `load`, `load_vectors`, and the models that they return.

Each call is a run of the programs in `experiments/`: texts and labels that are Python values are
written to files in the run's folder, and the same functions do the rest. `import glove_jax` offers
these names without importing JAX.
"""

from glove_jax.api.language_models import CausalLanguageModel, MaskedLanguageModel
from glove_jax.api.loading import load, load_vectors
from glove_jax.api.predictors import Classifier, Tagger
from glove_jax.api.training import finetune, pretrain

__all__ = [
  "CausalLanguageModel",
  "Classifier",
  "MaskedLanguageModel",
  "Tagger",
  "finetune",
  "load",
  "load_vectors",
  "pretrain",
]
