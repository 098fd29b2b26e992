"""Bad architectures are refused by name."""

import pytest

from glove_jax.errors import InputError
from glove_jax.models.transformer_config import Config, check_config

CONFIG = Config(vocab_size=31, dim=8, layers=2, heads=2, feedforward_dim=12, positions=16)


@pytest.mark.parametrize(
  "changes,message",
  [
    ({"heads": 3}, "multiple of heads=3"),
    ({"activation": "swish"}, "expected one of gelu"),
    ({"dim": 0}, "dim is 0"),
    ({"dtype": "float16"}, "expected one of float32, bfloat16"),
    ({"dropout": 1.0}, "dropout is 1.0"),
    ({"epsilon": 0.0}, "epsilon is 0.0"),
    ({"types": -1}, "types is -1"),
    ({"rope_theta": 10.0, "causal": True}, "rope_theta is 10.0, expected 0 for a causal model"),
    ({"rope_theta": 10.0, "dim": 6, "heads": 2}, "dim is 6, expected an even multiple of heads=2"),
    ({"rope_theta": 10.0, "heads": 0}, "heads is 0"),
    ({"layers": 0, "types": -1}, "layers is 0, .*; types is -1"),
  ],
)
def test_bad_sizes_are_named(changes, message):
  check_config(CONFIG)
  with pytest.raises(InputError, match=message):
    check_config(CONFIG._replace(**changes))
