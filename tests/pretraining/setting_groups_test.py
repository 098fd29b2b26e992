"""Keys that methods share: their choices are those of the code below."""

import pytest

from glove_jax import optimizers
from glove_jax import settings as settings_lib
from glove_jax.data.counts import cooccurrence
from glove_jax.data.text import phrases
from glove_jax.methods import glove, word2vec
from glove_jax.pretraining import settings


@pytest.mark.parametrize(("method", "key", "choices"), [
  ("glove", "output", glove.OUTPUTS),
  ("glove", "bias_rule", glove.BIAS_RULES),
  ("glove", "weighting", cooccurrence.WEIGHTINGS),
  ("glove", "schedule", optimizers.SCHEDULES),
  ("glove", "optimizer", ("row_adagrad", *optimizers.OPTIMIZERS)),
  ("word2vec", "model", word2vec.MODELS),
  ("word2vec", "loss", word2vec.LOSSES),
  ("word2vec", "output", word2vec.OUTPUTS),
])
def test_choices_are_those_of_the_methods(method, key, choices):
  field = settings.SETTINGS[method].__dataclass_fields__[key]
  assert settings_lib.limits_of(field).choices == tuple(choices)


def test_scores_of_phrases_are_named():
  field = settings.GloveSettings.__dataclass_fields__["phrase_score"]
  assert all(score in settings_lib.limits_of(field).text for score in phrases.SCORES)
