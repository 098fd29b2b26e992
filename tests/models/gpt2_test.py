"""Generation against recomputation without a cache; which tokens may be drawn, and how often they are."""

import functools

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from glove_jax.errors import InputError
from glove_jax.models import gpt2, transformer
from glove_jax.models.gpt2 import Sampling
from glove_jax.models.transformer import Config, Tokens

CONFIG = Config(29, dim=8, layers=2, heads=2, feedforward_dim=16, positions=40, causal=True, pre_norm=True, epsilon=1e-5)
PROMPTS = [[3, 4, 5, 6, 7], [1], [9, 8, 7]]


@functools.cache
def params():
  rng = np.random.default_rng(0)
  def random(start):
    return jnp.asarray(start.mean + 0.5 * rng.normal(size=start.shape), jnp.float32)
  return jax.tree.map(random, transformer.param_specs(CONFIG), is_leaf=lambda leaf: isinstance(leaf, transformer.ParamSpec))


@functools.cache
def encoder():
  return jax.jit(functools.partial(transformer.encode, config=CONFIG))


def logits_after(text):
  """Of the next token [V], computed anew."""
  row = np.zeros((1, 32), np.int32)
  row[0, : len(text)] = text
  h = encoder()(params(), Tokens(row, (np.arange(32) < len(text))[None].astype(np.int32)))
  return np.asarray(h)[0, len(text) - 1] @ np.asarray(params()["embed"]["token"]).T


def generate(prompts, **kwargs):
  return gpt2.generate(params(), prompts, config=CONFIG, **{"max_new_tokens": 8, **kwargs})


def test_the_best_tokens_are_those_of_recomputation_whatever_the_lengths():
  found = generate(PROMPTS)
  for prompt, new in zip(PROMPTS, found, strict=True):
    text = list(prompt)
    for _ in range(8):
      text.append(int(logits_after(text).argmax()))
    assert new == text[len(prompt) :]
  assert len(set(map(tuple, found))) > 1


def test_a_text_ends_at_the_stop_token_and_the_others_go_on():
  free = generate(PROMPTS)
  stop = free[0][3]
  found = generate(PROMPTS, stop_id=stop)
  for new, whole in zip(found, free, strict=True):
    assert new == (whole[: whole.index(stop)] if stop in whole else whole)
  assert len(found[0]) <= 3


def test_draws_are_functions_of_the_seed():
  one, again, other = (generate(PROMPTS, sampling=Sampling(temperature=2.0), seed=seed) for seed in (1, 1, 2))
  assert one == again != other


@pytest.mark.slow
def test_draws_follow_the_distribution():
  draws = [new[0] for new in generate([[3, 4, 5]] * 4000, max_new_tokens=1, sampling=Sampling(temperature=2.0), seed=1)]
  chances = np.asarray(jax.nn.softmax(logits_after([3, 4, 5]) / 2))
  np.testing.assert_allclose(np.bincount(draws, minlength=29) / 4000, chances, atol=0.03)


def test_a_low_temperature_or_one_token_to_draw_from_is_greedy():
  greedy = generate(PROMPTS)
  assert generate(PROMPTS, sampling=Sampling(temperature=1e-3)) == greedy
  assert generate(PROMPTS, sampling=Sampling(temperature=5.0, top_k=1)) == greedy
  assert generate(PROMPTS, sampling=Sampling(temperature=5.0, top_p=1e-6)) == greedy


@pytest.mark.parametrize("top_k,top_p,kept", [
  (5, 1.0, [1, 3, 0, 4, 2]), (2, 1.0, [1, 3]), (5, 0.5, [1, 3]), (5, 0.41, [1, 3]), (5, 0.39, [1]), (5, 1e-9, [1]),
  (5, 0.85, [1, 3, 0, 4]), (2, 0.5, [1]), (1, 1.0, [1]), (3, 0.99, [1, 3, 0])])
def test_which_tokens_may_be_drawn(top_k, top_p, kept):
  chances = np.array([[0.2, 0.4, 0.05, 0.25, 0.1]])  # of the two best alone: .615 and .385
  found = gpt2.filter_logits(jnp.log(chances), Sampling(1.0, top_k, top_p))
  np.testing.assert_array_equal(np.flatnonzero(np.isfinite(found[0])), sorted(kept))
  np.testing.assert_allclose(found[0][np.array(kept)], np.log(chances)[0][kept], rtol=1e-6)


@pytest.mark.parametrize("prompts,kwargs,said", [
  ([[1], []], {}, "prompt 2 has no token"), ([[1] * 33], {}, "33 tokens and 8 are to follow; expected 40"),
  ([[29]], {}, "token id outside of 0 to 28"), ([[1]], {"sampling": Sampling(top_p=0.0)}, "top_p=0.0"),
  ([[1]], {"sampling": Sampling(temperature=-1.0)}, "temperature=-1.0")])
def test_bad_prompts_and_settings_are_named(prompts, kwargs, said):
  with pytest.raises(InputError, match=said):
    generate(prompts, **kwargs)


def test_nothing_to_do_is_no_mistake():
  assert generate([]) == [] and generate([[1]], max_new_tokens=0) == [[]]
