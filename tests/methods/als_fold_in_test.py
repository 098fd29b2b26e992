"""Words folded in, against NumPy's solution of their normal equations."""

import numpy as np
import pytest

from glove_jax.data.counts import cooccurrence, packed_rows
from glove_jax.methods import als_fold_in, dense_start

SIDES = ("word", "context")
V, D = 60, 5


def expected_row(counts, fixed):
  """The solution of a row's normal equations in double precision."""
  cols = np.flatnonzero(counts)
  count = counts[cols].astype(np.float64)
  features = np.concatenate([fixed[cols, :-1], np.ones((len(cols), 1))], axis=1).astype(np.float64)
  weight = np.minimum(1, (count / 10.0) ** 0.75)
  ridge = 0.1 * len(cols) ** 0.5 * np.array([1.0] * D + [0.01])
  matrix = features.T @ (weight[:, None] * features) + np.diag(ridge)
  right = features.T @ (weight * (np.log(count) - fixed[cols, -1]))
  return np.linalg.solve(matrix, right)


@pytest.mark.parametrize("sequential", [True, False])
@pytest.mark.parametrize("symmetric", [True, False])
def test_other_words_are_solved_from_their_counts_with_frequent_words(
  tmp_path, sequential, symmetric
):
  rng = np.random.default_rng(0)
  ids = (V * rng.random(4000) ** 2).astype(np.int32)
  window = cooccurrence.Window(4, symmetric)
  store = cooccurrence.count([ids], tmp_path / "store", vocab_size=V, window=window)
  params = {side: rng.normal(0, 0.5, (V, D + 1)).astype(np.float32) for side in SIDES}
  num_words = 20
  parts = {"first_row": num_words, "num_cols": num_words}
  transposed = cooccurrence.transpose(store, tmp_path / "transposed")
  sides = [
    packed_rows.pack(counts, tmp_path / f"packed_{number}", **parts)
    for number, counts in enumerate((store, transposed))
  ]
  counted = []
  dense = store.matrix().toarray()
  sizes = {"word": (dense > 0).sum(1), "context": (dense > 0).sum(0)}
  folded = dense_start.fold_in(
    params, {side: size.astype(np.float32) for side, size in sizes.items()}, num_words, sides,
    als_fold_in.fold_in(x_max=10.0, cg_steps=20, sequential=sequential),
    batch_slots=8192, advance=counted.append,
  )
  assert sum(counted) == dense_start.num_fold_in_updates(sides, 8192)
  for side, fixed, counts in (("word", "context", dense), ("context", "word", dense.T)):
    frequent = params[fixed][:num_words]
    np.testing.assert_array_equal(folded[side][:num_words], params[side][:num_words])
    for row in range(num_words, V):
      expected = expected_row(counts[row, :num_words], frequent)
      np.testing.assert_allclose(folded[side][row], expected, rtol=5e-3, atol=5e-3)
