"""What encodes a text: every model of texts is an `Encoder`, and most take another for their inputs."""

from collections.abc import Callable
from typing import NamedTuple

import jax

from glove_jax.data.labelled.padded_batches import PaddedBatch
from glove_jax.train import Params


class Encoder(NamedTuple):
  """Two pure functions, and how wide what they give is."""

  init: Callable[[jax.Array], Params]
  encode: Callable[[Params, PaddedBatch, jax.Array | None], jax.Array]  # -> [B, T, D]; a None key means no dropout
  dim: int
