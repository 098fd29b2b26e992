"""Writes a linear output layer as the heads of `transformers` that compute the same function.

These have a dense layer and an activation before the output layer (BERT, RoBERTa, DistilBERT,
ELECTRA), or no bias (GPT-2). Params of a head: `w` [D, C] and `b` [C].
"""

import numpy as np

from glove_jax.train import Params

# tanh(x / SCALE) * SCALE is x to less than its rounding in float32, for any score that occurs:
# the error is x^3 / (3 SCALE^2), 1e-5 at 20. A power of two scales weights without rounding.
SCALE = 2.0**14
_LARGEST_RATIO = 1e3  # of the change of a norm's bias to the bias of the output layer


def with_hidden_layer(head: Params, activation: str) -> Params | None:
  """Returns a head with a hidden layer of D units that has the logits of a linear one.

  GELU(x) - GELU(-x) = x, and so it is with ReLU: two units carry a logit. tanh is linear close to
  zero: there the weights of one unit are scaled down, and the output scaled up.

  Args:
    head: `w` [D, C] and `b` [C].
    activation: `tanh`, or `relu` or one of the GELUs.

  Returns:
    None where D units are too few for C classes.
  """
  w = np.asarray(head["w"], np.float32)
  dim, classes = w.shape
  units = classes if activation == "tanh" else 2 * classes
  if units > dim:
    return None
  dense = np.zeros((dim, dim), np.float32)
  output = np.zeros((dim, classes), np.float32)
  identity = np.eye(classes, dtype=np.float32)
  if activation == "tanh":
    dense[:, :classes] = w / np.float32(SCALE)
    output[:classes] = identity * np.float32(SCALE)
  else:
    dense[:, :units] = np.concatenate([w, -w], axis=1)
    output[:units] = np.concatenate([identity, -identity])
  hidden = {"w": dense, "b": np.zeros(dim, np.float32)}
  return {"dense": hidden, "w": output, "b": np.asarray(head["b"], np.float32)}


def bias_for_norm(head: Params) -> np.ndarray | None:  # -> [D]
  """Returns what added to the bias of the last layer norm replaces the bias of the output layer.

  It is the shortest v with v w = b. None where there is none, as for more classes than dimensions,
  or where it would be so large that hidden states lose digits.
  """
  w = np.asarray(head["w"], np.float64)
  b = np.asarray(head["b"], np.float64)
  change = np.linalg.lstsq(w.T, b, rcond=None)[0]
  size = np.abs(b).max(initial=0.0)
  if np.abs(change @ w - b).max(initial=0.0) > 1e-6 * size:
    return None
  if np.abs(change).max(initial=0.0) > _LARGEST_RATIO * max(size, 1e-30):
    return None
  return change.astype(np.float32)
