"""The interface of every text encoder: from a batch of texts to a vector for each token.

Most encoders take another `Encoder` as their inputs, so that they stack: a CNN on word vectors, a
BiLSTM on word vectors and character features.
"""

from collections.abc import Callable
from typing import NamedTuple

import jax

from glove_jax.data.labelled.padded_batches import PaddedBatch
from glove_jax.train import Params


class Encoder(NamedTuple):
  """An encoder as two pure functions and the width of its output."""

  init: Callable[[jax.Array], Params]  # random key -> params
  # (params, batch, random key) -> [B, T, D], zeros at padding; with None as key, no dropout.
  encode: Callable[[Params, PaddedBatch, jax.Array | None], jax.Array]
  dim: int  # D
