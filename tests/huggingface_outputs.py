"""What models of transformers give for a batch, computed by us, beside what is expected."""

import jax
import numpy as np

from glove_jax.models import bert, gpt2, transformer
from glove_jax.models.transformer import Tokens


def outputs(pretrained, batch):
  """(hidden states, logits or None, what is pooled or None) of a batch as transformers takes it."""
  config = pretrained.config
  ids = np.asarray(batch["input_ids"], np.int32)
  types, mask = (
    np.asarray(batch[name], np.int32) if name in batch else None
    for name in ("token_type_ids", "attention_mask")
  )
  tokens = Tokens(ids, np.ones_like(ids) if mask is None else mask, types)

  @jax.jit
  def run(params):
    states = transformer.hidden_states(params, tokens, config=config)
    if config.causal:
      return states, gpt2.tied_logits(params, states[-1]), None
    logits = (
      bert.masked_logits(params, states[-1], config=config) if "masked_lm" in params else None
    )
    return states, logits, bert.pool(params, states[-1]) if "pooler" in params else None

  return run(pretrained.params)


def expect_golden(pretrained, expected):
  states, logits, pooled = outputs(pretrained, expected)
  real = expected["attention_mask"] > 0
  assert len(states) == pretrained.config.layers + 1
  for i, state in enumerate(states):
    np.testing.assert_allclose(np.asarray(state)[real], expected[f"hidden_{i}"][real], atol=1e-4)
  np.testing.assert_allclose(np.asarray(logits)[real], expected["logits"][real], atol=1e-4)
  if pooled is not None:
    np.testing.assert_allclose(pooled, expected["pooled"], atol=1e-4)
