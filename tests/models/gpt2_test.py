"""Generation against recomputation without a cache; which tokens are drawn, and how often."""

import functools

import jax
import numpy as np
import pytest
from model_inputs import random_params

from glove_jax.errors import InputError
from glove_jax.models import gpt2, transformer
from glove_jax.models.sampling import Sampling
from glove_jax.models.transformer import Config, Tokens

CONFIG = Config(
  vocab_size=29,
  dim=8,
  layers=2,
  heads=2,
  feedforward_dim=16,
  positions=40,
  causal=True,
  pre_norm=True,
  epsilon=1e-5,
)
PROMPTS = [[3, 4, 5, 6, 7], [1], [9, 8, 7]]


@functools.cache
def params():
  return random_params(transformer.param_specs(CONFIG), stddev=0.5)


@functools.cache
def encoder():
  return jax.jit(functools.partial(transformer.encode, config=CONFIG))


def next_logits(text):
  """Scores of the token after a text, [V], without a cache."""
  ids = np.zeros((1, 32), np.int32)
  ids[0, : len(text)] = text
  documents = (np.arange(32) < len(text))[None].astype(np.int32)
  h = encoder()(params(), Tokens(ids, documents))
  last = np.asarray(h)[0, len(text) - 1]
  return last @ np.asarray(params()["embed"]["token"]).T


def generate(prompts, *, max_new_tokens=8, **settings):
  return gpt2.generate(
    params(),
    prompts,
    config=CONFIG,
    max_new_tokens=max_new_tokens,
    **settings,
  )


def test_the_most_likely_tokens_are_those_of_recomputation():
  continuations = generate(PROMPTS)
  for prompt, continuation in zip(PROMPTS, continuations, strict=True):
    text = list(prompt)
    for _ in range(8):
      text.append(int(next_logits(text).argmax()))
    assert continuation == text[len(prompt) :]
  assert len(set(map(tuple, continuations))) > 1


def test_a_text_ends_at_the_stop_token_and_the_others_go_on():
  full = generate(PROMPTS)
  stop_id = full[0][3]
  stopped = generate(PROMPTS, stop_id=stop_id)
  for continuation, whole in zip(stopped, full, strict=True):
    if stop_id in whole:
      whole = whole[: whole.index(stop_id)]
    assert continuation == whole
  assert len(stopped[0]) <= 3


def test_each_prompt_is_continued_while_it_has_positions():
  prompts = [[3] * 36, [1], [9, 8, 7]]
  together = generate(prompts, max_new_tokens=30)
  assert [len(continuation) for continuation in together] == [4, 30, 30]
  for prompt, continuation in zip(prompts, together, strict=True):
    (alone,) = generate([prompt], max_new_tokens=30)
    assert alone == continuation


def test_draws_are_functions_of_the_seed():
  sampling = Sampling(temperature=2.0)
  first = generate(PROMPTS, sampling=sampling, seed=1)
  assert generate(PROMPTS, sampling=sampling, seed=1) == first
  assert generate(PROMPTS, sampling=sampling, seed=2) != first


@pytest.mark.slow
def test_draws_follow_the_distribution():
  prompt = [3, 4, 5]
  continuations = generate(
    [prompt] * 4000,
    max_new_tokens=1,
    sampling=Sampling(temperature=2.0),
    seed=1,
  )
  drawn = np.array(continuations)[:, 0]
  frequencies = np.bincount(drawn, minlength=29) / 4000
  probabilities = np.asarray(jax.nn.softmax(next_logits(prompt) / 2))
  np.testing.assert_allclose(frequencies, probabilities, atol=0.03)


def test_settings_of_other_values_and_types_compile_nothing():
  generate(PROMPTS, sampling=Sampling(0.8))
  num_programs = gpt2._generate._cache_size()
  for settings in ((1,), (0,), (1.5, 3, 1), (0.5, 0, 0.9), (np.float64(0.7), np.int64(2))):
    generate(PROMPTS, sampling=Sampling(*settings))
  assert gpt2._generate._cache_size() == num_programs


@pytest.mark.parametrize(
  "sampling",
  [
    Sampling(temperature=1e-3),
    Sampling(temperature=5.0, top_k=1),
    Sampling(temperature=5.0, top_p=1e-6),
  ],
)
def test_a_low_temperature_or_a_single_candidate_is_greedy(sampling):
  assert generate(PROMPTS, sampling=sampling) == generate(PROMPTS)


@pytest.mark.parametrize(
  "prompts,settings,message",
  [
    ([[1], []], {}, "prompt 2 has no token"),
    ([[1] * 40], {}, "prompt 1 has 40 tokens, expected 39 at most"),
    ([[29]], {}, "token id outside of 0 to 28"),
    ([[-1]], {}, "token id outside of 0 to 28"),
    ([[1]], {"sampling": Sampling(top_p=0.0)}, "top_p=0.0, expected more than 0"),
    ([[1]], {"sampling": Sampling(temperature=-1.0)}, "temperature=-1.0, expected 0"),
    ([[1]], {"sampling": Sampling(top_k=-1)}, "top_k=-1, expected 0"),
  ],
)
def test_bad_prompts_and_settings_are_named(prompts, settings, message):
  with pytest.raises(InputError, match=message):
    generate(prompts, **settings)


def test_nothing_to_generate_is_no_error():
  assert generate([]) == []
  assert generate([[1]], max_new_tokens=0) == [[]]
