"""Causality, padding, documents in a row, dropout, types, gradients with remat, the cache against recomputation."""

import functools

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from glove_jax.errors import InputError
from glove_jax.models import bert, transformer, transformer_cache
from glove_jax.models.transformer import Config, Tokens

ENCODER = Config(31, dim=8, layers=2, heads=2, feedforward_dim=12, positions=16, types=2)
DECODER = ENCODER._replace(causal=True, pre_norm=True, types=0, activation="gelu_tanh", epsilon=1e-5)
BOTH = pytest.mark.parametrize("config", [ENCODER, DECODER], ids=["encoder", "decoder"])


def random(starts):
  """Params far enough from their start for each of them to matter."""
  rng = np.random.default_rng(0)
  return jax.tree.map(lambda start: jnp.asarray(start.mean + 0.3 * rng.normal(size=start.shape), jnp.float32), starts,
                      is_leaf=lambda leaf: isinstance(leaf, transformer.ParamSpec))


@functools.cache
def params_of(config):
  return random(transformer.param_specs(config))


@functools.cache
def compiled(config):
  return jax.jit(functools.partial(transformer.encode, config=config))


def encoded(config, text, rng=None):
  """What a batch of up to 6 texts of up to 8 tokens becomes, compiled for one shape."""
  rows, length = text.ids.shape
  padded = jax.tree.map(lambda array: np.pad(array, ((0, 6 - rows), (0, 8 - length))), text)
  return np.array(compiled(config)(params_of(config), padded, rng))[:rows, :length]


@functools.cache
def gradient(config):
  """Of a sum of squares of what some texts become, with dropout."""
  def loss(params, text):
    h = transformer.encode(params, text, jax.random.key(0), config=config)
    return jnp.square(h.astype(jnp.float32)[..., 0]).sum()
  return jax.jit(jax.grad(loss))


def tokens_of(documents, seed=0):
  documents = np.asarray(documents, np.int32)
  return Tokens(np.random.default_rng(seed).integers(0, 31, documents.shape).astype(np.int32), documents)


def test_a_decoder_sees_no_later_token_and_an_encoder_sees_all():
  text = tokens_of(np.ones((6, 6)))._replace(ids=np.arange(6, dtype=np.int32)[None].repeat(6, 0))
  other = text._replace(ids=text.ids + 20 * np.eye(6, dtype=np.int32))  # row i has another token in place i
  for config, seen in ((DECODER, np.triu(np.ones((6, 6)))), (ENCODER, np.ones((6, 6)))):
    moved = encoded(config, other) - encoded(config, text)
    np.testing.assert_array_equal(np.abs(moved).max(-1) > 0, seen)


@pytest.mark.slow
def test_a_decoder_has_no_gradient_from_later_tokens():
  def third(table):
    params = {**params_of(DECODER), "embed": {**params_of(DECODER)["embed"], "token": table}}
    text = Tokens(jnp.arange(6)[None], jnp.ones((1, 6), jnp.int32))
    return transformer.encode(params, text, config=DECODER)[0, 2].sum()
  grads = jax.jit(jax.grad(third))(params_of(DECODER)["embed"]["token"][:6])
  np.testing.assert_array_equal(np.abs(grads).sum(1) > 0, [1, 1, 1, 0, 0, 0])


@BOTH
def test_padding_on_either_side_contributes_nothing(config):
  text = tokens_of([[1] * 5])
  alone = encoded(config, text)
  for left, right in ((0, 3), (3, 0), (2, 1)):
    for junk in (0, 30):
      ids = np.pad(text.ids, ((0, 0), (left, right)), constant_values=junk)
      padded = encoded(config, Tokens(ids, np.pad(text.documents, ((0, 0), (left, right)))))
      np.testing.assert_allclose(padded[:, left : left + 5], alone, atol=1e-5)
      assert np.isfinite(padded).all()


@BOTH
def test_texts_in_a_row_are_as_alone(config):
  packed = tokens_of([[4, 4, 5, 5, 5, 9, 0, 0], [7, 7, 7, 7, 7, 7, 7, 8]])
  together = encoded(config, packed)
  for row, start, stop in ((0, 0, 2), (0, 2, 5), (0, 5, 6), (1, 0, 7), (1, 7, 8)):
    alone = encoded(config, Tokens(packed.ids[row : row + 1, start:stop], np.ones((1, stop - start), np.int32)))
    np.testing.assert_allclose(together[row, start:stop], alone[0], atol=1e-5)


def test_a_batch_of_nothing_but_padding_is_finite():
  assert np.isfinite(encoded(ENCODER, Tokens(*np.zeros((2, 2, 8), np.int32)))).all()


@pytest.mark.slow
def test_segments_are_told_apart_and_none_means_the_first():
  text = tokens_of(np.ones((1, 4)))
  ones = np.ones_like(text.ids)
  none, first, second = (encoded(ENCODER, text._replace(types=types)) for types in (None, 0 * ones, ones))
  np.testing.assert_allclose(none, first, atol=1e-6)
  assert np.abs(none - second).max() > 0.1


@pytest.mark.slow
def test_each_key_drops_something_else():
  text = tokens_of(np.ones((1, 4)))
  one, again, other = (encoded(ENCODER, text, jax.random.key(i)) for i in (0, 0, 1))
  np.testing.assert_array_equal(one, again)
  assert (one != other).any()


@pytest.mark.slow
def test_remat_changes_no_gradient():
  text, params = tokens_of(np.ones((2, 4))), params_of(ENCODER)
  plain, again = (gradient(ENCODER._replace(remat=remat))(params, text) for remat in (False, True))
  jax.tree.map(lambda a, b: np.testing.assert_allclose(a, b, rtol=1e-4, atol=1e-5), plain, again)
  assert "remat" in str(jax.make_jaxpr(gradient(ENCODER._replace(remat=True)))(params, text))


@pytest.mark.parametrize("config", [pytest.param(ENCODER, marks=pytest.mark.slow), DECODER], ids=["encoder", "decoder"])
def test_bfloat16_computes_in_it_and_stays_near(config):
  text, half = tokens_of([[1] * 6]), config._replace(dtype="bfloat16")
  found, exact = encoded(half, text), encoded(config, text)
  assert found.dtype == jnp.bfloat16
  error = np.abs(found.astype(np.float32) - exact).max() / np.abs(exact).max()
  assert 1e-6 < error < 0.05
  grads = jax.eval_shape(gradient(half), params_of(config), text)
  assert {leaf.dtype for leaf in jax.tree.leaves(grads)} == {jnp.dtype("float32")}


def test_a_cache_gives_what_recomputation_gives():
  """A prompt of unequal lengths, padded on either side, then a token at a time."""
  params, extend = params_of(DECODER), jax.jit(functools.partial(transformer_cache.extend, config=DECODER))
  text = tokens_of([[0, 0, 1, 1, 1, 1], [1, 1, 1, 0, 1, 1], [1] * 6])
  whole = encoded(DECODER, text)
  # In the row with a hole, what comes after it goes on where the text stopped.
  closed = Tokens(np.delete(text.ids[1:2], 3, 1), np.ones((1, 5), np.int32))
  whole[1] = np.insert(encoded(DECODER, closed)[0], 3, 0, axis=0)
  cache, found, start = transformer_cache.init_cache(DECODER, batch=3, size=10), [], 0
  for size in (4, 1, 1):
    part = Tokens(text.ids[:, start : start + size], text.documents[:, start : start + size])
    h, cache = extend(params, part, cache)
    found.append(h)
    start += size
  real = text.documents > 0
  np.testing.assert_allclose(np.concatenate(found, 1)[real], whole[real], atol=1e-4)
  assert int(cache.length) == 6


def test_params_begin_as_the_papers_say():
  config = DECODER._replace(dim=64, feedforward_dim=256)
  params = transformer.init(jax.random.key(0), config)
  layer = params["layers"]["1"]
  assert np.std(params["embed"]["token"]) == pytest.approx(0.02, rel=0.1)
  assert np.std(layer["attention"]["qkv"]["w"]) == pytest.approx(0.02, rel=0.1)
  assert np.std(layer["mlp"]["out"]["w"]) == pytest.approx(0.02 / 2, rel=0.1)
  assert transformer.param_specs(config._replace(pre_norm=False))["layers"]["1"]["mlp"]["out"]["w"].stddev == 0.02
  assert layer["attention_norm"]["scale"].tolist() == [1.0] * 64 and not layer["mlp"]["in"]["b"].any()
  assert not any(leaf.weak_type for leaf in jax.tree.leaves(params))  # an update would be compiled twice
  assert not np.array_equal(layer["mlp"]["in"]["w"], params["layers"]["0"]["mlp"]["in"]["w"])


def test_mean_pool_leaves_padding_out():
  h = np.arange(12, dtype=np.float32).reshape(2, 3, 2)
  found = transformer.mean_pool(h, np.array([[0, 1, 1], [0, 0, 0]]))
  np.testing.assert_allclose(found, [h[0, 1:].mean(0), [0, 0]])


def test_bert_pools_the_first_token_and_ties_its_head():
  params, h = random(bert.param_specs(ENCODER)), np.random.default_rng(1).normal(size=(2, 3, 8)).astype(np.float32)
  pooled = bert.pool(params, h)
  np.testing.assert_allclose(pooled, np.tanh(h[:, 0] @ params["pooler"]["w"] + params["pooler"]["b"]), atol=1e-5)
  logits = jax.jit(functools.partial(bert.masked_logits, config=ENCODER))
  before = np.asarray(logits(params, h))
  params["embed"]["token"] = params["embed"]["token"].at[5].add(1)
  moved = np.abs(logits(params, h) - before).max((0, 1))
  np.testing.assert_array_equal(moved > 0, np.arange(31) == 5)


@pytest.mark.parametrize("changes,said", [
  ({"heads": 3}, "multiple of heads=3"), ({"activation": "swish"}, "expected one of gelu"), ({"dim": 0}, "dim is 0"),
  ({"dtype": "float16"}, "expected one of float32, bfloat16"), ({"dropout": 1.0}, "dropout is 1.0"),
  ({"epsilon": 0.0}, "epsilon is 0.0"), ({"types": -1}, "types is -1")])
def test_bad_sizes_are_named(changes, said):
  with pytest.raises(InputError, match=said):
    transformer.check_config(ENCODER._replace(**changes))


def test_a_text_longer_than_the_positions_is_refused():
  with pytest.raises(InputError, match="a text of 17 tokens, expected 16 at most"):
    transformer.encode(params_of(ENCODER), tokens_of(np.ones((1, 17))), config=ENCODER)
