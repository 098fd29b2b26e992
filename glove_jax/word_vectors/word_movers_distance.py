"""Word Mover's Distance: the least cost of moving the words of one text to those of another."""

import collections
from collections.abc import Callable, Sequence

import numpy as np

_ROUNDING = 1e-12  # of differences of weights


def word_movers_distance(
  first: Sequence[str], second: Sequence[str], lookup: Callable[[list[str]], np.ndarray]
) -> float:
  """Returns the Word Mover's Distance of two texts.

  Kusner et al. 2015, "From Word Embeddings To Document Distances", eq. 1: words weigh as often as
  they occur, and moving them costs the Euclidean distance of their vectors. The words that both
  texts have need not move, as that distance is a metric.

  Args:
    first, second: words, all of which have vectors.
    lookup: returns the vectors [N, D] of N words.

  Returns:
    The distance; infinity if a text has no words.
  """
  if not first or not second:
    return float("inf")
  surplus = _weights(first)
  for word, weight in _weights(second).items():
    surplus[word] = surplus.get(word, 0.0) - weight
  sources = [word for word, weight in surplus.items() if weight > _ROUNDING]
  targets = [word for word, weight in surplus.items() if weight < -_ROUNDING]
  if not sources:
    return 0.0
  from scipy.spatial import distance  # imported late: SciPy takes longer than all other imports

  costs = distance.cdist(lookup(sources).astype(float), lookup(targets).astype(float))
  supply = np.array([surplus[word] for word in sources])
  demand = np.array([-surplus[word] for word in targets])
  return _transport_cost(costs, supply, demand)


def _weights(words: Sequence[str]) -> dict[str, float]:
  """Returns the fraction of a text that each of its words is."""
  counts = collections.Counter(words)
  return {word: count / len(words) for word, count in counts.items()}


def _transport_cost(costs: np.ndarray, supply: np.ndarray, demand: np.ndarray) -> float:
  """Returns the least cost of moving the supply [N] to the demand [M] at costs [N, M]."""
  if 1 in costs.shape:
    return float(costs.ravel() @ (supply if costs.shape[1] == 1 else demand))
  from scipy import optimize, sparse

  num_sources, num_targets = costs.shape
  leaving = sparse.kron(sparse.eye_array(num_sources), np.ones((1, num_targets)))
  arriving = sparse.kron(np.ones((1, num_sources)), sparse.eye_array(num_targets))
  # The last equation follows from the others; rounding would make it contradict them.
  constraints = sparse.vstack([leaving, arriving]).tocsr()[:-1]
  amounts = np.concatenate([supply, demand])[:-1]
  solution = optimize.linprog(costs.ravel(), A_eq=constraints, b_eq=amounts, method="highs")
  if not solution.success:
    raise ArithmeticError(f"The transport problem was not solved: {solution.message}")
  return float(solution.fun)
