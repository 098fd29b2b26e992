"""Sizes of the work of `benchmark.py accelerator`, by the size of a device."""

from typing import NamedTuple

import jax

from glove_jax.models import bert, gpt2
from glove_jax.models.transformer import Config


class Scale(NamedTuple):
  """How much is measured."""

  seconds: float     # of a measurement
  vocab_size: int    # of word vectors
  tokens: int        # of the text for word2vec and fastText
  update_words: int  # of an update of word2vec and fastText
  updates: int       # of a step
  nonzeros: int      # co-occurrence counts
  copied: int        # bytes of the array that is copied
  matmul: int        # rows of the matrices that are multiplied
  gpt: Config
  bert: Config
  length: int        # tokens of a row of a language model
  rows: int          # of a language model, on each device; 0: as many as its memory holds
  texts: int         # that are labelled


_TINY = gpt2.CONFIG._replace(
  vocab_size=1000, dim=64, layers=2, heads=2, feedforward_dim=256, positions=64
)
_SMALL = gpt2.CONFIG._replace(
  vocab_size=8000, dim=256, layers=4, heads=4, feedforward_dim=1024, positions=256
)
SCALES = {
  "tiny": Scale(
    seconds=0.2, vocab_size=2000, tokens=20_000, update_words=512, updates=4, nonzeros=30_000,
    copied=1 << 24, matmul=512, gpt=_TINY,
    bert=bert.CONFIG._replace(**_TINY._asdict() | {"causal": False, "pre_norm": False}),
    length=64, rows=4, texts=200,
  ),
  "small": Scale(
    seconds=2.0, vocab_size=30_000, tokens=1_000_000, update_words=2048, updates=16,
    nonzeros=2_000_000, copied=1 << 28, matmul=2048, gpt=_SMALL,
    bert=bert.CONFIG._replace(**_SMALL._asdict() | {"causal": False, "pre_norm": False}),
    length=256, rows=8, texts=2000,
  ),
  "full": Scale(
    seconds=5.0, vocab_size=400_000, tokens=5_000_000, update_words=16_384, updates=16,
    nonzeros=20_000_000, copied=1 << 30, matmul=8192,
    gpt=gpt2.CONFIG._replace(dtype="bfloat16"),
    bert=bert.CONFIG._replace(dtype="bfloat16"),
    length=512, rows=0, texts=20_000,
  ),
}  # fmt: skip
# Of GPT-2 small in training with 512 tokens. A cautious estimate: three arrays of logits in float32
# are 0.3 GB, and the activations of twelve layers about as much.
_BYTES_OF_A_ROW = 2e9


def default() -> str:
  """Returns the name of the scale for the devices of this process."""
  return "tiny" if jax.default_backend() == "cpu" else "full"


def rows_per_device(scale: Scale) -> int:
  """Returns the rows of a batch of a language model for each device."""
  if scale.rows:
    return scale.rows
  memory = jax.local_devices()[0].memory_stats() or {}
  usable = memory.get("bytes_limit", 16e9)
  return max(1, min(32, int(usable / _BYTES_OF_A_ROW)))
