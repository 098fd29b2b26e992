"""The CRF against a sum over all tag sequences, one after another."""

import itertools

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from glove_jax.models import crf

LENGTHS, T, C = [5, 3, 1], 5, 3
MASK = (np.arange(T) < np.array(LENGTHS)[:, None]).astype(np.float32)
ALLOWED = crf.AllowedTransitions(
  start=np.array([True, True, False]),
  transitions=np.array([[True, False, True], [True, True, False], [True, True, True]]),
  end=np.array([True, False, True]),
)

path_score = jax.jit(crf.path_score)
log_partition = jax.jit(crf.log_partition)
log_likelihood = jax.jit(crf.log_likelihood)
viterbi = jax.jit(crf.viterbi)
constrain = jax.jit(crf.constrain)


def random_model(seed):
  """Returns (params, scores)."""
  rng = np.random.default_rng(seed)
  params = {}
  for name, leaf in crf.init_params(C).items():
    params[name] = jnp.float32(rng.normal(size=leaf.shape))
  scores = rng.normal(size=(len(LENGTHS), T, C))
  return params, np.float32(scores)


def is_allowed(path, allowed):
  if not allowed.start[path[0]] or not allowed.end[path[-1]]:
    return False
  return all(allowed.transitions[pair] for pair in itertools.pairwise(path))


def all_path_scores(params, scores, length, allowed=None):
  """Returns the score of every (allowed) tag sequence of one text, by a plain loop."""
  params = jax.tree.map(np.float64, params)
  by_path = {}
  for path in itertools.product(range(C), repeat=length):
    if allowed and not is_allowed(path, allowed):
      continue
    total = params["start"][path[0]] + params["end"][path[-1]]
    for t, tag in enumerate(path):
      total += scores[t, tag]
    for pair in itertools.pairwise(path):
      total += params["transitions"][pair]
    by_path[path] = total
  return by_path


@pytest.mark.parametrize("allowed", [None, ALLOWED])
@pytest.mark.parametrize("seed", range(2))
def test_partition_and_best_path_are_those_of_all_paths(seed, allowed):
  params, scores = random_model(seed)
  constrained = constrain(params, allowed)
  log_sums = log_partition(constrained, scores, MASK)
  tags, best_scores = viterbi(constrained, scores, MASK)
  for row, length in enumerate(LENGTHS):
    by_path = all_path_scores(params, scores[row], length, allowed)
    expected = np.logaddexp.reduce(list(by_path.values()))
    assert log_sums[row] == pytest.approx(expected, abs=1e-5)
    best = max(by_path, key=by_path.get)
    assert tuple(tags[row, :length].tolist()) == best
    assert not tags[row, length:].any()
    assert best_scores[row] == pytest.approx(by_path[best], abs=1e-5)


@pytest.mark.parametrize("row", range(len(LENGTHS)))
def test_scores_of_paths_are_those_of_a_loop(row):
  params, scores = random_model(0)
  length = LENGTHS[row]
  by_path = all_path_scores(params, scores[row], length)
  paths = list(by_path)
  chosen = [paths[0], paths[len(paths) // 2], paths[-1]]
  padded = np.array([[*path, *[2] * (T - length)] for path in chosen])
  actual = path_score(params, scores[[row] * 3], padded, MASK[[row] * 3])
  expected = [by_path[path] for path in chosen]
  np.testing.assert_allclose(actual, expected, atol=1e-5)


def test_probabilities_of_all_paths_add_up_to_one():
  params, scores = random_model(0)
  paths = np.array(list(itertools.product(range(C), repeat=T)))
  repeated = np.repeat(scores[:1], len(paths), 0)
  mask = np.ones(paths.shape, np.float32)
  log_probabilities = log_likelihood(params, repeated, paths, mask)
  assert float(jnp.exp(log_probabilities).sum()) == pytest.approx(1, abs=1e-5)


def masked_likelihood(params, scores, tags):
  return crf.log_likelihood(params, scores, tags, MASK)


def masked_best_score(params, scores, tags):
  del tags
  return crf.viterbi(params, scores, MASK)[1]


@pytest.mark.parametrize("function", [masked_likelihood, masked_best_score])
def test_padding_contributes_nothing(function):
  params, scores = random_model(1)
  tags = np.random.default_rng(1).integers(0, C, (len(LENGTHS), T))

  def total(scores, tags):
    return function(params, scores, tags).sum()

  value, grad = jax.jit(jax.value_and_grad(total))(jnp.asarray(scores), tags)
  grad = np.asarray(grad)
  assert not grad[MASK == 0].any()
  assert grad[MASK > 0].any()
  other_scores = np.where(MASK[..., None] > 0, scores, 99.0)
  other_tags = np.where(MASK > 0, tags, 1 - (tags > 0))
  assert float(jax.jit(total)(other_scores, other_tags)) == pytest.approx(float(value))


def test_gradients_are_finite_and_zero_at_forbidden_transitions_and_empty_texts():
  params, scores = random_model(2)
  tags = np.zeros((3, T), int)
  mask = MASK * np.float32([[1], [1], [0]])

  def loss(params, scores):
    constrained = crf.constrain(params, ALLOWED)
    return -crf.log_likelihood(constrained, scores, tags, mask).sum()

  grads = jax.jit(jax.grad(loss, (0, 1)))(params, jnp.asarray(scores))
  for leaf in jax.tree.leaves(grads):
    assert np.isfinite(leaf).all()
  param_grads, score_grads = jax.device_get(grads)
  assert not param_grads["transitions"][~ALLOWED.transitions].any()
  assert not score_grads[2].any()
  assert float(log_likelihood(params, scores, tags, mask)[2]) == 0


def test_the_gradient_of_log_partition_is_the_marginal_probability_of_each_tag():
  params, scores = random_model(2)

  def total(scores):
    return crf.log_partition(params, scores, MASK).sum()

  marginals = jax.jit(jax.grad(total))(scores)
  assert marginals.min() >= 0
  np.testing.assert_allclose(marginals.sum(2), MASK, atol=1e-5)
