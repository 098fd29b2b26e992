"""The long short-term memory (Hochreiter & Schmidhuber 1997) with forget gates (Gers et al. 2000).

At each token, with input x, hidden state h and cell state c (`*` is by element):
  input_gate, forget_gate, candidate, output_gate = split(W_x x + W_h h + b)
  c <- sigmoid(forget_gate) * c + sigmoid(input_gate) * tanh(candidate)
  h <- sigmoid(output_gate) * tanh(c)
"""

import jax
import jax.numpy as jnp
from jax.nn import sigmoid

from glove_jax import nn
from glove_jax.train import Params


def init_lstm(rng: jax.Array, inputs: int, size: int) -> Params:
  """Draws `x` [inputs, 4 size], `h` [size, 4 size] and `b` [4 size].

  Columns are those of the input gate, forget gate, cell candidate and output gate. Each gate's
  matrix is drawn as by `init_dense`. The forget gate's bias starts at 1 (Jozefowicz et al. 2015).
  """
  rng_x, rng_h = jax.random.split(rng)
  gate_biases = jnp.array([0.0, 1.0, 0.0, 0.0])
  return {
    "x": _init_gates(rng_x, inputs, size),
    "h": _init_gates(rng_h, size, size),
    "b": jnp.repeat(gate_biases, size),
  }


def _init_gates(rng: jax.Array, inputs: int, size: int) -> jax.Array:  # -> [inputs, 4 size]
  gates = []
  for key in jax.random.split(rng, 4):
    gates.append(nn.init_dense(key, inputs, size)["w"])
  return jnp.concatenate(gates, 1)


def lstm(params: Params, x, mask, *, reverse: bool = False, recurrent_mask=None):
  """Runs an LSTM over the tokens of each text; padding leaves its state as it is.

  Args:
    params: as from `init_lstm`.
    x: [B, T, inputs].
    mask: [B, T], 1 for tokens, 0 for padding.
    reverse: read the texts from right to left.
    recurrent_mask: [B, size], multiplies the hidden state before each step (a dropout mask).

  Returns:
    [B, T, size], the hidden states; zeros at padding.
  """
  # The inputs' part of the gates, for all steps at once: [T, B, 4 size].
  gate_inputs = jnp.moveaxis(x @ params["x"] + params["b"], 1, 0)

  def step(state, inputs):
    cell, hidden = state
    gates, token_mask = inputs
    recurrent = hidden if recurrent_mask is None else hidden * recurrent_mask
    gates = gates + recurrent @ params["h"]
    input_gate, forget_gate, candidate, output_gate = jnp.split(gates, 4, 1)
    kept = sigmoid(forget_gate) * cell
    added = sigmoid(input_gate) * jnp.tanh(candidate)
    new_cell = kept + added
    new_hidden = sigmoid(output_gate) * jnp.tanh(new_cell)
    is_token = token_mask[:, None] > 0
    cell = jnp.where(is_token, new_cell, cell)
    hidden = jnp.where(is_token, new_hidden, hidden)
    return (cell, hidden), new_hidden

  batch_size = x.shape[0]
  size = params["h"].shape[0]
  zeros = jnp.zeros((batch_size, size))
  _, states = jax.lax.scan(step, (zeros, zeros), (gate_inputs, mask.T), reverse=reverse)
  states = jnp.moveaxis(states, 0, 1)
  return states * mask[..., None]
