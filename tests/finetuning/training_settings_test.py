"""Choices of training equal those of the code they select; bounds of batches make sense."""

from glove_jax import optimizers
from glove_jax.finetuning import training_settings
from glove_jax.finetuning.training_settings import Optimization, TransformerOptimization
from glove_jax.tasks import classify


def test_choices_are_what_the_code_offers():
  assert set(training_settings.POOLINGS) == set(classify.POOLINGS)
  assert set(training_settings.OPTIMIZERS) == set(optimizers.OPTIMIZERS)
  assert training_settings.SCHEDULES == optimizers.SCHEDULES


def test_small_batches_are_smaller_than_large_ones():
  for cls in (Optimization, TransformerOptimization):
    assert 0 < cls.SMALLEST_BATCH < cls.LARGEST_BATCH
