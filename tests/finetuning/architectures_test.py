"""Encoders and tasks as settings describe them: names and sizes of params."""

import jax
import numpy as np
import pytest

from glove_jax.data.labelled.lexicon import Lexicon
from glove_jax.errors import InputError
from glove_jax.finetuning import architectures, settings

LEXICON = Lexicon(("w",) * 7, ("c",) * 5, ("a", "b", "c"), (4,), 6)
TABLE = np.zeros((9, 6), np.float32)


def shapes(task):
  params = jax.eval_shape(task.init, jax.random.key(0))
  leaves = jax.tree_util.tree_leaves_with_path(params)
  return {
    jax.tree_util.keystr(path, simple=True, separator="/"): leaf.shape for path, leaf in leaves
  }


@pytest.mark.parametrize("method,width", [("bag", 6), ("cnn", 2 * 4), ("bilstm", 2 * 5)])
def test_classifiers_by_each_encoder(method, width):
  chosen = settings.ClassifySettings(method=method, widths="1,2", filters=4, lstm_size=5)
  names = shapes(architectures.word_classifier(chosen, LEXICON, TABLE))
  assert names["head/w"] == (width, 3)
  assert names["encoder/words" if method == "bag" else "encoder/inputs/words"] == (9, 6)


def test_a_tagger_reads_characters_and_has_a_crf_if_asked_to():
  chosen = settings.TagSettings(encoder="bag", char_filters=4, char_dim=3)
  lexicon = LEXICON._replace(labels=("O", "S-X"))
  names = shapes(architectures.word_tagger(chosen, lexicon, TABLE))
  assert names["encoder/chars/table"] == (7, 3)
  assert names["head/w"] == (6 + 4, 2)
  assert any(name.startswith("crf/") for name in names)
  plain = settings.TagSettings(encoder="bag", char_filters=0, use_crf=False)
  assert set(shapes(architectures.word_tagger(plain, lexicon, TABLE))) == {
    "encoder/words",
    "head/w",
    "head/b",
  }


def test_class_weights_balance_the_training_texts():
  chosen = settings.ClassifySettings(method="bag", class_weights="balanced", dropout=0.0)
  balanced = architectures.word_classifier(chosen, LEXICON, TABLE, [0, 0, 0, 1])
  params = balanced.init(jax.random.key(0))
  from glove_jax.data.labelled.padded_batches import Examples, collate

  examples = Examples([np.array([2], np.int32)] * 2, [0, 1])
  batch = collate(examples, [0, 1], 2, 4)
  weights = float(balanced.loss(params, batch, None)["loss"][1])
  assert weights == pytest.approx(4 / 2 / 3 + 4 / 2 / 1)


@pytest.mark.parametrize("widths", ["3,x", "0,1", ""])
def test_bad_widths_are_refused(widths):
  chosen = settings.ClassifySettings(widths=widths)
  with pytest.raises(InputError, match="expected numbers of words"):
    architectures.word_classifier(chosen, LEXICON, TABLE)
