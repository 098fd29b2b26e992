"""Every part of both samples is there, and its labels are learnt from the training part."""

import pytest

from glove_jax.data.labelled import classification, samples, tagging

PARTS = ("train", "dev", "test")


@pytest.mark.parametrize("part", PARTS)
def test_labelled_samples_have_the_classes_of_their_training_texts(part):
  train = classification.read(samples.path("labelled", "train"))
  texts = classification.read(samples.path("labelled", part))
  assert len(texts.texts) > 10 and texts.classes == train.classes


@pytest.mark.parametrize("part", PARTS)
def test_tagged_samples_have_the_types_of_their_training_sentences(part):
  train = tagging.read(samples.path("tagged", "train"))
  sentences = tagging.read(samples.path("tagged", part))
  assert len(sentences.sentences) > 10 and set(sentences.types) <= set(train.types)
