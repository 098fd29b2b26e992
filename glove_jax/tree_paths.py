"""Names of the arrays in a tree of params: their path in the form `encoder/layers/0/mlp/in/w`."""

import jax


def path_name(path) -> str:
  """Returns a path of `jax.tree_util` in the form `a/b/c`."""
  return jax.tree_util.keystr(path, simple=True, separator="/")


def named_leaves(tree) -> list[tuple[str, jax.Array]]:
  """Returns the name and the value of each leaf."""
  leaves = jax.tree_util.tree_leaves_with_path(tree)
  return [(path_name(path), leaf) for path, leaf in leaves]
