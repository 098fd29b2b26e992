"""The architecture of a transformer: sizes, where its norms stand, and how it is computed."""

import functools
from typing import NamedTuple

import jax

from glove_jax.errors import InputError

ACTIVATIONS = {
  "gelu": functools.partial(jax.nn.gelu, approximate=False),
  "gelu_tanh": functools.partial(jax.nn.gelu, approximate=True),  # what GPT-2's code calls GELU
  "relu": jax.nn.relu,
}
DTYPES = ("float32", "bfloat16")
BIASED_PARTS = ("attention", "mlp", "norm", "head", "output")  # `head`, `output`: of masked LMs


class Config(NamedTuple):
  """The architecture of a transformer.

  `bert.CONFIG` and `gpt2.CONFIG` are the published ones; make others from them by `_replace`.
  From `family` on, fields describe models of other families; the defaults are those of both.
  """

  vocab_size: int
  dim: int = 256
  layers: int = 4
  heads: int = 4
  feedforward_dim: int = 1024
  positions: int = 512      # tokens in the longest text
  types: int = 0            # kinds of segments, such as BERT's first and second sentence
  causal: bool = False      # tokens attend only to earlier ones
  pre_norm: bool = False    # layer norms before each sublayer (GPT-2), not after it (BERT)
  activation: str = "gelu"  # a name in ACTIVATIONS
  epsilon: float = 1e-12    # of layer norms
  dropout: float = 0.1      # on embeddings and the output of each sublayer; attention has none
  dtype: str = "float32"    # of the computation, from DTYPES; params are always float32
  remat: bool = False       # recompute layers for the gradient instead of storing activations
  family: str = ""          # `model_type` of transformers; empty: BERT or, if causal, GPT-2
  embed_dim: int = 0        # of embeddings that a dense layer maps to dim (ELECTRA); 0: dim
  # With norms first: one on the embeddings, instead of the first layer's attention norm.
  embed_norm: bool = False
  position_offset: int = 0  # rows of the position table before the first position (RoBERTa: 2)
  rope_theta: float = 0.0   # base of rotary position embeddings (Su et al. 2021); 0: a table
  local_rope_theta: float = 0.0        # the same in local layers
  local_layers: tuple[int, ...] = ()   # layers whose tokens attend to close ones only
  local_distance: int = 0              # how far from each other those tokens are at most
  distance_buckets: int = 0  # of an attention bias by distance (MPNet: 32); 0: none
  gated: bool = False        # feed-forward layers multiply by a gate (GeGLU, Shazeer 2020)
  biases: tuple[str, ...] = BIASED_PARTS  # parts that have biases
  head_activation: str = ""  # of the masked-LM head; empty: `activation`
  tied: bool = True          # the output layer shares the token embeddings


def check_config(config: Config) -> None:
  """Checks that sizes and names make sense.

  Raises:
    InputError: lists all that do not.
  """
  errors = []
  for name in ("vocab_size", "dim", "layers", "heads", "feedforward_dim", "positions"):
    if getattr(config, name) < 1:
      errors.append(f"{name} is {getattr(config, name)}, expected 1 or more")
  if config.heads > 0 and config.dim % config.heads:
    errors.append(f"dim is {config.dim}, expected a multiple of heads={config.heads}")
  if config.activation not in ACTIVATIONS:
    expected = ", ".join(ACTIVATIONS)
    errors.append(f"activation is {config.activation!r}, expected one of {expected}")
  if config.dtype not in DTYPES:
    errors.append(f"dtype is {config.dtype!r}, expected one of {', '.join(DTYPES)}")
  if not 0 <= config.dropout < 1:
    errors.append(f"dropout is {config.dropout}, expected 0 or more and less than 1")
  if config.types < 0:
    errors.append(f"types is {config.types}, expected 0 or more")
  if not config.epsilon > 0:
    errors.append(f"epsilon is {config.epsilon}, expected more than 0")
  errors += _check_rope(config)
  if errors:
    raise InputError("; ".join(errors) + ".")


def _check_rope(config: Config) -> list[str]:
  errors = []
  if config.rope_theta and config.causal:
    errors.append(f"rope_theta is {config.rope_theta}, expected 0 for a causal model")
  if config.rope_theta and config.heads > 0 and config.dim % (2 * config.heads):
    errors.append(f"dim is {config.dim}, expected an even multiple of heads={config.heads}")
  return errors
