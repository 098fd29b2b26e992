"""The LSTM against its equations, step by step, and its initial params."""

import jax
import numpy as np
import pytest

from glove_jax.models.lstm import init_lstm, lstm

RNG = np.random.default_rng(0)
SIZE = 3
LENGTHS = [4, 2]


def normal(*shape):
  return RNG.normal(size=shape).astype(np.float32)


def sigmoid(x):
  return 1 / (1 + np.exp(-x))


def step(params, x, cell, hidden, recurrent_mask):
  """One step of one text; returns the new (cell, hidden)."""
  gates = x @ params["x"] + (hidden * recurrent_mask) @ params["h"] + params["b"]
  input_gate, forget_gate, candidate, output_gate = gates.reshape(4, SIZE)
  cell = sigmoid(forget_gate) * cell + sigmoid(input_gate) * np.tanh(candidate)
  hidden = sigmoid(output_gate) * np.tanh(cell)
  return cell, hidden


@pytest.mark.parametrize("reverse", [False, True])
def test_states_are_those_of_the_equations(reverse):
  params = {"x": normal(2, 12), "h": normal(3, 12), "b": normal(12)}
  x = normal(2, 5, 2)
  recurrent_mask = np.float32([[1, 0, 2], [2, 2, 0]])
  mask = (np.arange(5) < np.array(LENGTHS)[:, None]).astype(np.float32)

  def run():
    return lstm(params, x, mask, reverse=reverse, recurrent_mask=recurrent_mask)

  states = np.asarray(jax.jit(run)())
  for row, length in enumerate(LENGTHS):
    cell = np.zeros(SIZE)
    hidden = np.zeros(SIZE)
    order = reversed(range(length)) if reverse else range(length)
    for t in order:
      cell, hidden = step(params, x[row, t], cell, hidden, recurrent_mask[row])
      np.testing.assert_allclose(states[row, t], hidden, atol=1e-5)
    assert not states[row, length:].any()


def test_initial_forget_gates_are_open_and_all_gates_keep_variances():
  params = jax.jit(lambda: init_lstm(jax.random.key(0), 60, 40))()
  assert params["b"].tolist() == [0] * 40 + [1] * 40 + [0] * 80
  assert params["x"].shape == (60, 160)
  assert params["h"].shape == (40, 160)
  for name, inputs in (("x", 60), ("h", 40)):
    for gate in np.split(params[name], 4, 1):
      assert gate.var() == pytest.approx(2 / (inputs + 40), rel=0.1)
