"""The CRF against all paths written out."""

import itertools

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from glove_jax.models import crf

LENGTHS, T, C = [5, 3, 1], 5, 3
MASK = np.float32([[t < length for t in range(T)] for length in LENGTHS])
ALLOWED = crf.AllowedTransitions(
  np.array([True, True, False]), np.array([[True, False, True], [True, True, False], [True, True, True]]),
  np.array([True, False, True]))


score, log_partition, viterbi, restrict = map(jax.jit, (crf.path_score, crf.log_partition, crf.viterbi, crf.constrain))


def made(seed):
  rng = np.random.default_rng(seed)
  params = {name: jnp.float32(rng.normal(size=leaf.shape)) for name, leaf in crf.init_params(C).items()}
  return params, np.float32(rng.normal(size=(len(LENGTHS), T, C)))


def paths(params, scores, length, allowed=None):
  """Every path of one text and its score, by a plain loop."""
  params = {name: np.float64(leaf) for name, leaf in params.items()}
  for path in itertools.product(range(C), repeat=length):
    pairs = list(itertools.pairwise(path))
    if allowed and not (allowed.start[path[0]] and allowed.end[path[-1]]
                        and all(allowed.transitions[pair] for pair in pairs)):
      continue
    total = params["start"][path[0]] + params["end"][path[-1]]
    total += sum(scores[t, tag] for t, tag in enumerate(path)) + sum(params["transitions"][pair] for pair in pairs)
    yield path, total


@pytest.mark.parametrize("allowed", [None, ALLOWED])
@pytest.mark.parametrize("seed", range(2))
def test_sums_and_the_best_path_are_those_of_all_paths(seed, allowed):
  params, scores = made(seed)
  ours = restrict(params, allowed)
  sums = log_partition(ours, scores, MASK)
  tags, best = viterbi(ours, scores, MASK)
  for row, length in enumerate(LENGTHS):
    every = dict(paths(params, scores[row], length, allowed))
    assert sums[row] == pytest.approx(np.logaddexp.reduce(list(every.values())), abs=1e-5)
    chosen = max(every, key=every.get)
    assert tuple(tags[row, :length].tolist()) == chosen and not tags[row, length:].any()
    assert best[row] == pytest.approx(every[chosen], abs=1e-5)
    few = [list(every)[i] for i in (0, len(every) // 2, -1)]
    padded = np.array([[*path, *[2] * (T - length)] for path in few])
    found = score(ours, scores[[row] * len(few)], padded, MASK[[row] * len(few)])
    np.testing.assert_allclose(found, [every[path] for path in few], atol=1e-5)


def test_probabilities_of_all_paths_add_up_to_one():
  params, scores = made(0)
  every = np.array([path for path, _ in paths(params, scores[0], T)])
  many = np.repeat(scores[:1], len(every), 0)
  found = jax.jit(crf.log_likelihood)(params, many, every, np.ones((len(every), T), np.float32))
  assert float(jnp.exp(found).sum()) == pytest.approx(1, abs=1e-5)


@pytest.mark.parametrize("function", [
  lambda params, scores, tags: crf.log_likelihood(params, scores, tags, MASK),
  lambda params, scores, tags: crf.viterbi(params, scores, MASK)[1]])
def test_padding_contributes_nothing(function):
  params, scores = made(1)
  tags = np.random.default_rng(1).integers(0, C, (len(LENGTHS), T))
  def total(scores, tags):
    return function(params, scores, tags).sum()
  total = jax.jit(total)
  value, grad = jax.jit(jax.value_and_grad(total))(jnp.asarray(scores), tags)
  other = np.where(MASK[..., None] > 0, scores, 99.0)
  assert float(total(other, np.where(MASK > 0, tags, 1 - (tags > 0)))) == pytest.approx(float(value))
  assert not np.asarray(grad)[MASK == 0].any() and np.asarray(grad)[MASK > 0].any()


def test_gradients_are_finite_and_right_also_where_paths_are_forbidden_or_a_text_has_no_tokens():
  params, scores = made(2)
  tags, mask = np.zeros((3, T), int), MASK * np.float32([[1], [1], [0]])
  def loss(params, scores):
    return -crf.log_likelihood(crf.constrain(params, ALLOWED), scores, tags, mask).sum()
  grads = jax.jit(jax.grad(loss, (0, 1)))(params, jnp.asarray(scores))
  assert all(np.isfinite(leaf).all() for leaf in jax.tree.leaves(grads))
  assert not np.asarray(grads[0]["transitions"])[~ALLOWED.transitions].any() and not np.asarray(grads[1])[2].any()
  assert float(jax.jit(crf.log_likelihood)(params, scores, tags, mask)[2]) == 0
  # The gradient of log Z is how probable each tag is at each place: they add up to 1.
  marginals = jax.jit(jax.grad(lambda scores: crf.log_partition(params, scores, MASK).sum()))(scores)
  np.testing.assert_allclose(marginals.sum(2), MASK, atol=1e-5)
