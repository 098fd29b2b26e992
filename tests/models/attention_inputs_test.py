"""Rotations and biases depend on distances alone; local layers see close tokens of a document."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from huggingface_folders import golden

from glove_jax.models import attention_inputs, transformer
from glove_jax.models.transformer import Config, Tokens

pytestmark = pytest.mark.usefixtures("quick_compilation")

CONFIG = Config(
  vocab_size=9, dim=8, heads=2, rope_theta=100.0, local_rope_theta=10.0, local_layers=(1,),
  local_distance=2,
)


def products(positions, config=CONFIG):
  """Returns the scalar products of a query and a key that are rotated at each two positions."""
  documents = jnp.ones((1, len(positions)), jnp.int32)
  inputs = attention_inputs.make({}, documents, jnp.array([positions]), config=config)
  query, key = np.random.default_rng(0).normal(size=(2, 1, 1, 2, 4)).astype(np.float32)
  rotated = [
    attention_inputs.rotate(jnp.tile(x, (1, len(positions), 1, 1)), inputs.rotation)
    for x in (query, key)
  ]
  return np.einsum("bthk,bshk->ts", *rotated)


def test_rotated_products_depend_on_distances():
  near = products([0, 1, 2, 5])
  far = products([40, 41, 42, 45])
  np.testing.assert_allclose(near, far, atol=1e-4)
  assert abs(near[0, 1] - near[0, 2]) > 1e-3
  assert abs(near[0, 1] - near[1, 0]) > 1e-3


def test_rotation_by_hand():
  angle = np.float32(0.5)
  rotation = attention_inputs.Rotation(np.cos(angle)[None], np.sin(angle)[None])
  rotated = attention_inputs.rotate(jnp.array([1.0, 0.0]), rotation)
  np.testing.assert_allclose(rotated, [np.cos(0.5), np.sin(0.5)], rtol=1e-6)


def test_local_layers_see_close_tokens_of_their_document():
  documents = jnp.array([[1, 1, 1, 1, 2, 2, 0]])
  positions = attention_inputs.positions_in_document(documents)
  inputs = attention_inputs.make({}, documents, positions, config=CONFIG)
  local = attention_inputs.make_local(inputs, positions, config=CONFIG)
  visible = [np.flatnonzero(row).tolist() for row in np.asarray(local.mask[0, 0])]
  assert visible == [[0, 1, 2], [0, 1, 2, 3], [0, 1, 2, 3], [1, 2, 3], [4, 5], [4, 5], [6]]
  assert not np.allclose(local.rotation.cos, inputs.rotation.cos)
  same = attention_inputs.make_local(inputs, positions, config=CONFIG._replace(local_layers=()))
  assert same is inputs


def test_buckets_of_distances():
  distances = np.array([0, 1, 7, 8, 9, 15, 16, 127, 128, 500])
  # Beyond 7 they are 8 + 8 log(d / 8) / log(128 / 8), at most 15.
  expected = np.array([0, 1, 7, 8, 8, 9, 10, 15, 15, 15])
  assert attention_inputs.distance_buckets(-distances, 32).tolist() == expected.tolist()
  following = attention_inputs.distance_buckets(distances[1:], 32)
  assert following.tolist() == (expected[1:] + 16).tolist()


@pytest.mark.parametrize("kind", ["modernbert", "mpnet", "roberta"])
def test_documents_of_a_row_are_as_if_alone(kind):
  model = golden(kind)
  ids = np.arange(4, 15, dtype=np.int32)[None]
  documents = np.array([[1] * 6 + [2] * 5], np.int32)

  @jax.jit
  def encode(ids, documents):
    return transformer.encode(model.params, Tokens(ids, documents), config=model.config)

  together = encode(ids, documents)
  second = encode(np.roll(ids, -6, 1), np.roll(documents, -6, 1) // 2)
  np.testing.assert_allclose(together[:, 6:], second[:, :5], atol=1e-5)
