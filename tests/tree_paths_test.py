import jax

from glove_jax import tree_paths
from glove_jax.train import TrainState


def test_leaves_are_named_by_keys_fields_and_indices():
  state = TrainState(step=7, params={"head": {"b": 1}}, opt_state=(2, {"mu": 3}))
  assert tree_paths.named_leaves(state) == [
    ("step", 7),
    ("params/head/b", 1),
    ("opt_state/0", 2),
    ("opt_state/1/mu", 3),
  ]


def test_names_follow_the_order_of_jax():
  tree = {"b": [1, 2], "a": 3}
  values = [leaf for _, leaf in tree_paths.named_leaves(tree)]
  assert values == jax.tree.leaves(tree)
